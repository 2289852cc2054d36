// Load generator, which runs in a separate process. Receives a load as a message and sends its result; exits at the first wrong answer.
import { createRequire } from 'node:module'

/** Installed beside the project and not with it: see tools/proofs.js. */
const autocannon = createRequire(new URL('../proofs/package.json', import.meta.url))('autocannon')

/** How long, in seconds, a load may go on without an answer. */
const MAX_SECONDS = 10

process.on('message', async message => process.send(await load(message)))
process.on('disconnect', () => process.exit())

/** Generates a load. Measures latencies itself, because autocannon rounds them to milliseconds, longer than most answers take here. */
async function load ({ port, path, request, status, httpStatus: expected = 200, connections, seconds }) {
  const arrivals = []
  const latencies = []
  const cpu = process.cpuUsage()
  const cannon = autocannon({
    url: `http://127.0.0.1:${port}${path}`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: request,
    connections,
    duration: seconds,
    sampleInt: 100,
    verifyBody (body) {
      if (JSON.parse(body).status !== status) fail(`wrong answer: ${body}`)
      return true
    }
  })
  cannon.on('response', (_client, httpStatus, _bytes, milliseconds) => {
    if (httpStatus !== expected) fail(`HTTP status ${httpStatus}`)
    arrivals.push(performance.now())
    latencies.push(milliseconds)
  })
  cannon.on('reqError', error => fail(error.message))
  const { errors, timeouts } = await cannon
  const { user, system } = process.cpuUsage(cpu)
  const requests = arrivals.length
  if (errors + timeouts > 0) fail(`${errors} errors, ${timeouts} timeouts`)
  // On a machine that is busy with something else, a short load may see no answer at all.
  if (requests < 2) return seconds > MAX_SECONDS ? fail('no answers') : await load({ port, path, request, status, httpStatus: expected, connections, seconds: 4 * seconds })
  // The first request of each connection is left out, because it waits for the connection as well.
  const skipped = requests > 2 * connections ? connections : 0
  const milliseconds = arrivals.at(-1) - arrivals[skipped]
  const sorted = latencies.slice(skipped).sort((a, b) => a - b)
  return {
    requests,
    rps: (sorted.length - 1) / milliseconds * 1000,
    p50: sorted[Math.floor(sorted.length * 0.5)],
    p99: sorted[Math.floor(sorted.length * 0.99)],
    busy: (user + system) / 1000 / milliseconds
  }
}

/** Aborts the benchmark: one that measures errors is worthless. */
function fail (why) {
  console.error(`\nbench: under load, ${why}`)
  process.exit(1)
}
