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
  /** Nothing of its projects renews, expires or is deleted before this instant; `null`: nothing ever does. */
  readonly dueAt: Instant | null
}

/** What a ledger entry books: the wallet's first balance, a plan that was bought, one that renewed itself, a top-up, a correction. */
export const LEDGER_KINDS = ['opening', 'plan-change', 'renewal', 'credit', 'adjustment'] as const
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
