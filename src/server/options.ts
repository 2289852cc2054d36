import { Type, type TArray, type TObject } from '@sinclair/typebox'
import { URL } from 'node:url'
import type { Access } from '../admin/guard.js'
import { SECRET } from '../api/fields.js'
import { PATH, pathsIssue, type Paths } from '../api/index.js'
import type { Scenario, ScenarioClock, ScenarioFault, ScenarioPlan } from '../contract/scenario.js'
import { LOG_LEVELS, type LogLevel, type StartOptions } from '../contract/start-options.js'
import type { ClockSetting } from '../domain/clock.js'
import { MAX_FAULTS } from '../domain/fault.js'
import type { SettingsChange } from '../domain/settings.js'
import type { JournalLimits } from '../journal/journal.js'
import { Problem } from '../problem.js'
import { memoryBounds } from '../runtime/memory.js'
import { bundledPlans } from '../scenario/bundled.js'
import { readClock, readClockText } from '../scenario/clock.js'
import { checkFault } from '../scenario/faults.js'
import { inFile, readJsonFile } from '../scenario/file.js'
import { collectIssues, type Issues } from '../scenario/issues.js'
import { checkOptions } from '../scenario/options.js'
import { planTableOf, readPlans } from '../scenario/plans.js'
import type { Overrides } from '../scenario/read.js'
import { CLOCK_TEXT, ClockSchema, FaultSchema, OneOf, PlansSchema, SettingsSchema, type Matches } from '../scenario/schema.js'
import { readCutoff, readSettings } from '../scenario/settings.js'
import { IN_MEMORY } from '../store/database.js'
import { LOOPBACK, urlOf } from '../text/address.js'
import { readTokenFile, TokenSchema } from './admin-token.js'
import type { InterceptionOptions } from './interception.js'
import type { Upstream } from './tunnel.js'

export type { StartOptions } from '../contract/start-options.js'

function Whole (minimum: number, maximum: number, hint = '') {
  return Type.Optional(Type.Integer({ minimum, maximum, description: `a whole number from ${minimum} to ${maximum}${hint}` }))
}

/** One string or a list of them, as for a flag that takes several with commas between them. */
function OneOrMore (pattern: string, minItems: number, description: string) {
  const one = Type.String({ pattern })
  return Type.Optional(Type.Union([one, Type.Array(one, { minItems })], { description }))
}

/** The name of a document, or the document itself, whose reader checks it. */
function TextOr<Document extends object> (kind: TObject | TArray, description: string) {
  return Type.Optional(Type.Unsafe<string | Document>(Type.Union([Type.String({ minLength: 1 }), kind], { description })))
}

/** Options as a program or the command gives them. Each `description` completes "expected …". */
const OptionsSchema = Type.Object({
  host: OneOrMore('\\S', 1, 'an address such as 127.0.0.1, or several with commas between them'),
  port: Whole(0, 65_535, '; 0 picks a free port'),
  db: Type.Optional(Type.String({ minLength: 1, description: 'a file, or :memory:' })),
  scenario: TextOr<Scenario>(Type.Object({}), 'a file, or the name of a bundled scenario'),
  plans: TextOr<readonly ScenarioPlan[]>(Type.Array(Type.Unknown()), 'a file with rows of the plan table'),
  clock: TextOr<ScenarioClock>(Type.Object({}), CLOCK_TEXT),
  cutoff: SettingsSchema.properties.cutoff,
  wire: SettingsSchema.properties.wire,
  assume: SettingsSchema.properties.assumptions,
  strict: SettingsSchema.properties.strict,
  paths: Type.Optional(Type.Record(
    Type.String(),
    Type.String({ pattern: `^off$|${PATH}`, description: 'a path below the API\'s, such as /pm/webhook, or off' }),
    { description: 'an object such as {"set-webhook":"/pm/webhook"}' })),
  console: Type.Optional(Type.Boolean({ description: 'true or false' })),
  seed: Whole(0, 0xffff_ffff),
  adminToken: Type.Optional(TokenSchema),
  adminTokenFile: Type.Optional(Type.String({ minLength: 1, description: 'a file that holds the token' })),
  allowHost: OneOrMore('^([a-zA-Z0-9_.-]+|\\[[0-9a-fA-F:.]+\\])$', 0, 'a host name without a port, or several with commas between them'),
  cors: OneOrMore(
    '^[a-zA-Z][a-zA-Z0-9+.-]*://[a-zA-Z0-9_.:\\[\\]-]+$',
    0,
    'an origin such as http://localhost:5173, or several with commas between them'
  ),
  journalEntries: Whole(0, 10_000_000),
  journalBytes: Whole(0, 2 ** 40),
  readyFile: Type.Optional(Type.String({ minLength: 1, description: 'a file' })),
  caseDir: Type.Optional(Type.String({ minLength: 1, description: 'a folder' })),
  unref: Type.Optional(Type.Boolean({ description: 'true or false' })),
  faults: Type.Optional(Type.Array(FaultSchema, { maxItems: MAX_FAULTS, description: `at most ${MAX_FAULTS} faults` })),
  tlsPort: Whole(0, 65_535, '; 0 picks a free port'),
  tlsDir: Type.Optional(Type.String({ minLength: 1, description: 'a folder' })),
  proxyPort: Whole(0, 65_535, '; 0 picks a free port'),
  upstreamProxy: Type.Optional(Type.String({
    pattern: '^https?://([^@/?#\\s]*@)?([a-zA-Z0-9_.-]+|\\[[0-9a-fA-F:.]+\\])(:\\d{1,5})?/?$',
    [SECRET]: true,
    description: 'an HTTP proxy such as http://proxy.example:3128'
  })),
  offline: Type.Optional(Type.Boolean({ description: 'true or false' })),
  intercept: Type.Optional(Type.Boolean({ description: 'true or false' })),
  logLevel: Type.Optional(OneOf(LOG_LEVELS))
}, { additionalProperties: false })

/** Fails to compile when the schema and the interface drift apart. */
export const optionsMatchTheirSchema: Matches<typeof OptionsSchema, StartOptions> = true

/** Checked options in the emulator's terms. */
export interface CheckedOptions {
  readonly hosts: readonly string[]
  readonly port: number
  readonly db: string
  readonly scenario: string | Scenario
  readonly overrides: Overrides
  /** File that the rows of the plan table were read from. */
  readonly plansFile: string | null
  readonly logLevel: LogLevel
  readonly readyFile: string | null
  /** Folder to save cases in; `null` for none. */
  readonly caseDir: string | null
  /** Whether the process may end while the emulator runs. */
  readonly unref: boolean
  readonly seed: number
  readonly access: Access
  readonly journal: JournalLimits
  readonly paths: Paths
  readonly hasConsole: boolean
  /** Origins whose pages may read answers of the emulated API. */
  readonly origins: readonly string[]
  /** Faults to set at the start. Whether there are their accounts is known only then. */
  readonly faults: readonly ScenarioFault[]
  /** How requests to the vendor's hosts are intercepted; `null` if they aren't. */
  readonly interception: InterceptionOptions | null
}

export type OptionName = keyof StartOptions

/** Checks options, or throws a `Problem` that names the wrong one by `nameOf`: as an option, a flag or an environment variable. */
export function readOptions (options: StartOptions, nameOf: (option: OptionName) => string = name => `the option ${name}`): CheckedOptions {
  checkOptions(OptionsSchema, options, nameOf as (option: string) => string)
  // In a URL, an IPv6 address has brackets.
  const hosts = options.host === undefined ? LOOPBACK : [options.host].flat().map(host => host.replace(/^\[(.*)\]$/, '$1'))
  return {
    hosts,
    port: options.port ?? 0,
    db: options.db ?? IN_MEMORY,
    scenario: options.scenario ?? 'default',
    overrides: readOverrides(),
    plansFile: typeof options.plans === 'string' ? options.plans : null,
    logLevel: options.logLevel ?? 'silent',
    readyFile: options.readyFile ?? null,
    caseDir: options.caseDir ?? null,
    unref: options.unref ?? false,
    seed: options.seed ?? 1,
    access: { token: readToken(), hosts: [...[options.allowHost ?? []].flat(), ...ownNames()] },
    journal: { entries: options.journalEntries ?? 10_000, bytes: options.journalBytes ?? memoryBounds().journal },
    paths: readPaths(options.paths ?? {}),
    hasConsole: options.console ?? true,
    origins: [options.cors ?? []].flat().map(readOrigin),
    faults: readFaults(options.faults ?? []),
    interception: readInterception()
  }

  function issuesWith (option: OptionName): Issues {
    return collectIssues(nameOf(option))
  }

  function readToken (): string | null {
    const { adminToken, adminTokenFile } = options
    if (adminTokenFile === undefined) return adminToken ?? null
    const name = nameOf('adminTokenFile')
    if (adminToken === undefined) return readTokenFile(adminTokenFile, name)
    throw new Problem(`${name} is wrong: ${nameOf('adminToken')} is given as well, expected only one of them`)
  }

  function readFaults (given: readonly ScenarioFault[]): readonly ScenarioFault[] {
    const issues = issuesWith('faults')
    given.forEach((fault, index) => checkFault(fault, issues.at(index)))
    issues.throwIfAny()
    return given
  }

  function readInterception (): InterceptionOptions | null {
    const { tlsPort, tlsDir, proxyPort, upstreamProxy, offline, intercept } = options
    if (tlsPort === undefined && proxyPort === undefined && intercept !== true) {
      const idle = (['tlsDir', 'upstreamProxy', 'offline'] as const).find(name => options[name] !== undefined && options[name] !== false)
      if (idle !== undefined) throw new Problem(`${nameOf(idle)} is wrong: it needs ${nameOf('tlsPort')} or ${nameOf('proxyPort')}`)
      return null
    }
    return {
      tlsHosts: tlsPort === undefined ? [LOOPBACK[0]!] : tlsPort === 0 && (proxyPort !== undefined || intercept === true) ? withLoopback() : hosts,
      tlsPort: tlsPort ?? 0,
      tlsDir: tlsDir === undefined ? null : { path: tlsDir, setting: nameOf('tlsDir') },
      // In a program of ours, what is redirected is for the vendor's hosts only.
      proxyPort: proxyPort ?? (intercept === true ? 0 : null),
      offline: offline ?? (proxyPort === undefined),
      upstream: upstreamProxy === undefined ? null : readUpstream(upstreamProxy, nameOf('upstreamProxy'))
    }
  }

  /** Adds the address to which programs are redirected, unless it is one of those to listen on. Their port is free there, too. */
  function withLoopback (): readonly string[] {
    const isCovered = hosts.some(host => [LOOPBACK[0]!, 'localhost', '0.0.0.0'].includes(host)) || (hosts.length === 1 && hosts[0] === '::')
    return isCovered ? hosts : [...hosts, LOOPBACK[0]!]
  }

  /** Reads the paths of endpoints with an undocumented path. No two endpoints may share one. */
  function readPaths (given: Readonly<Record<string, string>>): Paths {
    const issues = issuesWith('paths')
    const paths = Object.fromEntries(Object.entries(given).map(([name, path]) => [name, path === 'off' ? null : path]))
    const issue = pathsIssue(paths)
    return issue === undefined ? paths : issues.refuse(issue.found, issue.expected)
  }

  /** Gives an origin as browsers send it: without the port that is its scheme's own. */
  function readOrigin (given: string): string {
    if (!URL.canParse(given)) issuesWith('cors').refuse(given, 'an origin such as http://localhost:5173, with a port up to 65535')
    const { origin } = new URL(given)
    // An extension of a browser has a scheme that Node.js knows no origins of.
    return origin === 'null' ? given : origin
  }

  /** Lists the addresses given to listen on as host names of URLs: clients may use them in the `Host` header. */
  function ownNames (): string[] {
    const urls = options.host === undefined ? [] : hosts.map(host => urlOf(host, 0))
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
    const issues = issuesWith('clock')
    if (typeof given === 'string') {
      return readClockText(given) ?? issues.refuse(given, CLOCK_TEXT)
    }
    const clock = readClock(issues.check(ClockSchema, given), issues)
    issues.throwIfAny()
    return clock!
  }

  function readSettingsOptions (): SettingsChange {
    const { wire, assume: assumptions, strict } = options
    const issues = issuesWith('cutoff')
    const cutoff = readCutoff(options.cutoff, issues)
    issues.throwIfAny()
    const others = { ...wire && { wire }, ...assumptions && { assumptions }, ...strict !== undefined && { strict } }
    return { ...readSettings(others, issues), ...cutoff && { cutoff } }
  }

  function readPlansOption (given: string | readonly ScenarioPlan[]): readonly ScenarioPlan[] {
    const bundled = bundledPlans()
    if (typeof given === 'string') {
      const file = readJsonFile(given)
      inFile(file, value => readPlans(value, bundled))
      return file.value as ScenarioPlan[]
    }
    const issues = issuesWith('plans')
    planTableOf(issues.check(PlansSchema, given), bundled, issues)
    issues.throwIfAny()
    return given
  }
}

/** Reads a proxy's URL, which the schema's pattern admits. A wrong one is not quoted: it may hold a password. */
function readUpstream (text: string, setting: string): Upstream {
  try {
    const { protocol, hostname, port, username, password } = new URL(text)
    const secure = protocol === 'https:'
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (secure ? 443 : 80)),
      secure,
      ...username !== '' && { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
    }
  } catch {
    throw new Problem(`${setting} is wrong: expected a host and a port from 0 to 65535, and a % in a user or a password only as %25`)
  }
}
