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
import { forEachInSlices, inSlices, mapInSlices, type IsWanted } from '../time-slices.js'
import { historyRow } from '../world/history-row.js'
import { collectAliases } from './aliases.js'
import type { Aliases } from './replace-tokens.js'
import { BODY_SHAPES, mapInShape, SCENARIO_SHAPE, START_SHAPE } from './shape.js'
import { named, worldAtStart } from './start-world.js'

/** Version of the format. */
export const CASE_VERSION = 1

/** Saves how the world (`null`), or an account, came to be as it is. Long timelines are written in slices. */
export async function caseOf (context: Context, account: string | null, isWanted?: IsWanted): Promise<Case> {
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
  const end = narrowed(dumpWorld(store, context.activeFaults.list().map(({ active }) => active), at), names)
  // Of this moment: what follows gives way to whatever changes the world.
  const incomplete = whyIncomplete(context, names === null ? null : account, start.scenario, chosen.length)
  const aliases = await aliasesOf(context, start, chosen, end, isWanted)
  const rows = await mapInSlices(chosen, ({ step }) => stepRow(step, chosen, aliases, names, seed), isWanted)
  return {
    case: CASE_VERSION,
    emulator: version,
    saved_at: instantText(at),
    account,
    incomplete,
    seed,
    ...Object.keys(timeline.start.paths).length > 0 && { paths: timeline.start.paths },
    start: await mapInShape(start, START_SHAPE, aliases.in, isWanted),
    timeline: await withBodies(rows, aliases, isWanted),
    end: { at: instantText(at), scenario: await mapInShape(end, SCENARIO_SHAPE, aliases.in, isWanted) }
  }
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
