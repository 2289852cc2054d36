import type { CaseStart } from '../contract/case.js'
import type { Scenario, ScenarioAccount } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import { instantText, type Instant } from '../domain/clock.js'
import type { ActiveFault } from '../domain/fault.js'
import type { Context } from '../runtime/context.js'
import type { TimelineStart } from '../runtime/timeline.js'
import { dumpInSlices, dumpWorld } from '../scenario/dump.js'
import { faultRow } from '../scenario/faults.js'
import { openCopied, type Tables } from '../store/index.js'
import { parsingJson } from '../text/json-parts.js'
import { doInSlices, forEachInSlices, type IsWanted } from '../time-slices.js'
import { deriveMasterToken, generatedName } from '../world/generated.js'
import type { About } from './about.js'

/**
 * Gives the world that the timeline begins with, in slices, with the accounts that a case is about. Accounts have names and tokens, which a
 * scenario may leave out.
 */
export async function worldAtStart ({ store, timeline: { start }, seed }: Context, about: About, isWanted?: IsWanted): Promise<CaseStart> {
  const { at, faults, resumed } = start
  if (Buffer.isBuffer(resumed)) {
    const { tables, close } = openCopied(resumed)
    return await pastStart(tables, start, seed, about, isWanted).finally(close)
  }
  const origin = await originOf(store, seed, about, isWanted)
  const { faults: ofScenario = [] } = origin
  return faults.length === ofScenario.length
    ? { at: instantText(at), scenario: origin }
    : { at: instantText(at), scenario: { ...origin, faults: faults.map(fault => faultRow(fault, at)) }, reset_to: origin }
}

/** Does for a world that is kept what `startWith` does. */
async function pastStart (past: Tables, { at, faults }: TimelineStart, seed: number, about: About, isWanted?: IsWanted): Promise<CaseStart> {
  const initial: ScenarioAccount[] = []
  await forEachInSlices(past.accounts.listInParts(), part => {
    for (const account of part) if (about === null || about.has(account.name)) initial.push(initialOf(past, account))
  }, isWanted)
  return {
    at: instantText(at),
    scenario: await dumpInSlices(past, faults, at, about, isWanted),
    reset_to: await originOf(past, seed, about, isWanted),
    initial
  }
}

/** Gives the scenario that a reset returns to, in the same way. Its text, which never changes, is read at once. */
async function originOf ({ world }: Tables, seed: number, about: About, isWanted?: IsWanted): Promise<Scenario> {
  const origin = await doInSlices(parsingJson(world.scenarioText()), isWanted) as Scenario
  if (origin.accounts === undefined) return origin
  const accounts: ScenarioAccount[] = []
  await forEachInSlices(origin.accounts.entries(), ([index, account]) => {
    if (about === null || about.has(nameOf(account, index))) accounts.push(namedAccount(account, index, seed))
  }, isWanted)
  return { ...origin, accounts }
}

/** Makes a start of the world as it is in a store. */
export function startWith (store: Tables, faults: readonly ActiveFault[], at: Instant, seed: number): CaseStart {
  return {
    at: instantText(at),
    scenario: dumpWorld(store, faults, at),
    reset_to: named(store.world.findScenario() as Scenario, seed),
    initial: store.accounts.list().map(account => initialOf(store, account))
  }
}

function initialOf ({ accounts }: Tables, { accountId, token }: Account): ScenarioAccount {
  return { ...accounts.findRecord(accountId).origin as ScenarioAccount, token }
}

/** Names accounts and their tokens, which a scenario may leave out. */
export function named (scenario: Scenario, seed: number): Scenario {
  const { accounts } = scenario
  return accounts === undefined ? scenario : { ...scenario, accounts: accounts.map((account, index) => namedAccount(account, index, seed)) }
}

function namedAccount (account: ScenarioAccount, index: number, seed: number): ScenarioAccount {
  const name = nameOf(account, index)
  return { ...account, name, token: account.token ?? deriveMasterToken(name, seed) }
}

function nameOf ({ name }: ScenarioAccount, index: number): string {
  return name ?? generatedName(index + 1)
}
