import type { JournalEntry } from '../contract/journal-entry.js'
import { ControlError, forgetAdminToken, listen, type News } from './control.js'
import { checkJournal, clearJournal, joined, readAccount, readAll, readDescription, readFaults, readJournal } from './reading.js'
import { update, worldNow } from './state.js'

/** How long to wait before the emulator is tried again, in milliseconds. */
const RETRY = 1000

let connection = new AbortController()

/** Begins to listen, and reads everything; starts over whenever the connection is lost. Ends when it is clear whether it is let in. */
export async function connect (): Promise<void> {
  connection.abort()
  connection = new AbortController()
  const { signal } = connection
  await new Promise<void>(resolve => {
    listen(signal, () => {
      changed = NOTHING
      isReading = false
      update({ connection: 'live' })
      beginAnew()
      guarded(readDescription(), signal)
      resolve()
    }, hear).catch(error => {
      if (!signal.aborted) lost(error)
      resolve()
    })
  })
}

/** What fails after the connection has been given up does so because of that. */
function guarded (work: Promise<unknown>, signal: AbortSignal): void {
  work.catch(error => { if (!signal.aborted) lost(error) })
}

function lost (error: unknown): void {
  if (!(error instanceof ControlError)) throw error
  connection.abort()
  if (error.status === 401) {
    forgetAdminToken()
    update({ connection: 'locked' })
    return
  }
  update({ connection: 'lost' })
  setTimeout(() => { if (worldNow().connection === 'lost') connect().catch(lost) }, RETRY)
}

/** What has changed since it was read. */
interface Changed { readonly all: boolean, readonly faults: boolean, readonly accounts: readonly string[] }

const NOTHING: Changed = { all: false, faults: false, accounts: [] }

let changed = NOTHING
let isReading = false
/** How long the last reading took, in milliseconds. */
let took = 0

/** How long changes are gathered before what they changed is read, in milliseconds. */
const GATHER = 60

/** With more accounts to be read than this, all of them are. */
const MAX_SINGLY = 10

/**
 * Reads what has changed, once for all that changes at about the same time; in a large world less often, so that the
 * emulator is busy with being looked at for no more than a third of its time.
 */
function readSoon (): void {
  if (isReading) return
  isReading = true
  setTimeout(() => {
    const { signal } = connection
    const { all, faults, accounts } = changed
    const names = [...new Set(accounts)]
    const began = performance.now()
    changed = NOTHING
    const work = all || names.length > MAX_SINGLY
      ? readAll(signal)
      : Promise.all([...names.map(name => readAccount(name, signal)), ...faults ? [readFaults(signal)] : []])
    guarded(work.finally(() => {
      took = performance.now() - began
      isReading = false
      if (changed !== NOTHING) readSoon()
    }), signal)
  }, Math.max(GATHER, 2 * took))
}

function note (change: Partial<Changed>): void {
  changed = { ...changed, ...change }
  readSoon()
}

function noteAccount (account: string | null, change: Partial<Changed> = {}): void {
  note(account === null ? { all: true } : { ...change, accounts: [...changed.accounts, account] })
}

let arrived: JournalEntry[] = []

/** How long requests are gathered before they are shown, in milliseconds: many may arrive between two pictures. */
const SHOW = 50

function arrive (entry: JournalEntry): void {
  arrived.unshift(entry)
  if (arrived.length > 1) return
  setTimeout(() => {
    update({ requests: joined(arrived, worldNow().requests) })
    arrived = []
  }, SHOW)
}

function hear ({ event, account, data }: News): void {
  switch (event) {
    case 'request': {
      const entry = data as JournalEntry
      arrive(entry)
      // A refused request changes nothing, and what time has brought is told of as billing.
      if (account !== null && entry.rule === null) noteAccount(account)
      if (entry.fault !== null) note({ faults: true })
      break
    }
    case 'reset': case 'state':
      beginAnew()
      break
    case 'account':
      if (data === null) forgetRequests(account!)
      noteAccount(account, { faults: true })
      break
    case 'fault':
      note({ faults: true })
      break
    default:
      noteAccount(account)
  }
}

/** Another world is there, which may have brought requests with it. */
function beginAnew (): void {
  arrived = []
  clearJournal()
  note({ all: true })
  guarded(readJournal(connection.signal), connection.signal)
}

/** An account has gone, or begins anew: with it go its requests. */
function forgetRequests (name: string): void {
  arrived = arrived.filter(({ account }) => account !== name)
  update({ requests: worldNow().requests.filter(({ account }) => account !== name) })
}

/** How often all of it is read whatever is told, in milliseconds: a clock that runs passes things by itself, and nobody says so until somebody asks. */
const LOOK_AGAIN = 10_000

setInterval(() => {
  if (worldNow().connection !== 'live' || document.hidden) return
  note({ all: true })
  guarded(checkJournal(connection.signal), connection.signal)
}, LOOK_AGAIN)
