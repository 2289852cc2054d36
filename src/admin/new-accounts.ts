import { Type, type Static } from '@sinclair/typebox'
import type { ScenarioAccount, ScenarioProject } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import type { Instant } from '../domain/clock.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { readingAccount, rejectDuplicateTokens, tokensOf, type ReadContext, type SeedAccount } from '../scenario/accounts.js'
import { dumpingAccount } from '../scenario/dump.js'
import { collectIssues, issue, type Issues } from '../scenario/issues.js'
import { writingAccount } from '../scenario/load.js'
import { AccountSchema } from '../scenario/schema.js'
import type { Tables } from '../store/index.js'
import type { Work } from '../time-slices.js'
import { generatedName } from '../world/generated.js'
import { findTokenOwner } from '../world/token-owner.js'
import { accountNamed } from './find.js'

const CopySchema = Type.Object({
  copy_of: Type.String({ description: 'the name of an account' }),
  name: Type.Optional(AccountSchema.properties.name),
  token: Type.Optional(AccountSchema.properties.token),
  ttl: Type.Optional(AccountSchema.properties.ttl)
}, { additionalProperties: false, description: 'a copy of an account' })

/** An account to create. */
export const NewAccountSchema = Type.Union([AccountSchema, CopySchema], { description: 'an account, or {"copy_of":"demo"}' })
type NewAccount = Static<typeof NewAccountSchema>

/** `null`, like no body at all, asks for an account with nothing but defaults. */
export const NewAccountsSchema = Type.Union([AccountSchema, CopySchema, Type.Array(NewAccountSchema, { description: 'a list of accounts' }), Type.Null()], {
  description: 'an account as in a scenario, {"copy_of":"demo"}, or a list of these'
})

/** Accounts to create. */
export type NewAccounts = NewAccount | NewAccount[]

/** Where accounts are written: into tables of the world, or beside it. */
export interface Place {
  readonly tables: Tables
  /** World to copy accounts from, as it was when the work began. */
  readonly world: Tables
  readonly at: Instant
  /** Runs each part of the writing. */
  readonly transaction: <T>(write: () => T) => T
}

/** Gives the work of writing accounts, which results in their names. The world has all of them in the end, or none. */
export function newAccounts (context: Context): (given: NewAccounts, place: Place) => Work<string[]> {
  const { store, pending } = context
  let generation = pending.generation()
  let highest = 0

  return function * writing (given, place): Work<string[]> {
    const issues = collectIssues('the account')
    const world = readContext(context, place.at)
    const names: string[] = []
    for (const [index, input] of [given].flat().entries()) {
      const here = Array.isArray(given) ? issues.at(index) : issues
      const seed = yield * readingNew(input, world, place, here)
      yield * refusingTaken(seed, here, placesOf(place))
      for (const write of writingAccount(place.tables, seed)) {
        place.transaction(write)
        yield
      }
      names.push(seed.account.name)
    }
    return names
  }

  /** Gives what has accounts already: the world, and what has been written beside it. */
  function placesOf ({ tables }: Place): ReadonlySet<Tables> {
    return new Set([store, tables])
  }

  function * readingNew (input: NewAccount, world: ReadContext, place: Place, issues: Issues): Work<SeedAccount> {
    const given = 'copy_of' in input ? yield * copying(input, place, issues) : input
    const seed = yield * readingAccount({ ...given, name: given.name ?? freeName(placesOf(place)) }, world, issues)
    rejectDuplicateTokens(tokensOf(seed, issues))
    issues.throwIfAny()
    return seed
  }

  /**
   * `account-N`: the same calls give the same names, and no name is reused before a reset, so that a late request of
   * one test can't reach the account of the next.
   */
  function freeName (places: Iterable<Tables>): string {
    if (generation.aborted) [generation, highest] = [pending.generation(), 0]
    let count = 0
    for (const { accounts } of places) count += accounts.count()
    highest = Math.max(highest, count) + 1
    while (isNamed(generatedName(highest), places)) highest++
    return generatedName(highest)
  }

  function * copying ({ copy_of: source, ...own }: Static<typeof CopySchema>, { tables, world, at }: Place, issues: Issues): Work<ScenarioAccount> {
    // One of those that come with it, or one that there is.
    const from = tables.accounts.findByName(source) === undefined ? world : tables
    const account = accountNamed(source, from, issues.at('copy_of').pointer)
    const { name: _name, token: _token, ttl: _ttl, projects, ...rest } = yield * dumpingAccount(from, account, at)
    return { ...rest, projects: projects!.map(withoutSecrets), ...own }
  }
}

/** Gives the world that accounts are read for. */
export function readContext ({ store, seed }: Context, machineTime: Instant): ReadContext {
  const { clock, settings } = store.world.find()!
  return { clock, settings, plans: store.plans.table(), machineTime, seed }
}

/** Drops tokens and licence keys, so that a copy gets new ones: a request is attributed by its token alone. */
function withoutSecrets ({ api_tokens: apiTokens, license_key: _licenseKey, ...project }: ScenarioProject): ScenarioProject {
  return { ...project, ...apiTokens && { api_tokens: apiTokens.map(({ token: _token, ...rest }) => rest) } }
}

/** Number of tokens that are looked up between two pauses. */
const PART = 64

function * refusingTaken (seed: SeedAccount, issues: Issues, places: ReadonlySet<Tables>): Work<void> {
  const { account, record } = seed
  const given = record.origin as ScenarioAccount
  for (const { accounts } of places) {
    const namesake = accounts.findByName(account.name)
    if (namesake !== undefined) throw taken('name', account.name, issues.at('name').pointer, given.name !== undefined, namesake)
  }
  for (const [index, { token, issues: { pointer } }] of tokensOf(seed, issues).entries()) {
    for (const tables of places) {
      const owner = findTokenOwner(tables, token)
      if (owner !== undefined) throw taken('token', token, pointer, given.token !== undefined, owner.account)
    }
    if (index % PART === PART - 1) yield
  }
}

function isNamed (name: string, places: Iterable<Tables>): boolean {
  for (const { accounts } of places) if (accounts.findByName(name) !== undefined) return true
  return false
}

function taken (key: 'name' | 'token', found: string, pointer: string, isGiven: boolean, by: Account): Problem {
  return new Problem(`an account with this ${key} already exists`, {
    status: 409,
    issues: [issue(pointer, found, `a ${key} that no account uses yet`)],
    advice: `${isGiven ? `omit the ${key} to have one generated` : `choose a ${key}`}, ` +
      `or remove the account with DELETE /__admin/accounts/${encodeURIComponent(by.name)}`
  })
}
