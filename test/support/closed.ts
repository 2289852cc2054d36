import type { Duplex } from 'node:stream'

/** Waits until a connection is closed, be it by a reset: `once` would reject then, and which of both it is may depend on the moment. */
export async function closed (socket: Duplex): Promise<void> {
  if (!socket.closed) await new Promise(resolve => { socket.on('error', () => {}).once('close', resolve) })
}
