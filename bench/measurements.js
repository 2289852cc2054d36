import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CONNECTIONS } from './contenders.js'
import { cpuSeconds, residentMegabytes, startServer } from './processes.js'

/**
 * Lists the steps of a measurement, in order. Each is done `times` times, by all servers in turn. A step returns samples by the
 * name of a metric; the n-th samples of all servers belong together.
 */
export function steps ({ starts, turns }) {
  return [
    { name: 'cold start', times: starts, step: coldStart },
    { name: 'start', times: 1, step: start },
    { name: 'idle memory', times: 1, step: memory('idle') },
    { name: 'warm-up', times: 1, step: warmUp },
    ...CONNECTIONS.map(connections => ({ name: `${connections} connections`, times: turns, step: throughput(connections) })),
    { name: 'accounts', times: 1, step: accounts },
    { name: 'embedded', times: 1, step: embedded },
    { name: 'ten years', times: 1, step: tenYears },
    { name: 'memory after load', times: 1, step: memory('loaded') },
    { name: 'stop', times: 1, step: stop }
  ]
}

/** Measures the time from the spawn of a process to its first correct answer, in milliseconds, with files in the system's cache. */
async function coldStart (session) {
  await start(session)
  await stop(session)
  return { 'cold start': session.server.startedIn }
}

async function start (session) {
  session.server = await startServer(session.contender, session.pins)
  session.served = 0
}

async function stop ({ server }) {
  await server.stop()
}

function memory (when) {
  return async ({ server, plan, served }) => {
    await sleep(plan.settleSeconds * 1000)
    return { [`${when} memory`]: residentMegabytes(server.pid), [`${when} served`]: served }
  }
}

async function warmUp (session) {
  await load(session, 10, session.plan.warmUpSeconds)
}

/** Measures requests per second, latencies in milliseconds, and the server's processor time per request in microseconds. */
function throughput (connections) {
  return async session => {
    const before = cpuSeconds(session.server.pid)
    const { requests, rps, p50, p99, busy } = await load(session, connections, session.plan.turnSeconds)
    const cpu = (cpuSeconds(session.server.pid) - before) / requests * 1e6
    return Object.fromEntries(Object.entries({ rps, p50, p99, cpu, busy })
      .map(([metric, value]) => [`${metric} ${connections}`, value]))
  }
}

/** Number of accounts to create and remove, after a warm-up of two thousand that V8 needs to optimize the code. */
const ACCOUNTS = 1000
const ACCOUNTS_BEFORE = 2000

/** Measures the server's processor time to create and remove an account, in milliseconds. */
async function accounts ({ contender: { hasAccounts }, server: { pid, port } }) {
  if (!hasAccounts) return
  const url = `http://127.0.0.1:${port}`
  const body = '{"balance":"5","projects":[{"project_id":1}]}'
  let before
  for (let n = -ACCOUNTS_BEFORE; n < ACCOUNTS; n++) {
    if (n === 0) before = cpuSeconds(pid)
    const created = await fetch(`${url}/__admin/accounts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { name } = await created.json()
    const removed = await fetch(`${url}/__admin/accounts/${name}`, { method: 'DELETE' })
    if (removed.status !== 204) throw new Error(`the account ${name} could not be removed`)
  }
  return { account: (cpuSeconds(pid) - before) / ACCOUNTS * 1000 }
}

/** Measures starting and stopping an emulator within a process, in milliseconds. */
async function embedded ({ contender: { hasAccounts }, pins: { prefix } }) {
  if (!hasAccounts) return
  const [command, ...args] = [...prefix, process.execPath, fileURLToPath(new URL('embedded.js', import.meta.url))]
  const { stdout } = await promisify(execFile)(command, args)
  const { start, stop } = JSON.parse(stdout)
  return { 'embedded start': start, 'embedded stop': stop }
}

/** Number of projects, each on a plan that is renewed every month. */
const PROJECTS = 1000

/** Measures moving an account's clock by ten years, with 120 renewals of each project, in milliseconds. */
async function tenYears ({ contender: { hasAccounts }, server: { port } }) {
  if (!hasAccounts) return
  const url = `http://127.0.0.1:${port}/__admin/accounts`
  const projects = Array.from({ length: PROJECTS }, (_, index) => ({ project_id: index + 1, subscriptions: [{ service: 1, plan_id: 2 }] }))
  const call = async (path, body) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
    return await response.json()
  }
  const { name } = await call('', { balance: '999999999', clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' }, projects })
  const began = performance.now()
  const { total } = await call(`/${name}/clock/advance`, { by: 'P10Y1D' })
  const took = performance.now() - began
  if (total !== 120 * PROJECTS + 1) throw new Error(`ten years brought ${total} events`)
  await fetch(`${url}/${name}`, { method: 'DELETE' })
  return { 'ten years': took }
}

async function load (session, connections, seconds) {
  const { contender: { path, request, status, httpStatus }, server: { port }, generator } = session
  const result = await generator.load({ port, path, request, status, httpStatus, connections, seconds })
  session.served += result.requests
  return result
}
