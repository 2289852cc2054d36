import type { Scenario, ScenarioAccount, ScenarioFault } from '../contract/scenario.js'
import { referencesIn, type Reference, type Term } from './terms.js'

/**
 * A case as a list of steps that any language can take: what a person would write to see again what happened. Clocks stand still at the
 * instants at which something depends on the time, and each fault is set for the one request that it met.
 */
export interface Script {
  /** What happened, in one line of the exporter's own words. */
  readonly title: string
  /** World to begin with; `null` if the accounts can be made in any world. */
  readonly world: Scenario | null
  /** Paths of the endpoints that were not served at their usual ones. */
  readonly paths: Readonly<Record<string, string>>
  readonly actors: readonly Actor[]
  /** Ids of projects that requests are about. */
  readonly projects: readonly Reference[]
  readonly steps: readonly Step[]
}

/** Account that the script is about. */
export interface Actor {
  /** Name and token in the case; where accounts are made in any world, they have others. */
  readonly name: string
  /** `null` if the account has several in turn, which are written out wherever they are sent. */
  readonly token: string | null
  /** Name of the variable. */
  readonly words: string
  /** Account to make before the first step; `null` if the world has it, or a step makes it. */
  readonly start: ScenarioAccount | null
}

export type Step = RequestStep | ControlStep | Closing | Omission

/** Request to the emulated API, and what is asserted of the answer. */
export interface RequestStep {
  readonly step: 'request'
  readonly says: string
  /** Sets the fault that it meets; `null` for none. */
  readonly fault: ControlStep | null
  readonly method: string
  readonly path: string
  /** Headers besides the one of JSON; `null` takes that one off. */
  readonly headers: Readonly<Record<string, string>>
  /** Value of a JSON body, or the text of another. */
  readonly body: { readonly json: Term } | { readonly text: string } | null
  /** `lost`: the connection is cut; `never`: it stays open, and nothing comes. */
  readonly answer: 'lost' | 'never' | {
    readonly http: number
    /** Absent where it has none, as that to HEAD. */
    readonly body?: Term
  }
  /** Parts of the answer that later requests have. */
  readonly keeps: readonly Reference[]
}

/** Call of the control API. */
export interface ControlStep {
  readonly step: 'control'
  readonly call: keyof typeof CONTROL_CALLS
  /** `null` for the world. */
  readonly actor: Actor | null
  readonly body?: Term
  readonly projectId?: number
  /** Variable for the id of the snapshot that undoes it, if that is needed later. */
  readonly snapshot?: string
  /** Variable of the snapshot that `undo` restores. */
  readonly restores?: string
}

/** Method and path of each call, behind the account's path if it is about one. */
export const CONTROL_CALLS = {
  create: ['POST', '/accounts'],
  remove: ['DELETE', ''],
  reset: ['POST', '/reset'],
  credit: ['POST', '/wallet'],
  set: ['POST', '/wallet'],
  'put-project': ['PUT', '/projects/ID'],
  'change-project': ['PATCH', '/projects/ID'],
  'remove-project': ['DELETE', '/projects/ID'],
  freeze: ['PUT', '/clock'],
  advance: ['POST', '/clock/advance'],
  jump: ['POST', '/clock/advance'],
  release: ['DELETE', '/clock'],
  fail: ['POST', '/faults'],
  settings: ['PATCH', '/settings'],
  plans: ['PUT', '/plans'],
  load: ['PUT', '/state'],
  undo: ['POST', '/undo']
} as const satisfies Record<string, readonly [method: string, path: string]>

/** Fault as a script sets it: for the next request only. */
export type ScriptFault = ScenarioFault & { readonly times: 1 }

/** What is asserted of an account at the end. */
export interface Closing {
  readonly step: 'closing'
  readonly actor: Actor
  readonly balance: string
  /** What is the same in every run: not the instants, which a clock that stands still makes others, nor the ids of requests. */
  readonly ledger: ReadonlyArray<Readonly<Record<'kind' | 'amount' | 'balance', string> & Record<'project_id' | 'plan_id', number | null>>>
  /** What time brought. */
  readonly history: ReadonlyArray<Readonly<Record<string, Term>>>
}

/** Something that is left out, and why. */
export interface Omission {
  readonly step: 'omission'
  readonly says: string
}

/** Lists the references in a request and in its answer. */
export function referencesOf ({ body, answer }: RequestStep): Reference[] {
  const sent = body !== null && 'json' in body ? referencesIn(body.json) : []
  return typeof answer === 'object' && answer.body !== undefined ? [...sent, ...referencesIn(answer.body)] : sent
}
