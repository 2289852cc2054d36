import { readCase } from '../case/read.js'
import { machineTime } from '../machine.js'
import { issuesOf, Problem } from '../problem.js'
import { bundledPlans, scenarioFile } from '../scenario/bundled.js'
import { issueLines, readJsonFile } from '../scenario/file.js'
import { readScenario } from '../scenario/read.js'
import { counted } from '../text/counted.js'
import { complain, say } from './output.js'

/** Checks a scenario or a case: prints a summary and returns 0, or prints the issues and returns 2. */
export function check (operands: readonly string[]): number {
  const [given, ...more] = operands
  if (given === undefined || more.length > 0) throw new Problem('check takes one file: picky-emulator check FILE')
  const file = readJsonFile(scenarioFile(given))
  const isCase = typeof file.value === 'object' && file.value !== null && Object.hasOwn(file.value, 'case')
  try {
    return say(`${file.path}: ${isCase ? caseText(file.value) : scenarioText(file.value)}`)
  } catch (error) {
    for (const line of issueLines(file, issuesOf(error))) complain(line.replaceAll('\n', '\\n'))
    return 2
  }
}

function scenarioText (value: unknown): string {
  const { accounts } = readScenario(value, { plans: bundledPlans(), machineTime: machineTime(), seed: 1 })
  const projects = accounts.reduce((sum, account) => sum + account.projects.length, 0)
  return `valid scenario with ${counted(accounts.length, 'account')} and ${counted(projects, 'project')}`
}

function caseText (value: unknown): string {
  const { account, incomplete, timeline } = readCase(value)
  const count = (kind: string): number => timeline.filter(({ step }) => step === kind).length
  const whose = account === null ? 'the world' : `account ${account}`
  const can = incomplete === null ? 'it can be replayed' : `it can't be replayed: ${incomplete}`
  return `valid case of ${whose} with ${counted(count('request'), 'request')} and ${counted(count('control'), 'call')}; ${can}`
}
