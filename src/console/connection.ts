import { isControlError } from '../client/control-error.js'
import type { ClockState } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { checkOffer } from './change.js'
import { problemOf, removeAdminToken, type EmulatorEvent } from './control.js'
import { checkJournal, clearJournal, dropRequests, noteEnd, readAccount, readAll, readDescription, readFaults, readJournal, showRequests } from './reading.js'
import { subscribeShared } from './shared-events.js'
import { stateNow, update } from './state.js'

/** The time before the next attempt to connect, in milliseconds. */
const RETRY_DELAY = 1000

let connection = new AbortController()

/**
 * Subscribes to the events, and reads everything; starts over whenever the connection is lost. Resolves as soon as it is
 * clear whether the emulator lets it in.
 */
export async function connect (): Promise<void> {
  connection.abort()
  connection = new AbortController()
  const { signal } = connection
  await new Promise<void>(resolve => {
    subscribeShared(signal, () => {
      changed = NOTHING
      isReading = false
      update({ connection: 'live', why: null })
      readEverything()
      guarded(readDescription(), signal)
      guarded(checkOffer(), signal)
      resolve()
    }, handle).catch(error => {
      resolve()
      if (!signal.aborted) lost(error)
    })
  })
}

/** A failure after the connection was given up is a consequence of that, and ignored. */
function guarded (work: Promise<unknown>, signal: AbortSignal): void {
  work.catch(error => { if (!signal.aborted) lost(error) })
}

function lost (error: unknown): void {
  connection.abort()
  if (isControlError(error) && error.problem.status === 401) {
    removeAdminToken()
    update({ connection: 'locked' })
    return
  }
  const problem = isControlError(error) ? problemOf(error) : null
  // That nothing answers is said already; whoever answered, but did not let this page in, gives the reason.
  update({ connection: 'lost', why: problem?.status ? problem : null })
  setTimeout(() => { if (stateNow().connection === 'lost') connect().catch(lost) }, RETRY_DELAY)
  // A bug is to be seen, but does not leave a page that looks alive.
  problemOf(error)
}

/** The parts that have changed since they were read. */
interface Changed {
  readonly all: boolean
  /** Whether the world was replaced: an account that looks alike has another past. */
  readonly world: boolean
  readonly faults: boolean
  readonly accounts: readonly string[]
}

const NOTHING: Changed = { all: false, world: false, faults: false, accounts: [] }

let changed = NOTHING
let isReading = false
/** The time that the last reading took, in milliseconds. */
let lastDuration = 0

/** The time for which changes are collected before they are read, in milliseconds. */
const COLLECT_TIME = 60

/** The number of changed accounts above which all accounts are read. */
const MAX_SINGLE_READS = 10

/**
 * Reads what has changed, once for everything that changes at about the same time. If reading takes long it is done less
 * often, so that the console keeps the emulator busy for no more than a third of the time.
 */
function readSoon (): void {
  if (isReading) return
  isReading = true
  setTimeout(() => {
    const { signal } = connection
    const { all, world, faults, accounts } = changed
    const names = [...new Set(accounts)]
    const startedAt = performance.now()
    changed = NOTHING
    const work = all || names.length > MAX_SINGLE_READS
      ? readAll(signal, world ? 'all' : names)
      : Promise.all([...names.map(name => readAccount(name, signal)), ...faults ? [readFaults(signal)] : []])
    guarded(work.finally(() => {
      lastDuration = performance.now() - startedAt
      isReading = false
      if (changed !== NOTHING) readSoon()
    }), signal)
  }, Math.max(COLLECT_TIME, 2 * lastDuration))
}

function note (change: Partial<Changed>): void {
  changed = { ...changed, ...change }
  readSoon()
}

function noteAccount (account: string | null, change: Partial<Changed> = {}): void {
  note(account === null ? { all: true } : { ...change, accounts: [...changed.accounts, account] })
}

let arrived: JournalEntry[] = []

/** The time for which requests are collected before they are shown, in milliseconds: many may arrive between two frames. */
const SHOW_DELAY = 50

let isShowing = false

function arrive (entry: JournalEntry): void {
  arrived.unshift(entry)
  showSoon()
}

function showSoon (): void {
  if (isShowing) return
  isShowing = true
  setTimeout(() => {
    isShowing = false
    showRequests(arrived)
    arrived = []
  }, SHOW_DELAY)
}

function handle ({ event, account, data }: EmulatorEvent): void {
  switch (event) {
    case 'request': {
      const entry = data as JournalEntry
      arrive(entry)
      // A refused request changes nothing; billing that came due has its own event.
      if (account !== null && entry.rule === null) noteAccount(account)
      if (entry.fault !== null) note({ faults: true })
      break
    }
    case 'request-ended':
      noteEnd(data as JournalEntry)
      showSoon()
      break
    case 'reset': case 'state': case 'undo':
      startOver()
      break
    case 'account':
      if (data === null) {
        arrived = arrived.filter(entry => entry.account !== account)
        dropRequests(account!)
      }
      noteAccount(account, { faults: true })
      break
    case 'fault':
      note({ faults: true })
      break
    case 'clock':
      // Reading all accounts may take seconds, and whoever moved the clock looks at it.
      if (account === null) update({ clock: data as ClockState, readAt: Date.now() })
      noteAccount(account)
      break
    default:
      noteAccount(account)
  }
}

/** The world was replaced, and the new one may have brought its own requests. */
function startOver (): void {
  clearJournal()
  readEverything()
}

function readEverything (): void {
  arrived = []
  note({ all: true, world: true })
  guarded(readJournal(connection.signal), connection.signal)
}

/**
 * The time for which a hidden page keeps its connection, in milliseconds: looking at another tab for a moment costs nothing. Where tabs
 * can't share one, as on a page that is not secure, six tabs opened within that time would leave the browser none.
 */
const HIDDEN_TIME = 'locks' in navigator ? 10_000 : 0

let release: number | undefined
let isReleased = false

/**
 * Connects, but not before the page is seen for the first time: a tab that was opened in the background would keep its connection, and the
 * browser has only six for all tabs of a page that is not secure.
 */
export function connectWhenSeen (): void {
  isReleased = document.hidden
  if (!isReleased) connect().catch(lost)
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(release)
  if (document.hidden) {
    release = setTimeout(() => {
      if (stateNow().connection === 'locked') return
      isReleased = true
      connection.abort()
      update({ connection: 'connecting' })
    }, HIDDEN_TIME)
  } else if (isReleased) {
    isReleased = false
    connect().catch(lost)
  }
})

/** How often everything is read again without an event, in milliseconds: what a running clock passes is only settled when asked for. */
const REFRESH_INTERVAL = 10_000

setInterval(() => {
  if (stateNow().connection !== 'live' || document.hidden) return
  note({ all: true })
  guarded(checkJournal(connection.signal), connection.signal)
}, REFRESH_INTERVAL)
