import { isDeepStrictEqual } from 'node:util'
import type { Scenario } from '../../src/contract/scenario.js'
import { parseInstant, type Instant } from '../../src/domain/clock.js'
import { dueAt } from '../../src/domain/project.js'
import { Problem } from '../../src/problem.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario, type Overrides, type Seed } from '../../src/scenario/read.js'
import { openStore, type Store } from '../../src/store/index.js'

export const PLANS = bundledPlans()
export const MACHINE_TIME = instant('2026-03-01T08:00:00Z')

export function read (input: unknown, overrides?: Overrides, seed = 1): Seed {
  return readScenario(input, { plans: PLANS, machineTime: MACHINE_TIME, seed, ...overrides && { overrides } })
}

export function instant (text: string): Instant {
  return parseInstant(text)!
}

export function problemOf (act: () => unknown): Problem {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

export const world = (...accounts: unknown[]): unknown => ({ accounts })
export const projects = (...projects: unknown[]): unknown => world({ projects })
export const subscriptions = (...subscriptions: unknown[]): unknown => projects({ project_id: 1, subscriptions })
export const S = '/accounts/0/projects/0/subscriptions'
export const OPENING = { at: '2020-06-16T12:00:00Z', kind: 'opening', amount: '10', balance: '10' }
export const booked = (...entries: object[]): unknown => world({ ledger: [OPENING, ...entries] })
export const failing = (fault: object): unknown => ({ faults: [{ kind: 'hang', ...fault }] })

export function loaded (seed: Seed, file = ':memory:'): Store {
  const store = openStore(file)
  store.transaction(() => loadSeed(store, seed))
  return store
}

export function asJson (value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** Compares a store with what was put into it. */
export function differences (store: Store, seed: Seed): string[] {
  const found: Array<readonly [name: string, holds: boolean]> = [
    ['world', isDeepStrictEqual(store.world.find(), { starts: 0, clock: seed.clock, settings: seed.settings })],
    ['the history', isDeepStrictEqual(store.history.list(null), seed.history)],
    ['plans', isDeepStrictEqual(store.plans.list(), seed.plans)],
    ['accounts', store.accounts.count() === seed.accounts.length],
    ['projects', store.projects.count() === seed.accounts.reduce((sum, { projects }) => sum + projects.length, 0)]
  ]
  for (const { account, record, entries, history, projects } of seed.accounts) {
    const { accountId, dueAt: dueFrom, ...there } = store.accounts.findByToken(account.token) ?? { accountId: 0, dueAt: null }
    found.push([`account ${account.name}`, isDeepStrictEqual(there, account)])
    found.push([`when something is due of ${account.name}`, projects.every(project => (dueAt(project) ?? Infinity) >= (dueFrom ?? Infinity))])
    found.push([`the record of ${account.name}`, accountId > 0 && isDeepStrictEqual(store.accounts.findRecord(accountId), asJson(record))])
    found.push([`the ledger of ${account.name}`, isDeepStrictEqual(store.ledger.list(accountId), entries)])
    found.push([`the history of ${account.name}`, isDeepStrictEqual(store.history.list(accountId), history)])
    for (const project of projects) {
      const subscriptions = [...project.subscriptions].sort((a, b) => a.service - b.service)
      found.push([`project ${project.projectId}`, isDeepStrictEqual(store.projects.find(accountId, project.projectId), { ...project, subscriptions })])
    }
  }
  return found.filter(([, holds]) => !holds).map(([name]) => name)
}

export const EXAMPLE: Scenario = {
  clock: { mode: 'running', at: '2020-06-16T12:00:00Z' },
  settings: { wire: { types: 'sample' }, assumptions: { 'same-plan': 'refuse' }, strict: false },
  plans: [{ plan_id: 2, name: 'Phone Automation Small', service: 1, price: '5', cycle: 'month' }],
  accounts: [
    {
      name: 'demo',
      token: '132321343dsfsdf',
      balance: '100',
      projects: [
        { project_id: 5786, project_name: 'api test project1', project_status: 'Active', subscriptions: [{ service: 1, plan_id: 1 }] }
      ]
    }
  ]
}
