import { queueMicrotask } from '../machine.js'

/** Machine's time that can be held, so that everything in one turn happens at one instant. */
export interface HeldTime {
  readonly now: () => number
  /** Holds the time until the code that is running gives way to anything else, and returns it. */
  readonly hold: () => number
  readonly isHeld: () => boolean
}

/** Makes a source of time one that can be held. */
export function heldTime (machineTime: () => number): HeldTime {
  let held: number | undefined
  return {
    now: () => held ?? machineTime(),
    hold () {
      if (held === undefined) {
        held = machineTime()
        queueMicrotask(() => { held = undefined })
      }
      return held
    },
    isHeld: () => held !== undefined
  }
}
