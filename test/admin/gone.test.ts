import t from 'tap'
import { forEachInSlices } from '../../src/time-slices.js'
import { CHANGE_BILLING, SAMPLE_REQUEST } from '../support/emulator.js'
import { served } from '../support/served.js'
import { useUpSlice, work } from '../support/slices.js'

t.test('work for a client that has gone is not carried on, and fails nothing', async t => {
  const { call, leave, errors } = await served()
  for (let number = 0; number < 3; number++) await call('POST', CHANGE_BILLING, SAMPLE_REQUEST)
  const saved = (await call('GET', '/__admin/case')).text
  const calls: Array<[method: string, path: string, body?: string]> = [
    ['GET', '/__admin/case'],
    ['GET', '/__admin/requests'],
    ['GET', '/__admin/requests?text=nowhere'],
    ['GET', '/__admin/requests/count?text=nowhere'],
    ['GET', '/__admin/requests/wait?text=nowhere'],
    ['GET', '/__admin/state?requests=true'],
    ['GET', '/__admin/accounts/demo/state'],
    ['GET', '/__admin/accounts/demo/summary'],
    ['GET', '/__admin/case?from=req-2'],
    ['POST', '/__admin/case?from=req-2', saved],
    ['POST', '/__admin/replay', saved],
    ['POST', '/__admin/replay?dry_run=true', saved]
  ]
  for (const [method, path, body] of calls) {
    await useUpSlice()
    const left = call(method, path, body)
    leave()
    t.match(await left, { status: 400, text: /the client closed its connection/ }, `${method} ${path}`)
  }
  t.strictSame(errors, [])
  t.match(await call('POST', '/__admin/replay', saved), { status: 200, text: '"requests":3,' }, 'others are served')
})

t.test('a replay ends between two steps when its client goes, and the next one need not wait for it', async t => {
  const { call, leave } = await served()
  for (let number = 0; number < 60; number++) await call('POST', CHANGE_BILLING, SAMPLE_REQUEST)
  const saved = (await call('GET', '/__admin/case')).text
  const left = call('POST', '/__admin/replay', saved)
  leave(30)
  t.match(await left, { status: 400, text: /the client closed its connection/ })
  t.match(await call('POST', '/__admin/replay?dry_run=true', saved), { status: 200 })
  const both = await Promise.all([call('POST', '/__admin/replay', saved), call('POST', '/__admin/replay', saved)])
  t.match(both.sort((a, b) => a.status - b.status), [{ status: 200, text: '"requests":60,' }, { status: 409, text: /another case is being replayed/ }], 'one at a time')
})

t.test('cases are made one after the other, and not for a client that has gone before its turn', async t => {
  const { call, leave } = await served()
  const over = new AbortController()
  const busy = forEachInSlices({ * [Symbol.iterator] () { while (!over.signal.aborted) yield 1 } }, work)
  const [first, second] = [call('GET', '/__admin/case'), call('GET', '/__admin/case')]
  leave()
  t.match(await first, { status: 200 })
  t.match(await second, { status: 400 })
  over.abort()
  await busy
  t.match(await call('GET', '/__admin/case?account=nobody'), { status: 404 })
  t.match(await call('GET', '/__admin/case'), { status: 200 }, 'after one that failed')
})
