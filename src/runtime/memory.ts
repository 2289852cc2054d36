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
}

/** Gives the bounds for a heap's limit, so that a small one is enough to serve: each is a share of it, but never larger than needed. */
export function memoryBounds (heapLimit: number = getHeapStatistics().heap_size_limit): MemoryBounds {
  const share = (part: number, enough: number): number => Math.min(Math.floor(heapLimit / part), enough * MEBIBYTE)
  return {
    journal: share(8, 64),
    snapshots: share(8, 64),
    scenario: share(32, 64),
    unfinishedBodies: share(16, 128),
    unreadAnswers: share(16, 256),
    faults: share(32, 32),
    unreadEvents: share(16, 64),
    heldRequests: share(8, 256)
  }
}
