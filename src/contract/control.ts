import type { ScenarioAccount, ScenarioFault, ScenarioLedgerEntry } from './scenario.js'

/** A clock: how it is set, its time now, and whether the API is enabled at that time. */
export interface ClockState {
  readonly mode: 'system' | 'running' | 'frozen'
  /** Where it stands, or ran from. */
  readonly at?: string
  readonly now: string
  readonly api: 'enabled' | 'disabled'
}

/** A clock that was moved, and what it passed on the way. */
export interface ClockMoved extends ClockState {
  /** In the order in which they happened; the first thousand. */
  readonly events: readonly ClockEvent[]
  /** How many there were. */
  readonly total: number
}

/** What a clock passed, or what happened by itself to an account's project on the way. */
export interface ClockEvent {
  readonly at: string
  readonly event: 'api-disabled' | 'api-enabled' | 'renewed' | 'expired' | 'deleted'
  readonly account?: string
  readonly project_id?: number
  readonly service?: 1 | 2
  readonly plan_id?: number
  /** `renewed`: what was debited, and the balance after it. */
  readonly amount?: string
  readonly balance?: string
}

/** An account as it now is. */
export type AccountState = ScenarioAccount & { readonly name: string, readonly token: string, readonly balance: string }

export type FaultState = ScenarioFault & { readonly id: string, readonly matched: number, readonly triggered: number, readonly struck: number }

export type LedgerEntry = Required<ScenarioLedgerEntry>

export interface Audit {
  readonly ok: boolean
  readonly accounts: number
  readonly violations: ReadonlyArray<{ readonly account: string, readonly invariant: string, readonly says: string }>
}

/** What requests must be to be listed, counted or waited for. */
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
  /** Somewhere in the entry. */
  readonly text?: string
}

export interface WaitOptions extends RequestFilter {
  /** How many are waited for; 1 where it is left out, and 0 waits that none comes. */
  readonly count?: number
  /** Such as `500ms` or `2s`, which is the default. */
  readonly timeout?: string
  /** The id of a request; only those after it count. */
  readonly since?: string
}
