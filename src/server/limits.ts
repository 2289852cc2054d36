import { memoryBounds } from '../runtime/memory.js'

/** How far a client can go; times in milliseconds. `docs/reliability.md` says what happens beyond each limit. */
export interface Limits {
  /** For all headers of a request, counted from its first byte; for a connection's first request, from the connection. */
  readonly headersTimeout: number
  /** For a whole request, counted likewise. */
  readonly requestTimeout: number
  /** How often these two are checked. */
  readonly connectionsCheckingInterval: number
  /** How long a connection may stay idle after a response. */
  readonly keepAliveTimeout: number
  /** How long a client may read nothing of what is sent to it. */
  readonly unreadTimeout: number
  /** After the response that closes a connection: how long a client that stays may send nothing. */
  readonly lingeringTimeout: number
  /** After the response that closes a connection: how long a client may stay at all. */
  readonly lingeringTime: number
  /** At the end, for the responses to requests in flight. */
  readonly drainTime: number
  /** Request line and headers together, in bytes. */
  readonly maxHeaderSize: number
  /** Per address. */
  readonly maxConnections: number
  /** Pipelined requests of one connection behind the one being handled; beyond it, reading pauses. */
  readonly requestsWaiting: number
}

export const LIMITS: Limits = {
  headersTimeout: 30_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 72_000,
  unreadTimeout: 60_000,
  lingeringTimeout: 5000,
  lingeringTime: 30_000,
  drainTime: 500,
  maxHeaderSize: 16_384,
  maxConnections: memoryBounds().connections,
  requestsWaiting: 16
}
