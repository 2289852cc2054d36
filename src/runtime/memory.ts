import { getHeapStatistics } from 'node:v8'

const MEBIBYTE = 1_048_576

/** Bounds of memory, in bytes. */
export interface MemoryBounds {
  /** For the journal, unless the operator sets another. */
  readonly journal: number
  /** For all snapshots together. */
  readonly snapshots: number
  /** For a body that holds a scenario or accounts. Loading it takes some ten times as much of the heap for a moment. */
  readonly scenario: number
  /** For the values in such a body, as a number of them. A key counts as two, an object as 32 more. */
  readonly values: number
  /** For the tokens and licence keys of the worlds of a case, as a number of them. To find each in any of its forms takes some 4 kB. */
  readonly secrets: number
  /** For all bodies together of which a part has arrived. They are outside the heap, but most become strings in it. */
  readonly unfinishedBodies: number
  /** For all large answers together that wait for their clients to read. */
  readonly unreadAnswers: number
  /** For the bodies of all faults together. */
  readonly faults: number
  /** For all events together that wait for their listeners to read. */
  readonly unreadEvents: number
  /** For all requests together that faults hold. */
  readonly heldRequests: number
  /** For the connections to an address, as a number of them. Each may have sent as many headers as are accepted. */
  readonly connections: number
  /** For the billing events that are settled at once, as a number of them. Each takes some 500 bytes. */
  readonly billingEvents: number
}

/** Gives the bounds for a heap's limit, so that a small one is enough to serve: each is a share of it, but never larger than needed. */
export function memoryBounds (heapLimit: number = limitOf()): MemoryBounds {
  const share = (part: number, enough: number): number => Math.min(Math.floor(heapLimit / part), enough * MEBIBYTE)
  return {
    journal: share(8, 64),
    snapshots: share(8, 64),
    scenario: share(32, 64),
    values: Math.min(Math.floor(heapLimit / BYTES_PER_VALUE), ENOUGH_VALUES),
    secrets: Math.min(Math.floor(heapLimit / BYTES_PER_SECRET), ENOUGH_SECRETS),
    unfinishedBodies: share(16, 128),
    unreadAnswers: share(16, 256),
    faults: share(32, 32),
    unreadEvents: share(16, 64),
    heldRequests: share(16, 256),
    connections: Math.min(Math.floor(heapLimit / BYTES_PER_CONNECTION), ENOUGH_CONNECTIONS),
    billingEvents: Math.min(Math.floor(heapLimit / BYTES_PER_EVENT), ENOUGH_EVENTS)
  }
}

/** Size of the heap for each value of a body: the largest takes a fifth of it. */
const BYTES_PER_VALUE = 128

/** As many as 64 MiB of requests, or of projects with all that they can have. */
const ENOUGH_VALUES = 32_000_000

/** Size of the heap for each secret of a case. */
const BYTES_PER_SECRET = 8192

/** As many as two worlds of a hundred thousand projects have, each with a token. */
const ENOUGH_SECRETS = 400_000

/** Size of the heap for each connection: with all of its headers, it takes a quarter of that. */
const BYTES_PER_CONNECTION = 65_536

/** As many as the largest load tests keep open. */
const ENOUGH_CONNECTIONS = 16_384

/** Size of the heap for each billing event. */
const BYTES_PER_EVENT = 1024

/** As many as twenty years of a thousand projects bring. */
const ENOUGH_EVENTS = 250_000

/** What the limit of Node.js 20 and 22 is larger than the option says, for objects that have just been made. */
const FOR_YOUNG_OBJECTS = 48 * MEBIBYTE

/**
 * Gives the limit of the heap, from what Node.js says and the options that it was given. Newer versions add up to 192 MiB to the option
 * for objects that have just been made: none of that is room for what is kept.
 */
export function limitOf (
  options: readonly string[] = [String(process.env.NODE_OPTIONS), ...process.execArgv],
  limit: number = getHeapStatistics().heap_size_limit
): number {
  const given = [...options.join(' ').matchAll(/--max[-_]old[-_]space[-_]size[= ](\d+)/g)].at(-1)?.[1]
  return given === undefined ? limit : Math.min(limit, Number(given) * MEBIBYTE + FOR_YOUNG_OBJECTS)
}
