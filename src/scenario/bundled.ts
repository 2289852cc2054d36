import { join } from 'node:path'
import { packageRoot } from '../package.js'
import { readJsonFile } from './file.js'
import { readPlans } from './plans.js'

/** The scenarios that come with the emulator, by name. */
export const BUNDLED_SCENARIOS = ['default', 'edge-cases'] as const

/** The file that a user means by the name of a bundled scenario, or by a path. */
export function scenarioFile (nameOrPath: string): string {
  return BUNDLED_SCENARIOS.some(name => name === nameOrPath) ? bundledFile(nameOrPath) : nameOrPath
}

export function bundledFile (name: string): string {
  return join(packageRoot, 'fixtures', `${name}.json`)
}

/** The plan table that comes with the emulator. */
export function bundledPlans () {
  return readPlans(readJsonFile(bundledFile('plans')).value, [])
}
