import { join } from 'node:path'
import type { Plan } from '../domain/plan.js'
import { packageRoot } from '../package.js'
import { readJsonFile } from './file.js'
import { readPlans } from './plans.js'

/** Names of the bundled scenarios. */
export const BUNDLED_SCENARIOS = ['default', 'edge-cases'] as const

/** Resolves the name of a bundled scenario to its file; anything else is a path already. */
export function scenarioFile (nameOrPath: string): string {
  return BUNDLED_SCENARIOS.some(name => name === nameOrPath) ? bundledFile(nameOrPath) : nameOrPath
}

export function bundledFile (name: string): string {
  return join(packageRoot, 'fixtures', `${name}.json`)
}

let plans: readonly Plan[] | undefined

/** Gives the bundled plan table. Its file is read once: each start asks for it twice, and nothing writes to it. */
export function bundledPlans (): readonly Plan[] {
  plans ??= readPlans(readJsonFile(bundledFile('plans')).value, [])
  return plans
}
