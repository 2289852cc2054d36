import type { Account, LedgerEntry } from '../domain/account.js'
import type { Instant } from '../domain/clock.js'
import type { Service } from '../domain/plan.js'
import type { ProjectStatus, Subscription } from '../domain/project.js'
import type { Purchase } from '../domain/purchase.js'
import type { Store } from '../store/index.js'

/** What a request wrote to the books of its account. */
export interface Booked {
  readonly entries: readonly LedgerEntry[]
  readonly subscriptions: readonly SubscriptionChange[]
}

/** Change of the plan that a project is on for a service, or of the project's status. */
export interface SubscriptionChange {
  readonly projectId: number
  readonly service: Service
  /** `null` for a new project. */
  readonly before: SubscriptionState | null
  readonly after: SubscriptionState
}

export interface SubscriptionState {
  readonly planId: number
  readonly status: ProjectStatus
  readonly nextBillingAt: Instant | null
}

/** Describes what has been written; `null` if it was nothing. Subscriptions that are what they were are left out. */
export function bookedOf (entry: LedgerEntry | null, written: readonly SubscriptionChange[]): Booked | null {
  const subscriptions = written.filter(({ before, after }) =>
    before === null || before.planId !== after.planId || before.status !== after.status || before.nextBillingAt !== after.nextBillingAt)
  return entry === null && subscriptions.length === 0 ? null : { entries: entry === null ? [] : [entry], subscriptions }
}

/** Takes down a subscription of a project with this status. */
export function stateOf ({ planId, nextBillingAt }: Subscription, status: ProjectStatus): SubscriptionState {
  return { planId, status, nextBillingAt }
}

/** Books a debit, if there is one, and saves the assumptions that the balance rests on afterwards. Returns what was booked. */
export function saveEntry (
  store: Store,
  { accountId, balanceMills: before, balanceRestsOn: restedOn }: Account,
  { entry, balanceRestsOn }: Pick<Purchase, 'entry' | 'balanceRestsOn'>,
  requestId: string | null
): LedgerEntry | null {
  if (entry === null) {
    if (balanceRestsOn !== restedOn) store.accounts.updateBalance(accountId, before, balanceRestsOn)
    return null
  }
  const { at, kind, amountMills, balanceMills, projectId, planId } = entry
  const booked = { at, kind, amountMills, balanceMills, projectId, planId, requestId }
  store.accounts.updateBalance(accountId, balanceMills, balanceRestsOn)
  store.ledger.book(accountId, booked)
  return booked
}
