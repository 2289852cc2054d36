// Measures the longest pause of the event loop during each control call: for so long the emulated API answers no one.
// Usage: node bench/pauses.js [PROJECTS] [ROUNDS], after npm run build.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PATH } from './contenders.js'
import { manyAccounts, TOKEN, writeWorld } from './world.js'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const [projects = 100_000, rounds = 5] = process.argv.slice(2).map(Number)

/** Runs within the emulator's process: reports the longest pause, in milliseconds, since it was last asked. */
const PROBE = `
import { monitorEventLoopDelay } from 'node:perf_hooks'
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
process.on('message', () => {
  process.send(delay.max / 1e6)
  delay.reset()
})
process.channel.unref()`

const folder = mkdtempSync(join(tmpdir(), 'picky-pauses-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const REQUESTS = [
  ['GET', '/requests'],
  ['GET', '/requests?limit=1000'],
  ['GET', '/requests?text=nowhere', 'first'],
  ['GET', '/requests?text=nowhere', 'again'],
  ['GET', '/requests/count?lint=accept'],
  ['GET', '/requests/count?project_id=1'],
  ['GET', '/requests/wait?text=nowhere&timeout=0ms'],
  ['GET', '/requests/wait?text=nowhere&timeout=0ms', '20 at once'],
  ['GET', '/requests/wait?count=0&timeout=0ms'],
  ['GET', '/requests/wait'],
  ['GET', '/state?requests=true'],
  ['GET', '/accounts/demo/state'],
  ['GET', '/accounts/demo/summary'],
  ['GET', '/accounts/demo/ledger'],
  ['GET', '/history'],
  ['GET', '/audit?strict=true'],
  ['GET', '/case'],
  ['GET', '/case', '5 at once'],
  ['GET', '/case?account=demo'],
  ['POST', '/replay?dry_run=true', 'CASE'],
  ['POST', '/replay', 'CASE'],
  ['PUT', '/state?dry_run=true', 'CASE'],
  ['PUT', '/state', 'CASE'],
  ['POST', '/undo'],
  ['DELETE', '/requests?text=nowhere'],
  ['DELETE', '/requests']
]

const WORLD = [
  ['GET', '/health'],
  ['GET', '/audit'],
  ['GET', '/accounts'],
  ['GET', '/accounts/demo'],
  ['GET', '/accounts/demo/wallet'],
  ['GET', '/accounts/demo/state'],
  ['GET', '/case?account=small'],
  ['GET', '/accounts/small/state'],
  ['POST', '/accounts', '{"copy_of":"demo","name":"twin"}'],
  ['DELETE', '/accounts/twin'],
  ['DELETE', '/clock'],
  ['PUT', '/accounts/demo/projects/1', '{}'],
  ['POST', '/faults', '{"kind":"delay","delay":{"fixed":1},"account":"demo"}'],
  ['DELETE', '/faults'],
  ['POST', '/clock/advance', '{"by":"P2M"}'],
  ['POST', '/undo'],
  ['GET', '/state'],
  ['PUT', '/state', 'STATE'],
  ['POST', '/accounts/demo/reset?dry_run=true'],
  ['POST', '/accounts/demo/reset'],
  ['POST', '/accounts/demo/clock/advance', '{"by":"P2M"}'],
  ['DELETE', '/accounts/demo'],
  ['POST', '/reset']
]

const MANY = [
  ['GET', '/accounts'],
  ['GET', '/audit?strict=true'],
  ['GET', '/history'],
  ['GET', '/state'],
  ['GET', '/case'],
  ['GET', '/case?account=of-many-7'],
  ['POST', '/accounts', JSON.stringify(manyAccounts(35_000).slice(30_000))],
  ['PATCH', '/settings', '{"strict":true}'],
  ['POST', '/clock/advance', '{"by":"P1D"}'],
  ['POST', '/clock/advance', '{"to":"next-billing"}'],
  ['POST', '/undo'],
  ['POST', '/reset']
]

console.log('| call | with | longest pause, ms |\n| --- | --- | ---: |')
await measure('10 000 requests of 1 kB', writeWorld(folder, 1), async call => {
  await fill(call, 10_000, '')
}, REQUESTS)
await measure('600 requests of 30 kB', writeWorld(folder, 1), async call => {
  await fill(call, 600, 'x'.repeat(30_000))
}, REQUESTS)
await measure(`${projects} projects`, writeWorld(folder, projects, {}, [{ name: 'small' }]), async () => {}, WORLD)
await measure('30 000 accounts', writeWorld(folder, 2, {}, manyAccounts(30_000)), async () => {}, MANY)

/** Starts an emulator, prepares it for each round, and prints each call's shortest round: others disturb the longer ones. */
async function measure (title, file, prepare, calls) {
  const child = spawn(process.execPath, [
    '--import', `data:text/javascript,${encodeURIComponent(PROBE)}`, CLI, '--port', '0', '--log-level', 'info', '--scenario', file
  ], { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] })
  const [text] = await once(child.stdout, 'data')
  const url = `http://127.0.0.1:${/127\.0\.0\.1:(\d+)/.exec(String(text))[1]}`
  const call = async (method, path, body) => {
    const response = await fetch(url + path, { method, body, headers: { 'content-type': 'application/json' } })
    return [response.status, await response.text()]
  }
  const pauseOf = async act => {
    child.send('begin')
    await once(child, 'message')
    // The probe measures from its second tick on.
    await settle()
    await act()
    await settle()
    child.send('end')
    const [pause] = await once(child, 'message')
    return pause
  }
  const pauses = calls.map(() => [])
  for (let round = 0; round < rounds; round++) {
    await call('POST', '/__admin/reset')
    await prepare(call)
    const [, state] = await call('GET', '/__admin/state')
    const [, saved] = await call('GET', '/__admin/case')
    for (const [index, [method, path, how]] of calls.entries()) {
      const body = how === 'STATE' ? state : how === 'CASE' ? saved : /^[{[]/.test(how) ? how : undefined
      const times = Number(/^\d+(?= at once$)/.exec(how)?.[0] ?? 1)
      pauses[index].push(await pauseOf(async () => {
        const answers = await Promise.all(Array.from({ length: times }, () => call(method, `/__admin${path}`, body)))
        const wrong = answers.find(([status]) => status >= 400 && status !== 409)
        if (wrong !== undefined) throw new Error(`${method} ${path}: ${wrong.join(' ').slice(0, 300)}`)
      }))
    }
  }
  for (const [index, [method, path, how]] of calls.entries()) {
    const shown = how === undefined || /^[[SC]/.test(how) ? '' : how.startsWith('{') ? ` \`${how}\`` : `, ${how}`
    console.log(`| \`${method} ${path}\`${shown} | ${title} | ${Math.min(...pauses[index]).toFixed(0)} |`)
  }
  child.kill('SIGTERM')
  await once(child, 'close')
}

/** Lets the probe's timer run a few times before and after a call. */
async function settle () {
  await new Promise(resolve => setTimeout(resolve, 20))
}

async function fill (call, count, note) {
  let sent = 0
  await Promise.all(Array.from({ length: 20 }, async () => {
    while (sent < count) await call('POST', PATH, JSON.stringify({ token: TOKEN, project_id: ++sent, service: 1, plan_id: 2, note }))
  }))
}
