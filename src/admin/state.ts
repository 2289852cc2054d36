import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'
import type { Scenario } from '../contract/scenario.js'
import type { Entry } from '../journal/record.js'
import type { Context } from '../runtime/context.js'
import { scheduleExpiry } from '../runtime/expiry.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { BUNDLED_SCENARIOS, bundledFile, bundledPlans } from '../scenario/bundled.js'
import { dumpWorld } from '../scenario/dump.js'
import { faultRow } from '../scenario/faults.js'
import { readJsonFile } from '../scenario/file.js'
import { loadSeed } from '../scenario/load.js'
import { readScenario } from '../scenario/read.js'
import { OneOf, ScenarioSchema } from '../scenario/schema.js'
import { mapInSlices } from '../time-slices.js'
import { accountIn } from './find.js'
import { arrayOf, sendJson } from './json-text.js'
import { AccountParams, StateAnswer } from './schemas.js'

const StateQuery = Type.Object({ requests: Type.Optional(OneOf(['true', 'false'])) }, { additionalProperties: false })

const ScenarioParams = Type.Object({ name: OneOf(BUNDLED_SCENARIOS) })

/** `unknown` until `readScenario` has checked it, which a large scenario should go through only once. */
const UncheckedScenario = Type.Unsafe<unknown>(ScenarioSchema)

/** The whole world as a scenario: export, import and reset. */
export const stateRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, activeFaults, pending, journal, machineTime, eventBus } = context

  app.get('/state', {
    schema: { summary: 'Export the whole world as a scenario', querystring: StateQuery, response: { 200: StateAnswer } }
  }, async (request, reply) => {
    const requests = [...journal.list()]
    return request.query.requests === 'true' ? await sendWithRequests(reply, stateNow(), requests) : stateNow()
  })

  app.get('/accounts/:account/state', {
    schema: { summary: 'Export an account and its requests as a scenario', params: AccountParams, response: { 200: StateAnswer } }
  }, async (request, reply) => {
    const { name } = accountIn(request.params, context)
    const requests = [...journal.list(name)]
    const { accounts, ...world } = stateNow()
    const faults = listFaults().filter(({ fault: { account } }) => account === undefined || account === name)
    return await sendWithRequests(reply, {
      ...world,
      accounts: accounts!.filter(account => account.name === name),
      faults: faults.map(fault => faultRow(fault, machineTime()))
    }, requests)
  })

  app.put('/state', {
    schema: { summary: 'Replace the whole world', body: UncheckedScenario, response: { 200: StateAnswer } },
    validatorCompiler: () => () => true
  }, async request => {
    replaceWorld(request.body)
    const state = stateNow()
    eventBus.publish('state', null, () => null)
    return state
  })

  app.get('/scenarios', {
    schema: { summary: 'List the bundled scenarios', response: { 200: Type.Object({ scenarios: Type.Array(Type.String()) }) } }
  }, async () => ({ scenarios: [...BUNDLED_SCENARIOS] }))

  app.get('/scenarios/:name', {
    schema: { summary: 'Show a bundled scenario', params: ScenarioParams, response: { 200: UncheckedScenario } }
  }, async request => readJsonFile(bundledFile(request.params.name)).value)

  app.post('/reset', {
    schema: { summary: 'Reset everything to what the emulator started with, and abort open requests', response: { 200: StateAnswer } }
  }, async () => {
    replaceWorld(store.world.findScenario())
    eventBus.publish('reset', null, () => null)
    return stateNow()
  })

  function stateNow (): Scenario {
    bringAllUpToDate(context)
    return dumpWorld(store, listFaults(), machineTime())
  }

  /** Answers with a state and the requests of the same moment, whose texts may take a while. */
  async function sendWithRequests (reply: FastifyReply, state: Scenario, requests: readonly Entry[]): Promise<FastifyReply> {
    const texts = await mapInSlices(requests, journal.textOf)
    return sendJson(reply, [JSON.stringify(state).slice(0, -1), ',"requests":', ...arrayOf(texts), '}'])
  }

  function listFaults () {
    return activeFaults.list().map(({ active }) => active)
  }

  /** Reads first, so that an invalid scenario changes nothing; then begins a new generation, whose requests see the new world. */
  function replaceWorld (scenario: unknown): void {
    const seed = readScenario(scenario, { plans: bundledPlans(), machineTime: machineTime(), seed: context.seed })
    store.flush()
    store.transaction(() => {
      loadSeed(store, seed)
      const world = store.world.find()!
      store.world.update({ ...world, starts: world.starts + 1 })
    })
    pending.abort()
    journal.removeAll(journal.list())
    activeFaults.removeAll()
    seed.faults.forEach(fault => activeFaults.add(fault))
    seed.requests.forEach(request => journal.add(request))
    scheduleExpiry(context)
  }
}
