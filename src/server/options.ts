import type { Access } from '../admin/guard.js'
import { ENDPOINTS, MOVABLE, type Paths } from '../api/index.js'
import type { Scenario, ScenarioClock, ScenarioPlan } from '../contract/scenario.js'
import { LOG_LEVELS, type LogLevel, type StartOptions } from '../contract/start-options.js'
import { parseInstant, type ClockSetting } from '../domain/clock.js'
import type { SettingsChange } from '../domain/settings.js'
import type { JournalLimits } from '../journal/journal.js'
import { Problem, type Issue } from '../problem.js'
import { bundledPlans } from '../scenario/bundled.js'
import { readClock } from '../scenario/clock.js'
import { inFile, readJsonFile } from '../scenario/file.js'
import { schemaIssues, throwIfInvalid } from '../scenario/issues.js'
import { readPlans } from '../scenario/plans.js'
import type { Overrides } from '../scenario/read.js'
import { ClockSchema, SettingsSchema } from '../scenario/schema.js'
import { readSettings } from '../scenario/settings.js'
import { IN_MEMORY } from '../store/database.js'
import { LOOPBACK, urlOf } from '../text/address.js'
import { nearest } from '../text/nearest.js'

export type { StartOptions } from '../contract/start-options.js'

/** The options, checked, in the program's terms. */
export interface CheckedOptions {
  readonly hosts: readonly string[]
  readonly port: number
  readonly db: string
  readonly scenario: string | Scenario
  readonly overrides: Overrides
  readonly logLevel: LogLevel
  readonly seed: number
  readonly access: Access
  readonly journal: JournalLimits
  readonly paths: Paths
  readonly hasConsole: boolean
}

export type OptionName = keyof StartOptions

/** Checks options, or throws a `Problem` that calls the wrong one as `nameOf` does: an option, a flag, an environment variable. */
export function readOptions (options: StartOptions, nameOf: (option: OptionName) => string = name => `the option ${name}`): CheckedOptions {
  refuseUnknown(options)
  const { db = IN_MEMORY, scenario = 'default', logLevel = 'silent' } = options
  if (!LOG_LEVELS.includes(logLevel)) refuse('logLevel', logLevel, `one of ${LOG_LEVELS.join(', ')}`)
  if (typeof db !== 'string' || db === '') refuse('db', db, 'a file, or :memory:')
  if (options.plans === '') refuse('plans', options.plans, 'a file of rows of the plan table')
  if (scenario === '') refuse('scenario', scenario, 'a file, or the name of a bundled scenario')
  return {
    hosts: readHosts(),
    port: readWhole('port', 0, 0, 65_535),
    db,
    scenario,
    overrides: readOverrides(),
    logLevel,
    seed: readWhole('seed', 1, 0, 0xffff_ffff),
    access: readAccess(),
    journal: { entries: readWhole('journalEntries', 10_000, 0, 10_000_000), bytes: readWhole('journalBytes', 67_108_864, 0, 2 ** 40) },
    paths: readPaths(),
    hasConsole: readSwitch('console', true)
  }

  /** Only those endpoints have a path to set of which none is known, and no two may have the same. */
  function readPaths (): Paths {
    if (typeof (options.paths ?? {}) !== 'object') refuse('paths', options.paths, 'an object such as {"set-webhook":"/pm/webhook"}')
    const given = Object.entries(options.paths ?? {})
    for (const [name, path] of given) {
      if (!MOVABLE.includes(name)) refuse('paths', name, `one of ${MOVABLE.join(', ')}; the paths of the other endpoints are known`)
      if (typeof path !== 'string' || (path !== 'off' && !PATH.test(path))) refuse('paths', path, 'a path below the API\'s, such as /pm/webhook, or off')
    }
    const paths = Object.fromEntries(given.map(([name, path]) => [name, path === 'off' ? null : path]))
    const taken = ENDPOINTS.map(({ name, path }) => Object.hasOwn(paths, name) ? paths[name] : path).filter(path => path !== null)
    const twice = taken.find((path, index) => taken.indexOf(path) !== index)
    return twice === undefined ? paths : refuse('paths', twice, 'a path that no other endpoint has')
  }

  function readHosts (): readonly string[] {
    const hosts = options.host === undefined ? LOOPBACK : [options.host].flat()
    if (hosts.length === 0 || hosts.some(host => typeof host !== 'string' || host.trim() === '')) refuse('host', options.host, 'an address such as 127.0.0.1, or several with commas between them')
    return hosts
  }

  function readWhole (option: 'port' | 'seed' | 'journalEntries' | 'journalBytes', fallback: number, least: number, most: number): number {
    const given = options[option] ?? fallback
    return Number.isInteger(given) && given >= least && given <= most ? given : refuse(option, given, `a whole number from ${least} to ${most}${option === 'port' ? '; 0 picks a free port' : ''}`)
  }

  function readSwitch (option: 'console', fallback: boolean): boolean {
    const given = options[option] ?? fallback
    return typeof given === 'boolean' ? given : refuse(option, given, 'true or false')
  }

  function readAccess (): Access {
    const { adminToken = null } = options
    const hosts = [options.allowHost ?? []].flat()
    if (adminToken !== null && (typeof adminToken !== 'string' || !HEADER_TEXT.test(adminToken))) refuse('adminToken', '[redacted]', 'a text of ASCII characters without space around it')
    if (hosts.some(host => typeof host !== 'string' || !HOST.test(host))) refuse('allowHost', options.allowHost, 'a host name without a port, or several with commas between them')
    return { token: adminToken, hosts: [...hosts, ...ownNames()] }
  }

  /** What it was told to listen on, it may be called by, as a URL writes it. */
  function ownNames (): string[] {
    const urls = options.host === undefined ? [] : readHosts().map(host => urlOf(host, 0))
    return [...new Set(urls.filter(url => URL.canParse(url)).map(url => new URL(url).hostname))]
  }

  function readOverrides (): Overrides {
    const settings = readSettingsOptions()
    return {
      ...options.clock !== undefined && { clock: readClockOption(options.clock) },
      ...Object.keys(settings).length > 0 && { settings },
      ...options.plans !== undefined && { plans: readPlansOption(options.plans) }
    }
  }

  function readClockOption (given: string | ScenarioClock): ClockSetting {
    const name = nameOf('clock')
    if (typeof given === 'string') {
      if (given === 'system') return { mode: 'system' }
      const [, mode = 'running', text = given] = /^(running|frozen):(.*)$/.exec(given) ?? []
      const at = parseInstant(text) ?? refuse('clock', given, 'system, an instant to run from such as 2023-01-31T23:59:59Z, or frozen:INSTANT')
      return { mode: mode as 'running' | 'frozen', at }
    }
    throwIfInvalid(name, schemaIssues(ClockSchema, given))
    const issues: Issue[] = []
    const clock = readClock(given, '', issues)
    throwIfInvalid(name, issues)
    return clock!
  }

  function readSettingsOptions (): SettingsChange {
    const { wire, assume: assumptions, strict, cutoff } = options
    return {
      ...wire && readPart('wire', { wire }),
      ...assumptions && readPart('assume', { assumptions }),
      ...strict !== undefined && readPart('strict', { strict }),
      ...cutoff !== undefined && readPart('cutoff', { cutoff })
    }
  }

  function readPart (option: OptionName, part: object): SettingsChange {
    throwIfInvalid(nameOf(option), schemaIssues(SettingsSchema, part))
    const issues: Issue[] = []
    const change = readSettings(part, '', issues)
    throwIfInvalid(nameOf(option), issues)
    return change
  }

  function readPlansOption (given: string | readonly ScenarioPlan[]): readonly ScenarioPlan[] {
    const bundled = bundledPlans()
    if (typeof given !== 'string') {
      readPlans(given, bundled)
      return given
    }
    const file = readJsonFile(given)
    inFile(file, value => readPlans(value, bundled))
    return file.value as ScenarioPlan[]
  }

  function refuse (option: OptionName, found: unknown, expected: string): never {
    throw new Problem(`${nameOf(option)} is wrong: found ${JSON.stringify(found)}, expected ${expected}`)
  }
}

/** Without a pattern's signs, an empty part or a slash at the end. */
const PATH = /^(\/[a-z0-9_~][a-z0-9._~-]{0,100}){1,10}$/i

/** What a header can hold. */
const HEADER_TEXT = /^[!-~]([ -~]*[!-~])?$/

const OPTION_NAMES: ReadonlyArray<keyof StartOptions> = ['host', 'port', 'db', 'scenario', 'plans', 'clock', 'cutoff', 'wire', 'assume', 'strict', 'paths', 'console', 'seed', 'adminToken', 'allowHost', 'journalEntries', 'journalBytes', 'logLevel']

function refuseUnknown (options: object): void {
  const unknown = Object.keys(options).find(name => !OPTION_NAMES.some(known => known === name))
  if (unknown === undefined) return
  const meant = nearest(unknown, OPTION_NAMES)
  throw new Problem(`there is no option ${unknown}${meant === undefined ? '' : `; did you mean ${meant}?`}`)
}

const HOST = /^([a-z0-9_.-]+|\[[0-9a-f:.]+\])$/i
