/** An entry in the ledger of a wallet. */
export interface ScenarioLedgerEntry {
  /** Instant of the booking, by the account's clock. */
  readonly at: string
  /** Reason: `renewal` is a plan that renewed itself, `credit` a top-up, `adjustment` a balance that was set. */
  readonly kind: 'opening' | 'plan-change' | 'renewal' | 'credit' | 'adjustment'
  /** USD; negative for a debit. */
  readonly amount: string
  /** The wallet's balance after this entry, in USD. */
  readonly balance: string
  /** Project that was paid for; `null` or left out for none. */
  readonly project_id?: number | null
  /** Plan that was paid for; `null` or left out for none. */
  readonly plan_id?: number | null
  /** Id in the journal of the request that caused it; `null` or left out for none. */
  readonly request_id?: string | null
}

/** What time did to a plan or a project, in an event. */
export interface BillingFields {
  /** Project that it happened to. */
  readonly project_id?: number
  /** Service of the plan that was due. */
  readonly service?: 1 | 2
  /** Plan that was due. */
  readonly plan_id?: number
  /** `renewed`: the amount debited, in USD. */
  readonly amount?: string
  /** `expired` and `lapsed`: why the plan was not renewed. */
  readonly reason?: 'balance-too-low' | 'auto-renew-off' | 'api-disabled'
  /** `expired` and `lapsed`: the price that was due, in USD. */
  readonly price?: string
  /** The wallet's balance after `renewed`, or at the time of `expired` and `lapsed`, in USD. */
  readonly balance?: string
}

/** An event of a history: what time brought to a project, or how a clock was moved. */
export interface ScenarioHistoryEvent extends BillingFields {
  /** Emulated time; that of a move is the time after it. */
  readonly at: string
  /** What happened; `world-clock-moved` in the history of an account that follows the world's clock. */
  readonly event: 'renewed' | 'expired' | 'lapsed' | 'deleted' | 'clock-moved' | 'world-clock-moved'
  /** A move: the time before it. */
  readonly from?: string
  /** A move: the mode of the clock after it. */
  readonly mode?: 'system' | 'running' | 'frozen'
}
