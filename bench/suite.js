// Measures what a test of a suite takes: part of bench/run.js, or node bench/suite.js [--quick]
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { connect, startEmulator } from '../dist/index.js'
import { installProofs } from '../tools/proofs.js'
import { DOUBLES } from './doubles.js'
import { median, quantile } from './quantile.js'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

const AIMS = { inProcess: 1.25, sideBySide: 1.5, start: 15, each: 12 }

/** Tests at the same time, like those of a runner with a few workers. */
const BESIDE = 8

const CALLS = [
  ['change-billing', { project_id: 1, service: 1, plan_id: 2 }],
  ['get-projects', { project_id: 1 }],
  ['fetch-balance', {}]
]

const ACCOUNT = { balance: '100', projects: [{ project_id: 1 }] }

/** An account that pays for every call anew. */
const LASTING = { ...ACCOUNT, balance: '9999999', settings: { assumptions: { 'same-plan': 'charge-again' } } }

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installProofs()
  console.log(await suite(process.argv.includes('--quick')))
}

/** Measures, and writes the figures as Markdown. */
export async function suite (isQuick) {
  const [rounds, tests, starts] = isQuick ? [1, 4, 2] : [15, 40, 5]
  const samples = {}
  const emulator = await startEmulator()
  const command = await startCommand()
  try {
    const contenders = await contendersOf(emulator, connect(command.url))
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const [name, turn] of Object.entries(contenders)) {
        const times = await turn(name.startsWith('started') ? starts : tests)
        if (round > 0) (samples[name] ??= []).push(median(times))
      }
    }
  } finally {
    command.stop()
    await emulator.stop()
  }
  return table(samples)
}

/** Each runs a number of tests, and gives the milliseconds of each. */
async function contendersOf (emulator, remote) {
  const isolated = there => async () => ({ ...await there.createAccount(ACCOUNT), url: there.url })
  const alone = (there, run) => async count => {
    const account = { ...await there.createAccount(LASTING), url: there.url }
    const times = await run(count, () => threeCalls(account))
    await account.remove()
    return times
  }
  const turnOf = open => async count => {
    const { account, close } = await open()
    const times = await repeated(count, () => test(account))
    await close()
    return times
  }
  return {
    'its three calls alone, in process': alone(emulator, repeated),
    'emulator in process': count => repeated(count, () => test(isolated(emulator))),
    'its three calls alone, as a command': alone(remote, repeated),
    'emulator as a command': count => repeated(count, () => test(isolated(remote))),
    'its three calls alone, side by side': alone(remote, sideBySide),
    'emulator as a command, side by side': count => sideBySide(count, () => test(isolated(remote))),
    'started for each test': count => repeated(count, startedForOne),
    'started again': async count => await startsOf(count),
    msw: turnOf(DOUBLES.msw),
    mockAgent: turnOf(DOUBLES.mockAgent),
    nock: turnOf(DOUBLES.nock),
    mockttp: turnOf(DOUBLES.mockttp),
    'started for each test: mockttp': turnOf(DOUBLES.mockttpEach)
  }
}

/** One isolated test: an account, three calls, its balance and requests asserted, all removed. */
async function test (createAccount) {
  const account = await createAccount()
  await threeCalls(account)
  const { balance, requests } = await account.summary()
  assert.equal(balance, '95')
  assert.deepEqual(requests.map(({ api_status: status }) => status), [100, 100, 100])
  await account.remove()
}

async function threeCalls ({ url, token }) {
  for (const [name, body] of CALLS) {
    const response = await fetch(`${url}/app/api/v2/pm/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, ...body })
    })
    assert.equal((await response.json()).status, 100)
  }
}

async function startedForOne () {
  const emulator = await startEmulator()
  await test(async () => ({ ...await emulator.createAccount(ACCOUNT), url: emulator.url }))
  await emulator.stop()
}

async function startsOf (count) {
  const times = []
  for (let n = 0; n < count; n++) {
    const began = performance.now()
    const emulator = await startEmulator()
    times.push(performance.now() - began)
    await emulator.stop()
  }
  return times
}

async function repeated (count, action) {
  const times = []
  for (let n = 0; n < count; n++) {
    const began = performance.now()
    await action()
    times.push(performance.now() - began)
  }
  return times
}

/** Gives the time of a group divided by the number of those in it: what each adds to a suite. */
async function sideBySide (count, action) {
  const times = await repeated(Math.ceil(count / BESIDE), () => Promise.all(Array.from({ length: BESIDE }, action)))
  return times.map(time => time / BESIDE)
}

async function startCommand () {
  const child = spawn(process.execPath, [CLI, '--port', '0', '--log-level', 'silent'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed] = await once(child.stdout.setEncoding('utf8'), 'data')
  return { url: /http:\/\/[\d.]+:\d+/.exec(printed)[0], stop: () => child.kill() }
}

function table (samples) {
  const of = name => median(samples[name])
  const row = (title, name, base, aim = '') => {
    const spread = `${quantile(samples[name], 0.25).toFixed(1)} to ${quantile(samples[name], 0.75).toFixed(1)}`
    return `| ${title} | ${of(name).toFixed(2)} | ${spread} | ${base === undefined ? '' : (of(name) / of(base)).toFixed(2)} | ${aim} |`
  }
  const [own, outside, beside] = ['in process', 'as a command', 'side by side'].map(where => `its three calls alone, ${where}`)
  return [
    '**A suite\'s test**',
    '',
    '| one isolated test: an account, three calls, balance and requests asserted, all removed | ms | quartiles | of its three `fetch` calls | aim |',
    '|---|---:|---:|---:|---:|',
    row('three `fetch` calls alone, to an emulator in this process', own),
    row('**emulator in process**', 'emulator in process', own, `≤ ${AIMS.inProcess}`),
    row('three `fetch` calls alone, to the command', outside),
    row('emulator as a command', 'emulator as a command', outside),
    row(`three \`fetch\` calls alone, to the command, ${BESIDE} tests side by side`, beside),
    row(`**emulator as a command, ${BESIDE} side by side**`, 'emulator as a command, side by side', outside, `≤ ${AIMS.sideBySide}`),
    row('one emulator started for each test, with its start and stop', 'started for each test', undefined, `≤ ${AIMS.each} ms`),
    row('`startEmulator()` alone, started again', 'started again', undefined, `≤ ${AIMS.start} ms`),
    row('undici MockAgent, hand-written double', 'mockAgent'),
    row('MSW, hand-written double', 'msw'),
    row('nock, hand-written double', 'nock'),
    row('mockttp, hand-written double, one server for all tests', 'mockttp'),
    row('mockttp, hand-written double, started for each test', 'started for each test: mockttp')
  ].join('\n')
}
