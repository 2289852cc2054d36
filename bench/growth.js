// Measures how costs grow with the world: a request with ten to a million projects, loading and saving, and with a full journal.
// Usage: node bench/growth.js [PROJECTS…], after npm run build.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PATH } from './contenders.js'
import { cpuSeconds, startGenerator } from './processes.js'
import { TOKEN, writeWorld } from './world.js'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 10_000, 100_000, 1_000_000]
const SECONDS = 2

const folder = mkdtempSync(join(tmpdir(), 'picky-growth-'))
const generator = startGenerator()
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

console.log('| projects | start s | export s | load s | CPU µs/request | of the first |\n| ---: | ---: | ---: | ---: | ---: | ---: |')
let first
for (const size of SIZES) {
  const { port, pid, startedIn, stop } = await start('--scenario', writeWorld(folder, size, { assumptions: { 'same-plan': 'charge-again' } }))
  const state = `http://127.0.0.1:${port}/__admin/state`
  const [saved, text] = await timed(async () => await (await fetch(state)).text())
  const cost = await costOf(port, pid, size)
  // A body larger than 64 MiB is refused; such a world can only be loaded with --scenario.
  const load = async () => {
    const response = await fetch(state, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: text })
    return await response.arrayBuffer()
  }
  const [loaded] = text.length > 64 * 1_048_576 ? [NaN] : await timed(load)
  await stop()
  first ??= cost
  const seconds = [startedIn, saved, loaded].map(value => Number.isNaN(value) ? '-' : value.toFixed(2))
  console.log(`| ${[size, ...seconds, cost.toFixed(1), (cost / first).toFixed(2)].join(' | ')} |`)
}

console.log('\n| requests in the journal | CPU µs/request | of the first |\n| ---: | ---: | ---: |')
const { port, pid, stop } = await start('--scenario', writeWorld(folder, 10, { assumptions: { 'same-plan': 'charge-again' } }), '--journal-entries', '200000', '--journal-bytes', '1000000000')
first = undefined
for (let turn = 0; turn < 5; turn++) {
  const cost = await costOf(port, pid, 10)
  const { requests } = await (await fetch(`http://127.0.0.1:${port}/__admin/health`)).json()
  first ??= cost
  console.log(`| ${requests} | ${cost.toFixed(1)} | ${(cost / first).toFixed(2)} |`)
}
await stop()
generator.stop()

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

/** Measures the server's processor time for a change of plan, of the project in the middle, in microseconds. */
async function costOf (port, pid, size) {
  const request = JSON.stringify({ token: TOKEN, project_id: Math.ceil(size / 2), service: 1, plan_id: 2 })
  const load = { port, path: PATH, request, status: 100, connections: 10, seconds: SECONDS }
  await generator.load({ ...load, seconds: 1 })
  const before = cpuSeconds(pid)
  const { requests } = await generator.load(load)
  return (cpuSeconds(pid) - before) / requests * 1e6
}

async function timed (work) {
  const began = performance.now()
  const result = await work()
  return [(performance.now() - began) / 1000, result]
}
