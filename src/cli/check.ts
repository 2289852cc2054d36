import { machineTime } from '../machine.js'
import { issuesOf, Problem } from '../problem.js'
import { bundledPlans, scenarioFile } from '../scenario/bundled.js'
import { issueLines, readJsonFile } from '../scenario/file.js'
import { readScenario } from '../scenario/read.js'
import { counted } from '../text/counted.js'
import { complain, say } from './output.js'

/** Checks a scenario file: prints a summary and returns 0, or prints its issues and returns 2. */
export function check (operands: readonly string[]): number {
  const [given, ...more] = operands
  if (given === undefined || more.length > 0) throw new Problem('check takes one file: picky-emulator check FILE')
  const file = readJsonFile(scenarioFile(given))
  try {
    const { accounts } = readScenario(file.value, { plans: bundledPlans(), machineTime: machineTime(), seed: 1 })
    const projects = accounts.reduce((sum, account) => sum + account.projects.length, 0)
    return say(`${file.path}: valid scenario with ${counted(accounts.length, 'account')} and ${counted(projects, 'project')}`)
  } catch (error) {
    for (const line of issueLines(file, issuesOf(error))) complain(line.replaceAll('\n', '\\n'))
    return 2
  }
}
