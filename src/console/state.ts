import { useEffect, useState } from 'preact/hooks'
import type { AccountState, ClockState, FaultState } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { ScenarioPlan, ScenarioSettings } from '../contract/scenario.js'

/** An account as it was when it was read, in the machine's time: since then its clock may have run on. */
export type Account = AccountState & { readonly readAt: number }

/** All that the console knows of the emulator, as it was told last. */
export interface World {
  readonly connection: 'connecting' | 'live' | 'lost' | 'locked'
  /** Whether the accounts have been read. */
  readonly isKnown: boolean
  readonly clock: ClockState | null
  /** When the clock was read, in the machine's time. */
  readonly readAt: number
  readonly settings: ScenarioSettings
  /** One that has changed is another object. */
  readonly accounts: readonly Account[]
  readonly plans: readonly ScenarioPlan[]
  readonly faults: readonly FaultState[]
  readonly endpoints: ReadonlyArray<{ readonly name: string, readonly path: string, readonly known: string }>
  readonly scenarios: readonly string[]
  /** Newest first. */
  readonly requests: readonly JournalEntry[]
  /** Whether the journal has been read to its end. */
  readonly isJournalRead: boolean
}

let world: World = { connection: 'connecting', isKnown: false, clock: null, readAt: 0, settings: {}, accounts: [], plans: [], faults: [], endpoints: [], scenarios: [], requests: [], isJournalRead: false }
const listeners = new Set<() => void>()

export function worldNow (): World {
  return world
}

export function update (change: Partial<World>): void {
  world = { ...world, ...change }
  for (const listener of listeners) listener()
}

export function useWorld (): World {
  const [shown, show] = useState(world)
  useEffect(() => {
    const listener = (): void => show(world)
    listener()
    listeners.add(listener)
    return () => { listeners.delete(listener) }
  }, [])
  return shown
}
