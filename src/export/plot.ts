import type { Case, CaseControlCall } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { newAccountsIn, readCall, type ReadCall } from './control-calls.js'
import { isExactJson, whyNotSent } from './request-step.js'
import { unusualPlans } from './start-world.js'
import { onlyTokens } from './tokens.js'

/** What of a case a script has to have: its calls, read, and the accounts that play a part. */
export interface Plot {
  readonly calls: ReadonlyMap<CaseControlCall, ReadCall | null | undefined>
  /** Requests that are sent again. */
  readonly requests: readonly JournalEntry[]
  /** Names and tokens, in the order in which they come; the token is `null` where an account has several in turn. */
  readonly accounts: ReadonlyMap<string, string | null>
  /** Name of the only account, if it can be made in any world; else `null`. */
  readonly sole: string | null
}

/** Finds out what a case is about. */
export function plotOf (given: Case): Plot {
  const { timeline, start, end, account: only } = given
  const calls = new Map(timeline.flatMap(step => step.step === 'control' ? [[step, readCall(step)] as const] : []))
  const made = [...calls.values()].filter(call => call != null)
  const requests = timeline.flatMap(step => step.step === 'request' && whyNotSent(step.request) === null ? [step.request] : [])
  const tokens = tokensOf(given, made)
  const touched = [
    ...only === null ? [] : [only],
    ...timeline.flatMap(step => {
      if (step.step === 'request') return step.request.account ?? []
      if (step.step !== 'control') return []
      const call = calls.get(step)
      if (call == null) return []
      const made = newAccountsIn(call).flatMap(account => 'copy_of' in account ? [account.copy_of, account.name] : account.name)
      return call.account === null ? made : [call.account]
    })
  ]
  const all = touched.length > 0 ? touched : (end.scenario.accounts ?? []).map(({ name }) => name!)
  const accounts = new Map(all.flatMap(name => tokens.has(name) ? [[name, tokens.get(name)!] as const] : []))
  const [name] = accounts.keys()
  const token = name === undefined ? null : accounts.get(name)!
  const isSole = name !== undefined && token !== null && accounts.size === 1 && isApart(given, name, made, requests, token) &&
    unusualPlans(start.scenario.plans).length === 0
  return { calls, requests, accounts, sole: isSole ? name : null }
}

/** The tokens of all accounts that are ever there, by their names. */
function tokensOf ({ start, end }: Case, made: readonly ReadCall[]): ReadonlyMap<string, string | null> {
  const loaded = made.flatMap(({ call, body }) => call === 'load' ? (body as Case['end']['scenario']).accounts ?? [] : [])
  const worlds = [start.scenario, start.reset_to, end.scenario].flatMap(world => world?.accounts ?? [])
  return onlyTokens([...worlds, ...made.flatMap(newAccountsIn), ...loaded])
}

/** Calls about the world that can be made about the only account instead. */
const APART_IN_WORLD: ReadonlyArray<ReadCall['call']> = ['create', 'set-clock', 'move-clock']

/** Tells whether an account's part can be played in any world, with another name and token. */
function isApart ({ start }: Case, name: string, made: readonly ReadCall[], requests: readonly JournalEntry[], token: string): boolean {
  const own = start.scenario.accounts?.find(account => account.name === name)
  const created = made.filter(({ call }) => call === 'create')
  return created.length === (own === undefined ? 1 : 0) &&
    created.every(call => newAccountsIn(call).length === 1) &&
    (own?.projects ?? []).every(({ api_tokens: apiTokens = [] }) => apiTokens.length === 0) &&
    !(start.initial ?? []).some(account => account.name === name) &&
    made.every(({ call, account }) => account !== null || APART_IN_WORLD.includes(call)) &&
    requests.every(({ account, request: { text, body } }) =>
      account !== null && (isExactJson(text) || (typeof body === 'string' && !text.includes(token))))
}
