import { useEffect, useState } from 'preact/hooks'
import type { AccountState, ClockState, FaultState } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { ScenarioPlan, ScenarioSettings } from '../contract/scenario.js'

/** An account, and the machine's time at which it was read: its clock may have run on since. */
export type Account = AccountState & { readonly readAt: number }

/** Everything the console knows about the emulator. */
export interface ConsoleState {
  readonly connection: 'connecting' | 'live' | 'lost' | 'locked'
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
  /** The last change made on this page, if it can be undone or done again, and when its snapshot was taken. */
  readonly undoable: { readonly id: string, readonly at: string, readonly says: string, readonly label: 'Undo' | 'Redo' } | null
  /** Newest first. */
  readonly requests: readonly JournalEntry[]
  /** Whether the journal has been read to its end. */
  readonly isJournalRead: boolean
}

let state: ConsoleState = {
  connection: 'connecting',
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

export function update (change: Partial<ConsoleState>): void {
  state = { ...state, ...change }
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
