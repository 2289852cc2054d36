import type { Scenario, ScenarioAccount, ScenarioWire } from '../contract/scenario.js'
import type { StartOptions } from '../contract/start-options.js'
import { scenarioFile } from '../scenario/bundled.js'
import { inFile, readJsonFile } from '../scenario/file.js'
import { collectIssues } from '../scenario/issues.js'
import { ScenarioSchema } from '../scenario/schema.js'

/** Open questions that need not be asked, and the parts of the dialect that were chosen. */
export interface Settled {
  readonly questions: readonly string[]
  readonly wire: ScenarioWire
}

/**
 * Tells what the options of every run settle: themselves, or by the settings of their scenario, over which they go. A question is settled as
 * well if each account has its own choice: the scenario's accounts, or the only one of a run. Throws a `Problem` if the scenario is none.
 */
export function settledBy ({ scenario = 'default', assume, wire }: StartOptions, account?: ScenarioAccount): Settled {
  const { settings, accounts = [] } = typeof scenario === 'string' ? inScenarioFile(scenario) : checkedScenario(scenario)
  const [first = [], ...others] = (account === undefined ? accounts : [account]).map(({ settings }) => Object.keys(settings?.assumptions ?? {}))
  const byEach = first.filter(name => others.every(names => names.includes(name)))
  return {
    questions: [...new Set([...Object.keys({ ...settings?.assumptions, ...assume }), ...byEach])],
    wire: { ...settings?.wire, ...wire, ...account?.settings?.wire }
  }
}

function inScenarioFile (nameOrPath: string): Scenario {
  return inFile(readJsonFile(scenarioFile(nameOrPath)), checkedScenario)
}

function checkedScenario (value: unknown): Scenario {
  return collectIssues('the scenario').check(ScenarioSchema, value)
}
