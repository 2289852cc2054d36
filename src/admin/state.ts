import type { FastifyInstance } from 'fastify'
import { scheduleExpiry } from '../accounts.js'
import type { Context } from '../context.js'
import { dumpWorld } from '../scenario/dump.js'
import { loadSeed } from '../scenario/load.js'
import { readScenario } from '../scenario/read.js'
import { ScenarioSchema } from '../scenario/schema.js'
import { bundledPlans } from '../options.js'
import { StateAnswer } from './schemas.js'

/** The whole world as a scenario. */
export async function stateRoutes (app: FastifyInstance, context: Context): Promise<void> {
  const { store, armory, inFlight, journal, machineTime, news } = context

  app.get('/state', { schema: { summary: 'Show the whole world as a scenario', response: { 200: StateAnswer } } }, async () => stateNow())

  app.put('/state', {
    schema: { summary: 'Put another world in the place of this one', body: ScenarioSchema, response: { 200: StateAnswer } },
    validatorCompiler: () => () => true
  }, async request => {
    replaceWorld(request.body)
    const state = stateNow()
    news.tell('state', null, () => null)
    return state
  })

  app.post('/reset', { schema: { summary: 'Put all of it back to what the emulator started with, and break off what is under way', response: { 200: StateAnswer } } }, async () => {
    replaceWorld(store.world.findScenario())
    news.tell('reset', null, () => null)
    return stateNow()
  })

  function stateNow () {
    return dumpWorld(store, armory.list().map(({ armed }) => armed), machineTime())
  }

  /** Reads first, so that a scenario with a flaw changes nothing; then a new epoch begins, whose requests see the new world. */
  function replaceWorld (scenario: unknown): void {
    const seed = readScenario(scenario, { plans: bundledPlans(), machineTime: machineTime(), seed: context.seed })
    store.flush()
    store.transaction(() => {
      const world = store.world.find()!
      store.world.update({ ...world, starts: world.starts + 1 })
      loadSeed(store, seed)
    })
    inFlight.breakOff()
    journal.removeAll(journal.list())
    armory.removeAll()
    seed.faults.forEach(fault => armory.arm(fault))
    scheduleExpiry(context)
  }
}
