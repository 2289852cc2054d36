import type { Case, CaseControlCall, CaseStart, CaseStep } from '../contract/case.js'
import type { Scenario, ScenarioAccount } from '../contract/scenario.js'
import { instantText } from '../domain/clock.js'
import { entryWithout } from '../journal/entry.js'
import { version } from '../package.js'
import type { Context } from '../runtime/context.js'
import type { TimelineCall, TimelineStep } from '../runtime/timeline.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { dumpWorld } from '../scenario/dump.js'
import { scenarioIn } from '../scenario/read.js'
import { jsonPieces } from '../text/json-pieces.js'
import { forEachInSlices, inSlices, mapInSlices, type IsWanted } from '../time-slices.js'
import { historyRow } from '../world/history-row.js'
import { collectAliases } from './aliases.js'
import type { Aliases } from './replace-tokens.js'
import { BODY_SHAPES, END_SHAPE, mapInShape, START_SHAPE } from './shape.js'
import { named, worldAtStart } from './start-world.js'

/** Version of the format. */
export const CASE_VERSION = 1

/** Saves how the world (`null`), or an account, came to be as it is. Long timelines are written in slices. */
export async function caseOf (context: Context, account: string | null, isWanted?: IsWanted): Promise<Case> {
  const { head, start, rows, end, aliases } = await gather(context, account, isWanted)
  return {
    ...head,
    start: await mapInShape(start, START_SHAPE, aliases.in, isWanted),
    timeline: await withBodies(await mapInSlices(rows, row => row, isWanted), aliases, isWanted),
    end: await mapInShape(end, END_SHAPE, aliases.in, isWanted)
  }
}

/** JSON text of a case, in pieces, and whether the account that it is about has been in the world. */
export interface CasePieces {
  readonly pieces: readonly string[]
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
      const { body, ...rest } = row as CaseControlCall
      yield body === undefined ? JSON.stringify(row) : `${JSON.stringify(rest).slice(0, -1)},"body":`
      if (body !== undefined) yield * jsonPieces(body, BODY_SHAPES.get(rest.path), '', aliases.in)
      if (body !== undefined) yield '}'
      before = ','
    }
    yield `${before === ',' ? '' : before}],"end":`
    yield * jsonPieces(end, END_SHAPE, '', aliases.in)
    yield '}'
  }
  return { pieces: await mapInSlices(all(), piece => piece, isWanted), isKnown }
}

/** Gathers the parts of a case as they are at this moment: its worlds and the bodies of its calls still with their tokens. */
async function gather (context: Context, account: string | null, isWanted: IsWanted | undefined) {
  const { store, timeline, machineTime, seed } = context
  store.flush()
  bringAllUpToDate(context)
  const at = machineTime()
  const { first, steps } = timeline.steps()
  const told = steps.map((step, index) => ({ step, position: first + index })).filter(({ step }) => isTold(step))
  const names = account === null || hasFaultOfAll(context, told) ? null : accountsBehind(account, told)
  const chosen = told.filter(({ step }) => names === null || isAbout(step, names))
  const whole = worldAtStart(context)
  const start = { ...whole, scenario: narrowed(whole.scenario, names) }
  const end = { at: instantText(at), scenario: narrowed(dumpWorld(store, context.activeFaults.list().map(({ active }) => active), at), names) }
  const isKnown = account === null || chosen.some(({ step }) => isOf(step, account)) || store.accounts.findByName(account) !== undefined
  const head = {
    case: CASE_VERSION,
    emulator: version,
    saved_at: instantText(at),
    account,
    incomplete: whyIncomplete(context, names === null ? null : account, start.scenario, chosen.length),
    seed,
    ...Object.keys(timeline.start.paths).length > 0 && { paths: timeline.start.paths }
  } as const
  // From here on the world may change.
  const aliases = await aliasesOf(context, start, chosen, end.scenario, isWanted)
  function * rows (): Iterable<CaseStep> {
    for (const { step } of chosen) yield stepRow(step, chosen, aliases, names, seed)
  }
  return { head, start, rows: rows(), end, aliases, isKnown }
}

/** Leaves out calls that changed nothing, and requests that failed. */
function isTold (step: TimelineStep): boolean {
  return step.kind === 'request' ? step.recorded !== null : step.kind !== 'call' || !step.isVoid
}

/** Tells whether a fault counted the requests of all accounts: then the requests of one can't be told without those of the others. */
function hasFaultOfAll ({ timeline: { start } }: Context, told: readonly Placed[]): boolean {
  const isOfAll = (step: TimelineStep): boolean => step.kind === 'call' && step.fault !== undefined && step.accounts.length === 0
  return start.faults.some(({ fault }) => fault.account === undefined) || told.some(({ step }) => isOfAll(step))
}

/** Gives the names of an account, and of those that it was copied from. */
function accountsBehind (account: string, told: readonly Placed[]): ReadonlySet<string> {
  const names = new Set([account])
  for (const { step } of [...told].reverse()) {
    if (step.kind !== 'call' || step.path !== '/accounts') continue
    for (const { name, copy_of: source } of [step.body].flat() as Made[]) if (source !== undefined && names.has(name!)) names.add(source)
  }
  return names
}

/** A step, and its position in the whole timeline. */
interface Placed { readonly step: TimelineStep, readonly position: number }

interface Made { readonly name?: string, readonly copy_of?: string }

/** Tells whether a step names an account, unlike what is about the world. */
function isOf (step: TimelineStep, account: string): boolean {
  return (step.kind !== 'call' || step.accounts.length > 0) && isAbout(step, new Set([account]))
}

function isAbout (step: TimelineStep, names: ReadonlySet<string>): boolean {
  switch (step.kind) {
    case 'request': return step.recorded!.account !== null && names.has(step.recorded!.account)
    case 'call': return step.accounts.length === 0 || step.accounts.some(name => names.has(name))
    case 'events': return step.events.some(event => names.has(event.account))
    case 'removal': return names.has(step.account)
  }
}

/** Leaves out the accounts that a case is not about. */
function narrowed (scenario: Scenario, names: ReadonlySet<string> | null): Scenario {
  if (names === null) return scenario
  const { accounts, faults = [], requests: _, ...world } = scenario
  const kept = faults.filter(({ account }) => account === undefined || names.has(account))
  return {
    ...world,
    ...accounts && { accounts: accounts.filter(({ name }) => names.has(name!)) },
    ...kept.length > 0 && { faults: kept }
  }
}

/** Collects all tokens that occur, in the order in which they came. */
async function aliasesOf (
  { journal, seed }: Context, start: CaseStart, steps: readonly Placed[], end: Scenario, isWanted: IsWanted | undefined
): Promise<Aliases> {
  const { addScenario, stepsOf, addAnswer, addRequest, aliases } = collectAliases()
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
  return aliases(journal.tokens())
}

/** Gives the accounts and projects that a call brings, as a scenario has them. */
function broughtBy ({ path, body, accounts: [name] }: TimelineCall, seed: number): Scenario {
  if (path === '/accounts') return { accounts: [body].flat() as ScenarioAccount[] }
  if (path === '/state') return named(scenarioIn(body, 'end') as Scenario, seed)
  const [, projectId] = /^\/accounts\/[^/]+\/projects\/(\d+)$/.exec(path) ?? []
  return projectId === undefined || body === undefined ? {} : { accounts: [{ name: name!, projects: [{ ...body, project_id: Number(projectId) }] }] }
}

function stepRow (step: TimelineStep, chosen: readonly Placed[], aliases: Aliases, names: ReadonlySet<string> | null, seed: number): CaseStep {
  switch (step.kind) {
    case 'request': {
      const { at, arrived, from, isSendable, recorded } = step
      return {
        step: 'request',
        at: instantText(at),
        ...arrived !== null && { arrived: { before: chosen.findIndex(({ position }) => position >= arrived.position), at: instantText(arrived.at) } },
        from,
        sendable: isSendable,
        request: entryWithout(aliases, recorded!)
      }
    }
    case 'call': return callRow(step, aliases, names, seed)
    case 'events': {
      const events = step.events.filter(({ account }) => names === null || names.has(account))
      return {
        step: 'events',
        events: events.map(event => ({ account: event.account, ...historyRow(event) })),
        total: names === null ? step.total : events.length
      }
    }
    case 'removal': return { step: 'removal', at: instantText(step.at), account: step.account }
  }
}

function callRow (call: TimelineCall, aliases: Aliases, names: ReadonlySet<string> | null, seed: number): CaseControlCall {
  const { at, emulatedAt, accounts, method, path, fault, snapshot } = call
  const body = bodyOf(call, names, seed)
  return {
    step: 'control',
    at: instantText(at),
    emulated_at: instantText(emulatedAt),
    account: accounts.length === 1 ? accounts[0]! : null,
    method,
    path: aliases.in(path),
    ...body !== undefined && { body },
    ...fault !== undefined && { fault },
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
function bodyOf ({ path, body }: TimelineCall, names: ReadonlySet<string> | null, seed: number): unknown {
  if (path === '/state') return narrowed(named(scenarioIn(body, 'end') as Scenario, seed), names)
  return path === '/accounts' && Array.isArray(body) && names !== null ? body.filter(({ name }: Made) => names.has(name!)) : body
}

/** Says why a case can't be replayed; `null` if it can. */
function whyIncomplete ({ store, timeline }: Context, account: string | null, { accounts = [] }: Scenario, steps: number): string | null {
  const { start, isLost } = timeline
  if (start.resumed === undefined) return 'the world in the file was too large to be kept as it was at the start'
  if (store.dataVersion() !== start.dataVersion) return 'another process has written to the same file'
  if (isLost(account)) return 'the beginning of the timeline is gone: it went over the limits of the journal, --journal-entries and --journal-bytes'
  const isThere = account === null || accounts.some(({ name }) => name === account)
  return isThere || steps > 0 ? null : 'nothing of the account is in the timeline'
}
