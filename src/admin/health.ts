import type { FastifyInstance } from 'fastify'
import { instantText, timeOn, type Clock, type Instant } from '../domain/clock.js'
import { disabledFrom } from '../domain/cutoff.js'
import { changeSettings, DEFAULT_SETTINGS, type SettingsChange } from '../domain/settings.js'
import { version } from '../package.js'
import type { Store } from '../store/index.js'

/** A clock as the control API shows it: how it is set, its time now, and whether the API is enabled at that time. */
export interface ClockState {
  readonly mode: Clock['mode']
  /** Where the clock stands, or ran from. */
  readonly at?: string
  readonly now: string
  readonly api: 'enabled' | 'disabled'
}

export function clockState (clock: Clock, change: SettingsChange, machineTime: Instant): ClockState {
  const { cutoff, assumptions } = changeSettings(DEFAULT_SETTINGS, change)
  const now = timeOn(clock, machineTime)
  return {
    mode: clock.mode,
    ...clock.mode !== 'system' && { at: instantText(clock.at) },
    now: instantText(now),
    api: now < disabledFrom(cutoff, assumptions['disabled-time-zone']) ? 'enabled' : 'disabled'
  }
}

/** `GET /health`: 200 when migrated, seeded and writable, else 503 with the reason. */
export async function healthRoute (app: FastifyInstance, { store, machineTime }: { store: Store, machineTime: () => number }): Promise<void> {
  app.get('/health', async (_request, reply) => {
    try {
      store.rehearse(() => store.world.update(store.world.find()!))
    } catch (error) {
      return await reply.code(503).send({ status: 'unavailable', version, reason: `the database can't be written: ${(error as Error).message}` })
    }
    const { clock, settings } = store.world.find()!
    return {
      status: 'ready',
      version,
      clock: clockState(clock, settings, machineTime()),
      accounts: store.accounts.count(),
      projects: store.projects.count()
    }
  })
}
