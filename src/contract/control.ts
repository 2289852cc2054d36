import type { BillingFields } from './books.js'
import type { JournalEntry, RequestState } from './journal-entry.js'
import type { ScenarioAccount, ScenarioFault, ScenarioHistoryEvent, ScenarioLedgerEntry, ScenarioProject } from './scenario.js'

/** A clock: its setting, its time now, and whether the API is enabled at that time. */
export interface ClockState {
  /** `system`: the machine's time; `running`: runs from `at`; `frozen`: always `at`. */
  readonly mode: 'system' | 'running' | 'frozen'
  /** Instant at which it is frozen or from which it runs. */
  readonly at?: string
  /** The time that it shows now. */
  readonly now: string
  /** Whether the API is enabled at that time. */
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
export interface ClockEvent extends BillingFields {
  /** Instant of the event. */
  readonly at: string
  /** What happened: to the API, or to a plan and its project. */
  readonly event: 'api-disabled' | 'api-enabled' | 'renewed' | 'expired' | 'lapsed' | 'deleted'
  /** Name of the project's account. */
  readonly account?: string
}

/** Current state of an account. */
export type AccountState = ScenarioAccount & Required<Pick<ScenarioAccount, 'name' | 'token' | 'balance'>>

/** Fields of a project to change; `null` removes one. A plan replaces only that of its service, while API tokens are replaced all together. */
export type ProjectPatch = { readonly [Key in keyof ScenarioProject]: ScenarioProject[Key] | null }

/** An account as a test asserts it: all of it at one moment. */
export interface AccountSummary {
  /** Balance of its wallet, in USD. */
  readonly balance: string
  /** All that was booked, oldest first. */
  readonly ledger: readonly LedgerEntry[]
  /** Its projects, with their plans. */
  readonly projects: readonly ScenarioProject[]
  /** The newest hundred requests that its clients sent, newest last. */
  readonly requests: readonly JournalEntry[]
  /** Number of all its requests in the journal. */
  readonly requests_total: number
}

/** A fault with its id, and its counts of requests: `matched`, and `triggered`, whose former name is `struck`. */
export type FaultState = ScenarioFault & Required<Pick<ScenarioFault, 'matched' | 'triggered' | 'struck'>> & {
  /** Id such as `fault-1`. */
  readonly id: string
}

/** Event of any account's history, or a move of the world's clock, whose `account` is `null`. */
export type HistoryEvent = ScenarioHistoryEvent & {
  /** Name of the account. */
  readonly account: string | null
}

/** An entry of an account's ledger, with `null` for what it does not have. */
export type LedgerEntry = Required<ScenarioLedgerEntry>

/** Result of checking the books of all accounts, or of one, and whether what was set for them was met. */
export interface Audit {
  /** Whether there are no violations. */
  readonly ok: boolean
  /** Number of accounts that were checked. */
  readonly accounts: number
  /** Contradictions in the books; if the audit is strict, what was never met as well. */
  readonly violations: ReadonlyArray<{
    /** Name of the account; `null` for something that was set for the world. */
    readonly account: string | null
    /** Name of the rule that is broken. */
    readonly invariant: string
    /** Description in one line. */
    readonly says: string
  }>
  /** What was set, and nothing has met since: a test that sets it may not test what it is meant to. */
  readonly unmet: readonly Unmet[]
}

/** Something that was set, and never met. */
export interface Unmet {
  /** A fault that has not triggered, a choice that nothing relied on, or a clock by which nothing came. */
  readonly what: 'fault' | 'assumption' | 'clock'
  /** Name of the account that it was set for; `null` for the world. */
  readonly account: string | null
  /** Id of the fault, name of the open question, or setting of the clock. */
  readonly name: string
  /** What was set, and what would meet it. */
  readonly says: string
}

/** State of the emulator from before a call, which can be restored. */
export interface SnapshotState {
  /** Id such as `snapshot-1`. */
  readonly id: string
  /** Instant at which it was taken, in the machine's time. */
  readonly at: string
  /** Call that it was taken before, such as `POST /__admin/reset`. */
  readonly before: string
  /** The only account that it restores; `null` for the world. */
  readonly account: string | null
  /** Whether that call was an undo, so that restoring this snapshot redoes what was undone. */
  readonly redo: boolean
  /** Number of accounts in it. */
  readonly accounts: number
  /** Number of projects in it. */
  readonly projects: number
  /** Number of journal entries in it. */
  readonly requests: number
  /** Number of active faults in it. */
  readonly faults: number
  /** Its size in memory. */
  readonly bytes: number
}

/** Outcome of an undo. */
export interface Undone {
  /** The snapshot that was restored. */
  readonly restored: SnapshotState
  /** Id of the snapshot of what was replaced; `null` if that is too large for one. */
  readonly redo: string | null
}

/** Billing events in numbers. */
export interface BillingCounts {
  /** Number of plans that are renewed. */
  readonly renewed: number
  /** What the renewals cost together, in USD. */
  readonly debited: string
  /** Number of projects that expire. */
  readonly expired: number
  /** Number of plans that give way to Pay As You Go. */
  readonly lapsed: number
  /** Number of projects whose data is deleted. */
  readonly deleted: number
}

/** Numbers of what a call removes or adds. */
export interface Counts {
  /** Number of accounts. */
  readonly accounts: number
  /** Number of projects. */
  readonly projects: number
  /** Number of journal entries. */
  readonly requests: number
  /** Number of active faults. */
  readonly faults: number
}

/** What a call would do, in numbers: the answer to a dry run. */
export interface Consequences {
  /** Tells it from the answer of a call that was carried out. */
  readonly dry_run: true
  /** Events that fall due. */
  readonly due: BillingCounts
  /** Events of the time that a clock goes back over. None of them is undone. */
  readonly stays: BillingCounts
  /** What is removed or replaced. A replaced account or project counts in `adds` as well. */
  readonly removes: Counts
  /** What is added. */
  readonly adds: Counts
}

/** What an undo would do, in numbers: the answer to its dry run. */
export interface UndoConsequences extends Consequences {
  /** What has changed the account, or the world, since the call that is undone: it is taken back as well. */
  readonly since: Since
}

/** Numbers of what has happened since a snapshot was taken. */
export interface Since {
  /** Number of calls of the control API that changed something. */
  readonly calls: number
  /** Number of granted requests that changed something. */
  readonly requests: number
  /** Number of earlier requests and calls, of any account, of which nothing is known any more. */
  readonly forgotten: number
}

/** Criteria for requests to list, count or wait for. */
export interface RequestFilter {
  /** Name of the account; `null` for requests whose token belongs to none. */
  readonly account?: string | null
  /** Last part of the path, such as `change-billing`; `null` for requests that reached no endpoint. */
  readonly endpoint?: string | null
  /** HTTP method. */
  readonly method?: string
  /** Path, without the query. */
  readonly path?: string
  /** The vendor's status in the body; `null` where the client saw none. */
  readonly api_status?: number | null
  /** HTTP status; `null` where the client got no response. */
  readonly http_status?: number | null
  /** Rule that refused the request, such as `wallet-must-cover-price`; `null` for granted ones. */
  readonly rule?: string | null
  /** Name of an open question that the response depends on. */
  readonly assumption?: string
  /** Name of a client error that was found. */
  readonly lint?: string
  /** Kind or id of the fault that was triggered; `null` for none. */
  readonly fault?: string | null
  /** What became of the request: this, or one of these. */
  readonly state?: RequestState | readonly RequestState[]
  /** Whether the wallet was debited; `unanswered` for debits whose client never got the whole response: `client-gone` or `cut`. */
  readonly charged?: boolean | 'unanswered'
  /** Project in the body. */
  readonly project_id?: number | string
  /** Plan in the body. */
  readonly plan_id?: number | string
  /** Text anywhere in the entry. */
  readonly text?: string
}

/** Requests to wait for, and how long. */
export interface WaitOptions extends RequestFilter {
  /** Number of requests to wait for; 1 by default, and 0 waits to see that none comes. */
  readonly count?: number
  /** Duration such as `500ms`; `2s` by default. */
  readonly timeout?: string
  /** Id of a request; only later ones count. */
  readonly since?: string
}
