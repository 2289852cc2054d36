import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { CHANGE_BILLING, CLI, ROOT, run, SAMPLE, SAMPLE_ANSWER, spawnOutside, textOf } from '../support/built.js'
import { effort } from '../support/effort.js'
import { isRunning } from '../support/is-running.js'
import { until } from '../support/until.js'

const CLIENTS = `${ROOT}test/clients/unchanged/`

interface Client {
  /** As the table in docs/unchanged-client.md has it. */
  readonly name: string
  /** A program that succeeds where the client is here. */
  readonly probe: readonly string[]
  readonly command: readonly string[]
  /** What the command prints besides the answer. */
  readonly noise?: RegExp
  /** Whether it reaches the emulator unchanged. */
  readonly obeys: boolean
  /** Whether npm test runs it: those that are quick, and everywhere. */
  readonly quick?: boolean
}

const MODULES = `${ROOT}proofs/node_modules`
const node = (name: string, file: string): Client =>
  ({ name, probe: ['test', '-d', `${MODULES}/${file.replace('.mjs', '')}`], command: [process.execPath, file], obeys: true })

const JVM = /^Picked up JAVA_TOOL_OPTIONS: .*\n$/

const TABLE: readonly Client[] = [
  { name: 'Node.js `fetch`', probe: ['true'], command: [process.execPath, 'fetch.mjs'], obeys: true, quick: true },
  { name: 'Node.js `https`, `http`', probe: ['true'], command: [process.execPath, 'https.mjs'], obeys: true },
  node('undici', 'undici.mjs'),
  node('axios', 'axios.mjs'),
  node('got', 'got.mjs'),
  node('node-fetch', 'node-fetch.mjs'),
  { name: 'curl', probe: ['curl', '--version'], command: ['curl', '-sS', '-d', '@BODY@', '@URL@'], obeys: true, quick: true },
  { name: 'wget', probe: ['wget', '--version'], command: ['wget', '-qO-', '--post-data', '@BODY@', '@URL@'], obeys: true },
  { name: 'Python `urllib`', probe: ['python3', '--version'], command: ['python3', 'urllib_client.py'], obeys: true },
  { name: 'Python `http.client`', probe: ['python3', '--version'], command: ['python3', 'http_client.py'], obeys: true, quick: true },
  { name: 'Python requests', probe: ['@PYTHON@', '-c', 'import requests'], command: ['@PYTHON@', 'requests_client.py'], obeys: true },
  { name: 'Python httpx', probe: ['@PYTHON@', '-c', 'import httpx'], command: ['@PYTHON@', 'httpx_client.py'], obeys: true },
  { name: 'Python httpx with a transport', probe: ['@PYTHON@', '-c', 'import httpx'], command: ['@PYTHON@', 'httpx_transport_client.py'], obeys: true },
  { name: 'Python aiohttp', probe: ['@PYTHON@', '-c', 'import aiohttp'], command: ['@PYTHON@', 'aiohttp_client.py'], obeys: true },
  { name: 'PHP curl', probe: ['php', '-r', 'exit(extension_loaded("curl") ? 0 : 1);'], command: ['php', 'curl.php'], obeys: true },
  { name: 'PHP streams', probe: ['php', '--version'], command: ['php', 'streams.php'], obeys: false },
  { name: 'Ruby `Net::HTTP`', probe: ['ruby', '--version'], command: ['ruby', 'net_http.rb'], obeys: true },
  { name: 'Go `net/http`', probe: ['go', 'version'], command: ['go', 'run', 'client.go'], obeys: true },
  { name: 'Java `HttpClient`', probe: ['java', '--describe-module', 'jdk.compiler'], command: ['java', 'ViaHttpClient.java'], noise: JVM, obeys: true },
  { name: 'Java `HttpURLConnection`', probe: ['java', '--describe-module', 'jdk.compiler'], command: ['java', 'ViaUrlConnection.java'], noise: JVM, obeys: true },
  { name: 'Perl LWP with `env_proxy`', probe: ['perl', '-MLWP::Protocol::https', '-e', '1'], command: ['perl', 'lwp.pl'], obeys: true },
  { name: 'Perl LWP without', probe: ['perl', '-MLWP::Protocol::https', '-e', '1'], command: ['perl', 'lwp_without_env_proxy.pl'], obeys: false }
]

// Debian's packages belong to Debian's Python, which need not be the first one.
const PYTHON = ['/usr/bin/python3', 'python3'].find(python => spawnSync(python, ['-c', 'import requests']).status === 0) ?? 'python3'
const actual = (words: readonly string[]): string[] => words.map(word => word === '@PYTHON@' ? PYTHON : word)

/** The clients' folder as a user's: the libraries of Node.js are beside them. */
const folder = mkdtempSync(join(tmpdir(), 'picky-clients-'))
t.teardown(() => { rmSync(folder, { recursive: true }) })
// Copied: Node.js looks for modules beside the file that a link leads to.
for (const file of readdirSync(CLIENTS)) copyFileSync(join(CLIENTS, file), join(folder, file))
symlinkSync(MODULES, join(folder, 'node_modules'))

/** A network namespace of its own, where there may be one: in it, no client can reach the vendor. */
const NAMESPACE = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'alone']
const ALONE = spawnSync(NAMESPACE[0]!, [...NAMESPACE.slice(1), 'true']).status === 0 ? NAMESPACE : []

async function underRun (client: Client, url: string, options: readonly string[] = []) {
  const words = actual(client.command)
  const body = JSON.stringify(SAMPLE)
  const command = words.includes('@URL@') ? words.map(word => word.replace('@URL@', url).replace('@BODY@', body)) : [...words, url, body]
  const [program, ...args] = [...ALONE, process.execPath, CLI, 'run', '--log-level', 'silent', ...options, '--', ...command]
  return await run(program!, args, { cwd: folder })
}

t.test('a client with the vendor\'s address compiled in reaches the emulator', { jobs: 2 }, async t => {
  for (const client of TABLE) {
    const [program, ...args] = actual(client.probe)
    const isHere = spawnSync(program!, args).status === 0
    const options = client.quick === true ? {} : effort({ skip: 'npm run prove runs it' }, {})
    const skip = !isHere ? `there is no ${client.name} here` : !client.obeys && ALONE.length === 0 ? 'it would reach the vendor here' : false
    t.test(`${client.name}, which ${client.obeys ? 'obeys' : 'does not'}`, skip === false ? options : { skip }, async t => {
      for (const scheme of effort(['https'], ['https', 'http'])) {
        const { code, stdout, stderr } = await underRun(client, `${scheme}://pickyassist.com${CHANGE_BILLING}`, ['--offline'])
        if (client.obeys) t.strictSame({ code, stdout, stderr: stderr.replace(client.noise ?? '', '') }, { code: 0, stdout: SAMPLE_ANSWER, stderr: '' }, scheme)
        else t.not(stdout, SAMPLE_ANSWER, scheme)
      }
    })
  }
})

const inProcess = existsSync(`${MODULES}/nock`) ? effort({ skip: 'npm run prove runs it' }, {}) : { skip: 'npm run prove installs what it needs' }
t.test('with intercept, every client of Node.js in one process reaches the emulator, beside nock and MSW', inProcess, async t => {
  t.strictSame(await run(process.execPath, ['in-process.mjs', pathToFileURL(`${ROOT}dist/index.js`).href], { cwd: folder }), {
    code: 0,
    stdout: ['fetch', 'https', 'undici', 'axios', 'got', 'node-fetch', 'nock lets pass', 'nock answers', 'MSW lets pass', 'MSW answers', 'after stop'].map(name => `${name}: as documented\n`).join(''),
    stderr: ''
  })
})

t.test('the table of docs/unchanged-client.md lists the clients that it reaches, as these tests do', async t => {
  const page = readFileSync(`${ROOT}docs/unchanged-client.md`, 'utf8')
  const rows = [...page.matchAll(/^\| ([^|]+) \| (yes|no) \|/gm)].map(([, name, obeys]) => [name, obeys === 'yes'])
  t.strictSame(rows, TABLE.map(({ name, obeys }) => [name, obeys]))
})

t.test('a fault that is set by --fault is a fault over TLS', async t => {
  const { code, stdout, stderr } = await underRun(TABLE[0]!, `https://pickyassist.com${CHANGE_BILLING}`, ['--fault', 'kind=connection_reset'])
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /fetch failed|ECONNRESET/)
})

t.test('Node.js and Python reach an emulator that listens elsewhere than on 127.0.0.1', async t => {
  for (const client of TABLE.filter(({ name }) => /^Node.js `fetch`|http\.client/.test(name))) {
    if (spawnSync(client.probe[0]!, client.probe.slice(1)).status !== 0) continue
    t.match(await underRun(client, `https://pickyassist.com${CHANGE_BILLING}`, ['--host', '::1']), { code: 0, stdout: SAMPLE_ANSWER }, client.name)
  }
})

const hasRequests = spawnSync(PYTHON, ['-c', 'import requests']).status === 0
t.test('requests with retries repeats no order whose answer is lost, as it does at the vendor\'s', { skip: !hasRequests && 'there is no Python requests here' }, async t => {
  for (const scheme of ['https', 'http']) {
    for (const kind of ['connection_reset', 'empty_response']) {
      const client = { name: 'Python requests', probe: [], command: ['@PYTHON@', 'requests_retrying_client.py'], obeys: true }
      const found = await underRun(client, `${scheme}://pickyassist.com${CHANGE_BILLING}`, ['--offline', '--fault', `kind=${kind},when=after,times=1`])
      t.strictSame(found, { code: 1, stdout: '', stderr: 'lost\n' }, `${kind} over ${scheme}`)
    }
  }
})

for (const [name, signal, target, code] of [
  ['SIGTERM of run', 'SIGTERM', 'run', 143],
  ['SIGINT of run', 'SIGINT', 'run', 130],
  ['SIGKILL of the command', 'SIGKILL', 'command', 137],
  // No one is left to say how the command has ended.
  ['SIGKILL of run', 'SIGKILL', 'run', null]
] as const) {
  t.test(`after ${name}, no file and no process is left, and so no port`, async t => {
    // Compiled code is kept there on purpose, from Node.js 22.1 on.
    const temporary = t.testdir({})
    const script = 'echo $$; exec sleep 600'
    const child = spawnOutside('env', [`TMPDIR=${temporary}`, 'NODE_DISABLE_COMPILE_CACHE=1', process.execPath, CLI, 'run', '--log-level', 'silent', '--', 'sh', '-c', script])
    const text = textOf(child)
    await until(() => text.stdout.includes('\n'))
    const [pid] = text.stdout.trim().split(' ')
    t.equal(readdirSync(temporary).length, 1)
    process.kill(target === 'run' ? child.pid! : Number(pid), signal)
    t.strictSame(await once(child, 'close'), [code, code === null ? signal : null])
    await until(() => readdirSync(temporary).length === 0)
    t.notOk(isRunning(Number(pid)))
  })
}
