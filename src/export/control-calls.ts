import type { CaseControlCall } from '../contract/case.js'
import type { ScenarioAccount } from '../contract/scenario.js'
import type { ControlStep } from './script.js'

/** Call of the control API in a case, read. */
export interface ReadCall {
  readonly call: ControlStep['call'] | 'set-clock' | 'move-clock' | 'wallet'
  /** Account that it is about; `null` for the world. */
  readonly account: string | null
  readonly body: unknown
  readonly projectId: number | null
}

/** Calls by method and path, in either scope. */
const CALLS: Readonly<Record<string, ReadCall['call']>> = {
  'PATCH /settings': 'settings',
  'PUT /clock': 'set-clock',
  'POST /clock/advance': 'move-clock',
  'DELETE /clock': 'release',
  'POST /reset': 'reset'
}

const CALLS_OF_WORLD: Readonly<Record<string, ReadCall['call']>> = {
  ...CALLS,
  'POST /accounts': 'create',
  'PUT /plans': 'plans',
  'PUT /state': 'load',
  'POST /undo': 'undo'
}

/** The paths behind that of an account. */
const CALLS_OF_ACCOUNT: Readonly<Record<string, ReadCall['call']>> = {
  ...CALLS,
  'DELETE ': 'remove',
  'POST /wallet': 'wallet',
  'PUT /projects/ID': 'put-project',
  'PATCH /projects/ID': 'change-project',
  'DELETE /projects/ID': 'remove-project'
}

/**
 * Reads a call; `null` for one that a script does not make: faults are set where they are met, and the journal plays no part. Gives
 * `undefined` for one that is unknown.
 */
export function readCall ({ method, path, body }: CaseControlCall): ReadCall | null | undefined {
  const plain = path.split('?')[0]!
  const [, encoded, ofAccount = ''] = /^\/accounts\/([^/]+)(\/.*)?$/.exec(plain) ?? []
  const account = encoded === undefined ? null : decoded(encoded)
  if (account === undefined) return undefined
  const rest = account === null ? plain : ofAccount
  if (/^\/(?:faults|requests)(?:\/|$)/.test(rest)) return null
  const [, project] = /^\/projects\/(\d{1,16})$/.exec(rest) ?? []
  const line = `${method} ${project === undefined ? rest : '/projects/ID'}`
  const calls = account === null ? CALLS_OF_WORLD : CALLS_OF_ACCOUNT
  const call = Object.hasOwn(calls, line) ? calls[line] : undefined
  if (call === undefined || FITS[call]?.(body) === false) return undefined
  return { call, account, body, projectId: project === undefined ? null : Number(project) }
}

/** What the body of a call has to be like, for the script to be made of it. The emulator checks the rest. */
const FITS: { readonly [Call in ReadCall['call']]?: (body: unknown) => boolean } = {
  create: body => [body].flat().every(item => isObject(item) && typeof item.name === 'string' && typeof item.token === 'string'),
  wallet: body => isObject(body) && (typeof body.credit === 'string' || typeof body.set === 'string'),
  'set-clock': isObject,
  'move-clock': isObject,
  load: body => isObject(body) && [body.accounts ?? []].flat().every(item => isObject(item) && typeof item.name === 'string')
}

function isObject (value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function decoded (text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Account in the body of a call that makes one, with the name and token that it got. */
export type NewCaseAccount = (ScenarioAccount | { readonly copy_of: string }) & { readonly name: string, readonly token: string }

/** Gives the accounts that a call makes. */
export function newAccountsIn ({ call, body }: ReadCall): readonly NewCaseAccount[] {
  return call === 'create' ? [body].flat() as NewCaseAccount[] : []
}
