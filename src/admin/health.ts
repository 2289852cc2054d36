import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { settingsFor } from '../domain/settings.js'
import { version } from '../package.js'
import type { Context } from '../runtime/context.js'
import { clockState } from '../world/clock-state.js'
import { ClockAnswer } from './schemas.js'

export const HEALTH_PATH = '/health'

const HealthAnswer = Type.Object({
  status: Type.String(),
  version: Type.String(),
  clock: ClockAnswer,
  accounts: Type.Integer(),
  projects: Type.Integer(),
  requests: Type.Integer({ description: 'in the journal' }),
  faults: Type.Integer({ description: 'that are set' })
})

const Unavailable = Type.Object({ status: Type.String(), version: Type.String(), reason: Type.String() })

/** 200 when migrated, seeded and writable, else 503 with the reason. It needs no token: it says nothing of what is in the accounts. */
export async function healthRoute (app: FastifyInstance, { store, journal, activeFaults, machineTime }: Context): Promise<void> {
  app.get(HEALTH_PATH, { schema: { summary: 'Say whether the emulator is ready', response: { 200: HealthAnswer, 503: Unavailable } } }, async (_request, reply) => {
    try {
      // Really written: a full disk is noticed no sooner.
      store.transaction(store.checkWritable)
    } catch (error) {
      return await reply.code(503).send({ status: 'unavailable', version, reason: `the database can't be written: ${(error as Error).message}` })
    }
    const { clock, settings } = store.world.find()!
    return {
      status: 'ready',
      version,
      clock: clockState(clock, settingsFor(settings), machineTime()),
      accounts: store.accounts.count(),
      projects: store.projects.count(),
      requests: journal.size().entries,
      faults: activeFaults.list().length
    }
  })
}
