import { queueMicrotask } from '../machine.js'

/** Machine's time that can be held, so that everything in one turn happens at one instant. */
export interface HeldTime {
  readonly now: () => number
  /** Holds the time, or a given one, until the code that is running gives way to anything else, and returns it. */
  readonly hold: (at?: number) => number
  readonly isHeld: () => boolean
}

/** Makes a source of time one that can be held. */
export function heldTime (machineTime: () => number): HeldTime {
  let held: number | undefined
  return {
    now: () => held ?? machineTime(),
    hold (at) {
      if (held === undefined) queueMicrotask(() => { held = undefined })
      held = at ?? held ?? machineTime()
      return held
    },
    isHeld: () => held !== undefined
  }
}
