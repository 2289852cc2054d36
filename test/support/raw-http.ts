import type { Server, ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import { limitedServer, PLAIN } from '../../src/server/connection.js'
import { LIMITS, type Limits } from '../../src/server/limits.js'
import type { ReportUnreadable } from '../../src/server/unreadable-request.js'

export const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
export const GET_AND_CLOSE = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'
export const GARBAGE = 'garbage\r\n\r\n'
export const CONNECT = 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n'

export interface HoldingServer {
  readonly server: Server
  readonly port: number
  /** The responses in the order of their requests; the test sends them. */
  readonly held: ServerResponse[]
}

/** Starts a server that leaves its responses to the test. A test may change its limits while it runs, such as `server.requestTimeout`. */
export async function holdResponses (t: Test, limits: Partial<Limits> = {}, report?: ReportUnreadable): Promise<HoldingServer> {
  const held: ServerResponse[] = []
  const handedOver = new Set<Duplex>()
  const server = limitedServer((request, response) => {
    request.resume()
    held.push(response)
  }, { ...LIMITS, ...limits }, handedOver, PLAIN, report)
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.close().closeAllConnections()
    for (const socket of handedOver) socket.destroy()
  })
  return { server, port: (server.address() as AddressInfo).port, held }
}

/** Connects as a client that closes its side only when the test says so. */
export async function connected (port: number): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      resolve(socket.off('error', reject).on('error', () => {}))
    }).on('error', reject)
  })
}

/** Reads all that a connection still brings until the server ends it, and then closes it. */
export async function endOf (socket: Socket): Promise<string> {
  let text = ''
  if (socket.closed) return text
  return await new Promise(resolve => {
    socket.on('data', (bytes: Buffer) => { text += bytes.toString() })
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(text)).resume()
  })
}

/** Waits until something is so; after a while less eagerly, as it may be up to another process. */
export async function until (isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turns = 0; !await isSo(); turns++) await (turns < 1000 ? turn() : sleep(1))
}
