import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Consequences } from '../contract/control.js'
import type { Scenario } from '../contract/scenario.js'
import type { Entry } from '../journal/record.js'
import type { Context } from '../runtime/context.js'
import { scheduleExpiry } from '../runtime/expiry.js'
import { memoryBounds } from '../runtime/memory.js'
import { NOTE_OVERHEAD, type TimelineCall } from '../runtime/timeline.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { BUNDLED_SCENARIOS, bundledFile, bundledPlans } from '../scenario/bundled.js'
import { dumpWorld, isLargeWorld, worldText } from '../scenario/dump.js'
import { readJsonFile } from '../scenario/file.js'
import { readingScenario } from '../scenario/read.js'
import { OneOf, ScenarioSchema } from '../scenario/schema.js'
import { parsingJson } from '../text/json-parts.js'
import { doInSlices } from '../time-slices.js'
import { ConsequencesAnswer, consequencesOf, countsOf, DryRunQuery, dueAfter } from './consequences.js'
import { accountIn } from './find.js'
import { chunksInSlices, sendChunks, wantedBy } from './json-text.js'
import { LARGE_BODY, LargeBody, readLargeBody } from './large-body.js'
import { checkerExceptBody } from './part-checker.js'
import { readyWorld, replaceWorld, type ReadyWorld } from './replace-world.js'
import { AccountParams, StateAnswer } from './schemas.js'
import { placeCall } from './timeline.js'
import { undoable } from './undoable.js'
import { requestsPart, sendInTurn, textFromCopy, withParts } from './world-text.js'

const StateQuery = Type.Object({ requests: Type.Optional(OneOf(['true', 'false'])) }, { additionalProperties: false })

const ScenarioParams = Type.Object({ name: OneOf(BUNDLED_SCENARIOS) })

/** `unknown` until `readScenario` has checked it, which a large scenario should go through only once. */
const UncheckedScenario = Type.Unsafe<unknown>(ScenarioSchema)

/** The whole world as a scenario: export, import and reset. */
export const stateRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, activeFaults, journal, timeline, machineTime, holdTime, bodies, eventBus } = context

  app.get('/state', {
    config: { asksFaults: true },
    schema: { summary: 'Export the whole world as a scenario', querystring: StateQuery, response: { 200: StateAnswer } }
  }, async (request, reply) => {
    if (request.query.requests === 'true') return await sendInTurn(context, reply, () => withRequests(stateText(), [...journal.list()])) as never
    if (!store.isLarge()) return stateNow()
    return await sendInTurn(context, reply, stateText) as never
  })

  app.get('/accounts/:account/state', {
    schema: { summary: 'Export an account and its requests as a scenario', params: AccountParams, response: { 200: StateAnswer } }
  }, async (request, reply) => {
    accountIn(request.params, context)
    return await sendInTurn(context, reply, () => {
      const { name } = accountIn(request.params, context)
      return withRequests(stateText(name), [...journal.list(name)])
    }) as never
  })

  app.put('/state', {
    bodyLimit: memoryBounds().scenario,
    config: { isReadInTurn: true, isPlacedLater: true, endsRequests: true },
    schema: {
      summary: 'Replace the whole world',
      querystring: DryRunQuery,
      body: UncheckedScenario,
      response: { 200: Type.Union([StateAnswer, ConsequencesAnswer]) }
    },
    validatorCompiler: checkerExceptBody
  }, async (request, reply) => {
    const { body } = request
    if (!(body instanceof LargeBody)) return await replaceBy('state', body, false, request, reply)
    // Until its turn comes, it is one of those that are not finished.
    const release = bodies.keep(body.bytes)
    return await context.inTurn(async () => await replaceBy('state', readLargeBody(body), true, request, reply), wantedBy(request)).finally(release)
  })

  app.get('/scenarios', {
    schema: { summary: 'List the bundled scenarios', response: { 200: Type.Object({ scenarios: Type.Array(Type.String()) }) } }
  }, async () => ({ scenarios: [...BUNDLED_SCENARIOS] }))

  app.get('/scenarios/:name', {
    schema: { summary: 'Show a bundled scenario', params: ScenarioParams, response: { 200: UncheckedScenario } }
  }, async request => readJsonFile(bundledFile(request.params.name)).value)

  app.post('/reset', {
    config: { isPlacedLater: true, endsRequests: true },
    schema: {
      summary: 'Reset everything to what the emulator started with, and abort open requests',
      querystring: DryRunQuery,
      response: { 200: Type.Union([StateAnswer, ConsequencesAnswer]) }
    }
  }, async (request, reply) => {
    const isInTurn = store.world.scenarioLength() >= LARGE_BODY
    const isWanted = wantedBy(request)
    const replaceByOrigin = async (origin: unknown) => await replaceBy('reset', origin, isInTurn, request, reply)
    if (!isInTurn) return await replaceByOrigin(store.world.findScenario())
    return await context.inTurn(async () => await replaceByOrigin(await doInSlices(parsingJson(store.world.scenarioText()), isWanted)), isWanted)
  })

  /**
   * Replaces the world by a document, or tells what that would do. The document is read, and a large world written, in slices; then everything
   * changes at one moment, as of the time of the call.
   */
  async function replaceBy (
    event: 'state' | 'reset', document: unknown, isInTurn: boolean, request: FastifyRequest, reply: FastifyReply
  ): Promise<Scenario | Consequences> {
    const isWanted = wantedBy(request)
    const at = holdTime()
    const base = { side: event === 'state' ? 'end' : 'start', plans: bundledPlans(), machineTime: at, seed: context.seed } as const
    const seed = await doInSlices(readingScenario(document, base), isWanted)
    const world = await readyWorld(context, seed, isInTurn, isWanted)
    try {
      if ((request.query as { readonly dry_run?: string }).dry_run === 'true') return forecast(world)
      const step = placeCall(context, request, event === 'state' ? document : request.body, at)
      undoable(context, null, request, reply, () => { load(world) })
      noteFaults(step)
    } finally {
      world.close()
    }
    eventBus.publish(event, null, () => null)
    if (!world.isStaged) {
      scheduleExpiry(context)
      return stateNow()
    }
    const text = stateText()
    // The client may go meanwhile: what has happened stays.
    const chunks = await chunksInSlices(text)
    scheduleExpiry(context)
    return await sendChunks(reply, chunks) as never
  }

  /** Writes the state of the world, or of one account, as it is now. */
  function stateText (account?: string): Iterable<string> {
    const only = account === undefined ? null : new Set([account])
    bringAllUpToDate(context)
    const [faults, at] = [listFaults(account), machineTime()]
    if (!isLargeWorld(store, only)) return [JSON.stringify(store.atOneMoment(() => dumpWorld(store, faults, at, only)))]
    return textFromCopy(context, tables => worldText(tables, faults, at, only))
  }

  function stateNow (): Scenario {
    bringAllUpToDate(context)
    return store.atOneMoment(() => dumpWorld(store, listFaults(), machineTime()))
  }

  /** Adds requests to the text of a state. The text of each is made when it is asked for. */
  function withRequests (state: Iterable<string>, requests: readonly Entry[]): Iterable<string> {
    return withParts(state, requestsPart(requests, journal.textOf))
  }

  function noteFaults (step: TimelineCall): void {
    step.faults = activeFaults.list().map(({ id, active: { fault: { account } } }) => ({ id, account }))
    timeline.enlarge(step, NOTE_OVERHEAD * step.faults.length)
  }

  function listFaults (only?: string) {
    const faults = activeFaults.list().map(({ active }) => active)
    return only === undefined ? faults : faults.filter(({ fault: { account } }) => account === undefined || account === only)
  }

  function load ({ seed, isStaged, load }: ReadyWorld): void {
    replaceWorld(context, load, isStaged ? false : undefined)
    journal.removeAll(journal.list())
    activeFaults.removeAll()
    seed.faults.forEach(fault => activeFaults.add(fault))
    seed.requests.forEach(request => journal.add(request))
  }

  /** Tells what loading would do, including what would be due at once. */
  function forecast ({ seed: { accounts, faults, requests }, load, isStaged }: ReadyWorld): Consequences {
    const due = dueAfter(context, null, load, !isStaged)
    const projects = accounts.reduce((sum, account) => sum + account.projects.length, 0)
    const adds = { accounts: accounts.length, projects, requests: requests.length, faults: faults.length }
    return consequencesOf(context, { due, removes: countsOf(context, null), adds })
  }
}
