// Measures what an unchanged client pays: node bench/unchanged.js [--quick]
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Agent, createServer, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parentPort, Worker, isMainThread, workerData } from 'node:worker_threads'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const BODY = '{"token":"132321343dsfsdf"}'
const PATH = '/app/api/v2/pm/get-projects'
const quick = process.argv.includes('--quick')
const [STARTS, ROUNDS, REQUESTS] = quick ? [2, 2, 100] : [20, 15, 1500]

if (isMainThread) await main()
else await serveConstant(workerData)

async function main () {
  const alone = []
  const run = []
  for (let n = 0; n < STARTS; n++) {
    alone.push(timed(() => spawnSync(process.execPath, ['-e', '0'])))
    run.push(timed(() => spawnSync(process.execPath, [CLI, 'run', '--log-level', 'silent', '--', process.execPath, '-e', '0'])))
  }
  console.log(`start of a command: alone ${median(alone).toFixed(0)} ms, under run ${median(run).toFixed(0)} ms, ${(median(run) - median(alone)).toFixed(0)} ms more`)

  const folder = mkdtempSync(join(tmpdir(), 'picky-bench-'))
  const ready = join(folder, 'ready.json')
  const args = ['--port', '0', '--tls-port', '0', '--tls-dir', folder, '--ready-file', ready, '--log-level', 'silent']
  const emulator = spawn(process.execPath, [CLI, 'serve', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let banner = ''
  while (!/answers/.test(banner)) banner += String((await once(emulator.stdout, 'data'))[0])
  const [, tlsPort] = /TLS on port (\d+)/.exec(banner)
  const ca = readFileSync(join(folder, 'ca.pem'), 'utf8')
  const bare = new Worker(new URL(import.meta.url), { workerData: readFileSync(join(folder, 'server.pem'), 'utf8') })
  const [barePort] = await once(bare, 'message')
  createRequire(import.meta.url)('../dist/redirect.cjs').redirectVendor({ tlsPort: Number(tlsPort), plainPort: 0, ca })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const emulated = { host: 'pickyassist.com', port: 443, agent }
  const constant = { host: '127.0.0.1', port: barePort, servername: 'pickyassist.com', ca, agent }
  const samples = { emulated: [], constant: [] }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, target] of Object.entries({ constant, emulated })) {
      const took = await series(target)
      // The first round warms up.
      if (round > 0) samples[name].push(took)
    }
  }
  const ratio = median(samples.emulated.map((took, n) => took / samples.constant[n]))
  console.log(`request over TLS, one after the other: bare node:https ${median(samples.constant).toFixed(3)} ms, ` +
    `emulator through the redirect ${median(samples.emulated).toFixed(3)} ms, ${ratio.toFixed(2)} of it`)
  agent.destroy()
  emulator.kill()
  await bare.terminate()
  await once(emulator, 'close')
  rmSync(folder, { recursive: true })
}

/** Milliseconds for a request of a series. */
async function series (target) {
  const began = performance.now()
  for (let n = 0; n < REQUESTS; n++) await ask(target)
  return (performance.now() - began) / REQUESTS
}

function ask (target) {
  return new Promise((resolve, reject) => {
    request({ ...target, path: PATH, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': BODY.length } }, response => {
      response.resume().on('end', resolve)
    }).on('error', reject).end(BODY)
  })
}

/** A server with a constant answer of the same length, which reads the body. */
async function serveConstant (pem) {
  const answer = JSON.stringify({ status: 100, message: 'Success', data: 'x'.repeat(400) })
  const server = createServer({ key: pem, cert: pem.slice(pem.indexOf('-----BEGIN CERT')) }, (request, response) => {
    request.resume().on('end', () => { response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer) })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  parentPort.postMessage(server.address().port)
}

function timed (act) {
  const began = performance.now()
  act()
  return performance.now() - began
}

function median (values) {
  return values.sort((a, b) => a - b)[values.length >> 1]
}
