import type { CaseStart } from '../contract/case.js'
import type { Scenario, ScenarioAccount } from '../contract/scenario.js'
import { instantText } from '../domain/clock.js'
import type { Context } from '../runtime/context.js'
import type { TimelineStart } from '../runtime/timeline.js'
import { dumpWorld } from '../scenario/dump.js'
import { faultRow } from '../scenario/faults.js'
import { readCopy } from '../store/index.js'
import { deriveMasterToken } from '../world/generated.js'

/** Gives the world that the timeline begins with. Accounts have names and tokens, which a scenario may leave out. */
export function worldAtStart ({ store, timeline: { start }, seed }: Context): CaseStart {
  const at = instantText(start.at)
  if (Buffer.isBuffer(start.resumed)) return { at, ...resumedWorld(start.resumed, start, seed) }
  const origin = named(store.world.findScenario() as Scenario, seed)
  const faults = start.faults.map(fault => faultRow(fault, start.at))
  const { faults: ofScenario = [] } = origin
  return faults.length === ofScenario.length ? { at, scenario: origin } : { at, scenario: { ...origin, faults }, reset_to: origin }
}

function resumedWorld (copy: Buffer, { faults, at }: TimelineStart, seed: number): Omit<CaseStart, 'at'> {
  return readCopy(copy, past => ({
    scenario: dumpWorld(past, faults, at),
    reset_to: named(past.world.findScenario() as Scenario, seed),
    initial: past.accounts.list().map(({ accountId, token }) => ({ ...past.accounts.findRecord(accountId).origin as ScenarioAccount, token }))
  }))
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
