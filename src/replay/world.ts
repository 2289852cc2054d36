import type { Case, CaseControlCall, CaseEvents, CaseRemoval, CaseRequest, CaseStart } from '../contract/case.js'
import { SNAPSHOT_HEADER } from '../admin/undoable.js'
import type { Paths } from '../api/index.js'
import { parseInstant, type Instant } from '../domain/clock.js'
import { caseOf } from '../case/make.js'
import { startWith } from '../case/start.js'
import { AbortController, sleep } from '../machine.js'
import { createContext, type Context } from '../runtime/context.js'
import { discardAccountState } from '../runtime/expiry.js'
import { openLog } from '../runtime/log.js'
import { bringAllUpToDate, upToDate } from '../runtime/up-to-date.js'
import { openStore } from '../store/index.js'
import { forEachInSlices, type IsWanted } from '../time-slices.js'
import { idsInReplay } from './ids.js'
import { loadStart } from './load-start.js'
import { send, type Received } from './send.js'

/** World in which a case is replayed: its machine's time, its clients' addresses and its waits are those of the case. */
export interface ReplayWorld {
  /** Sends a request, and waits until it is decided, or until its fault delays that. */
  readonly arrive: (step: CaseRequest) => Promise<unknown>
  /** Lets a request that arrived be decided, and gives what came back. */
  readonly decide: (step: CaseRequest) => Promise<Received>
  /** Repeats a call of the control API. Returns the problem if it is refused. */
  readonly call: (step: CaseControlCall) => Promise<unknown>
  readonly remove: (step: CaseRemoval) => void
  /** Settles what time had brought when something looked. */
  readonly look: (step: CaseEvents) => void
  /** Gives the world as it is now, as a case begins with it, and the bodies of the requests that are in its journal, by their ids. */
  readonly now: () => CaseStart & { readonly journaled: ReadonlyMap<string, string> }
  /** Gives the case that the replay's world has become, as it would be saved at the end of the one that is replayed. */
  readonly saved: (isWanted?: IsWanted) => Promise<Case>
  /** Gives the id of a fault of the case in the replay. */
  readonly faultId: (id: string) => string
  readonly close: () => Promise<void>
}

/** Answers a world's requests and control calls. */
export interface Serving {
  readonly url: string
  /** Carries out a call of the control API. */
  readonly call: (method: string, path: string, body: unknown) => Promise<{
    readonly statusCode: number
    readonly headers: Readonly<Record<string, unknown>>
    readonly body: string
    readonly json: <T>() => T
  }>
  readonly close: () => Promise<void>
}

export type Serve = (context: Context, paths: Paths) => Promise<Serving>

/** A request in flight. */
interface Flight {
  readonly received: Promise<Received>
  readonly client: AbortController
  /** Opens what delays the decision; `null` if nothing does. */
  open: (() => void) | null
  /** Whether a fault leaves it without an answer for ever. */
  isHanging: boolean
}

/** Opens a world that begins as a case does. With `isRealTime`, the delays of faults take their time. */
export async function openReplay (saved: Case, serve: Serve, isRealTime: boolean): Promise<ReplayWorld> {
  const { start, seed, paths = {}, timeline } = saved
  const store = openStore()
  const log = await openLog('silent')
  let now = instantOf(start.at)
  let from = ''
  let id = ''
  let onSleep: ((open: () => void) => void) | null = null
  const flights = new Map<CaseRequest, Flight>()
  const ids = idsInReplay()
  const { faults, requests } = loadStart(store, saved)
  const context = createContext({
    store,
    log: log.logger,
    seed,
    // A step of the replay may be followed by one of what time brought.
    journal: { entries: 2 * timeline.length + requests.length + 1, bytes: await roomFor(timeline) },
    start: { at: now, faults, resumed: store.copy(Infinity)!, dataVersion: store.dataVersion(), paths },
    machineTime: () => now,
    addressOf: () => from,
    requestId: () => id,
    // Accounts are removed when they were removed.
    setAlarm: () => () => {},
    async sleep (ms, signal) {
      const isOpen = onSleep === null ? undefined : new Promise<void>(resolve => { onSleep!(resolve) })
      await Promise.race([Promise.all([isOpen, isRealTime ? sleep(ms) : undefined]), aborted(signal)])
    }
  })
  const added = faults.map(context.activeFaults.add)
  ids.learnFaults(start.faults ?? [], added)
  requests.forEach(request => context.journal.add(request))
  const { url, call, close } = await serve(context, paths)

  const arrive = async (step: CaseRequest): Promise<Flight> => {
    now = instantOf(step.arrived?.at ?? step.at)
    from = step.from
    id = step.request.id
    const client = new AbortController()
    const flight: Flight = { received: send(url, step.request, client.signal), client, open: null, isHanging: false }
    const decided = new Promise<void>(resolve => {
      const stop = context.journal.listen(({ id, fault }) => {
        // What becomes of earlier ones is told late.
        if (id !== step.request.id) return
        stop()
        flight.isHanging = fault?.kind === 'hang'
        resolve()
      })
    })
    const delayed = new Promise<() => void>(resolve => { onSleep = resolve })
    flights.set(step, flight)
    flight.open = await Promise.race([decided.then(() => null), flight.received.then(() => null), delayed])
    // From here on only what is late, not what decides.
    onSleep = null
    return flight
  }

  return {
    arrive,
    async decide (step) {
      const flight = flights.get(step) ?? await arrive(step)
      const { received, client, open } = flight
      flights.delete(step)
      now = instantOf(step.at)
      from = step.from
      open?.()
      // As the replay has it: a case may say anything.
      if (flight.isHanging) client.abort()
      return await received
    },
    async call (step) {
      now = instantOf(step.at)
      const { path, body } = ids.inCall(step)
      const answer = await call(step.method, path, body)
      if (answer.statusCode >= 400) return answer.json()
      ids.learn(step, answer.headers[SNAPSHOT_HEADER] as string | undefined, answer.body === '' ? null : answer.json())
      if (step.faults !== undefined) ids.learnFaults(step.faults, context.activeFaults.list().map(({ id }) => id))
      return undefined
    },
    remove (step) {
      now = instantOf(step.at)
      const account = store.accounts.findByName(step.account)
      if (account === undefined) return
      store.transaction(() => { store.accounts.remove(account.accountId) })
      discardAccountState(context, step.account)
    },
    look ({ at, account = null }) {
      // The call before has settled it.
      if (at === undefined) return
      now = instantOf(at)
      if (account === null) return bringAllUpToDate(context)
      const found = store.accounts.findByName(account)
      if (found !== undefined) upToDate(context, found)
    },
    now () {
      const active = context.activeFaults.list()
      return {
        ...startWith(store, active.map(({ active }) => active), now, seed),
        ...active.length > 0 && { faults: active.map(({ id }) => ids.inCase(id)) },
        journaled: new Map([...context.journal.list()].map(({ id, body }) => [id, body]))
      }
    },
    async saved (isWanted) {
      now = instantOf(saved.end.at)
      return await caseOf(context, null, isWanted)
    },
    faultId: ids.of,
    async close () {
      for (const { client, received } of flights.values()) {
        client.abort()
        await received
      }
      context.pending.abort()
      await close()
      store.close()
      await log.close()
    }
  }
}

/**
 * Gives the bytes that the journal of a replay may take: what that of the case took, with room to spare. A case whose answers were
 * not those that it holds may ask for many times as much.
 */
async function roomFor (timeline: Case['timeline']): Promise<number> {
  let bytes = SPARE_BYTES
  await forEachInSlices(timeline, step => { bytes += JOURNAL_FACTOR * JSON.stringify(step).length })
  return bytes
}

const JOURNAL_FACTOR = 8
const SPARE_BYTES = 16 * 1_048_576

function instantOf (text: string): Instant {
  return parseInstant(text)!
}

function aborted (signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => { reject(new Error('aborted')) }, { once: true })
  })
}
