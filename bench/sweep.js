// Measures what a sweep adds to the runs that it makes: part of bench/run.js, or node bench/sweep.js [--quick]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sweep } from '../dist/index.js'
import { median } from './quantile.js'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

/** A client of one call. */
const CLIENT = 'curl -s "$PICKY_EMULATOR_URL/app/api/v2/pm/change-billing" -d "{\\"token\\":\\"$PICKY_EMULATOR_TOKEN\\",\\"project_id\\":5786,\\"service\\":1,\\"plan_id\\":2}"; true'

const AIMS = { overhead: 50, rate: 200 }

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await sweeping(process.argv.includes('--quick')))

/** Measures, and writes the figures as Markdown. */
export async function sweeping (isQuick) {
  const samples = { one: [], two: [], rate: [] }
  for (let round = 0; round < (isQuick ? 1 : 7); round++) {
    samples.one.push(commands(1, isQuick))
    samples.two.push(commands(2, isQuick))
    samples.rate.push(await functions(isQuick))
  }
  const perRun = of => median(samples[of].map(({ total, runs }) => total / runs))
  return [
    '**A sweep**',
    '',
    '| what a sweep costs | median |',
    '| --- | ---: |',
    `| a run of a command, besides the command's own time (aim: ≤ ${AIMS.overhead} ms), ms | ${median(samples.one.map(({ total, runs, own }) => (total - own) / runs)).toFixed(0)} |`,
    `| a run, one at a time, ms | ${perRun('one').toFixed(0)} |`,
    `| a run, two at a time, ms | ${perRun('two').toFixed(0)} |`,
    `| speed of two at a time, of twice as fast (${availableParallelism()} cores) | ${(perRun('one') / perRun('two') / 2).toFixed(2)} |`,
    `| runs of a function a second, with three calls each (aim: ≥ ${AIMS.rate}) | ${median(samples.rate).toFixed(0)} |`
  ].join('\n')
}

/** Sweeps a command; gives the number of runs, and the milliseconds for all of them and in the command itself. */
function commands (jobs, isQuick) {
  const folder = mkdtempSync(join(tmpdir(), 'picky-bench-'))
  try {
    const faults = isQuick ? 'http_error' : 'connection_reset,http_error,empty_response,malformed_json,api_refusal'
    const args = ['sweep', '--jobs', String(jobs), '--repeat', '1', '--faults', faults, '--no-questions', '--report', join(folder, 'r.json'), '--', 'sh', '-c', CLIENT]
    const { status } = spawnSync(process.execPath, [CLI, ...args], { stdio: 'ignore' })
    if (status !== 0 && status !== 1) throw new Error(`a sweep has failed with exit code ${status}`)
    const { duration_ms: total, reference, results } = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'))
    return { total, own: reference.duration_ms + results.reduce((sum, result) => sum + result.duration_ms, 0), runs: results.length + 1 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Sweeps a function; gives the number of runs a second. */
async function functions (isQuick) {
  const { results, duration_ms: took } = await sweep(async ({ url, token }) => {
    for (const [name, body] of [['change-billing', { project_id: 1, service: 1, plan_id: 2 }], ['get-projects', { project_id: 0 }], ['get-projects', { project_id: 1 }]]) {
      const response = await fetch(`${url}/app/api/v2/pm/${name}`, { method: 'POST', body: JSON.stringify({ token, ...body }) }).catch(() => undefined)
      await response?.text().catch(() => {})
    }
  }, {
    account: { balance: '100', projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: 1 }] }] },
    faults: isQuick ? 'http_error' : ['connection_reset', 'http_error', 'empty_response', 'malformed_json', 'api_refusal'],
    instants: !isQuick,
    questions: false
  })
  return (results.length + 2) / took * 1000
}
