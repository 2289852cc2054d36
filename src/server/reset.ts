import type { Socket } from 'node:net'

/** A connection below TLS. */
type Layered = Socket & { readonly _parent?: Socket | null }

/** Gives the TCP connection, which is below another socket if TLS is spoken on it. Node has no public way to it. */
export function tcpOf (socket: Layered): Socket {
  return socket._parent ?? socket
}

/** Resets a connection (TCP RST), and with it the TLS on it. */
export function resetConnection (socket: Socket): void {
  const tcp = tcpOf(socket)
  // Where a FIN is just being sent, such as to a client that has left, Node would fail to reset, and never close the connection.
  if (isEnding(socket) || isEnding(tcp)) tcp.destroy()
  else tcp.resetAndDestroy()
}

function isEnding ({ writableEnded, writableFinished }: Socket): boolean {
  return writableEnded && !writableFinished
}
