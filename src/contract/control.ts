import type { ScenarioAccount, ScenarioFault, ScenarioLedgerEntry } from './scenario.js'

/** A clock: its setting, its time now, and whether the API is enabled at that time. */
export interface ClockState {
  readonly mode: 'system' | 'running' | 'frozen'
  /** Instant at which it is frozen or from which it runs. */
  readonly at?: string
  readonly now: string
  readonly api: 'enabled' | 'disabled'
}

/** A moved clock, and the events it passed. */
export interface ClockMoved extends ClockState {
  /** The first thousand, in the order of their time. */
  readonly events: readonly ClockEvent[]
  /** Number of all events. */
  readonly total: number
}

/** A switch of the API that a clock passed, or a due event of an account's project. */
export interface ClockEvent {
  readonly at: string
  readonly event: 'api-disabled' | 'api-enabled' | 'renewed' | 'expired' | 'lapsed' | 'deleted'
  readonly account?: string
  readonly project_id?: number
  readonly service?: 1 | 2
  readonly plan_id?: number
  /** `renewed`: the amount debited, and the balance after it. */
  readonly amount?: string
  readonly balance?: string
}

/** Current state of an account. */
export type AccountState = ScenarioAccount & { readonly name: string, readonly token: string, readonly balance: string }

export type FaultState = ScenarioFault & { readonly id: string, readonly matched: number, readonly triggered: number, readonly struck: number }

export type LedgerEntry = Required<ScenarioLedgerEntry>

export interface Audit {
  readonly ok: boolean
  readonly accounts: number
  readonly violations: ReadonlyArray<{ readonly account: string, readonly invariant: string, readonly says: string }>
}

/** Criteria for requests to list, count or wait for. */
export interface RequestFilter {
  readonly account?: string | null
  readonly endpoint?: string | null
  readonly method?: string
  readonly path?: string
  readonly api_status?: number | null
  readonly http_status?: number | null
  readonly rule?: string | null
  readonly assumption?: string
  readonly lint?: string
  readonly fault?: string | null
  readonly charged?: boolean
  readonly project_id?: number | string
  readonly plan_id?: number | string
  /** Text anywhere in the entry. */
  readonly text?: string
}

export interface WaitOptions extends RequestFilter {
  /** Number of requests to wait for; 1 by default, and 0 waits to see that none comes. */
  readonly count?: number
  /** Duration such as `500ms`; `2s` by default. */
  readonly timeout?: string
  /** Id of a request; only later ones count. */
  readonly since?: string
}
