import { CONTROL_CALLS, type Actor, type ControlStep, type Script } from './script.js'
import type { Term } from './terms.js'

/** Call of the control API as HTTP has it. */
export interface ControlLine {
  readonly method: string
  /** Account that the path is about; `null` for the world. */
  readonly actor: Actor | null
  /** Path behind the account's, or behind that of the control API. */
  readonly rest: string
  readonly body?: Term
}

/** Gives the method, path and body of a step; those of `undo` have the snapshot's id, which `restored` stands for. */
export function controlLine ({ call, actor, body, projectId }: ControlStep, restored: Term): ControlLine {
  const [method, path] = CONTROL_CALLS[call]
  return {
    method,
    actor: call === 'create' ? null : actor,
    rest: path.replace('ID', String(projectId)),
    ...call === 'undo' ? { body: { id: restored } } : body !== undefined && { body }
  }
}

/** Writes an account's path. */
export function accountPath (name: string): string {
  return `/accounts/${encodeURIComponent(name.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd'))}`
}

/** Where the formats that need a running emulator expect it. */
export const USUAL_URL = 'http://localhost:4290'

/** Says which emulator has to run. */
export function emulatorText ({ paths }: Script): string {
  const options = Object.entries(paths).map(([name, path]) => ` --path ${name}=${path}`).join('')
  return `an emulator at PICKY_EMULATOR_URL, or at ${USUAL_URL}${options === '' ? '' : `, which is started with${options}`}`
}

/** How long an account that a script makes in a world of others stays there. */
export const ACCOUNT_TTL = '10m'
