import { Problem } from '../problem.js'
import type { OptionName, StartOptions } from '../server/options.js'
import { nearest } from '../text/nearest.js'
import { faultsOf } from './fault-pairs.js'

/** Setting of the command: a flag, and an environment variable of the same name. */
export interface Setting {
  readonly option: OptionName
  /** Placeholder of the value in the help; none for a switch. */
  readonly value?: string
  readonly default?: string
  readonly help: string
  /** Whether the flag may be repeated, which appends to its value behind a comma, or behind another separator. */
  readonly list?: boolean | string
  /** Whether the value may be a secret, or hold one, which no report shows. */
  readonly isSecret?: true
  /** Converts text to the option's value, which `readOptions` checks. */
  readonly read: (text: string) => unknown
}

/** All settings by their flags, as `--help`, the environment variables and `docs/settings.md` list them. */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  host: {
    option: 'host',
    list: true,
    value: 'ADDRESS[,ADDRESS]',
    default: '127.0.0.1,::1',
    help: 'the addresses to listen on',
    read: listed
  },
  port: { option: 'port', value: 'PORT', default: '4290', help: 'the port to listen on; 0 picks a free one', read: wholeNumber },
  db: {
    option: 'db',
    value: 'FILE',
    default: ':memory:',
    help: 'the database; a file is kept, and resumed at the next start',
    read: String
  },
  scenario: {
    option: 'scenario',
    value: 'FILE',
    default: 'default',
    help: 'the world that an empty database starts with: a file, default or edge-cases',
    read: String
  },
  plans: { option: 'plans', value: 'FILE', help: 'rows that override the plan table, such as your prices', read: String },
  clock: {
    option: 'clock',
    value: 'CLOCK',
    help: "the world's clock: system, an INSTANT to run from, or frozen:INSTANT",
    read: String
  },
  cutoff: {
    option: 'cutoff',
    value: 'CUTOFF',
    help: 'when the API is disabled: a date (2023-02-01 unless the scenario has another), an INSTANT, or never',
    read: String
  },
  wire: {
    option: 'wire',
    list: true,
    value: 'DIALECT',
    help: 'the format of responses: sample, table, or pairs such as types=table,http_status=mapped',
    read: text => pairs(text.split(',').map(part => part.includes('=') ? part : `types=${part}`).join(','))
  },
  assume: {
    option: 'assume',
    list: true,
    value: 'NAME=CHOICE[,…]',
    help: 'choices for open questions, such as same-plan=charge-again',
    read: pairs
  },
  strict: { option: 'strict', help: 'refuse numeric strings where a number is documented', read: text => SWITCHES.get(text) ?? text },
  path: {
    option: 'paths',
    list: true,
    value: 'NAME=PATH[,…]',
    help: 'the paths of set-webhook and fetch-balance, which are undocumented: NAME=/pm/webhook, or NAME=off',
    read: pairs
  },
  'no-console': {
    option: 'console',
    help: 'do not serve the web console',
    read: text => SWITCHES.has(text) ? !SWITCHES.get(text)! : text
  },
  seed: {
    option: 'seed',
    value: 'NUMBER',
    default: '1',
    help: 'the seed for generated tokens and the decisions of faults',
    read: wholeNumber
  },
  'admin-token': {
    option: 'adminToken',
    value: 'TOKEN',
    help: 'the bearer token that the control API requires',
    isSecret: true,
    read: String
  },
  'admin-token-file': {
    option: 'adminTokenFile',
    value: 'FILE',
    help: 'a file with that token, which other users of this machine could read in the command line',
    read: String
  },
  'allow-host': {
    option: 'allowHost',
    list: true,
    value: 'NAME[,NAME]',
    help: 'host names that the control API answers to, besides localhost',
    read: listed
  },
  cors: {
    option: 'cors',
    list: true,
    value: 'ORIGIN[,ORIGIN]',
    help: 'origins whose pages may call the emulated API, such as http://localhost:5173',
    read: listed
  },
  'journal-entries': {
    option: 'journalEntries',
    value: 'NUMBER',
    default: '10000',
    help: 'how many requests the journal holds',
    read: wholeNumber
  },
  'journal-bytes': {
    option: 'journalBytes',
    value: 'NUMBER',
    help: "how many bytes of memory the journal may take; by default 64 MiB, or an eighth of the heap's limit if that is less",
    read: wholeNumber
  },
  'ready-file': {
    option: 'readyFile',
    value: 'FILE',
    help: 'a file to write when ready, with the url, and to remove at the end',
    read: String
  },
  'case-dir': {
    option: 'caseDir',
    value: 'FOLDER',
    help: 'a folder in which SIGUSR2 saves the case of the world, each time in a new file',
    read: String
  },
  fault: {
    option: 'faults',
    list: '\n',
    value: 'PAIRS',
    help: 'a fault to set at the start, such as kind=connection_reset,when=after,times=1; several with ; between them',
    read: faultsOf
  },
  'tls-port': {
    option: 'tlsPort',
    value: 'PORT',
    help: "the port to answer on for the vendor's hosts over TLS; 0 picks a free one",
    read: wholeNumber
  },
  'tls-dir': {
    option: 'tlsDir',
    value: 'FOLDER',
    help: 'the folder of the certificates, made there once: ca.pem is for clients to trust',
    read: String
  },
  'proxy-port': {
    option: 'proxyPort',
    value: 'PORT',
    help: "the port of a proxy on the loopback that answers for the vendor's hosts and leads to all others",
    read: wholeNumber
  },
  'upstream-proxy': {
    option: 'upstreamProxy',
    value: 'URL',
    help: 'the proxy through which other hosts are reached (HTTPS_PROXY, unless NO_PROXY is *)',
    isSecret: true,
    read: String
  },
  offline: { option: 'offline', help: "let the proxy refuse all hosts but the vendor's", read: text => SWITCHES.get(text) ?? text },
  'log-level': {
    option: 'logLevel',
    value: 'LEVEL',
    default: 'info',
    help: 'what is logged: trace, debug, info, warn, error, fatal or silent',
    read: String
  }
}

const SWITCHES: ReadonlyMap<string, boolean> = new Map([['true', true], ['1', true], ['false', false], ['0', false]])

export const ENVIRONMENT_PREFIX = 'PICKY_EMULATOR_'

/** Returns the environment variable of a flag. */
export function environmentName (flag: string): string {
  return ENVIRONMENT_PREFIX + flag.replaceAll('-', '_').toUpperCase()
}

/** Options as the user set them by flags and environment variables. */
export interface Config {
  readonly options: StartOptions
  /** Returns the name by which the user set an option: its flag or its environment variable. */
  readonly nameOf: (option: OptionName) => string
  /** Tells whether the user set an option, by flag or by environment variable. */
  readonly isGiven: (option: OptionName) => boolean
  /** Unknown environment variables with the emulator's prefix, perhaps misspelt, each with a suggestion. */
  readonly unknown: readonly string[]
}

type Texts = Readonly<Record<string, string | undefined>>

/**
 * Reads the options: flags override environment variables, which override the command's defaults; `defaults` has those of one command.
 * An empty variable counts as unset.
 */
export function readConfig (flags: Texts, env: Texts, defaults: Texts = {}): Config {
  const options: Record<string, unknown> = {}
  const names = new Map<OptionName, string>()
  const givenOptions = new Set<OptionName>()
  for (const [flag, { option, default: usual, read }] of Object.entries(SETTINGS)) {
    const variable = environmentName(flag)
    const fallback = defaults[flag] ?? usual
    const given = givenText(flag, flags, env)
    const name = flags[flag] === undefined && given !== undefined ? variable : `--${flag}`
    names.set(option, name)
    if (given !== undefined) givenOptions.add(option)
    if (given !== undefined || fallback !== undefined) options[option] = named(name, () => read(given ?? fallback!))
  }
  const isLed = options.proxyPort !== undefined && options.offline !== true && !givenOptions.has('upstreamProxy')
  const inherited = isLed ? proxyOf(env) : undefined
  if (inherited !== undefined) {
    options.upstreamProxy = inherited.url
    names.set('upstreamProxy', inherited.variable)
  }
  return {
    options,
    nameOf: option => names.get(option)!,
    isGiven: option => givenOptions.has(option),
    unknown: unknownVariables(env)
  }
}

/** Lists what the user set, by flag or by environment variable, as flags have it; a switch only if it is on. */
export function givenSettings (flags: Texts, env: Texts): Array<readonly [flag: string, text: string]> {
  return Object.entries(SETTINGS).flatMap(([flag, { value }]) => {
    const text = givenText(flag, flags, env)
    const isOff = value === undefined && text !== undefined && SWITCHES.get(text) === false
    return text === undefined || isOff ? [] : [[flag, text] as const]
  })
}

function givenText (flag: string, flags: Texts, env: Texts): string | undefined {
  return flags[flag] ?? (env[environmentName(flag)] || undefined)
}

/** The proxy that the environment sets for all hosts. */
function proxyOf (env: Texts): { readonly url: string, readonly variable: string } | undefined {
  const variable = PROXY_VARIABLES.find(name => env[name])
  if (variable === undefined || (env.no_proxy ?? env.NO_PROXY) === '*') return undefined
  const given = env[variable]!
  const url = given.includes('://') ? given : `http://${given}`
  const scheme = url.slice(0, url.indexOf('://'))
  if (!/^https?$/i.test(scheme)) {
    throw new Problem(`${variable} is wrong: found ${JSON.stringify(`${scheme}://…`)}, expected an HTTP proxy such as http://proxy.example:3128; ` +
      'give one with --upstream-proxy, or reach no other hosts with --offline')
  }
  return { url, variable }
}

const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'http_proxy', 'HTTP_PROXY']

/** Variables that `run` and `env` give to clients, and which set nothing here. */
export const GIVEN_VARIABLES = { url: `${ENVIRONMENT_PREFIX}URL`, token: `${ENVIRONMENT_PREFIX}TOKEN` }

function unknownVariables (env: Texts): string[] {
  const known = [...Object.keys(SETTINGS).map(environmentName), ...Object.values(GIVEN_VARIABLES)]
  return Object.keys(env).filter(name => name.startsWith(ENVIRONMENT_PREFIX) && !known.includes(name)).map(name => {
    const meant = nearest(name.slice(ENVIRONMENT_PREFIX.length), known.map(variable => variable.slice(ENVIRONMENT_PREFIX.length)))
    return meant === undefined ? name : `${name} (did you mean ${ENVIRONMENT_PREFIX}${meant}?)`
  })
}

function named<T> (name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Problem(`${name} is wrong: ${(error as Error).message}`)
  }
}

function wholeNumber (text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

/** Reads a list, as people write one. */
function listed (text: string): string[] {
  return text.split(',').map(part => part.trim())
}

/** Reads `a=b,c=d` as an object. Refuses a repeated name, which would hide its first value. */
function pairs (text: string): Record<string, string> {
  const entries = text.split(',').map(pair => pair.split('=').map(part => part.trim()))
  const wrong = entries.find(([name, value, ...more], index) =>
    !name || !value || more.length > 0 || entries.findIndex(entry => entry[0] === name) < index)
  if (wrong !== undefined) {
    throw new Problem(`found ${JSON.stringify(text)}, expected NAME=CHOICE, or several with commas between them, each name once`)
  }
  return Object.fromEntries(entries) as Record<string, string>
}
