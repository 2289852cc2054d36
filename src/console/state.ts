import { useEffect, useState } from 'preact/hooks'
import type { AccountState, ClockState, FaultState } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { ScenarioPlan, ScenarioSettings } from '../contract/scenario.js'
import type { Problem } from './control.js'

/** An account, and the machine's time at which it was read: its clock may have run on since. */
export type Account = AccountState & { readonly readAt: number }

/** A snapshot that can be restored, when it was taken, and what to call that. */
export interface Offer { readonly id: string, readonly at: string, readonly label: 'Undo' | 'Redo' }

/** Everything the console knows about the emulator. */
export interface ConsoleState {
  readonly connection: 'connecting' | 'live' | 'lost' | 'locked'
  /** Why the connection is lost, if something answers that does not let this page in. */
  readonly why: Problem | null
  /** Whether the accounts have been read. */
  readonly isKnown: boolean
  readonly clock: ClockState | null
  /** The machine's time at which the clock was read. */
  readonly readAt: number
  readonly settings: ScenarioSettings
  /** An account that changes becomes a new object. */
  readonly accounts: readonly Account[]
  readonly plans: readonly ScenarioPlan[]
  readonly faults: readonly FaultState[]
  readonly endpoints: ReadonlyArray<{ readonly name: string, readonly path: string, readonly known: string }>
  readonly scenarios: readonly string[]
  /** The last change made on this page that can be undone or done again; without an offer if its state was too large to be kept. */
  readonly undoable: { readonly says: string, readonly offer: Offer | null } | null
  /** Newest first. */
  readonly requests: readonly JournalEntry[]
  /** Whether the journal has been read to its end. */
  readonly isJournalRead: boolean
}

let state: ConsoleState = {
  connection: 'connecting',
  why: null,
  isKnown: false,
  clock: null,
  readAt: 0,
  settings: {},
  accounts: [],
  plans: [],
  faults: [],
  endpoints: [],
  scenarios: [],
  undoable: null,
  requests: [],
  isJournalRead: false
}

const listeners = new Set<() => void>()

export function stateNow (): ConsoleState {
  return state
}

/** Called whenever the connection is back. */
export const reconnected = new Set<() => void>()

export function update (change: Partial<ConsoleState>): void {
  const isBack = change.connection === 'live' && state.connection !== 'live'
  state = { ...state, ...change }
  if (isBack) for (const listener of reconnected) listener()
  for (const listener of listeners) listener()
}

export function useConsoleState (): ConsoleState {
  const [shown, show] = useState(state)
  useEffect(() => {
    const listener = (): void => show(state)
    listener()
    listeners.add(listener)
    return () => { listeners.delete(listener) }
  }, [])
  return shown
}
