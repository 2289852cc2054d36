import type { Account } from '../domain/account.js'
import type { PresentedToken } from '../domain/api-token.js'
import { assumptionLog } from '../domain/assumptions.js'
import type { BillingEvent } from '../domain/billing-events.js'
import { timeOn } from '../domain/clock.js'
import type { RequestFacts } from '../domain/request.js'
import { settingsFor, type Settings } from '../domain/settings.js'
import type { Store } from '../store/index.js'

/** World as one account sees it: the settings and facts for its requests. */
export interface WorldView {
  readonly settings: Settings
  readonly facts: RequestFacts
  readonly billingEvents: readonly BillingEvent[]
}

const NO_EVENTS: readonly BillingEvent[] = []

/** Builds the view of an account, by its own clock and settings where it has them; without an account, that of the world. */
export function viewOf (store: Store, account: Account | undefined, machineTime: number, apiToken?: PresentedToken): WorldView {
  const shared = store.world.find()!
  const settings = settingsFor(shared.settings, account?.settings)
  const now = timeOn(account?.clock ?? shared.clock, machineTime)
  const facts = { now, cutoff: settings.cutoff, assumptions: assumptionLog(settings.assumptions), account, apiToken }
  return { settings, facts, billingEvents: NO_EVENTS }
}

/** Returns the settings in force for an account, or for the world. */
export function settingsOf (store: Store, account: Account | null | undefined): Settings {
  return settingsFor(store.world.find()!.settings, account?.settings)
}
