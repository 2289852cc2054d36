// Checks that a long run leaks nothing: npm run soak [-- --minutes N]. Uses all features at once on a database file, for ten minutes
// by default; then memory, open handles and the file's size must not have grown.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { residentMegabytes } from './processes.js'
import { median } from './quantile.js'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const { values: { minutes } } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const DURATION = Number(minutes) * 60_000
if (!(DURATION > 0)) {
  console.error(`soak: --minutes is wrong: found ${JSON.stringify(minutes)}, expected a number above 0`)
  process.exit(2)
}

/** Number of concurrent suites, and number of samples to take. */
const SUITES = 8
const SAMPLES = 30

/** Maximum ratio of the last third of the run to the second; the first third is the warm-up. */
const MAX_RATIOS = { megabytes: 1.15, handles: 1.2, 'file MB': 1.2 }

const over = new AbortController()
const folder = mkdtempSync(join(tmpdir(), 'picky-soak-'))
const file = join(folder, 'world.db')
const flags = ['--port', '0', '--db', file, '--log-level', 'info', '--journal-entries', '2000']
const emulator = spawn(process.execPath, [CLI, ...flags], { stdio: ['ignore', 'pipe', 'ignore'] })
process.on('exit', () => {
  emulator.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
emulator.on('exit', code => { if (!over.signal.aborted) fail(`the emulator ended by itself, with code ${code}`) })
const [text] = await once(emulator.stdout, 'data')
const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(text))[0]

let requests = 0
let turns = 0
const suites = Array.from({ length: SUITES }, suite)
const samples = []
for (let sample = 1; sample <= SAMPLES; sample++) {
  await sleep(DURATION / SAMPLES)
  samples.push({ megabytes: residentMegabytes(emulator.pid), handles: handlesOf(emulator.pid), 'file MB': sizeOf(file) })
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Ksoak: ${sample} of ${SAMPLES}, ${requests} requests`)
}
over.abort()
await Promise.all(suites)
const { ok } = await control('GET', '/audit')
const { errors } = await control('GET', '/health').then(({ status }) => ({ errors: status === 'ready' ? 0 : 1 }))

console.log(`${requests} requests in ${turns} tests of ${SUITES} suites, ${minutes} min; the books are ${ok ? '' : 'NOT '}in order.\n`)
console.log('|  | second third | last third | ratio | at most |\n| --- | ---: | ---: | ---: | ---: |')
let isFlat = ok && errors === 0
for (const [what, maximum] of Object.entries(MAX_RATIOS)) {
  const thirds = [samples.slice(SAMPLES / 3, 2 * SAMPLES / 3), samples.slice(2 * SAMPLES / 3)]
  const [before, after] = thirds.map(third => median(third.map(sample => sample[what])))
  isFlat &&= after / before <= maximum
  console.log(`| ${what} | ${before.toFixed(1)} | ${after.toFixed(1)} | ${(after / before).toFixed(2)} | ${maximum} |`)
}
console.log(isFlat ? '\nflat' : '\nNOT flat')
process.exit(isFlat ? 0 : 1)

/** Simulates a test suite: each test creates an account, uses all features on it, and removes it. */
async function suite () {
  for (let test = 0; !over.signal.aborted; test++) {
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
    turns++
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
