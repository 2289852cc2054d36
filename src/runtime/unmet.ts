import type { Unmet } from '../contract/control.js'
import type { Account } from '../domain/account.js'
import type { AssumptionName } from '../domain/assumptions.js'
import { instantText, type Clock } from '../domain/clock.js'
import type { ActiveFault } from '../domain/fault.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Store } from '../store/index.js'
import type { ActiveFaults } from './faults.js'
import type { Usage } from './usage.js'

interface Sources {
  readonly store: Pick<Store, 'world'>
  readonly activeFaults: Pick<ActiveFaults, 'list'>
  readonly usage: Pick<Usage, 'isMet' | 'isWorldClockSet'>
}

/** Lists what was set of accounts and never met, and what was set for the world if that is included. */
export function unmetOf ({ store, activeFaults, usage }: Sources, accounts: readonly Account[], isWorldIncluded: boolean): Unmet[] {
  const names = new Set<string | null>(accounts.map(({ name }) => name))
  if (isWorldIncluded) names.add(null)
  const faults = activeFaults.list()
    .filter(({ active: { fault, triggered } }) => triggered === 0 && names.has(fault.account ?? null))
    .map(({ id, active }): Unmet => ({ what: 'fault', account: active.fault.account ?? null, name: id, says: `the fault ${faultText(active)}` }))
  const { clock, settings } = store.world.find()!
  const shared = [...choicesOf(usage, null, settings), ...usage.isWorldClockSet() ? clockOf(usage, null, clock) : []]
  const own = accounts.flatMap(({ name, clock, settings }) => [...choicesOf(usage, name, settings), ...clock === null ? [] : clockOf(usage, name, clock)])
  return [...faults, ...isWorldIncluded ? shared : [], ...own]
}

function faultText ({ fault: { kind, when, endpoint, projectId, planId }, matched }: ActiveFault): string {
  const criteria = [when, endpoint, projectId !== undefined && `project ${projectId}`, planId !== undefined && `plan ${planId}`].filter(Boolean)
  const text = `${kind} (${criteria.join(', ')})`
  return matched === 0
    ? `${text} met no request; send one that it matches, or remove it`
    : `${text} matched ${matched} request${matched === 1 ? '' : 's'} and triggered on none; send more, or change its skip, times or probability`
}

function choicesOf (usage: Pick<Usage, 'isMet'>, account: string | null, { assumptions = {} }: SettingsChange): Unmet[] {
  return (Object.entries(assumptions) as Array<[AssumptionName, string]>)
    .filter(([name]) => !usage.isMet(account, name))
    .map(([name, choice]) => ({
      what: 'assumption', account, name, says: `${name}=${choice} was chosen, and nothing relied on it; send a request that it decides, or leave it open`
    }))
}

function clockOf (usage: Pick<Usage, 'isMet'>, account: string | null, clock: Clock): Unmet[] {
  if (usage.isMet(account, 'clock')) return []
  const name = clock.mode === 'system' ? 'system' : `${clock.mode}:${instantText(clock.at)}`
  return [{
    what: 'clock', account, name, says: `the clock was set to ${name}, and neither a request nor a billing event came by it; send a request, or leave the clock alone`
  }]
}
