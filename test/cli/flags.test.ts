import fc from 'fast-check'
import t from 'tap'
import { environmentName, readConfig, SETTINGS } from '../../src/cli/flags.js'
import { COMMAND_OPTIONS } from '../../src/cli/command-options.js'
import { helpText } from '../../src/cli/help.js'
import type { ScenarioPlan } from '../../src/contract/scenario.js'
import { parseInstant } from '../../src/domain/clock.js'
import { Problem } from '../../src/problem.js'
import { memoryBounds } from '../../src/runtime/memory.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { readOptions, type CheckedOptions, type OptionName, type StartOptions } from '../../src/server/options.js'
import { parseDuration } from '../../src/text/duration.js'
import { nearest } from '../../src/text/nearest.js'
import { effort } from '../support/effort.js'
import { anyCharacter } from '../support/texts.js'

const VARIABLES: Readonly<Record<string, string>> = {
  host: 'PICKY_EMULATOR_HOST',
  port: 'PICKY_EMULATOR_PORT',
  db: 'PICKY_EMULATOR_DB',
  scenario: 'PICKY_EMULATOR_SCENARIO',
  plans: 'PICKY_EMULATOR_PLANS',
  clock: 'PICKY_EMULATOR_CLOCK',
  cutoff: 'PICKY_EMULATOR_CUTOFF',
  wire: 'PICKY_EMULATOR_WIRE',
  assume: 'PICKY_EMULATOR_ASSUME',
  strict: 'PICKY_EMULATOR_STRICT',
  path: 'PICKY_EMULATOR_PATH',
  'no-console': 'PICKY_EMULATOR_NO_CONSOLE',
  seed: 'PICKY_EMULATOR_SEED',
  'admin-token': 'PICKY_EMULATOR_ADMIN_TOKEN',
  'admin-token-file': 'PICKY_EMULATOR_ADMIN_TOKEN_FILE',
  'allow-host': 'PICKY_EMULATOR_ALLOW_HOST',
  cors: 'PICKY_EMULATOR_CORS',
  'journal-entries': 'PICKY_EMULATOR_JOURNAL_ENTRIES',
  'journal-bytes': 'PICKY_EMULATOR_JOURNAL_BYTES',
  'ready-file': 'PICKY_EMULATOR_READY_FILE',
  'case-dir': 'PICKY_EMULATOR_CASE_DIR',
  fault: 'PICKY_EMULATOR_FAULT',
  'tls-port': 'PICKY_EMULATOR_TLS_PORT',
  'tls-dir': 'PICKY_EMULATOR_TLS_DIR',
  'proxy-port': 'PICKY_EMULATOR_PROXY_PORT',
  'upstream-proxy': 'PICKY_EMULATOR_UPSTREAM_PROXY',
  offline: 'PICKY_EMULATOR_OFFLINE',
  'log-level': 'PICKY_EMULATOR_LOG_LEVEL'
}

const DEFAULTS: StartOptions = {
  host: ['127.0.0.1', '::1'], port: 4290, db: ':memory:', scenario: 'default', seed: 1, journalEntries: 10_000, logLevel: 'info'
}

/** Reads settings as the command does: from text to checked options. */
function configured (flags: Record<string, string>, env: Record<string, string> = {}): CheckedOptions {
  const { options, nameOf } = readConfig(flags, env)
  return readOptions(options, nameOf)
}

/** A quoted value, as a message cuts it off. */
function cut (text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57).replace(/\w+$/, '')}...`
}

function problemOf (act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error.message
    throw error
  }
  return 'no problem'
}

t.test('every setting has an environment variable of its name, and an option', async t => {
  t.strictSame(Object.fromEntries(Object.keys(SETTINGS).map(flag => [flag, environmentName(flag)])), VARIABLES)
  t.equal(new Set(Object.values(SETTINGS).map(({ option }) => option)).size, Object.keys(VARIABLES).length)
})

t.test('nothing set: the command\'s defaults, and what has none is left to the scenario', async t => {
  const { options, nameOf, unknown } = readConfig({}, {})
  t.strictSame(options, DEFAULTS)
  t.equal(nameOf('logLevel'), '--log-level')
  t.strictSame(unknown, [])
  t.strictSame(readOptions(options).overrides, {})
})

t.test('a setting as text becomes the option\'s value', async t => {
  const cases: ReadonlyArray<[flag: string, text: string, option: OptionName, value: unknown]> = [
    ['host', '0.0.0.0', 'host', ['0.0.0.0']],
    ['host', '127.0.0.1,::1', 'host', ['127.0.0.1', '::1']],
    ['host', '127.0.0.1, [::1]', 'host', ['127.0.0.1', '[::1]']],
    ['port', '8080', 'port', 8080],
    ['port', '0', 'port', 0],
    ['port', '80x', 'port', '80x'],
    ['db', 'world.db', 'db', 'world.db'],
    ['scenario', 'edge-cases', 'scenario', 'edge-cases'],
    ['plans', 'prices.json', 'plans', 'prices.json'],
    ['clock', 'frozen:2023-01-31', 'clock', 'frozen:2023-01-31'],
    ['cutoff', 'never', 'cutoff', 'never'],
    ['wire', 'table', 'wire', { types: 'table' }],
    ['wire', 'types=table,http_status=mapped', 'wire', { types: 'table', http_status: 'mapped' }],
    ['assume', 'same-plan=charge-again', 'assume', { 'same-plan': 'charge-again' }],
    ['assume', ' same-plan = refuse , month-length = 30-days ', 'assume', { 'same-plan': 'refuse', 'month-length': '30-days' }],
    ['strict', 'true', 'strict', true],
    ['strict', '1', 'strict', true],
    ['strict', 'false', 'strict', false],
    ['strict', '0', 'strict', false],
    ['strict', 'yes', 'strict', 'yes'],
    ['path', 'set-webhook=/pm/webhook', 'paths', { 'set-webhook': '/pm/webhook' }],
    ['path', ' set-webhook = /pm/webhook , fetch-balance = off ', 'paths', { 'set-webhook': '/pm/webhook', 'fetch-balance': 'off' }],
    ['no-console', 'true', 'console', false],
    ['no-console', '1', 'console', false],
    ['no-console', 'false', 'console', true],
    ['no-console', 'yes', 'console', 'yes'],
    ['seed', '0', 'seed', 0],
    ['seed', '4294967295', 'seed', 4_294_967_295],
    ['seed', '0x10', 'seed', '0x10'],
    ['admin-token', 'open sesame', 'adminToken', 'open sesame'],
    ['admin-token-file', '/run/secrets/token', 'adminTokenFile', '/run/secrets/token'],
    ['allow-host', 'emulator', 'allowHost', ['emulator']],
    ['allow-host', 'emulator,10.0.0.5', 'allowHost', ['emulator', '10.0.0.5']],
    ['cors', 'http://localhost:5173', 'cors', ['http://localhost:5173']],
    ['cors', 'http://a.test,https://b.test', 'cors', ['http://a.test', 'https://b.test']],
    ['journal-entries', '0', 'journalEntries', 0],
    ['journal-entries', '-1', 'journalEntries', '-1'],
    ['journal-bytes', '1048576', 'journalBytes', 1_048_576],
    ['ready-file', 'ready.json', 'readyFile', 'ready.json'],
    ['case-dir', 'cases', 'caseDir', 'cases'],
    ['fault', 'kind=connection_reset, when = after,times=2,ttl=10m', 'faults', [{ kind: 'connection_reset', when: 'after', times: 2, ttl: '10m' }]],
    ['fault', 'kind=delay,delay=1500;kind=delay,delay=100-300', 'faults', [{ kind: 'delay', delay: { fixed: 1500 } }, { kind: 'delay', delay: { uniform: [100, 300] } }]],
    ['fault', '{"kind":"http_error","body":"a,b;c"}\nkind=http_error,body=1=2,account=7,probability=0.5', 'faults', [{ kind: 'http_error', body: 'a,b;c' }, { kind: 'http_error', body: '1=2', account: '7', probability: 0.5 }]],
    ['tls-port', '0', 'tlsPort', 0],
    ['tls-dir', 'tls', 'tlsDir', 'tls'],
    ['proxy-port', '8080', 'proxyPort', 8080],
    ['upstream-proxy', 'http://proxy.example:3128', 'upstreamProxy', 'http://proxy.example:3128'],
    ['offline', 'true', 'offline', true],
    ['offline', 'yes', 'offline', 'yes'],
    ['log-level', 'debug', 'logLevel', 'debug']
  ]
  t.strictSame([...new Set(cases.map(([flag]) => flag))], Object.keys(SETTINGS), 'each setting is tried')
  for (const [flag, text, option, value] of cases) {
    const variable = VARIABLES[flag]!
    const byFlag = readConfig({ [flag]: text }, {})
    t.strictSame(byFlag.options, { ...DEFAULTS, [option]: value }, `--${flag} ${text}`)
    t.equal(byFlag.nameOf(option), `--${flag}`)
    const byVariable = readConfig({}, { [variable]: text })
    t.strictSame(byVariable.options, { ...DEFAULTS, [option]: value }, `${variable}=${text}`)
    t.equal(byVariable.nameOf(option), variable)
    const byBoth = readConfig({ [flag]: text }, { [variable]: 'something else' })
    t.strictSame(byBoth.options, { ...DEFAULTS, [option]: value }, 'a flag wins over a variable')
    t.equal(byBoth.nameOf(option), `--${flag}`)
    t.strictSame(readConfig({ [flag]: undefined }, { [variable]: '' }).options, DEFAULTS, 'an empty variable is one that is not set')
  }
})

t.test('a fault that is no pairs, or that could not work, is refused', async t => {
  for (const text of ['', 'kind', 'kind=', '=delay', 'kind=delay,', 'kind=delay,kind=hang', 'kind=delay;']) {
    t.equal(problemOf(() => configured({ fault: text })), `--fault is wrong: found ${JSON.stringify(text.split(';').at(-1))}, expected pairs such as kind=connection_reset,when=after, each name once`, text)
  }
  t.match(problemOf(() => configured({ fault: '{"kind"' })), /^--fault is wrong: found "\{\\"kind\\"", expected JSON or pairs \(/)
  t.match(problemOf(() => configured({ fault: 'kind=nonsense' })), /^--fault is wrong at \/0\/kind: found "nonsense"/)
  for (const delay of ['2s', '100-', '{"fixed":200}']) {
    t.equal(problemOf(() => configured({ fault: `kind=delay,delay=${delay}` })), `--fault is wrong: found ${JSON.stringify(`delay=${delay}`)}, expected milliseconds such as delay=1500, or a range of them such as delay=100-300`)
  }
  t.match(problemOf(() => configured({ fault: 'kind=delay;kind=hang,delay=5' })), /^--fault is wrong at \/1\/delay: found /)
})

t.test('a proxy that was set before is the way to other hosts, unless told otherwise', async t => {
  const upstreamOf = (env: Record<string, string>, flags: Record<string, string> = {}): unknown => configured({ 'proxy-port': '0', ...flags }, env).interception?.upstream
  const plain = { host: 'proxy.example', port: 3128, secure: false }
  t.strictSame(upstreamOf({ HTTPS_PROXY: 'http://proxy.example:3128' }), plain)
  t.strictSame(upstreamOf({ https_proxy: 'proxy.example:3128', HTTPS_PROXY: 'http://other' }), plain)
  t.strictSame(upstreamOf({ ALL_PROXY: 'https://[::1]/', HTTP_PROXY: 'http://other' }), { host: '::1', port: 443, secure: true })
  t.strictSame(upstreamOf({ HTTP_PROXY: 'http://a%20b:c@proxy.example' }), { host: 'proxy.example', port: 80, secure: false, authorization: 'Basic YSBiOmM=' })
  t.strictSame(upstreamOf({ HTTPS_PROXY: 'http://other' }, { 'upstream-proxy': 'http://proxy.example:3128' }), plain)
  for (const env of [{}, { HTTPS_PROXY: '' }, { HTTPS_PROXY: 'http://other', NO_PROXY: '*' }, { HTTPS_PROXY: 'http://other', no_proxy: '*' }]) t.equal(upstreamOf(env as Record<string, string>), null)
  t.equal(upstreamOf({ HTTPS_PROXY: 'socks5://other' }, { offline: 'true' }), null, 'offline, there are no other hosts')
  t.strictSame(readConfig({}, { HTTPS_PROXY: 'socks5://other' }).options, DEFAULTS, 'without a proxy of its own, there is nothing to lead on')
  t.match(problemOf(() => upstreamOf({ HTTPS_PROXY: 'socks5://a:hidden@other:1' })), /^HTTPS_PROXY is wrong: found "socks5:\/\/…", expected an HTTP proxy such as http:\/\/proxy\.example:3128; give one with --upstream-proxy, or reach no other hosts with --offline$/)
  t.match(problemOf(() => upstreamOf({ HTTPS_PROXY: 'http://a:hidden@other:port' })), /^HTTPS_PROXY is wrong: found (?!.*hidden).*, expected an HTTP proxy such as http:\/\/proxy\.example:3128$/)
  t.strictSame(upstreamOf({ ALL_PROXY: 'socks5://other' }, { 'upstream-proxy': 'http://proxy.example:3128' }), plain, 'one that is given is taken')
})

t.test('the settings that may come several times are those that hold a list', async t => {
  t.strictSame(Object.keys(SETTINGS).filter(flag => SETTINGS[flag]!.list === true), ['host', 'wire', 'assume', 'path', 'allow-host', 'cors'])
  t.strictSame(configured({ assume: ['same-plan=accept-free', 'month-length=30-days'].join(',') }).overrides,
    { settings: { assumptions: { 'same-plan': 'accept-free', 'month-length': '30-days' } } }, 'the command joins them with commas')
})

t.test('a variable that begins like ours and is none of ours is found', async t => {
  const cases: ReadonlyArray<[variable: string, told: string[]]> = [
    ['PICKY_EMULATOR_PROT', ['PICKY_EMULATOR_PROT (did you mean PICKY_EMULATOR_PORT?)']],
    ['PICKY_EMULATOR_LOGLEVEL', ['PICKY_EMULATOR_LOGLEVEL (did you mean PICKY_EMULATOR_LOG_LEVEL?)']],
    [`PICKY_EMULATOR_${'Q'.repeat(40)}`, [`PICKY_EMULATOR_${'Q'.repeat(40)}`]],
    ['PICKY_EMULATORS_PORT', []],
    ['MY_PICKY_EMULATOR_PROT', []],
    ['PATH', []]
  ]
  for (const [variable, told] of cases) t.strictSame(readConfig({}, { [variable]: 'x', PICKY_EMULATOR_PORT: '1' }).unknown, told, variable)
})

t.test('a bad value names the flag or the variable that held it, itself, and what would be right', async t => {
  const cases: ReadonlyArray<[flag: string, text: string, says: string]> = [
    ['host', ',', 'is wrong: found ["",""], expected an address'],
    ['host', '127.0.0.1, ', 'is wrong: found ["127.0.0.1",""], expected an address'],
    ['port', 'http', 'is wrong: found "http", expected a whole number from 0 to 65535'],
    ['port', '65536', 'is wrong: found 65536, expected a whole number'],
    ['port', '-1', 'is wrong: found "-1", expected a whole number'],
    ['port', '80.5', 'is wrong: found "80.5", expected a whole number'],
    ['clock', 'yesterday', 'is wrong: found "yesterday", expected system, an instant from 1970 to 9998 to run from such as'],
    ['clock', '2023-02-30', 'is wrong: found "2023-02-30", expected system'],
    ['clock', 'frozen:', 'is wrong: found "frozen:", expected system'],
    ['clock', 'frozen', 'is wrong: found "frozen", expected system'],
    ['clock', 'frozen:system', 'is wrong: found "frozen:system", expected system'],
    ['clock', 'stopped:2023-01-01', 'is wrong: found "stopped:2023-01-01", expected system'],
    ['cutoff', 'soon', 'is wrong: found "soon", expected a date such as "2023-02-01"'],
    ['cutoff', '2023-02-01T00:00', 'is wrong: found "2023-02-01T00:00", expected a date'],
    ['wire', 'sampel', 'is wrong at /types: found "sampel", expected one of sample, table'],
    ['wire', 'type=table', 'is wrong at /type: found an unknown key, expected types? The keys here are types, http_status, content_type, message'],
    ['wire', 'http_status=404', 'is wrong at /http_status: found "404", expected one of 200, mapped'],
    ['wire', 'types=', 'is wrong: found "types=", expected NAME=CHOICE'],
    ['wire', 'types=table,table', 'is wrong: found "types=table,types=table", expected NAME=CHOICE'],
    ['assume', 'same-plan', 'is wrong: found "same-plan", expected NAME=CHOICE'],
    ['assume', '=refuse', 'is wrong: found "=refuse", expected NAME=CHOICE'],
    ['assume', 'same-plan=refuse,', 'is wrong: found "same-plan=refuse,", expected NAME=CHOICE'],
    ['assume', 'same-plan=refuse=accept-free', 'is wrong: found "same-plan=refuse=accept-free", expected NAME=CHOICE'],
    ['assume', 'same-plan=refuse,same-plan=accept-free', 'each name once'],
    ['assume', 'same_plan=refuse', 'is wrong at /same_plan: found an unknown key, expected same-plan? The keys here are same-plan, '],
    ['assume', 'same-plan=allow', 'is wrong at /same-plan: found "allow", expected one of refuse, accept-free, charge-again'],
    ['strict', 'yes', 'is wrong: found "yes", expected true or false'],
    ['strict', 'constructor', 'is wrong: found "constructor", expected true or false'],
    ['path', 'set-webhook', 'is wrong: found "set-webhook", expected NAME=CHOICE'],
    ['path', 'set-webhook=', 'is wrong: found "set-webhook=", expected NAME=CHOICE'],
    ['path', 'set-webhook=/a,set-webhook=/b', 'each name once'],
    ['path', 'change-billing=/pm/elsewhere', 'is wrong: found "change-billing", expected one of set-webhook, fetch-balance; the paths of the other endpoints are documented'],
    ['path', 'check-balance=off', 'is wrong: found "check-balance", expected one of set-webhook, fetch-balance'],
    ['path', 'set-webhok=/pm/webhook', 'is wrong: found "set-webhok", expected one of set-webhook, fetch-balance'],
    ['path', 'set-webhook=pm/webhook', 'is wrong at /set-webhook: found "pm/webhook", expected a path below the API\'s, such as /pm/webhook, or off'],
    ['path', 'set-webhook=/pm/fetch-balance', 'is wrong: found "/pm/fetch-balance", expected a path that no other endpoint has'],
    ['path', 'set-webhook=/pm/x,fetch-balance=/pm/x', 'is wrong: found "/pm/x", expected a path that no other endpoint has'],
    ['path', 'fetch-balance=/check-balance', 'is wrong: found "/check-balance", expected a path that no other endpoint has'],
    ['no-console', 'yes', 'is wrong: found "yes", expected true or false'],
    ['seed', '4294967296', 'is wrong: found 4294967296, expected a whole number from 0 to 4294967295'],
    ['seed', '-1', 'is wrong: found "-1", expected a whole number from 0 to 4294967295'],
    ['seed', '1.5', 'is wrong: found "1.5", expected a whole number'],
    ['admin-token', 'geheim ', 'is wrong: found "[redacted]", expected ASCII text that is not empty, without spaces around it'],
    ['admin-token', ' geheim', 'is wrong: found "[redacted]", expected ASCII text'],
    ['admin-token', 'ge\nheim', 'is wrong: found "[redacted]", expected ASCII text'],
    ['admin-token', 'schl\u00fcssel', 'is wrong: found "[redacted]", expected ASCII text'],
    ['allow-host', 'emulator:4290', 'is wrong: found ["emulator:4290"], expected a host name without a port'],
    ['allow-host', 'http://emulator', 'is wrong: found ["http://emulator"], expected a host name without a port'],
    ['allow-host', 'emulator, the other', 'is wrong: found ["emulator","the other"], expected a host name'],
    ['allow-host', 'emulator,', 'is wrong: found ["emulator",""], expected a host name'],
    ['allow-host', '*', 'is wrong: found ["*"], expected a host name'],
    ['cors', '*', 'is wrong: found ["*"], expected an origin such as http://localhost:5173'],
    ['cors', 'localhost:5173', 'is wrong: found ["localhost:5173"], expected an origin'],
    ['cors', 'http://localhost:5173/', 'is wrong: found ["http://localhost:5173/"], expected an origin'],
    ['cors', 'http://localhost:99999', 'is wrong: found "http://localhost:99999", expected an origin such as http://localhost:5173, with a port up to 65535'],
    ['cors', 'null', 'is wrong: found ["null"], expected an origin'],
    ['allow-host', 'fe80::1', 'is wrong: found ["fe80::1"], expected a host name'],
    ['journal-entries', '10000001', 'is wrong: found 10000001, expected a whole number from 0 to 10000000'],
    ['journal-entries', 'many', 'is wrong: found "many", expected a whole number from 0 to 10000000'],
    ['journal-bytes', '1099511627777', 'is wrong: found 1099511627777, expected a whole number from 0 to 1099511627776'],
    ['journal-bytes', '64MB', 'is wrong: found "64MB", expected a whole number'],
    ['log-level', 'loud', 'is wrong: found "loud", expected one of trace, debug, info, warn, error, fatal, silent']
  ]
  for (const [flag, text, says] of cases) {
    const variable = VARIABLES[flag]!
    for (const [name, message] of [[`--${flag}`, problemOf(() => configured({ [flag]: text }))], [variable, problemOf(() => configured({}, { [variable]: text }))]] as const) {
      t.ok(message.startsWith(`${name} is wrong`) && message.includes(says), `${name} ${JSON.stringify(text)}: ${message}`)
      if (flag === 'admin-token') t.notMatch(message, /heim|ssel/, 'the token is not told')
    }
  }
  // Of a variable, an empty text only says that it is not set.
  for (const flag of ['host', 'port', 'db', 'scenario', 'plans', 'clock', 'cutoff', 'assume', 'strict', 'path', 'no-console', 'seed', 'admin-token', 'admin-token-file', 'allow-host', 'cors', 'journal-entries', 'journal-bytes', 'log-level']) {
    t.match(problemOf(() => configured({ [flag]: '' })), `--${flag} is wrong`, `--${flag} with an empty text`)
  }
})

t.test('whatever text a setting holds, it is read or refused by its name', async () => {
  const flags = Object.keys(SETTINGS).filter(flag => flag !== 'plans')
  const words = fc.constantFrom('localhost', '[::1]', 'system', 'frozen:', 'running:', '2023-01-31', 'T00:00Z', 'never', 'types', 'same-plan', '=', ',', 'table', 'refuse', 'true', '0', '4290', 'info', '__proto__', 'constructor', ' ')
  const text = fc.oneof(fc.string({ unit: anyCharacter }), fc.array(words, { maxLength: 5 }).map(parts => parts.join('')))
  fc.assert(fc.property(fc.constantFrom(...flags), text, (flag, text) => {
    const message = problemOf(() => configured({ [flag]: text }))
    return message === 'no problem' || message.startsWith(`--${flag} is wrong`)
  }), { numRuns: effort(200, 2000) })
})

const RISE = { plan_id: 2, price: '6' }

t.test('an option that is right is read', async t => {
  const dir = t.testdir({ 'prices.json': JSON.stringify([RISE]) })
  const at = parseInstant('2023-01-31T23:59:59Z')!
  const defaults: CheckedOptions = { hosts: ['127.0.0.1', '::1'], port: 0, db: ':memory:', scenario: 'default', overrides: {}, plansFile: null, logLevel: 'silent', readyFile: null, caseDir: null, unref: false, seed: 1, access: { token: null, hosts: [] }, journal: { entries: 10_000, bytes: memoryBounds().journal }, paths: {}, hasConsole: true, origins: [], faults: [], interception: null }
  const cases: ReadonlyArray<[options: StartOptions, read: Partial<CheckedOptions>]> = [
    [{}, {}],
    [{ host: 'localhost' }, { hosts: ['localhost'], access: { token: null, hosts: ['localhost'] } }],
    [{ host: '[fe80::1]' }, { hosts: ['fe80::1'], access: { token: null, hosts: ['[fe80::1]'] } }],
    [{ host: ['0.0.0.0', '::'] }, { hosts: ['0.0.0.0', '::'], access: { token: null, hosts: ['127.0.0.1'] } }],
    [{ host: '127.0.0.2', allowHost: 'emulator' }, { hosts: ['127.0.0.2'], access: { token: null, hosts: ['emulator', '127.0.0.2'] } }],
    [{ host: ['FE80:0::1', 'fe80::1%eth0', 'not a host'] }, { hosts: ['FE80:0::1', 'fe80::1%eth0', 'not a host'], access: { token: null, hosts: ['[fe80::1]'] } }],
    [{ port: 65535 }, { port: 65535 }],
    [{ db: 'world.db' }, { db: 'world.db' }],
    [{ console: false }, { hasConsole: false }],
    [{ scenario: 'edge-cases' }, { scenario: 'edge-cases' }],
    [{ scenario: { accounts: [] } }, { scenario: { accounts: [] } }],
    [{ plans: [RISE] }, { overrides: { plans: [RISE] } }],
    [{ plans: `${dir}/prices.json` }, { overrides: { plans: [RISE] }, plansFile: `${dir}/prices.json` }],
    [{ clock: 'system' }, { overrides: { clock: { mode: 'system' } } }],
    [{ clock: '2023-01-31T23:59:59Z' }, { overrides: { clock: { mode: 'running', at } } }],
    [{ clock: 'running:2023-01-31T23:59:59Z' }, { overrides: { clock: { mode: 'running', at } } }],
    [{ clock: 'frozen:2023-02-01T01:59:59+02:00' }, { overrides: { clock: { mode: 'frozen', at } } }],
    [{ clock: { mode: 'system' } }, { overrides: { clock: { mode: 'system' } } }],
    [{ clock: { mode: 'frozen', at: '2023-01-31T23:59:59Z' } }, { overrides: { clock: { mode: 'frozen', at } } }],
    [{ cutoff: 'never' }, { overrides: { settings: { cutoff: { kind: 'never' } } } }],
    [{ cutoff: '2023-01-31T23:59:59Z' }, { overrides: { settings: { cutoff: { kind: 'instant', at } } } }],
    [{ wire: { types: 'table', http_status: 'mapped' } }, { overrides: { settings: { wire: { types: 'table', httpStatus: 'mapped' } } } }],
    [{ assume: { 'same-plan': 'charge-again' } }, { overrides: { settings: { assumptions: { 'same-plan': 'charge-again' } } } }],
    [{ strict: false }, { overrides: { settings: { strict: false } } }],
    [{ strict: true, cutoff: '1970-01-01', wire: {}, assume: {} }, { overrides: { settings: { strict: true, cutoff: { kind: 'day', utcMidnight: 0 } } } }],
    [{ faults: [{ kind: 'hang' }] }, { faults: [{ kind: 'hang' }] }],
    [{ offline: false }, {}],
    [{ tlsPort: 443, host: '0.0.0.0' }, { hosts: ['0.0.0.0'], access: { token: null, hosts: ['127.0.0.1'] }, interception: { tlsHosts: ['0.0.0.0'], tlsPort: 443, tlsDir: null, proxyPort: null, offline: true, upstream: null } }],
    [{ proxyPort: 8080, tlsDir: 'tls' }, { interception: { tlsHosts: ['127.0.0.1'], tlsPort: 0, tlsDir: { path: 'tls', setting: 'the option tlsDir' }, proxyPort: 8080, offline: false, upstream: null } }],
    [{ intercept: true }, { interception: { tlsHosts: ['127.0.0.1'], tlsPort: 0, tlsDir: null, proxyPort: 0, offline: true, upstream: null } }],
    [{ paths: {} }, {}],
    [{ paths: { 'set-webhook': 'off', 'fetch-balance': 'off' } }, { paths: { 'set-webhook': null, 'fetch-balance': null } }],
    [{ paths: { 'set-webhook': '/pm/fetch-balance', 'fetch-balance': '/pm/set-webhook' } }, { paths: { 'set-webhook': '/pm/fetch-balance', 'fetch-balance': '/pm/set-webhook' } }],
    [{ paths: { 'set-webhook': '/pm/fetch-balance', 'fetch-balance': 'off' } }, { paths: { 'set-webhook': '/pm/fetch-balance', 'fetch-balance': null } }],
    [{ paths: { 'set-webhook': '/_/~a/PM/0.x-y_z~' } }, { paths: { 'set-webhook': '/_/~a/PM/0.x-y_z~' } }],
    [{ paths: { 'set-webhook': '/a'.repeat(10) } }, { paths: { 'set-webhook': '/a'.repeat(10) } }],
    [{ paths: { 'set-webhook': `/${'a'.repeat(101)}` } }, { paths: { 'set-webhook': `/${'a'.repeat(101)}` } }],
    [{ seed: 0 }, { seed: 0 }],
    [{ seed: 0xffff_ffff }, { seed: 0xffff_ffff }],
    [{ adminToken: 'open sesame!' }, { access: { token: 'open sesame!', hosts: [] } }],
    [{ adminToken: '~' }, { access: { token: '~', hosts: [] } }],
    [{ allowHost: 'emulator' }, { access: { token: null, hosts: ['emulator'] } }],
    [{ allowHost: ['Emulator.test', '10.0.0.5', '[fe80::1]', 'my_service'] }, { access: { token: null, hosts: ['Emulator.test', '10.0.0.5', '[fe80::1]', 'my_service'] } }],
    [{ allowHost: [] }, {}],
    [{ cors: 'http://[::1]:5173' }, { origins: ['http://[::1]:5173'] }],
    [{ cors: ['http://localhost:80', 'HTTPS://Shop.test:443', 'http://[0:0::1]:080', 'chrome-extension://Abc'] }, { origins: ['http://localhost', 'https://shop.test', 'http://[::1]', 'chrome-extension://Abc'] }],
    [{ cors: ['https://Shop.test', 'capacitor://localhost'] }, { origins: ['https://shop.test', 'capacitor://localhost'] }],
    [{ cors: [] }, {}],
    [{ journalEntries: 0, journalBytes: 0 }, { journal: { entries: 0, bytes: 0 } }],
    [{ journalEntries: 10_000_000, journalBytes: 2 ** 40 }, { journal: { entries: 10_000_000, bytes: 2 ** 40 } }],
    [{ unref: true }, { unref: true }],
    [{ logLevel: 'trace' }, { logLevel: 'trace' }]
  ]
  for (const [options, read] of cases) t.strictSame(readOptions(options), { ...defaults, ...read }, JSON.stringify(options))
})

t.test('programs that are redirected find a free port of TLS on the loopback, whatever else it is to listen on', async t => {
  const tlsHosts = (options: StartOptions): readonly string[] => readOptions({ tlsPort: 0, proxyPort: 0, ...options }).interception!.tlsHosts
  for (const host of ['192.0.2.1', '127.0.0.5', '::1', ['::', '192.0.2.1']]) t.strictSame(tlsHosts({ host }), [host, '127.0.0.1'].flat())
  for (const host of ['127.0.0.1', 'localhost', '0.0.0.0', '::', ['::', '0.0.0.0']]) t.strictSame(tlsHosts({ host }), [host].flat())
  t.strictSame(readOptions({ host: '::1', tlsPort: 0, intercept: true }).interception!.tlsHosts, ['::1', '127.0.0.1'])
  t.strictSame(readOptions({ host: '::1', tlsPort: 0 }).interception!.tlsHosts, ['::1'], 'nor are there such programs without a proxy')
  t.strictSame(tlsHosts({ host: '::1', tlsPort: 443 }), ['::1'], 'somebody else may have a certain port there')
})

t.test('an option that is wrong is refused by its name, also where only a program without types could give it', async t => {
  const cases: ReadonlyArray<[options: Record<string, unknown>, says: string]> = [
    [{ host: '' }, 'the option host is wrong: found "", expected an address such as 127.0.0.1'],
    [{ host: [] }, 'the option host is wrong: found [], expected an address'],
    [{ host: ['127.0.0.1', ' '] }, 'the option host is wrong: found ["127.0.0.1"," "]'],
    [{ port: -1 }, 'the option port is wrong: found -1, expected a whole number from 0 to 65535'],
    [{ port: 65536 }, 'the option port is wrong: found 65536'],
    [{ port: 1.5 }, 'the option port is wrong: found 1.5'],
    [{ port: '4290' }, 'the option port is wrong: found "4290"'],
    [{ db: '' }, 'the option db is wrong: found "", expected a file, or :memory:'],
    [{ scenario: '' }, 'the option scenario is wrong: found "", expected a file, or the name of a bundled scenario'],
    [{ plans: [{ plan_id: 1, price: '5' }] }, 'is wrong at /0/price: found "5", expected no value: Pay As You Go has no price'],
    [{ plans: [{ plan_id: 10, name: 'New' }] }, 'is wrong at /0: found {"plan_id":10,"name":"New"}, expected a row with name, service, price and cycle'],
    [{ plans: [RISE, RISE] }, 'is wrong at /1/plan_id: found 2, expected a value used only once'],
    [{ plans: 5 }, 'the option plans is wrong: found 5, expected a file with rows of the plan table'],
    [{ clock: 'now' }, 'the option clock is wrong: found "now", expected system, an instant from 1970 to 9998 to run from such as'],
    [{ clock: { mode: 'slow' } }, 'the option clock is wrong at /mode: found "slow", expected one of system, running, frozen'],
    [{ clock: { mode: 'frozen' } }, 'the option clock is wrong at /at: found nothing, expected the instant that a frozen clock shows'],
    [{ clock: { mode: 'system', at: '2023-01-01' } }, 'the option clock is wrong at /at: found "2023-01-01", expected no value: a system clock'],
    [{ clock: { mode: 'running', at: '2023-13-01' } }, 'the option clock is wrong at /at: found "2023-13-01", expected an ISO 8601 date'],
    [{ clock: 5 }, 'the option clock is wrong: found 5, expected system, an instant from 1970 to 9998 to run from such as'],
    [{ cutoff: '2023-02-30' }, 'the option cutoff is wrong: found "2023-02-30", expected a date'],
    [{ cutoff: 2023 }, 'the option cutoff is wrong: found 2023, expected a date'],
    [{ wire: 'table' }, 'the option wire is wrong: found "table", expected an object such as {"types":"table"}'],
    [{ wire: { types: 'x' } }, 'the option wire is wrong at /types: found "x", expected one of sample, table'],
    [{ assume: { 'same-plans': 'refuse' } }, 'the option assume is wrong at /same-plans: found an unknown key, expected same-plan?'],
    [{ strict: 'true' }, 'the option strict is wrong: found "true", expected true or false'],
    ...['', '/', 'off ', 'OFF', 'pm', '/pm/', '//pm', '/pm//x', '/pm/:id', '/pm/*', '/pm/x?y', '/pm/x#y', '/pm/a b', '/pm/%41', '/pm/.', '/pm/..', '/.pm', '/pm/ä', '/pm\n', '/a'.repeat(11), `/${'a'.repeat(102)}`, 5, null, ['/pm/x']].map((path): [Record<string, unknown>, string] =>
      [{ paths: { 'set-webhook': path } }, `the option paths is wrong at /set-webhook: found ${cut(JSON.stringify(path))}, expected a path below the API's, such as /pm/webhook, or off`]),
    [{ paths: { 'set-webhook': '/pm/change-billing' } }, 'the option paths is wrong: found "/pm/change-billing", expected a path that no other endpoint has'],
    [{ paths: { 'set-webhook': '/pm/fetch-balance' } }, 'the option paths is wrong: found "/pm/fetch-balance", expected a path that no other endpoint has'],
    [{ paths: { 'fetch-balance': '/check-balance' } }, 'the option paths is wrong: found "/check-balance", expected a path that no other endpoint has'],
    [{ paths: { 'get-projects': 'off' } }, 'the option paths is wrong: found "get-projects", expected one of set-webhook, fetch-balance; the paths of the other endpoints are documented'],
    [{ paths: { constructor: 'off' } }, 'the option paths is wrong: found "constructor", expected one of set-webhook'],
    [{ paths: JSON.parse('{"__proto__":"off"}') }, 'the option paths is wrong: found "__proto__", expected one of set-webhook'],
    ...[5, '', 'off', true, null, []].map((paths): [Record<string, unknown>, string] => [{ paths }, `the option paths is wrong: found ${JSON.stringify(paths)}, expected an object such as {"set-webhook":"/pm/webhook"}`]),
    [{ scenario: 5 }, 'the option scenario is wrong: found 5, expected a file, or the name of a bundled scenario'],
    [{ scenario: null }, 'the option scenario is wrong: found null'],
    [{ plans: '' }, 'the option plans is wrong: found "", expected a file with rows of the plan table'],
    [{ port: null }, 'the option port is wrong: found null'],
    [{ console: 'no' }, 'the option console is wrong: found "no", expected true or false'],
    [{ adminToken: null }, 'the option adminToken is wrong: found "[redacted]"'],
    [{ seed: -1 }, 'the option seed is wrong: found -1, expected a whole number from 0 to 4294967295'],
    [{ seed: '1' }, 'the option seed is wrong: found "1"'],
    ...['http://u:p%zz@proxy', 'http://u%E0@proxy', 'http://proxy:99999', 'http://[:::]'].map((upstreamProxy): [Record<string, unknown>, string] =>
      [{ proxyPort: 0, upstreamProxy }, 'the option upstreamProxy is wrong: expected a host and a port']),
    [{ seed: NaN }, 'the option seed is wrong: found NaN, expected a whole number'],
    [{ adminToken: '' }, 'the option adminToken is wrong: found "[redacted]", expected ASCII text that is not empty, without spaces around it'],
    [{ adminToken: 132321343 }, 'the option adminToken is wrong: found "[redacted]"'],
    [{ adminToken: '\t' }, 'the option adminToken is wrong: found "[redacted]"'],
    [{ allowHost: '' }, 'the option allowHost is wrong: found "", expected a host name without a port, or several with commas between them'],
    [{ allowHost: ['a', 5] }, 'the option allowHost is wrong: found ["a",5]'],
    [{ allowHost: '[fe80::1' }, 'the option allowHost is wrong: found "[fe80::1"'],
    [{ journalEntries: 1.5 }, 'the option journalEntries is wrong: found 1.5, expected a whole number from 0 to 10000000'],
    [{ journalBytes: -1 }, 'the option journalBytes is wrong: found -1, expected a whole number from 0 to 1099511627776'],
    [{ logLevel: 'loud' }, 'the option logLevel is wrong: found "loud", expected one of trace, ']
  ]
  for (const [options, says] of cases) {
    const message = problemOf(() => readOptions(options as StartOptions))
    t.ok(message.includes(says), `${JSON.stringify(options)}: ${message}`)
  }
})

t.test('a plan file that is wrong is named, with the place in it', async t => {
  const dir = t.testdir({
    'broken.json': '[\n  { "plan_id": 2 "price": "6" }\n]',
    'wrong.json': '[\n  { "plan_id": 2, "price": "6" },\n  { "plan_id": 3, "price": 6 }\n]',
    'object.json': '{}'
  })
  const cases: ReadonlyArray<[file: string, says: string]> = [
    ['missing.json', ': no such file'],
    ['broken.json', ':2:18: comma expected'],
    ['wrong.json', ':3:28: the plan table is wrong at /1/price: found 6, expected an amount in USD as a string'],
    ['object.json', ':1:1: the plan table is wrong: found {}, expected a list of plans']
  ]
  for (const [file, says] of cases) {
    const message = problemOf(() => configured({ plans: `${dir}/${file}` }))
    t.ok(message.startsWith(`${dir}/${file}${says}`), message)
  }
})

t.test('the bundled plan table has the documented names and the price of the documented sample', async t => {
  const plans = bundledPlans()
  t.strictSame(plans.map(({ planId, name }) => [planId, name]), [
    [1, 'Pay As You Go'],
    [2, 'Phone Automation Small'],
    [3, 'Phone Automation Medium'],
    [4, 'Phone Automation Large'],
    [5, 'Phone Automation Unlimited'],
    [6, 'Phone Automation Yearly Unlimited'],
    [7, 'Medium WhatsApp Official Account'],
    [8, 'Large WhatsApp Official Account'],
    [9, 'Unlimited WhatsApp Official Account']
  ])
  t.strictSame(plans[0], { planId: 1, name: 'Pay As You Go', service: null, price: null })
  t.strictSame(plans[1], { planId: 2, name: 'Phone Automation Small', service: 1, price: { mills: 5000, cycle: 'month' } })
  t.strictSame(plans.slice(6).map(({ service }) => service), [2, 2, 2])
})

t.test('the help names every flag with its value, its default and its variable', async t => {
  const help = helpText().split('\n')
  for (const [flag, { value, default: fallback }] of Object.entries(SETTINGS)) {
    const line = help.indexOf(value === undefined ? `  --${flag}` : `  --${flag} ${value}`)
    t.not(line, -1, `--${flag}`)
    t.equal(help[line + 1]!.endsWith(` (${fallback})`), fallback !== undefined, `the default of --${flag}`)
    t.equal(help[line + 2], `      ${VARIABLES[flag]}`)
  }
  const ofCommands = help.splice(help.indexOf('Options of sweep'))
  t.equal(help.filter(line => line.startsWith('  --')).length, Object.keys(VARIABLES).length, 'and no other')
  t.strictSame(ofCommands, ['sweep', 'replay'].flatMap((command, index) => [...index === 0 ? [] : [''], `Options of ${command}`, ...Object.entries(COMMAND_OPTIONS).filter(([, { commands }]) => commands.includes(command)).flatMap(([flag, { value, default: usual, help }]) => [
    value === undefined ? `  --${flag}` : `  --${flag} ${value}`,
    usual === undefined ? `      ${help}` : `      ${help} (${usual})`
  ])]), 'and the options of commands')
  const where = help.find((_line, index) => help[index - 1] === '  --path NAME=PATH[,…]')
  t.match(where, /set-webhook and fetch-balance, .* NAME=\/pm\/webhook, or NAME=off/, 'and says which endpoints can be put elsewhere')
  for (const command of ['serve', 'run', 'sweep', 'replay', 'health', 'check', '--help', '--version']) t.ok(help.some(line => line.startsWith('  picky-emulator') && line.includes(command)), command)
})

t.test('a duration has a unit', async t => {
  const cases: ReadonlyArray<[string, number | undefined]> = [
    ['500ms', 500], ['0s', 0], ['10s', 10_000], ['1m', 60_000], ['2h', 7_200_000], ['999999h', 3_599_996_400_000], ['007s', 7000], ['999999999ms', 999_999_999], ['999999999h', 3_599_999_996_400_000],
    ['', undefined], ['10', undefined], ['s', undefined], ['-1s', undefined], ['1.5s', undefined], ['1 s', undefined], [' 1s', undefined], ['1s\n', undefined],
    ['1S', undefined], ['1d', undefined], ['1000000000s', undefined], ['1m30s', undefined]
  ]
  for (const [text, milliseconds] of cases) t.equal(parseDuration(text), milliseconds, JSON.stringify(text))
})

t.test('the nearest known name is meant, unless too little of it is left', async t => {
  const known = ['balance', 'name', 'at']
  const cases: ReadonlyArray<[string, readonly string[], string | undefined]> = [
    ['balence', known, 'balance'],
    ['nmae', known, 'name'],
    ['Name', known, 'name'],
    ['ab', known, 'at'],
    ['xy', known, undefined],
    ['projects', known, undefined],
    ['', known, undefined],
    ['name', [], undefined],
    ['abxy', ['abcd'], 'abcd'],
    ['axy', ['abc'], undefined],
    ['x'.repeat(200), ['x'.repeat(199)], 'x'.repeat(199)],
    ['x'.repeat(201), ['x'.repeat(200)], undefined]
  ]
  for (const [name, among, meant] of cases) t.equal(nearest(name, among), meant, name.slice(0, 20))
})

t.test('a problem is an error with a name of its own, and may hold issues', async t => {
  const issues = [{ pointer: '/a', found: '1', expected: '2' }]
  t.match(new Problem('port 1 is taken'), { name: 'Problem', message: 'port 1 is taken', issues: [] })
  t.equal(new Problem('the scenario is wrong', { issues }).issues, issues)
})

t.test('rows of plans that a program gives are not changed by reading them', async t => {
  const rows: readonly ScenarioPlan[] = Object.freeze([Object.freeze({ plan_id: 3, price: '11.5' })])
  t.equal(readOptions({ plans: rows }).overrides.plans, rows)
})

t.test('an option that does not exist is refused, with the one that was meant', async t => {
  t.throws(() => readOptions({ prot: 1 } as StartOptions), { name: 'Problem', message: 'there is no option prot; did you mean port?' })
  t.throws(() => readOptions({ nothingLikeIt: 1 } as StartOptions), { name: 'Problem', message: 'there is no option nothingLikeIt' })
  for (const given of [null, 4290]) t.throws(() => readOptions(given as never), { name: 'Problem', message: `the argument for the options is wrong: found ${given}, expected an object` })
})
