import type { Scenario } from '../contract/scenario.js'
import type { TimelineStart, TimelineStep } from '../runtime/timeline.js'

/** A step, and its position in the whole timeline. */
export interface Placed { readonly step: TimelineStep, readonly position: number }

/** Accounts that a case is about, by their names; `null` for all. */
export type About = ReadonlySet<string> | null

/** Account as a call has made it. */
interface Made { readonly name?: string, readonly copy_of?: string }

/** Gives the accounts that the case of an account (`null`: of the world) has to be about. */
export function accountsFor (account: string | null, start: TimelineStart, told: readonly Placed[]): About {
  return account === null || hasFaultOfAll(start, told) ? null : accountsBehind(account, told)
}

/** Tells whether a fault counted the requests of all accounts: then the requests of one can't be told without those of the others. */
function hasFaultOfAll ({ faults }: TimelineStart, told: readonly Placed[]): boolean {
  const isOfAll = (step: TimelineStep): boolean => step.kind === 'call' && step.faults.some(({ account }) => account === undefined)
  return faults.some(({ fault }) => fault.account === undefined) || told.some(({ step }) => isOfAll(step))
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

/** Tells whether a step is about any of the accounts. */
export function isAbout (step: TimelineStep, about: About): boolean {
  if (about === null) return true
  switch (step.kind) {
    case 'request': return step.recorded!.account !== null && about.has(step.recorded!.account)
    case 'call': return step.accounts.length === 0 || step.accounts.some(name => about.has(name))
    // A look at all of them may have brought more than is listed.
    case 'events': return step.account === null ? step.total > step.events.length || step.events.some(({ account }) => about.has(account)) : about.has(step.account)
    case 'removal': return about.has(step.account)
  }
}

/** Leaves out of a world the accounts that a case is not about. */
export function narrowed (scenario: Scenario, about: About): Scenario {
  if (about === null) return scenario
  const { accounts, faults = [], requests = [], ...world } = scenario
  const kept = faultsAbout(faults, about)
  const own = requests.filter(({ account }) => account !== null && about.has(account))
  return {
    ...world,
    ...accounts && { accounts: accounts.filter(({ name }) => about.has(name!)) },
    ...kept.length > 0 && { faults: kept },
    ...own.length > 0 && { requests: own }
  }
}

/** Leaves out a call's body, or the accounts in it, that a case is not about. */
export function accountsAbout <T> (body: T, about: About): T | Made[] {
  return Array.isArray(body) && about !== null ? (body as Made[]).filter(({ name }) => about.has(name!)) : body
}

/** Leaves out the faults of accounts that a case is not about. */
export function faultsAbout <T extends { readonly account?: string | undefined }> (faults: readonly T[], about: About): readonly T[] {
  return faults.filter(({ account }) => account === undefined || about === null || about.has(account))
}
