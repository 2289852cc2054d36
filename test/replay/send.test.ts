import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { send } from '../../src/replay/send.js'

const REQUEST = { method: 'POST', path: '/', request: { headers: {}, text: '{}' } }
const { signal } = new AbortController()

t.test('of an answer without end, only so much is read', async t => {
  const server = createServer((_request, response) => {
    const more = (): void => { while (response.write(Buffer.alloc(65_536)) && !response.destroyed); }
    response.on('drain', more).on('error', () => {})
    more()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const { httpStatus, isWhole, body } = await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, REQUEST, signal)
  t.strictSame([httpStatus, isWhole, body.length < 16 * 1_048_576], [200, false, true])
})

t.test('a server that can\'t be reached is no answer, over TLS or not', async t => {
  for (const scheme of ['http', 'https']) await t.rejects(send(`${scheme}://[::1]:1`, REQUEST, signal), { code: /ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT/ })
})

t.test('what no client can send gets no answer', async t => {
  t.match(await send('http://127.0.0.1', { ...REQUEST, method: 'NO METHOD' }, signal), { httpStatus: null })
})
