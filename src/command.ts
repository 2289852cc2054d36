import closeWithGrace from 'close-with-grace'
import { parseArgs } from 'node:util'
import { readConfig, SETTINGS, type Config } from './config.js'
import { parseDuration } from './duration.js'
import { start, type Started } from './emulator.js'
import { healthOf, waitForHealth } from './health.js'
import { helpText } from './help.js'
import { nearest } from './nearest.js'
import { bundledPlans, readOptions } from './options.js'
import { version } from './package.js'
import { flawsOf, Problem } from './problem.js'
import { flawLines, readJsonFile, scenarioFile } from './scenario/file.js'
import { readScenario } from './scenario/read.js'

/** How long a stop may take, in milliseconds, before the process ends all the same. */
const GRACE = 2000

const COMMANDS = ['serve', 'health', 'check'] as const

type Env = Readonly<Record<string, string | undefined>>

/** Runs the command line and gives the exit code: 0 done, 1 not healthy, 2 the user's mistake, told in one line. */
export async function runCommand (args: readonly string[], env: Env): Promise<number> {
  try {
    return await run(readArguments(args), env)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    process.stderr.write(`picky-emulator: ${error.message}\n`)
    return 2
  }
}

interface Arguments {
  readonly command: string
  readonly operands: readonly string[]
  readonly flags: Readonly<Record<string, string | undefined>>
}

async function run ({ command, operands, flags }: Arguments, env: Env): Promise<number> {
  if (flags.help !== undefined) return say(helpText())
  if (flags.version !== undefined) return say(version)
  if (command !== 'check') refuseOperands(command, operands)
  if (flags.wait !== undefined && command !== 'health') throw new Problem('--wait goes with the command health')
  switch (command) {
    case 'serve': return await serve(readConfig(flags, env))
    case 'health': return await health(readConfig(flags, env), flags.wait)
    case 'check': return check(operands)
    default: throw new Problem(`there is no command ${JSON.stringify(command)}; there are ${COMMANDS.join(', ')}${suggestion(command, COMMANDS)}`)
  }
}

async function serve ({ options, nameOf, isGiven, unknown }: Config): Promise<number> {
  for (const name of unknown) process.stderr.write(`picky-emulator: passed over an environment variable that is no setting: ${name}\n`)
  const emulator = await start(options, nameOf)
  if (emulator.resumed && isGiven('scenario')) process.stderr.write(`picky-emulator: ${nameOf('scenario')} was passed over: ${String(options.db)} holds a world already; use another file, or PUT /__admin/state\n`)
  if (emulator.isExposed) process.stderr.write(EXPOSED)
  closeWithGrace({ delay: GRACE }, emulator.stop)
  return say(banner(emulator, String(options.db), String(options.scenario)))
}

const EXPOSED = `picky-emulator: WARNING: it listens beyond this machine without --admin-token: whoever can reach it can read its tokens and change its world
`

function banner ({ urls, clock, resumed, sample, url }: Started, db: string, scenario: string): string {
  const runs = { system: "the machine's time", running: `running from ${clock.at}`, frozen: 'frozen' }[clock.mode]
  const world = resumed ? `resumed from ${db}` : `scenario ${scenario}, in ${db}`
  return [
    `picky-assist-emulator ${version}, an unofficial stand-in for Picky Assist's Project Management API`,
    `  listening  ${urls.join('  ')}`,
    `  clock      ${clock.now} (${runs}): the API is ${clock.api}`,
    `  world      ${world}`,
    `  try        curl -s ${url}${sample.path} -d '${JSON.stringify(sample.body).replaceAll("'", "'\\''")}'`,
    `  answers    ${JSON.stringify(sample.answer)}`
  ].join('\n')
}

async function health ({ options, nameOf }: Config, wait: string | undefined): Promise<number> {
  const patience = wait === undefined ? 0 : parseDuration(wait)
  if (patience === undefined) throw new Problem(`--wait is wrong: found ${JSON.stringify(wait)}, expected a duration such as 500ms, 10s or 1m`)
  const { hosts: [host], port } = readOptions({ host: options.host!, port: options.port! }, nameOf)
  const { ready, says } = await waitForHealth(() => healthOf(host!, port), patience)
  say(says)
  return ready ? 0 : 1
}

function check (operands: readonly string[]): number {
  const [given, ...more] = operands
  if (given === undefined || more.length > 0) throw new Problem('check takes one file: picky-emulator check FILE')
  const file = readJsonFile(scenarioFile(given))
  try {
    const { accounts } = readScenario(file.value, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 })
    const projects = accounts.reduce((sum, account) => sum + account.projects.length, 0)
    return say(`${file.path}: a scenario with ${counted(accounts.length, 'account')} and ${counted(projects, 'project')}, nothing wrong`)
  } catch (error) {
    process.stderr.write(`${flawLines(file, flawsOf(error)).join('\n')}\n`)
    return 2
  }
}

function counted (count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function readArguments (args: readonly string[]): Arguments {
  const settings = Object.entries(SETTINGS).map(([flag, { value }]) => [flag, { type: value === undefined ? 'boolean' : 'string', multiple: true }] as const)
  const options = {
    ...Object.fromEntries(settings),
    wait: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h', multiple: true },
    version: { type: 'boolean', short: 'v', multiple: true }
  } as const
  try {
    const { values, positionals: [command = 'serve', ...operands] } = parseArgs({ args: [...args], options, allowPositionals: true })
    return { command, operands, flags: Object.fromEntries(Object.entries(values).map(([flag, given]) => [flag, joined(flag, given!)])) }
  } catch (error) {
    throw new Problem(argumentFlaw(error as NodeJS.ErrnoException, Object.keys(options)))
  }
}

/** A list that comes in several flags is one list; of any other flag the last one counts. */
function joined (flag: string, given: ReadonlyArray<string | boolean>): string {
  return SETTINGS[flag]?.list === true ? given.join(',') : String(given.at(-1))
}

function argumentFlaw ({ code, message }: NodeJS.ErrnoException, flags: readonly string[]): string {
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return message.split('\n')[0]!
  const flag = /--?([^'=\s]+)/.exec(message)![1]!
  return `there is no option --${flag}${suggestion(flag, flags, '--')}; --help lists them`
}

function refuseOperands (command: string, operands: readonly string[]): void {
  if (operands.length > 0) throw new Problem(`${command} takes no ${JSON.stringify(operands[0])}`)
}

function suggestion (name: string, known: readonly string[], prefix = ''): string {
  const meant = nearest(name, known)
  return meant === undefined ? '' : `; did you mean ${prefix}${meant}?`
}

function say (text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}
