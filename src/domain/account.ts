import type { RestsOn } from './assumptions.js'
import type { Clock, Instant } from './clock.js'
import type { Mills } from './money.js'
import type { SettingsChange } from './settings.js'

/** Customer of the vendor, and an isolated sandbox: no two accounts share a wallet, projects, a clock or settings. */
export interface Account {
  readonly accountId: number
  readonly name: string
  /** Master API token, which every request carries in its body. */
  readonly token: string
  readonly balanceMills: Mills
  /** Assumptions that the balance rests on. */
  readonly balanceRestsOn?: RestsOn | undefined
  /** `null` for the world's clock. */
  readonly clock: Clock | null
  /** Overrides of the world's settings. */
  readonly settings: SettingsChange
  /** Earliest instant at which one of its projects may renew, expire or be deleted; `null` if none ever will. */
  readonly dueAt: Instant | null
}

/** Kinds of ledger entries: the opening balance, the purchase of a plan, a renewal, a top-up, a correction. */
export const LEDGER_KINDS = ['opening', 'plan-change', 'renewal', 'credit', 'adjustment'] as const
export type LedgerKind = typeof LEDGER_KINDS[number]

/** Movement of an account's wallet. The balance of a wallet is the sum of its entries. */
export interface LedgerEntry {
  readonly at: Instant
  readonly kind: LedgerKind
  /** Negative for a debit. */
  readonly amountMills: Mills
  /** Balance after this entry. */
  readonly balanceMills: Mills
  readonly projectId: number | null
  readonly planId: number | null
  readonly requestId: string | null
}
