import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../runtime/context.js'
import { memoryBounds } from '../runtime/memory.js'
import type { Snapshot } from '../runtime/snapshots.js'
import { pathOf } from '../text/url.js'
import { countsOf } from './consequences.js'

/** Header of an answer with the id of the snapshot that undoes the call. */
export const SNAPSHOT_HEADER = 'x-emulator-snapshot'

/** Maximum size of the database in bytes for a snapshot of an account: a copy takes all of it, and a suite removes many accounts. */
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

/** Takes a snapshot before a call, without keeping it; `undefined` if the database is too large for that. */
export function takeSnapshot (context: Context, account: string | null, before: string, isRedo = false): Omit<Snapshot, 'id'> | undefined {
  const { store, journal, activeFaults, machineTime } = context
  // Requests that have arrived are decided before the call.
  store.flush()
  const database = store.copy(account === null ? memoryBounds().snapshots : MAX_ACCOUNT_BYTES)
  if (database === undefined) return undefined
  const all = [...journal.list(account ?? undefined)]
  const bytesOfAll = account === null ? journal.size().bytes : all.reduce((sum, { bytes }) => sum + bytes, 0)
  const requests = bytesOfAll > MAX_REQUEST_BYTES ? [] : all
  const faults = activeFaults.list().filter(({ active }) => account === null || active.fault.account === account)
  const owner = account === null ? null : store.accounts.findByName(account)
  return {
    takenAt: machineTime(),
    before,
    account,
    isRedo,
    database,
    faults,
    requests,
    lastSerial: all.at(-1)?.serial ?? 0,
    counts: { ...owner === undefined ? { accounts: 0, projects: 0 } : countsOf(context, owner), requests: requests.length, faults: faults.length },
    bytes: database.length + (requests.length === 0 ? 0 : bytesOfAll)
  }
}
