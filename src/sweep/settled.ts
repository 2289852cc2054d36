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
  /** Parts of the dialect that each account of the scenario has for itself, so that no run reaches another one. */
  readonly fixed: readonly string[]
}

/**
 * Tells what the options of every run settle: themselves, or by the settings of their scenario, over which they go. A question is settled as
 * well if each account has its own choice: the scenario's accounts, or the only one of a run, in which a run may change what its account has.
 * Throws a `Problem` if the scenario is none.
 */
export function settledBy ({ scenario = 'default', assume, wire }: StartOptions, account?: ScenarioAccount): Settled {
  const { settings, accounts = [] } = typeof scenario === 'string' ? inScenarioFile(scenario) : checkedScenario(scenario)
  const byEach = ofEach((account === undefined ? accounts : [account]).map(({ settings }) => settings?.assumptions))
  return {
    questions: [...new Set([...Object.keys({ ...settings?.assumptions, ...assume }), ...byEach])],
    wire: { ...settings?.wire, ...wire, ...account?.settings?.wire },
    fixed: account === undefined ? ofEach(accounts.map(({ settings }) => settings?.wire)) : []
  }
}

/** Gives the keys that all of them have. */
function ofEach (all: ReadonlyArray<object | undefined>): string[] {
  const [first = [], ...others] = all.map((one = {}) => Object.keys(one))
  return first.filter(key => others.every(keys => keys.includes(key)))
}

function inScenarioFile (nameOrPath: string): Scenario {
  return inFile(readJsonFile(scenarioFile(nameOrPath)), checkedScenario)
}

function checkedScenario (value: unknown): Scenario {
  return collectIssues('the scenario').check(ScenarioSchema, value)
}
