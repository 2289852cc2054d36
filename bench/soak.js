// Checks that a long run leaks nothing: npm run soak [-- --tests N]. Runs that many tests of everything at once on a database file; then
// what the process holds, and the file's size, must not have grown. It counts tests, not minutes, and looks after a garbage collection
// while nothing is under way, so that a slow or busy machine only takes longer.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { residentMegabytes } from './processes.js'
import { median } from './quantile.js'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

/** Number of concurrent suites, and of times that is looked at the process. */
const SUITES = 8
const SAMPLES = 30

const { values: { tests } } = parseArgs({ options: { tests: { type: 'string', default: '30000' } } })
/** Number of tests of a suite between two samples. */
const TESTS = Math.ceil(Number(tests) / SAMPLES / SUITES)
if (!(TESTS > 0 && Number.isSafeInteger(TESTS))) {
  console.error(`soak: --tests is wrong: found ${JSON.stringify(tests)}, expected a number above 0`)
  process.exit(2)
}

/**
 * Maximum ratio of the last third of the run to the second; the first third is the warm-up. The process's memory includes what V8 and the
 * allocator keep for later, which depends on their moods; SQLite's own memory is nowhere else.
 */
const MAX_RATIOS = { 'heap MB': 1.1, 'buffers MB': 1.1, 'resident MB': 1.4, handles: 1.1, 'file MB': 1.1 }

/** Run within the emulator's process: says what it holds after a garbage collection. */
const PROBE = `process.on('message', () => {
  gc()
  const { heapUsed, external } = process.memoryUsage()
  process.send({ heap: heapUsed, buffers: external })
})
process.channel.unref()`

const folder = mkdtempSync(join(tmpdir(), 'picky-soak-'))
const file = join(folder, 'world.db')
const emulator = spawn(process.execPath, [
  '--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(PROBE)}`,
  CLI, '--port', '0', '--db', file, '--log-level', 'info', '--journal-entries', '2000'
], { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] })
process.on('exit', () => {
  emulator.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
emulator.on('exit', code => fail(`the emulator ended by itself, with code ${code}`))
const [text] = await once(emulator.stdout, 'data')
const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(text))[0]

let requests = 0
const samples = []
const began = performance.now()
for (let sample = 1; sample <= SAMPLES; sample++) {
  await Promise.all(Array.from({ length: SUITES }, suite))
  samples.push(await sampleNow())
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Ksoak: ${sample} of ${SAMPLES}, ${requests} requests`)
}
const took = (performance.now() - began) / 60_000
const { ok } = await control('GET', '/audit')
const { status } = await control('GET', '/health')

console.log(`${requests} requests in ${SAMPLES * SUITES * TESTS} tests of ${SUITES} suites, ${took.toFixed(1)} min; the books are ${ok ? '' : 'NOT '}in order.\n`)
console.log('|  | second third | last third | ratio | at most |\n| --- | ---: | ---: | ---: | ---: |')
let isFlat = ok && status === 'ready'
for (const [what, maximum] of Object.entries(MAX_RATIOS)) {
  const thirds = [samples.slice(SAMPLES / 3, 2 * SAMPLES / 3), samples.slice(2 * SAMPLES / 3)]
  const [before, after] = thirds.map(third => median(third.map(sample => sample[what])))
  isFlat &&= after / before <= maximum
  console.log(`| ${what} | ${before.toFixed(1)} | ${after.toFixed(1)} | ${(after / before).toFixed(2)} | ${maximum} |`)
}
console.log(isFlat ? '\nflat' : '\nNOT flat')
process.exit(isFlat ? 0 : 1)

/** What the process holds, and the size of its file. */
async function sampleNow () {
  emulator.send('sample')
  const [{ heap, buffers }] = await once(emulator, 'message')
  return {
    'heap MB': heap / 1_048_576,
    'buffers MB': buffers / 1_048_576,
    'resident MB': residentMegabytes(emulator.pid),
    handles: handlesOf(emulator.pid),
    'file MB': sizeOf(file)
  }
}

/** Simulates a test suite: each test creates an account, uses all features on it, and removes it. */
async function suite () {
  for (let test = 0; test < TESTS; test++) {
    const { name, token } = await control('POST', '/accounts', {
      balance: '500',
      clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' },
      ttl: '60s',
      projects: [{ project_id: 1 }, { project_id: 2, subscriptions: [{ service: 1, plan_id: 2 }] }]
    })
    const account = `/accounts/${name}`
    const ask = (endpoint, fields) => api(endpoint, { token, ...fields })
    await ask('pm/change-billing', { project_id: 1, service: 1, plan_id: 2 + test % 4 })
    await ask('pm/change-billing', { project_id: '1', service: 1, plan_id: 9 })
    const { project_id: id } = await ask('pm/create-project', { project_name: `test ${test}`, billing_plan: 2, generate_api_token: true })
    const { api_token: created } = await ask('pm/create-api-token', { project_id: Number(id), ip_whitelist: ['127.0.0.1'] })
    await ask('pm/manage-api-token', { project_id: Number(id), api_token: created[0].token, action: 1 + test % 3 })
    await ask('pm/get-projects', { project_id: 0 })
    await api('check-balance', { token: created[0].token })
    await api('pm/change-biling', 'no JSON')
    await control('POST', `${account}/faults`, {
      kind: ['connection_reset', 'truncated_body', 'http_error', 'malformed_json', 'delay'][test % 5],
      when: test % 2 ? 'before' : 'after',
      times: 1,
      delay: test % 5 === 4 ? { fixed: 5 } : undefined
    })
    await ask('pm/change-billing', { project_id: 1, service: 1, plan_id: 6 })
    await control('POST', `${account}/clock/advance`, { by: 'P1Y' })
    await control('POST', `${account}/wallet`, { credit: '25' })
    await control('GET', `/requests?account=${name}`)
    await control('GET', `${account}/state`)
    await control(test % 3 === 0 ? 'POST' : 'DELETE', test % 3 === 0 ? `${account}/reset` : account)
    if (test % 3 === 0) await control('DELETE', account)
  }
}

/** Calls the emulated API; returns an empty object if a fault leaves no valid answer. */
async function api (endpoint, body) {
  requests++
  try {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${url}/app/api/v2/${endpoint}`, { method: 'POST', body: text })
    return await response.json()
  } catch {
    return {}
  }
}

async function control (method, path, body) {
  const content = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(`${url}/__admin${path}`, { method, ...content })
  const answer = await response.text()
  if (response.status >= 500) fail(`${method} ${path} was answered with HTTP ${response.status}: ${answer}`)
  return answer === '' ? undefined : JSON.parse(answer)
}

function handlesOf (pid) {
  return existsSync(`/proc/${pid}/fd`) ? readdirSync(`/proc/${pid}/fd`).length : 1
}

function sizeOf (path) {
  return [path, `${path}-wal`].filter(existsSync).reduce((sum, part) => sum + statSync(part).size, 0) / 1_048_576
}

function fail (why) {
  console.error(`\nsoak: ${why}`)
  process.exit(1)
}
