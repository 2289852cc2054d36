import type { Clock, Instant } from './clock.js'
import type { Mills } from './money.js'
import type { SettingsChange } from './settings.js'

/** A customer of the vendor, and a sandbox of its own: its wallet, projects, clock and settings are nobody else's. */
export interface Account {
  readonly accountId: number
  readonly name: string
  /** The master API token, which every request carries in its body. */
  readonly token: string
  readonly balanceMills: Mills
  /** `null`: the world's clock. */
  readonly clock: Clock | null
  /** What the account chose otherwise than the world. */
  readonly settings: SettingsChange
}

/** What a ledger entry books: the wallet's first balance, a plan's price, a top-up, or a correction. */
export const LEDGER_KINDS = ['opening', 'plan-change', 'credit', 'adjustment'] as const
export type LedgerKind = typeof LEDGER_KINDS[number]

/** One movement of an account's wallet. A wallet's balance is the sum of its entries. */
export interface LedgerEntry {
  readonly at: Instant
  readonly kind: LedgerKind
  /** Negative for a debit. */
  readonly amountMills: Mills
  /** The balance after this entry. */
  readonly balanceMills: Mills
  readonly projectId: number | null
  readonly planId: number | null
  readonly requestId: string | null
}
