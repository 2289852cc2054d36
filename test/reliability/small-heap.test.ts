import type { Socket } from 'node:net'
import t from 'tap'
import { limitOf, memoryBounds } from '../../src/runtime/memory.js'
import { resetConnection } from '../../src/server/reset.js'
import { CHANGE_BILLING, SAMPLE } from '../support/built.js'
import { closed } from '../support/closed.js'
import { effort } from '../support/effort.js'
import { until } from '../support/raw-http.js'
import { startWatched } from '../support/watched.js'
import { opened } from './wire.js'

const MEBIBYTE = 1_048_576

const SMALL = '--max-old-space-size=64'

const BOUNDS = memoryBounds(limitOf([SMALL], Infinity))

t.test('64 MB of heap is enough', async t => {
  const emulator = await startWatched(t, [], ['env', `NODE_OPTIONS=${SMALL}`])
  const { url, port, look, resident, isRunning, complaints } = emulator
  const call = async (method: string, path: string, body: string | null = null): Promise<string> => {
    const response = await fetch(url + path, { method, body, headers: { 'content-type': 'application/json' } })
    return await response.text()
  }
  const matched = async (): Promise<number> => (JSON.parse(await call('GET', '/__admin/faults')) as { faults: Array<{ matched: number }> }).faults[0]!.matched
  const change = (note: string): Promise<string> => call('POST', CHANGE_BILLING, JSON.stringify({ ...SAMPLE, note }))

  await t.test('to serve, with a full journal that is searched by many', async t => {
    const count = effort(Math.ceil(BOUNDS.journal / 60_000), 20_000)
    let sent = 0
    await Promise.all(Array.from({ length: 20 }, async () => { while (sent++ < count) await change('x'.repeat(30_000)) }))
    const kept = JSON.parse(await call('GET', '/__admin/requests/count')) as { count: number }
    t.ok(kept.count > BOUNDS.journal / 200_000 && kept.count < count, `${kept.count} of ${count} requests are kept`)
    const searches = await Promise.all(Array.from({ length: effort(5, 20) }, () => call('GET', '/__admin/requests/wait?text=nowhere&timeout=0ms')))
    for (const answer of searches) t.match(answer, '"nearest_misses":[{')
    t.match(await change(''), '"status":')
  })

  await t.test('whatever many clients leave unread of requests that they did not expect, whose texts are too large to keep', async t => {
    for (let number = 0; number < 10; number++) await change('é"'.repeat(150_000))
    t.match(await call('GET', '/__admin/requests/wait?count=0&timeout=0ms'), /^\{"type":"about:blank","title":"Conflict".*"requests":\[\{"id"/)
    const clients = await Promise.all(Array.from({ length: effort(100, 300) }, async () => {
      const client = await opened(port)
      client.on('error', () => {}).pause()
      client.write('GET /__admin/requests/wait?count=0&timeout=100ms HTTP/1.1\r\nhost: localhost\r\n\r\n')
      return client
    }))
    // To make room, the connections of those that read slowest are cut, and that of whoever waits for a large answer of its own may be.
    t.match(await change(''), '"status":')
    t.ok(isRunning())
    for (const client of clients) client.destroy()
    await call('POST', '/__admin/reset')
  })

  await t.test('whatever many clients leave unread: events, cases, and answers of any kind', async t => {
    for (const [path, count] of [['events', effort(20, 200)], ['case', effort(10, 200)], ['state?requests=true', effort(10, 200)]] as const) {
      const clients = await Promise.all(Array.from({ length: count }, async () => {
        const client = await opened(port)
        client.on('error', () => {}).pause()
        client.write(`GET /__admin/${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
        return client
      }))
      for (let number = 0; number < effort(5, 600); number++) t.match(await change('x'.repeat(10_000)), '"status":')
      t.match(await call('GET', '/__admin/health'), '"status":"ready"', `others are served beside ${path}`)
      for (const client of clients) client.destroy()
    }
    t.ok(isRunning())
  })

  await t.test('to reset before each test, and to make a thousand accounts for it', async t => {
    const accounts = JSON.stringify(Array.from({ length: 1000 }, () => ({})))
    for (let round = 0; round < effort(3, 200); round++) {
      await call('POST', '/__admin/reset')
      t.match(await call('POST', '/__admin/accounts', accounts), /^\[\{"name":/)
      if (round % 10 === 0) t.match(await call('GET', '/__admin/requests'), '"requests":')
    }
    t.ok(isRunning())
  })

  await t.test('to load a world as large as is accepted, and to refuse a larger one', async t => {
    const projects = Array.from({ length: effort(4000, 14_000) }, (_, index) => ({ project_id: index + 1, project_name: `project ${index + 1}`.padEnd(60) }))
    const world = JSON.stringify({ accounts: [{ name: 'demo', token: SAMPLE.token, balance: '100', projects }] })
    t.ok(world.length < BOUNDS.scenario, `${world.length} bytes`)
    for (let times = 0; times < effort(1, 5); times++) t.match(await call('PUT', '/__admin/state', world), '"accounts":')
    t.match(await call('PUT', '/__admin/state', world + ' '.repeat(BOUNDS.scenario)), '"status":413')
    t.match(await call('PUT', '/__admin/state', ' '.repeat(BOUNDS.scenario)), '"detail":"the body is not valid JSON: value expected at line 1')
    t.match(await call('PUT', '/__admin/state', `["${'\\n'.repeat(BOUNDS.scenario / 2 - 2)}`), '"detail":"the body is not valid JSON: unexpected end of string at line 1')
    t.match(await call('PUT', '/__admin/state', `[${'{},'.repeat(BOUNDS.scenario / 3 - 2)}{}]`), '"status":413,"detail":"the body has more values and keys than there is memory for at line 1')
    const keys = Array.from({ length: BOUNDS.scenario / 10 }, (_none, index) => `"${index.toString(36)}":0`)
    t.match(await call('PUT', '/__admin/state', `{${keys.join()}}`), '"status":413,"detail":"the body has more values and keys than there is memory for at line 1')
  })

  await t.test('to list 20 000 projects to several clients at once', async t => {
    const projects = Array.from({ length: 20_000 }, (_, index) => ({ project_id: index + 1 }))
    await call('PUT', '/__admin/state', JSON.stringify({ accounts: [{ name: 'demo', token: SAMPLE.token, balance: '100', projects }] }))
    const lists = await Promise.allSettled(Array.from({ length: effort(4, 20) }, () =>
      call('POST', '/app/api/v2/pm/get-projects', JSON.stringify({ token: SAMPLE.token, project_id: 0 }))))
    // To make room, connections of those that read slowest may be cut.
    const whole = lists.filter(list => list.status === 'fulfilled' && list.value.split('"project_name"').length === 20_001)
    t.ok(whole.length > 0, `${whole.length} of ${lists.length}`)
    t.match(await change(''), '"status":')
    t.ok(isRunning())
    await call('POST', '/__admin/reset')
  })

  await t.test('to move a clock past as many renewals as are settled at once, and to refuse more', async t => {
    const projects = Array.from({ length: 1000 }, (_, index) => ({ project_id: index + 1, subscriptions: [{ service: 1, plan_id: 2 }] }))
    t.match(await call('PUT', '/__admin/state', JSON.stringify({ accounts: [{ name: 'demo', token: SAMPLE.token, balance: '999999999', projects }] })), '"accounts":')
    for (const by of ['P5000Y', 'P30Y', 'P20Y', 'P16Y']) t.match(await call('POST', '/__admin/clock/advance', JSON.stringify({ by })), '"status":409,"detail":"too many billing events', by)
    const months = Math.floor(BOUNDS.billingEvents / 1000)
    const moved = JSON.parse(await call('POST', '/__admin/clock/advance', JSON.stringify({ by: `P${months}M` }))) as { total: number }
    t.ok(moved.total > (months - 2) * 1000, `${moved.total} in ${months} months`)
    t.ok(isRunning())
    await call('POST', '/__admin/reset')
  })

  await t.test('whatever many requests a fault holds, whether or not their clients wait', async t => {
    const held = [{ kind: 'delay', delay: { fixed: 600_000 } }, { kind: 'slow_body', duration: 600_000 }, { kind: 'hang' }]
    for (const fault of held) {
      for (const [length, count, atOnce] of [[0, effort(60, 3000), 50], [900_000, effort(15, 150), 2]] as const) {
        await call('POST', '/__admin/faults', JSON.stringify(fault))
        const body = JSON.stringify({ ...SAMPLE, note: 'x'.repeat(length) })
        for (let sent = 0; sent < count; sent += atOnce) {
          const clients = await Promise.all(Array.from({ length: Math.min(atOnce, count - sent) }, () => opened(port)))
          for (const client of clients) {
            client.on('error', () => {}).resume()
            client.write(`POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
          }
          await until(async () => await matched() === sent + clients.length)
          clients.forEach((client, index) => { if (index % 2 === 0) client.destroy() })
        }
        await call('POST', '/__admin/reset')
      }
    }
    t.ok(isRunning())
  })

  await t.test('whatever large answers a fault holds', async t => {
    const projects = Array.from({ length: 3000 }, (_, index) => ({ project_id: index + 1 }))
    await call('PUT', '/__admin/state', JSON.stringify({ accounts: [{ name: 'demo', token: SAMPLE.token, balance: '100', projects }] }))
    for (const fault of [{ kind: 'slow_body', duration: 600_000 }, { kind: 'delay', delay: { fixed: 600_000 }, when: 'after' }]) {
      await call('POST', '/__admin/faults', JSON.stringify(fault))
      const body = JSON.stringify({ token: SAMPLE.token, project_id: 0 })
      const clients = await Promise.all(Array.from({ length: effort(60, 200) }, async () => {
        const client = await opened(port)
        client.on('error', () => {}).resume()
        client.write(`POST /app/api/v2/pm/get-projects HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
        return client
      }))
      await until(async () => await matched() === clients.length)
      for (const client of clients) client.destroy()
      await call('DELETE', '/__admin/faults')
    }
    t.ok(isRunning())
    await call('POST', '/__admin/reset')
  })

  await t.test('whatever many clients are half way through their headers', async t => {
    const headers = Array.from({ length: 60 }, (_, number) => `x-${number}: ${String(number).repeat(120)}\r\n`).join('')
    const clients = new Set<Socket>()
    let closed = 0
    for (let opening = 0; opening < effort(1, 3) * BOUNDS.connections; opening += 64) {
      await Promise.all(Array.from({ length: 64 }, async () => {
        const client = await opened(port)
        client.on('error', () => {}).on('close', () => { closed++ }).write(`POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\n${headers}`)
        clients.add(client)
      }))
    }
    t.ok(isRunning())
    for (const client of clients) client.destroy()
    await until(() => closed === clients.size)
    await until(async () => (await call('GET', '/__admin/health').catch(String)).includes('"status":"ready"'))
  })

  await t.test('whatever many clients leave unfinished', async t => {
    const before = await look()
    const part = Buffer.alloc(MEBIBYTE, 'x')
    const refused = new Set<number>()
    const clients = await Promise.all(Array.from({ length: effort(90, 150) }, async (_, index) => {
      const client = await opened(port)
      client.on('data', (bytes: Buffer) => { if (bytes.includes('503 Service Unavailable')) refused.add(index) })
      client.write(`PUT /__admin/state HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${2 * MEBIBYTE}\r\n\r\n`)
      client.write(part)
      return client
    }))
    await until(() => refused.size >= clients.length - 2 * BOUNDS.unfinishedBodies / MEBIBYTE)
    // What has just come from clients that are refused goes soon. Without a bound, a part of each would stay.
    await until(async () => (await look()).buffers - before.buffers < 4 * BOUNDS.unfinishedBodies)
    t.match(await call('GET', '/__admin/health'), '"status":"ready"', 'others are served')
    for (const client of clients) resetConnection(client)
    await Promise.all(clients.map(closed))
    await until(async () => (await call('PUT', '/__admin/state', `{${' '.repeat(2 * MEBIBYTE - 2)}}`)).includes('"accounts":'))
    t.ok(isRunning())
    t.notMatch(complaints(), /heap|"level":60/)
    t.comment(`${Math.round(resident() / MEBIBYTE)} MB`)
  })
})
