import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { basename } from 'node:path'
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
  requests: Type.Integer({ description: 'how many requests are in the journal' }),
  faults: Type.Integer({ description: 'how many faults are active' })
})

const Unavailable = Type.Object({ status: Type.String(), version: Type.String(), reason: Type.String() })

/**
 * Health: 200 when migrated, seeded and writable, otherwise 503 with the reason. It needs no token and answers under any name, as it
 * tells nothing about what is in the accounts, nor where the database is.
 */
export const healthRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, journal, activeFaults, machineTime } = context

  app.get(HEALTH_PATH, {
    exposeHeadRoute: true,
    schema: { summary: 'Check whether the emulator is ready', response: { 200: HealthAnswer, 503: Unavailable } }
  }, async (_request, reply) => {
    try {
      // A real write: nothing else notices a full disk.
      store.transaction(store.checkWritable)
    } catch (error) {
      const message = (error as Error).message.replaceAll(store.file, basename(store.file))
      return await reply.code(503).send({ status: 'unavailable', version, reason: `the database can't be written: ${message}` })
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
