import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { resetConnection } from '../../src/server/reset.js'

t.test('a connection is reset, or closed where its end is just being sent', async t => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  t.teardown(() => { server.close() })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const [isEnding, end] of [[false, 'ECONNRESET'], [true, 'closed']] as const) {
    const client = connect(port, '127.0.0.1')
    const ended = new Promise(resolve => {
      client.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code)).on('close', () => resolve('closed')).resume()
    })
    const [socket] = await once(server, 'connection') as [Socket]
    if (isEnding) socket.end()
    const closed = once(socket, 'close')
    resetConnection(socket)
    t.equal(await ended, end)
    await closed
  }
})
