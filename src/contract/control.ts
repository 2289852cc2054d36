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

/** State of the emulator from before a call, which can be restored. */
export interface SnapshotState {
  readonly id: string
  /** Instant at which it was taken, in the machine's time. */
  readonly at: string
  /** Call that it was taken before, such as `POST /__admin/reset`. */
  readonly before: string
  /** The only account that it restores; `null` for the world. */
  readonly account: string | null
  /** Whether that call was an undo, so that restoring this snapshot redoes what was undone. */
  readonly redo: boolean
  readonly accounts: number
  readonly projects: number
  readonly requests: number
  readonly faults: number
  readonly bytes: number
}

/** Outcome of an undo. */
export interface Undone {
  readonly restored: SnapshotState
  /** Id of the snapshot of what was replaced; `null` if that is too large for one. */
  readonly redo: string | null
}

/** Billing events in numbers; `debited` is an amount in USD. */
export interface BillingCounts {
  readonly renewed: number
  readonly debited: string
  readonly expired: number
  readonly deleted: number
}

/** Numbers of what a call removes or adds. */
export interface Counts {
  readonly accounts: number
  readonly projects: number
  readonly requests: number
  readonly faults: number
}

/** What a call would do, in numbers: the answer to a dry run. */
export interface Consequences {
  readonly dry_run: true
  /** Events that fall due. */
  readonly due: BillingCounts
  /** Events of the time that a clock goes back over. None of them is undone. */
  readonly stays: BillingCounts
  /** What is removed or replaced. A replaced account or project counts in `adds` as well. */
  readonly removes: Counts
  readonly adds: Counts
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
