import type { Static, TSchema } from '@sinclair/typebox'
import { Check } from '@sinclair/typebox/value'
import type { Scenario } from '../contract/scenario.js'
import { partsOf, type Work } from '../time-slices.js'
import type { Issues } from './issues.js'
import { AccountSchema, ScenarioSchema } from './schema.js'

/** Lists of an account that may be long; a history may not. */
const LISTS = ['projects', 'ledger'] as const

/** Number of items that are checked between two pauses. */
const PART = 64

/**
 * Types a document as a scenario by its schema, and pauses after some of each long list of its accounts. Throws like `Issues.check`, which
 * tells what is wrong: part by part, only that something is.
 */
export function * checking (input: unknown, issues: Issues): Work<Scenario> {
  const { accounts } = Object(input) as { readonly accounts?: unknown }
  if (!Array.isArray(accounts)) return issues.check(ScenarioSchema, input)
  const rest: unknown[] = []
  for (const account of accounts as unknown[]) {
    const shortened = yield * withoutLongLists(account)
    if (shortened === undefined) return issues.check(ScenarioSchema, input)
    rest.push(shortened)
    yield
  }
  if (!Check(ScenarioSchema, { ...input as object, accounts: rest })) return issues.check(ScenarioSchema, input)
  return input as Scenario
}

/** Types an account, or a list of accounts, by the schema of either in the same way; `each` is the schema of one. */
export function * checkingAccounts<Schema extends TSchema> (input: unknown, each: TSchema, schema: Schema, issues: Issues): Work<Static<Schema>> {
  for (const account of [input].flat()) {
    const shortened = yield * withoutLongLists(account)
    if (shortened === undefined || !Check(each, shortened)) return issues.check(schema, input)
    yield
  }
  return input as Static<Schema>
}

/** Checks the long lists of an account, and takes them out of it; `undefined` if there is anything wrong. */
function * withoutLongLists (account: unknown): Work<object | undefined> {
  if (typeof account !== 'object' || account === null || Array.isArray(account)) return undefined
  const shortened: Record<string, unknown> = { ...account }
  for (const name of LISTS) {
    const list = shortened[name]
    if (!Array.isArray(list) || list.length <= PART) continue
    shortened[name] = []
    for (const part of partsOf(list as unknown[], PART)) {
      if (!Check(AccountSchema.properties[name], part)) return undefined
      yield
    }
  }
  return shortened
}
