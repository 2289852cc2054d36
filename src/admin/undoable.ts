import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Counts } from '../contract/control.js'
import type { Context } from '../runtime/context.js'
import { bytesOfBodies } from '../runtime/faults.js'
import { memoryBounds } from '../runtime/memory.js'
import type { Snapshot } from '../runtime/snapshots.js'
import type { Store } from '../store/index.js'
import { pathOf } from '../text/url.js'
import { saveAccount } from '../world/saved-account.js'

/** Header of an answer with the id of the snapshot that undoes the call. */
export const SNAPSHOT_HEADER = 'x-emulator-snapshot'

/** Maximum size of an account, in bytes, for a snapshot of it: a suite removes many, and each would have to be read. */
const MAX_ACCOUNT_BYTES = 4_194_304

/** Maximum size in bytes of the requests in one snapshot. */
const MAX_REQUEST_BYTES = 8_388_608

/** Does the work of a call that replaces, removes or moves state of an account (`null`: of the world), so that it can be undone. */
export function undoable<T> (context: Context, account: string | null, request: FastifyRequest, reply: FastifyReply, work: () => T): T {
  const taken = takeSnapshot(context, account, `${request.method} ${pathOf(request)}`)
  const done = work()
  // Work that fails changes nothing.
  if (taken !== undefined) reply.header(SNAPSHOT_HEADER, context.snapshots.add(taken))
  return done
}

/** Takes a snapshot before a call, without keeping it; `undefined` if what it is of is too large for that. */
export function takeSnapshot (context: Context, account: string | null, before: string, isRedo = false): Omit<Snapshot, 'id'> | undefined {
  const { store, journal, timeline, activeFaults, machineTime } = context
  // Requests that have arrived are decided before the call.
  store.flush()
  const taken = account === null ? takeWorld(store) : store.transaction(() => takeAccount(store, account))
  if (taken === undefined) return undefined
  const { content, counts, bytes } = taken
  const all = [...journal.list(account ?? undefined)]
  const bytesOfAll = account === null ? journal.size().bytes : all.reduce((sum, { bytes }) => sum + bytes, 0)
  const requests = bytesOfAll > MAX_REQUEST_BYTES ? [] : all
  const faults = activeFaults.list().filter(({ active }) => account === null || active.fault.account === account)
  return {
    takenAt: machineTime(),
    before,
    account,
    isRedo,
    content,
    faults,
    requests,
    lastSerial: all.at(-1)?.serial ?? 0,
    position: timeline.position(),
    counts: { ...counts, requests: requests.length, faults: faults.length },
    bytes: bytes + (requests.length === 0 ? 0 : bytesOfAll) + bytesOfBodies(faults)
  }
}

interface Taken extends Pick<Snapshot, 'content' | 'bytes'> {
  readonly counts: Pick<Counts, 'accounts' | 'projects'>
}

function takeWorld (store: Store): Taken | undefined {
  const database = store.copy(memoryBounds().snapshots)
  const counts = { accounts: store.accounts.count(), projects: store.projects.count() }
  return database && { content: { of: 'world', database }, counts, bytes: database.length }
}

/** Takes a single account. A copy of the database would be a hundred times as much, which the garbage collector has to get rid of. */
function takeAccount (store: Store, name: string): Taken | undefined {
  const account = store.accounts.findByName(name)
  if (account === undefined) return { content: { of: 'account', name, saved: null }, counts: { accounts: 0, projects: 0 }, bytes: 0 }
  const bytes = store.accounts.bytesOf(account.accountId)
  if (bytes > MAX_ACCOUNT_BYTES) return undefined
  const saved = saveAccount(store, account)
  return { content: { of: 'account', name, saved }, counts: { accounts: 1, projects: saved.projects.length }, bytes }
}
