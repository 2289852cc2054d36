import type { ClockState } from '../contract/control.js'
import { instantText, timeOn, type Clock, type Instant } from '../domain/clock.js'
import { disabledFrom } from '../domain/cutoff.js'
import type { Settings } from '../domain/settings.js'

/** Describes a clock for the control API. */
export function clockState (clock: Clock, { cutoff, assumptions }: Settings, machineTime: Instant): ClockState {
  const now = timeOn(clock, machineTime)
  return {
    mode: clock.mode,
    ...clock.mode !== 'system' && { at: instantText(clock.at) },
    now: instantText(now),
    api: now < disabledFrom(cutoff, assumptions['disabled-time-zone']) ? 'enabled' : 'disabled'
  }
}
