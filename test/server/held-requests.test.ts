import pino from 'pino'
import t, { type Test } from 'tap'
import { servedAt } from '../../src/api/index.js'
import { connect, type ScenarioFault } from '../../src/client/connect.js'
import { createContext } from '../../src/runtime/context.js'
import { createHeldRequests, REQUEST_OVERHEAD } from '../../src/runtime/held-requests.js'
import type { Surroundings } from '../../src/runtime/surroundings.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import { listen } from '../../src/server/listen.js'
import { openStore } from '../../src/store/index.js'
import { CHANGE_BILLING } from '../support/emulator.js'
import { connected, endOf, until } from '../support/raw-http.js'

/** An emulator whose faults may hold two requests at a time, with a fault; `ask` sends a request for an account of its own. */
async function holding (t: Test, fault: ScenarioFault, given: Partial<Surroundings> = {}) {
  const store = openStore()
  loadSeed(store, readScenario({}, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 }))
  const made = createContext({ store, log: pino({ enabled: false }), machineTime: Date.now, seed: 1, journal: { entries: 100, bytes: 1e8 }, ...given })
  // Room for their bodies as well, but not for a third request.
  const context = { ...made, heldRequests: createHeldRequests(2.9 * REQUEST_OVERHEAD) }
  const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt({}), hasConsole: false })
  const { urls: [url], port, close } = await listen(app.routing, ['127.0.0.1'], 0)
  t.teardown(async () => {
    context.pending.abort()
    await close()
    await app.close()
    store.close()
  })
  const emulator = connect(url!)
  await emulator.fail(fault)
  let asked = 0
  return async () => {
    const { token } = await emulator.createAccount({ name: `account ${++asked}`, balance: '100', projects: [{ project_id: 1 }] })
    const body = JSON.stringify({ token, project_id: 1, service: 1, plan_id: 2 })
    const client = await connected(port)
    client.write(`POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    await until(() => made.activeFaults.list()[0]!.active.triggered === asked)
    return client
  }
}

const LONG = 600_000
const GRANTED = /^HTTP\/1\.1 200 OK.*"status":100,"message":"Success".*\}$/s

/** What a client gets whose request is let go. */
const LET_GO: ReadonlyArray<readonly [fault: ScenarioFault, received: RegExp]> = [
  [{ kind: 'delay', delay: { fixed: LONG } }, GRANTED],
  [{ kind: 'delay', delay: { fixed: LONG }, when: 'after' }, GRANTED],
  // The rest of its body comes at once.
  [{ kind: 'slow_body', duration: LONG }, GRANTED],
  [{ kind: 'hang' }, /^$/],
  [{ kind: 'hang', when: 'after' }, /^$/]
]

for (const [fault, received] of LET_GO) {
  t.test(`${fault.kind} ${fault.when ?? 'before'} holds so many requests, and lets go of the first for another one`, async t => {
    const ask = await holding(t, fault)
    const [first, second] = [await ask(), await ask()]
    const ends = [endOf(first), endOf(second)]
    t.notOk(first.readableEnded || second.readableEnded, 'two are held')
    await ask()
    t.match(await ends[0], received)
    t.notOk(second.readableEnded, 'one was enough')
  })
}

t.test('pauses of a slow body that end late are made up for by the next ones', async t => {
  const asked: number[] = []
  const sleep = async (ms: number): Promise<void> => {
    asked.push(ms)
    if (asked.length === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  }
  const ask = await holding(t, { kind: 'slow_body', duration: 200 }, { sleep })
  t.match(await endOf(await ask()), GRANTED)
  const [first, ...next] = asked
  t.ok(first! > 0 && next.length > 10)
  t.same(next.slice(0, 5), [0, 0, 0, 0, 0])
})
