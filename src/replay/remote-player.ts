import type { Difference } from '../contract/replay.js'
import type { Player } from './play.js'

/** Server to replay a case against. */
export interface Server {
  readonly url: string
  readonly adminToken: string | null
  /** Its tokens, by the names of their accounts in the case; for a server that is no emulator. */
  readonly tokens: ReadonlyMap<string, string>
  /** Name of the setting that they were given by. */
  readonly tokenSetting: string
  /** How long an answer may take. */
  readonly timeoutMs: number
}

/** Player that plays a case against a server. */
export interface RemotePlayer extends Player {
  /** Index of the step whose answer did not come in time, after which nothing was played; `null` if there is none. */
  readonly stoppedAt: () => number | null
  /** Compares the end. */
  readonly end: () => Promise<readonly Difference[]>
  /** Gives lines to be said of the replay besides its outcome. */
  readonly notes: () => Promise<readonly string[]>
}

/** Makes the difference of an answer that does not come. */
export function lateAnswer (step: number, timeoutMs: number): Difference {
  return { step, pointer: '/received', expected: 'an answer', found: `none within ${timeoutMs / 1000} s` }
}
