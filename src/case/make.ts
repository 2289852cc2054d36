import type { Case, CaseControlCall, CaseStart, CaseStep } from '../contract/case.js'
import type { Scenario, ScenarioAccount } from '../contract/scenario.js'
import { instantText, type Instant } from '../domain/clock.js'
import { entryWithout } from '../journal/entry.js'
import { version } from '../package.js'
import type { Context } from '../runtime/context.js'
import { memoryBounds } from '../runtime/memory.js'
import type { TimelineCall, TimelineStep } from '../runtime/timeline.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { dumpInSlices, dumpWorld, isLargeWorld } from '../scenario/dump.js'
import { scenarioIn } from '../scenario/read.js'
import { openCopy } from '../store/index.js'
import { jsonPieces } from '../text/json-pieces.js'
import { doInSlices, forEachInSlices, inSlices, mapInSlices, type IsWanted } from '../time-slices.js'
import { historyRow } from '../world/history-row.js'
import { accountsAbout, accountsFor, faultsAbout, isAbout, narrowed, type About, type Placed } from './about.js'
import { collectAliases } from './aliases.js'
import { withMovedPlace } from './moved-place.js'
import type { Aliases } from './replace-tokens.js'
import { BODY_SHAPES, END_SHAPE, mapInShape, START_SHAPE } from './shape.js'
import { named, worldAtStart } from './start.js'

/** Version of the format. */
export const CASE_VERSION = 1

/** Saves how the world (`null`), or an account, came to be as it is. Long timelines are written in slices. */
export async function caseOf (context: Context, account: string | null, isWanted?: IsWanted): Promise<Case> {
  const { head, start, rows, end, aliases } = await gather(context, account, isWanted)
  return {
    ...head,
    start: await mapInShape(start, START_SHAPE, aliases.in, isWanted),
    timeline: await withBodies(await mapInSlices(rows, row => row(), isWanted), aliases, isWanted),
    end: await mapInShape(end, END_SHAPE, aliases.in, isWanted)
  }
}

/** JSON text of a case, in short pieces that are made when they are asked for, and whether the account that it is about has been in the world. */
export interface CasePieces {
  readonly pieces: Iterable<string>
  readonly isKnown: boolean
}

/** Saves a case as text, which takes a fraction of the memory that it takes as a value. */
export async function casePieces (context: Context, account: string | null, isWanted?: IsWanted): Promise<CasePieces> {
  const { head, start, rows, end, aliases, isKnown } = await gather(context, account, isWanted)
  function * all (): Iterable<string> {
    yield `${JSON.stringify(head).slice(0, -1)},"start":`
    yield * jsonPieces(start, START_SHAPE, '', aliases.in)
    let before = ',"timeline":['
    for (const row of rows) {
      yield before
      yield * rowPieces(row, aliases)
      before = ','
    }
    yield `${before === ',' ? '' : before}],"end":`
    yield * jsonPieces(end, END_SHAPE, '', aliases.in)
    yield '}'
  }
  return { pieces: all(), isKnown }
}

/** Writes a row, which is made here: one of a large body takes much memory, and is gone before the next is made. */
function * rowPieces (row: () => CaseStep, aliases: Aliases): Iterable<string> {
  const made = row()
  const { body, ...rest } = made as CaseControlCall
  if (body === undefined) {
    yield JSON.stringify(made)
    return
  }
  yield `${JSON.stringify(rest).slice(0, -1)},"body":`
  yield * jsonPieces(body, BODY_SHAPES.get(rest.path), '', aliases.in)
  yield '}'
}

/** Gathers the parts of a case as they are at this moment: its worlds and the bodies of its calls still with their tokens. */
async function gather (context: Context, account: string | null, isWanted: IsWanted | undefined) {
  const { store, timeline, machineTime, seed } = context
  store.flush()
  bringAllUpToDate(context)
  const at = machineTime()
  const { first, steps } = timeline.steps()
  const told = steps.map((step, index) => ({ step, position: first + index })).filter(({ step }) => isTold(step))
  const about = accountsFor(account, timeline.start, told)
  const chosen = told.filter(({ step }) => isAbout(step, about))
  const isKnown = account === null || chosen.some(({ step }) => isOf(step, account)) || store.accounts.findByName(account) !== undefined
  const incomplete = whyIncomplete(context, about === null ? null : account)
  // From here on the world may change. Each of these has begun before that.
  const [scenario, start] = await Promise.all([worldAbout(context, at, about, isWanted), startAbout(context, about, isWanted)])
  const end = { at: instantText(at), scenario }
  const head = {
    case: CASE_VERSION,
    emulator: version,
    saved_at: instantText(at),
    account,
    incomplete: incomplete ?? whyEmpty(about === null ? null : account, start.scenario, chosen.length),
    seed,
    ...Object.keys(timeline.start.paths).length > 0 && { paths: timeline.start.paths }
  } as const
  const aliases = await aliasesOf(context, start, chosen, end.scenario, isWanted)
  const rows = chosen.map(({ step }) => (): CaseStep => stepRow(step, chosen, aliases, about, seed))
  return { head, start, rows, end, aliases, isKnown }
}

/** Gives the world as it is now, with what a case is about: a large one from a copy, as reading all of it takes long. */
async function worldAbout ({ store, activeFaults }: Context, at: Instant, about: About, isWanted: IsWanted | undefined): Promise<Scenario> {
  const faults = activeFaults.list().map(({ active }) => active)
  if (!isLargeWorld(store, about)) return narrowed(store.atOneMoment(() => dumpWorld(store, faults, at, about)), about)
  const { tables, close } = openCopy(store)
  return narrowed(await dumpInSlices(tables, faults, at, about, isWanted).finally(close), about)
}

/** Gives the world at the start with what a case is about, and the ids of its faults where some have been left out. */
async function startAbout (context: Context, about: About, isWanted: IsWanted | undefined): Promise<CaseStart> {
  const { scenario, reset_to: resetTo, initial, ...start } = await worldAtStart(context, about, isWanted)
  const { faults } = context.timeline.start
  const ids = faultsAbout(faults.map(({ fault: { account } }, index) => ({ id: `fault-${index + 1}`, account })), about)
  return {
    ...start,
    scenario: narrowed(scenario, about),
    ...ids.length < faults.length && ids.length > 0 && { faults: ids.map(({ id }) => id) },
    ...resetTo !== undefined && { reset_to: narrowed(resetTo, about) },
    ...initial !== undefined && { initial }
  }
}

/** Leaves out calls that changed nothing, and requests that failed. */
function isTold (step: TimelineStep): boolean {
  return step.kind === 'request' ? step.recorded !== null : step.kind !== 'call' || !step.isVoid
}

/** Tells whether a step names an account, unlike what is about the world. */
function isOf (step: TimelineStep, account: string): boolean {
  return step.kind !== 'events' && (step.kind !== 'call' || step.accounts.length > 0) && isAbout(step, new Set([account]))
}

/** Collects all tokens that occur, in the order in which they came. */
async function aliasesOf (
  { journal, seed }: Context, start: CaseStart, steps: readonly Placed[], end: Scenario, isWanted: IsWanted | undefined
): Promise<Aliases> {
  const { addScenario, stepsOf, addAnswer, addRequest, gatheringAliases } = collectAliases(memoryBounds().secrets)
  const addInSlices = async (scenario: Scenario): Promise<void> => { await forEachInSlices(stepsOf(scenario), add => { add() }, isWanted) }
  for (const scenario of [start.scenario, start.reset_to ?? {}, { accounts: start.initial ?? [] }]) await addInSlices(scenario)
  await forEachInSlices(steps, ({ step }) => {
    if (step.kind === 'request') {
      const { account, answer } = step.recorded!
      if (account !== null && answer !== null) addAnswer(account, answer.body)
    } else if (step.kind === 'call') {
      addScenario(broughtBy(step, seed))
    }
  }, isWanted)
  await addInSlices(end)
  await forEachInSlices(steps, ({ step }) => {
    if (step.kind === 'request' && step.recorded!.account !== null) addRequest(step.recorded!.account, step.recorded!.body)
  }, isWanted)
  // The control API's, and those of accounts that the case is not about.
  return await doInSlices(gatheringAliases(journal.tokens()), isWanted)
}

/** Gives the accounts and projects that a call brings, as a scenario has them. */
function broughtBy ({ path, body, accounts: [name] }: TimelineCall, seed: number): Scenario {
  if (path === '/accounts') return { accounts: [body].flat() as ScenarioAccount[] }
  if (path === '/state') return named(scenarioIn(body, 'end') as Scenario, seed)
  const [, projectId] = /^\/accounts\/[^/]+\/projects\/(\d+)$/.exec(path) ?? []
  return projectId === undefined || body === undefined ? {} : { accounts: [{ name: name!, projects: [{ ...body, project_id: Number(projectId) }] }] }
}

function stepRow (step: TimelineStep, chosen: readonly Placed[], aliases: Aliases, about: About, seed: number): CaseStep {
  switch (step.kind) {
    case 'request': {
      const { at, arrived, from, isSendable, recorded } = step
      const shown = entryWithout(aliases, recorded!)
      const request = isSendable ? withMovedPlace(shown, recorded!.body) : undefined
      return {
        step: 'request',
        at: instantText(at),
        ...arrived !== null && { arrived: { before: chosen.findIndex(({ position }) => position >= arrived.position), at: instantText(arrived.at) } },
        from,
        sendable: request !== undefined,
        request: request ?? shown
      }
    }
    case 'call': return callRow(step, aliases, about, seed)
    case 'events': {
      const events = step.events.filter(({ account }) => about === null || about.has(account))
      // What a call brought comes of the call, if that is in the case.
      const isOfCall = step.call !== null && isTold(step.call) && isAbout(step.call, about)
      return {
        step: 'events',
        ...!isOfCall && { at: instantText(step.at), account: step.account },
        events: events.map(event => ({ account: event.account, ...historyRow(event) })),
        total: about === null ? step.total : events.length
      }
    }
    case 'removal': return { step: 'removal', at: instantText(step.at), account: step.account }
  }
}

function callRow (call: TimelineCall, aliases: Aliases, about: About, seed: number): CaseControlCall {
  const { at, emulatedAt, accounts, method, path, fault, snapshot } = call
  const body = bodyOf(call, about, seed)
  const faults = fault === undefined ? faultsAbout(call.faults, about) : []
  return {
    step: 'control',
    at: instantText(at),
    emulated_at: instantText(emulatedAt),
    account: accounts.length === 1 ? accounts[0]! : null,
    method,
    path: aliases.in(path),
    ...body !== undefined && { body },
    ...fault !== undefined && { fault },
    ...faults.length > 0 && { faults: faults.map(({ id }) => id) },
    ...snapshot !== undefined && { snapshot }
  }
}

/** Replaces the tokens in the bodies of calls, of which one may be a whole world. */
async function withBodies (rows: readonly CaseStep[], aliases: Aliases, isWanted: IsWanted | undefined): Promise<CaseStep[]> {
  const replaced: CaseStep[] = []
  for await (const row of inSlices(rows)) {
    const hasBody = row.step === 'control' && row.body !== undefined
    replaced.push(hasBody ? { ...row, body: await mapInShape(row.body, BODY_SHAPES.get(row.path), aliases.in, isWanted) } : row)
  }
  return replaced
}

/** Gives a call's body, without the accounts that a case is not about. */
function bodyOf ({ path, body }: TimelineCall, about: About, seed: number): unknown {
  if (path === '/state') return narrowed(named(scenarioIn(body, 'end') as Scenario, seed), about)
  return path === '/accounts' ? accountsAbout(body, about) : body
}

/** Says why a case can't be replayed; `null` if it can. */
function whyIncomplete ({ store, timeline }: Context, account: string | null): string | null {
  const { start, isLost } = timeline
  if (start.resumed === undefined) return 'the world in the file was too large to be kept as it was at the start'
  if (store.dataVersion() !== start.dataVersion) return 'another process has written to the same file'
  if (isLost(account)) return 'the beginning of the timeline is gone: it went over the limits of the journal, --journal-entries and --journal-bytes'
  return null
}

function whyEmpty (account: string | null, { accounts = [] }: Scenario, steps: number): string | null {
  const isThere = account === null || accounts.some(({ name }) => name === account)
  return isThere || steps > 0 ? null : 'nothing of the account is in the timeline'
}
