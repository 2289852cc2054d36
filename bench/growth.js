// Whether anything grows with the world: a request at ten, ten thousand and a million projects, loading and saving, and the journal's fill.
// `node bench/growth.js [PROJECTS…]`, after npm run build.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PATH } from './contenders.js'
import { cpuSeconds, startGenerator } from './processes.js'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 10_000, 100_000, 1_000_000]
const SECONDS = 2
const TOKEN = '132321343dsfsdf'

const folder = mkdtempSync(join(tmpdir(), 'picky-growth-'))
const generator = startGenerator()
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

console.log('| projects | start s | export s | load s | CPU µs/request | of the first |\n| ---: | ---: | ---: | ---: | ---: | ---: |')
let first
for (const size of SIZES) {
  const { port, pid, startedIn, stop } = await start('--scenario', worldOf(size))
  const [saved, text] = await timed(async () => await (await fetch(`http://127.0.0.1:${port}/__admin/state`)).text())
  const cost = await costOf(port, pid, size)
  // A body of more than 128 MiB is refused: such a world is loaded with --scenario.
  const [loaded] = text.length > 128 * 1_048_576 ? [NaN] : await timed(async () => await (await fetch(`http://127.0.0.1:${port}/__admin/state`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: text })).arrayBuffer())
  await stop()
  first ??= cost
  console.log(`| ${size} | ${startedIn.toFixed(2)} | ${saved.toFixed(2)} | ${Number.isNaN(loaded) ? '-' : loaded.toFixed(2)} | ${cost.toFixed(1)} | ${(cost / first).toFixed(2)} |`)
}

console.log('\n| requests in the journal | CPU µs/request | of the first |\n| ---: | ---: | ---: |')
const { port, pid, stop } = await start('--scenario', worldOf(10), '--journal-entries', '200000', '--journal-bytes', '1000000000')
first = undefined
for (let turn = 0; turn < 5; turn++) {
  const cost = await costOf(port, pid, 10)
  const { requests } = await (await fetch(`http://127.0.0.1:${port}/__admin/health`)).json()
  first ??= cost
  console.log(`| ${requests} | ${cost.toFixed(1)} | ${(cost / first).toFixed(2)} |`)
}
await stop()
generator.stop()

/** One account with so many projects, each on a plan, and a wallet that does not run dry. */
function worldOf (size) {
  const file = join(folder, `${size}.json`)
  const subscriptions = [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z' }]
  const projects = Array.from({ length: size }, (_, index) => ({ project_id: index + 1, project_name: `project ${index + 1}`, subscriptions }))
  writeFileSync(file, JSON.stringify({
    clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' },
    settings: { assumptions: { 'same-plan': 'charge-again' } },
    accounts: [{ name: 'demo', token: TOKEN, balance: '999999999999', projects }]
  }))
  return file
}

async function start (...flags) {
  const began = performance.now()
  const child = spawn(process.execPath, [CLI, '--port', '0', '--log-level', 'info', ...flags], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [text] = await once(child.stdout, 'data')
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(String(text))[1])
  const stop = async () => {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
  return { port, pid: child.pid, startedIn: (performance.now() - began) / 1000, stop }
}

/** The server's processor time for a change of the plan of the project in the middle, in microseconds. */
async function costOf (port, pid, size) {
  const order = { port, path: PATH, request: JSON.stringify({ token: TOKEN, project_id: Math.ceil(size / 2), service: 1, plan_id: 2 }), status: 100, connections: 10, seconds: SECONDS }
  await generator.load({ ...order, seconds: 1 })
  const before = cpuSeconds(pid)
  const { requests } = await generator.load(order)
  return (cpuSeconds(pid) - before) / requests * 1e6
}

async function timed (work) {
  const began = performance.now()
  const result = await work()
  return [(performance.now() - began) / 1000, result]
}
