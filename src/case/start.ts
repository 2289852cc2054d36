import type { CaseStart } from '../contract/case.js'
import type { Scenario, ScenarioAccount } from '../contract/scenario.js'
import { instantText, type Instant } from '../domain/clock.js'
import type { ActiveFault } from '../domain/fault.js'
import type { Context } from '../runtime/context.js'
import { dumpWorld } from '../scenario/dump.js'
import { faultRow } from '../scenario/faults.js'
import { readCopy, type Tables } from '../store/index.js'
import { deriveMasterToken } from '../world/generated.js'

/** Gives the world that the timeline begins with. Accounts have names and tokens, which a scenario may leave out. */
export function worldAtStart ({ store, timeline: { start }, seed }: Context): CaseStart {
  const { at, faults, resumed } = start
  if (Buffer.isBuffer(resumed)) return readCopy(resumed, past => startWith(past, faults, at, seed))
  const origin = named(store.world.findScenario() as Scenario, seed)
  const { faults: ofScenario = [] } = origin
  return faults.length === ofScenario.length
    ? { at: instantText(at), scenario: origin }
    : { at: instantText(at), scenario: { ...origin, faults: faults.map(fault => faultRow(fault, at)) }, reset_to: origin }
}

/** Makes a start of the world as it is in a store. */
export function startWith (store: Tables, faults: readonly ActiveFault[], at: Instant, seed: number): CaseStart {
  return {
    at: instantText(at),
    scenario: dumpWorld(store, faults, at),
    reset_to: named(store.world.findScenario() as Scenario, seed),
    initial: store.accounts.list().map(({ accountId, token }) => ({ ...store.accounts.findRecord(accountId).origin as ScenarioAccount, token }))
  }
}

/** Names accounts and their tokens, which a scenario may leave out, and leaves out the rows of the bundled plan table. */
export function named (scenario: Scenario, seed: number): Scenario {
  if (scenario.accounts === undefined) return scenario
  const accounts = scenario.accounts.map((account, index) => {
    const name = account.name ?? `account-${index + 1}`
    return { ...account, name, token: account.token ?? deriveMasterToken(name, seed) }
  })
  return { ...scenario, accounts }
}
