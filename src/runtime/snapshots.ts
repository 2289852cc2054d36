import type { Instant } from '../domain/clock.js'
import type { Entry } from '../journal/record.js'
import type { SavedAccount } from '../world/saved-account.js'
import type { ActiveFaults } from './faults.js'
import { memoryBounds } from './memory.js'

/** Emulator as it was before a call, kept so that the call can be undone. */
export interface Snapshot {
  readonly id: string
  /** In the machine's time. */
  readonly takenAt: Instant
  /** Method and path of the call that it was taken before. */
  readonly before: string
  /** Name of the account that the call was about, the only one to be restored; `null` for the world. */
  readonly account: string | null
  /** Whether that call was an undo, so that restoring this snapshot redoes what was undone. */
  readonly isRedo: boolean
  readonly content: SnapshotContent
  readonly faults: ReturnType<ActiveFaults['list']>
  readonly requests: readonly Entry[]
  /** Position of the newest request at that time. */
  readonly lastSerial: number
  /** Position in the timeline after that call. */
  readonly position: number
  readonly counts: { readonly accounts: number, readonly projects: number, readonly requests: number, readonly faults: number }
  readonly bytes: number
}

/** What to restore: a copy of the database, or all of one account, `null` if there was none of that name. */
export type SnapshotContent =
  | { readonly of: 'world', readonly database: Buffer }
  | { readonly of: 'account', readonly name: string, readonly saved: SavedAccount | null }

/** Snapshots in memory, oldest first, within limits. */
export interface Snapshots {
  /** Keeps a snapshot and returns its id. Old ones make way. */
  readonly add: (taken: Omit<Snapshot, 'id'>) => string
  readonly find: (id: string) => Snapshot | undefined
  readonly list: () => readonly Snapshot[]
  readonly remove: (id: string) => void
  /** Removes those of accounts, which can't be restored into another world. */
  readonly removeOfAccounts: () => void
}

/** Maximum number of snapshots of the world, and of accounts: neither makes the other's way. */
export const MAX_SNAPSHOTS = 10

/** Creates an empty list of snapshots. */
export function createSnapshots (maxBytes: number = memoryBounds().snapshots): Snapshots {
  const snapshots = new Map<string, Snapshot>()
  let added = 0

  return {
    add (taken) {
      const id = `snapshot-${++added}`
      snapshots.set(id, { ...taken, id })
      const ofItsKind = [...snapshots.values()].filter(({ account }) => (account === null) === (taken.account === null))
      if (ofItsKind.length > MAX_SNAPSHOTS) snapshots.delete(ofItsKind[0]!.id)
      let bytes = [...snapshots.values()].reduce((sum, snapshot) => sum + snapshot.bytes, 0)
      for (const snapshot of snapshots.values()) {
        if (bytes <= maxBytes) break
        snapshots.delete(snapshot.id)
        bytes -= snapshot.bytes
      }
      return id
    },
    find: id => snapshots.get(id),
    list: () => [...snapshots.values()],
    remove (id) { snapshots.delete(id) },
    removeOfAccounts () {
      for (const { id, account } of snapshots.values()) if (account !== null) snapshots.delete(id)
    }
  }
}
