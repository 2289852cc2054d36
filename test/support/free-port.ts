import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A port that no program listens on: asked for and given back. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
