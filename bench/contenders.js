import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { baseline } from './bundle.js'

export const BASE_PATH = '/app/api/v2'
export const PATH = `${BASE_PATH}/pm/change-billing`

/** Loads, as numbers of concurrent connections, each of which waits for its answer before it sends the next request. */
export const CONNECTIONS = [1, 10, 64]

/** Documented sample of change-billing. */
export const REQUEST = '{"token":"132321343dsfsdf","project_id":5786,"service":1,"plan_id":2}'
export const GRANTED = '{"status":100,"message":"Success","old_billing_plan":"1","new_billing_plan":2,' +
  '"amount_debited":"5","next_billing_date":"2020-07-16T23:59:59+00:00"}'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

/**
 * Lists the servers to measure. `args` builds the command line for a start, `first` checks the answer to the first request, and
 * `status` is that of all later ones. `isLimit` marks the baselines that the others are compared with.
 */
export function contenders (folder) {
  let files = 0
  const newFile = () => join(folder, `${++files}.db`)
  const emulator = (scenario, ...flags) => port => [CLI, '--port', port, '--log-level', 'info', '--scenario', scenario, ...flags]
  const charged = scenarioFile(folder, 'charge-again', 1)
  const refused = scenarioFile(folder, 'refuse', 2)
  const granted = { path: PATH, request: REQUEST, first: body => body === GRANTED, status: 100 }
  const other = (path, fields = {}) => ({
    path: BASE_PATH + path,
    request: JSON.stringify({ token: '132321343dsfsdf', ...fields }),
    first: body => JSON.parse(body).status === 100,
    status: 100
  })
  const refusal = { path: PATH, request: REQUEST, first: body => JSON.parse(body).status === 410, status: 410 }

  return [
    { name: 'a', isLimit: true, title: '(a) bare Fastify, constant answer', args: port => [baseline('fastify'), '--port', port], ...granted },
    {
      name: 'b',
      isLimit: true,
      title: '(b) bare Fastify, least transaction, in memory',
      args: port => [baseline('sqlite'), '--port', port],
      ...granted
    },
    {
      name: 'c',
      isLimit: true,
      title: '(c) bare Fastify, least transaction, WAL file, FULL',
      args: port => [baseline('sqlite'), '--port', port, '--db', newFile()],
      ...granted
    },
    { name: 'emulator', title: 'emulator', hasAccounts: true, args: emulator(charged), ...granted },
    { name: 'unjournaled', title: 'emulator `--journal-entries 0`', args: emulator(charged, '--journal-entries', '0'), ...granted },
    { name: 'file', title: 'emulator `--db FILE`', args: port => emulator(charged, '--db', newFile())(port), ...granted },
    { name: 'get-projects', title: 'emulator, get-projects', args: emulator(charged), ...other('/pm/get-projects', { project_id: 5786 }) },
    { name: 'check-balance', title: 'emulator, check-balance', args: emulator(charged), ...other('/check-balance') },
    {
      name: 'create-project',
      title: 'emulator, create-project on a paid plan',
      args: emulator(charged),
      ...other('/pm/create-project', { project_name: 'new', billing_plan: 2 })
    },
    { name: 'refused', title: 'emulator, request refused', args: emulator(refused), ...refusal }
  ].map(contender => ({ ...contender, log: join(folder, `${contender.name}.log`) }))
}

/** Targets as ratios to a baseline or another contender: a minimum for throughput, a maximum for latencies and costs. */
export const AIMS = [
  throughput('in memory', 'emulator', 10, 0.7),
  throughput('get-projects', 'get-projects', 10, 0.5),
  throughput('create-project', 'create-project', 10, 0.5),
  throughput('on a file with FULL', 'file', 10, 0.5),
  throughput('on a file with FULL', 'file', 64, 0.7),
  { what: 'p99 at 10 connections', of: 'emulator', metric: 'p99 10', limit: 'a', most: 1.5 },
  { what: 'CPU of a refused request at 10 connections, of a granted one', of: 'refused', metric: 'cpu 10', limit: 'emulator', most: 1 },
  {
    what: 'requests per second at 10 connections with the journal, of without',
    of: 'emulator',
    metric: 'rps 10',
    limit: 'unjournaled',
    least: 0.95
  },
  { what: 'cold start to the first response', of: 'emulator', metric: 'cold start', limit: 'b', most: 1.10 },
  { what: 'memory, idle', of: 'emulator', metric: 'idle memory', limit: 'a', most: 1.25 }
]

/** Targets as absolute figures. */
export const LIMITS = [
  { what: '`startEmulator()` in a warm process, ms', metric: 'embedded start', most: 15 },
  { what: 'its `stop()`, ms', metric: 'embedded stop', most: 10 },
  { what: 'an account created and removed, ms of server time', metric: 'account', most: 0.5 },
  { what: 'ten years of an account with 1000 projects, 120 000 renewals, ms', metric: 'ten years', most: 1000 }
]

function throughput (what, of, connections, least) {
  return { what: `${what}, requests per second at ${connections} connections`, of, metric: `rps ${connections}`, limit: 'a', least }
}

/** Writes the default world with a wallet that a billion requests can't empty. */
function scenarioFile (folder, samePlan, planId) {
  const path = join(folder, `${samePlan}.json`)
  writeFileSync(path, JSON.stringify({
    settings: { assumptions: { 'same-plan': samePlan } },
    accounts: [{
      name: 'demo',
      token: '132321343dsfsdf',
      balance: '999999999999.999',
      projects: [{ project_id: 5786, subscriptions: [{ service: 1, plan_id: planId }] }]
    }]
  }))
  return path
}
