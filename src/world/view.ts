import type { Account } from '../domain/account.js'
import type { PresentedToken } from '../domain/api-token.js'
import { relianceOn } from '../domain/assumptions.js'
import { timeOn } from '../domain/clock.js'
import type { World } from '../domain/request.js'
import { type Settings, settingsFor } from '../domain/settings.js'
import type { Happening } from '../domain/settlement.js'
import type { Store } from '../store/index.js'

/** From where a request is looked at: the settings and the world of the account that sent it. */
export interface Viewpoint {
  readonly settings: Settings
  readonly world: World
  readonly happened: readonly Happening[]
}

const NOTHING: readonly Happening[] = []

/** The world as an account sees it, by its own clock and settings where it has any; or as nobody does. */
export function viewpointOf (store: Store, account: Account | undefined, machineTime: number, apiToken?: PresentedToken): Viewpoint {
  const shared = store.world.find()!
  const settings = settingsFor(shared.settings, account?.settings)
  const now = timeOn(account?.clock ?? shared.clock, machineTime)
  return { settings, world: { now, cutoff: settings.cutoff, reliance: relianceOn(settings.assumptions), account, apiToken }, happened: NOTHING }
}

/** The settings that hold for an account, or for the world. */
export function settingsOf (store: Store, account: Account | null | undefined): Settings {
  return settingsFor(store.world.find()!.settings, account?.settings)
}
