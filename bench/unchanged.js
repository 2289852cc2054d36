// Measures what an unchanged client pays: part of bench/run.js, or node bench/unchanged.js [--quick]
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, createServer, request } from 'node:https'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { startEmulator } from '../dist/index.js'
import { median } from './quantile.js'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const BODY = '{"token":"132321343dsfsdf"}'

/** An answer of the emulator's TLS port that nothing has to be decided for. The bare server gives one of the same length. */
const CONSTANT_PATH = '/__admin'
const CONSTANT_LENGTH = 200

const { redirectVendor } = createRequire(import.meta.url)('../dist/redirect.cjs')

const AIMS = { start: 150, redirected: 1.3 }

/** Servers of threads of their own; each tells its port. */
const SERVERS = {
  async emulator (folder) {
    const { interception } = await startEmulator({ tlsPort: 0, tlsDir: folder })
    return interception.tlsPort
  },
  async bare (folder) {
    const pem = readFileSync(join(folder, 'server.pem'), 'utf8')
    const answer = 'x'.repeat(CONSTANT_LENGTH)
    const server = createServer({ key: pem, cert: pem.slice(pem.indexOf('-----BEGIN CERT')) }, (request, response) => {
      request.resume().on('end', () => { response.writeHead(200, { 'content-length': CONSTANT_LENGTH }).end(answer) })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server.address().port
  }
}

if (!isMainThread) parentPort.postMessage(await SERVERS[workerData.server](workerData.folder))
else if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await unchanged(process.argv.includes('--quick')))

/** Measures, and writes the figures as Markdown. */
export async function unchanged (isQuick) {
  const [starts, rounds] = isQuick ? [1, 1] : [20, 15]
  return ['**An unchanged client**', '', ...startTable(starts), '', ...await requestTable(rounds, isQuick)].join('\n')
}

/** The time until a program has started, alone and under `run`, in turns. */
function startTable (times) {
  const samples = { alone: [], 'under run': [], 'from start to end, alone': [], 'from start to end, under run': [] }
  for (let n = 0; n < times; n++) {
    for (const [name, before] of [['alone', []], ['under run', [CLI, 'run', '--log-level', 'silent', '--', process.execPath]]]) {
      const began = performance.timeOrigin + performance.now()
      const { stdout, status } = spawnSync(process.execPath, [...before, '-p', 'performance.timeOrigin'], { encoding: 'utf8' })
      if (status !== 0) throw new Error(`a program ${name} has failed`)
      samples[name].push(Number(stdout) - began)
      samples[`from start to end, ${name}`].push(performance.timeOrigin + performance.now() - began)
    }
  }
  const more = median(samples['under run']) - median(samples.alone)
  return [
    '| a program\'s start, ms | median |', '| --- | ---: |',
    ...Object.entries(samples).map(([name, values]) => `| ${name} | ${median(values).toFixed(0)} |`),
    `| more under run (aim: ≤ ${AIMS.start}) | ${more.toFixed(0)} |`
  ]
}

/** The time of a request over TLS, directly and through the redirect, on a connection that is kept and on new ones. */
async function requestTable (rounds, isQuick) {
  const folder = mkdtempSync(join(tmpdir(), 'picky-bench-'))
  const emulated = new Worker(new URL(import.meta.url), { workerData: { server: 'emulator', folder } })
  const [emulatorPort] = await once(emulated, 'message')
  const bare = new Worker(new URL(import.meta.url), { workerData: { server: 'bare', folder } })
  const [barePort] = await once(bare, 'message')
  const ca = readFileSync(join(folder, 'ca.pem'), 'utf8')
  const targets = {
    'bare node:https': { host: '127.0.0.1', port: barePort, servername: 'pickyassist.com', path: '/' },
    'the same through the redirect': { tlsPort: barePort, path: '/' },
    'the emulator through the redirect, constant answer': { tlsPort: emulatorPort, path: CONSTANT_PATH },
    'the emulator through the redirect, check-balance': { tlsPort: emulatorPort, path: '/api/v2/check-balance' }
  }
  const ways = [['kept', true, isQuick ? 50 : 1500], ['new', false, isQuick ? 10 : 150]]
  const samples = {}
  for (const [way, keepAlive, requests] of ways) {
    const agents = Object.fromEntries(Object.keys(targets).map(name => [name, new Agent({ keepAlive, maxSockets: 1 })]))
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const [name, target] of Object.entries(targets)) {
        const took = await series({ ...target, ca, agent: agents[name] }, requests)
        if (round > 0) (samples[`${name} ${way}`] ??= []).push(took)
      }
    }
    for (const agent of Object.values(agents)) agent.destroy()
  }
  await Promise.all([emulated.terminate(), bare.terminate()])
  rmSync(folder, { recursive: true })
  const cells = name => ways.flatMap(([way]) => {
    const [found, least] = [samples[`${name} ${way}`], samples[`bare node:https ${way}`]]
    return [median(found).toFixed(3), median(found.map((took, n) => took / least[n])).toFixed(2)]
  })
  return [
    `| a request over TLS (aim: ≤ ${AIMS.redirected} for a constant answer) | kept connection, ms | of bare | new connection, ms | of bare |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...Object.keys(targets).map(name => `| ${[name, ...cells(name)].join(' | ')} |`)
  ]
}

/** Milliseconds for a request of a series, one after the other. */
async function series ({ tlsPort, ...options }, requests) {
  const undo = tlsPort === undefined ? () => {} : redirectVendor({ tlsPort, plainPort: 0, ca: options.ca })
  const target = { host: 'pickyassist.com', port: 443, ...options }
  const began = performance.now()
  for (let n = 0; n < requests; n++) await ask(target)
  const took = (performance.now() - began) / requests
  undo()
  return took
}

function ask (target) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': BODY.length }
    request({ ...target, method: 'POST', headers }, response => { response.resume().on('end', resolve) }).on('error', reject).end(BODY)
  })
}
