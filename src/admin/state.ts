import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'
import type { Consequences } from '../contract/control.js'
import type { Scenario } from '../contract/scenario.js'
import type { Entry } from '../journal/record.js'
import type { Context } from '../runtime/context.js'
import { scheduleExpiry } from '../runtime/expiry.js'
import { memoryBounds } from '../runtime/memory.js'
import type { TimelineCall } from '../runtime/timeline.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { BUNDLED_SCENARIOS, bundledFile, bundledPlans } from '../scenario/bundled.js'
import { dumpWorld } from '../scenario/dump.js'
import { faultRow } from '../scenario/faults.js'
import { readJsonFile } from '../scenario/file.js'
import { loadSeed } from '../scenario/load.js'
import { readScenario, type Seed, type Side } from '../scenario/read.js'
import { OneOf, ScenarioSchema } from '../scenario/schema.js'
import { mapInSlices } from '../time-slices.js'
import { ConsequencesAnswer, consequencesOf, countsOf, DryRunQuery, dueAfter } from './consequences.js'
import { accountIn } from './find.js'
import { arrayOf, sendJson, wantedBy } from './json-text.js'
import { checkerExceptBody } from './part-checker.js'
import { replaceWorld } from './replace-world.js'
import { AccountParams, StateAnswer } from './schemas.js'
import { undoable } from './undoable.js'

const StateQuery = Type.Object({ requests: Type.Optional(OneOf(['true', 'false'])) }, { additionalProperties: false })

const ScenarioParams = Type.Object({ name: OneOf(BUNDLED_SCENARIOS) })

/** `unknown` until `readScenario` has checked it, which a large scenario should go through only once. */
const UncheckedScenario = Type.Unsafe<unknown>(ScenarioSchema)

/** The whole world as a scenario: export, import and reset. */
export const stateRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, activeFaults, journal, machineTime, eventBus } = context

  app.get('/state', {
    schema: { summary: 'Export the whole world as a scenario', querystring: StateQuery, response: { 200: StateAnswer } }
  }, async (request, reply) => {
    return request.query.requests === 'true' ? await sendWithRequests(reply, () => ({ state: stateNow(), requests: [...journal.list()] })) : stateNow()
  })

  app.get('/accounts/:account/state', {
    schema: { summary: 'Export an account and its requests as a scenario', params: AccountParams, response: { 200: StateAnswer } }
  }, async (request, reply) => {
    accountIn(request.params, context)
    return await sendWithRequests(reply, () => {
      const { name } = accountIn(request.params, context)
      const { accounts, ...world } = stateNow()
      const faults = listFaults().filter(({ fault: { account } }) => account === undefined || account === name)
      const state = { ...world, accounts: accounts!.filter(account => account.name === name), faults: faults.map(fault => faultRow(fault, machineTime())) }
      return { state, requests: [...journal.list(name)] }
    })
  })

  app.put('/state', {
    bodyLimit: memoryBounds().scenario,
    config: { noteAnswer: noteFaults },
    schema: {
      summary: 'Replace the whole world',
      querystring: DryRunQuery,
      body: UncheckedScenario,
      response: { 200: Type.Union([StateAnswer, ConsequencesAnswer]) }
    },
    validatorCompiler: checkerExceptBody
  }, async (request, reply) => {
    const seed = read(request.body, 'end')
    if (request.query.dry_run === 'true') return forecast(seed)
    undoable(context, null, request, reply, () => load(seed))
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
    config: { noteAnswer: noteFaults },
    schema: {
      summary: 'Reset everything to what the emulator started with, and abort open requests',
      querystring: DryRunQuery,
      response: { 200: Type.Union([StateAnswer, ConsequencesAnswer]) }
    }
  }, async (request, reply) => {
    const seed = read(store.world.findScenario())
    if (request.query.dry_run === 'true') return forecast(seed)
    undoable(context, null, request, reply, () => load(seed))
    eventBus.publish('reset', null, () => null)
    return stateNow()
  })

  function stateNow (): Scenario {
    bringAllUpToDate(context)
    return dumpWorld(store, listFaults(), machineTime())
  }

  /** Answers with a state and the requests of the same moment, when it is its turn: their texts may take a while, and much memory. */
  async function sendWithRequests (reply: FastifyReply, look: () => { readonly state: Scenario, readonly requests: readonly Entry[] }): Promise<FastifyReply> {
    const isWanted = wantedBy(reply.request)
    const pieces = await context.inTurn(async () => {
      const { state, requests } = look()
      const texts = await mapInSlices(requests, journal.textOf, isWanted)
      return [JSON.stringify(state).slice(0, -1), ',"requests":', ...arrayOf(texts), '}']
    }, isWanted)
    return await sendJson(reply, pieces)
  }

  function noteFaults (step: TimelineCall): void {
    step.faults = activeFaults.list().map(({ id, active: { fault: { account } } }) => ({ id, account }))
  }

  function listFaults () {
    return activeFaults.list().map(({ active }) => active)
  }

  function read (scenario: unknown, side?: Side): Seed {
    return readScenario(scenario, { ...side && { side }, plans: bundledPlans(), machineTime: machineTime(), seed: context.seed })
  }

  function load (seed: Seed): void {
    replaceWorld(context, () => loadSeed(store, seed))
    journal.removeAll(journal.list())
    activeFaults.removeAll()
    seed.faults.forEach(fault => activeFaults.add(fault))
    seed.requests.forEach(request => journal.add(request))
    scheduleExpiry(context)
  }

  /** Tells what loading would do, including what would be due at once. */
  function forecast (seed: Seed): Consequences {
    const due = dueAfter(context, null, () => loadSeed(store, seed))
    const { accounts, faults, requests } = seed
    const projects = accounts.reduce((sum, account) => sum + account.projects.length, 0)
    const adds = { accounts: accounts.length, projects, requests: requests.length, faults: faults.length }
    return consequencesOf(context, { due, removes: countsOf(context, null), adds })
  }
}
