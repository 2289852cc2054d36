import { useEffect, useState } from 'preact/hooks'
import type { ClockState } from '../contract/control.js'
import type { ScenarioSettings } from '../contract/scenario.js'
import { switchOff } from './format.js'
import type { Account, ConsoleState } from './state.js'

/** The time of an account or of the world. */
export interface Time {
  readonly mode: ClockState['mode']
  readonly now: number
  readonly disabledAt: number
  /** Whether the account has its own clock. */
  readonly isOwn: boolean
}

/** The time now; renders again as a running clock ticks. */
export function useTime (state: ConsoleState, account: Account | undefined): Time | null {
  const [, tick] = useState(0)
  const time = timeOf(state, account)
  const runs = time !== null && time.mode !== 'frozen'
  useEffect(() => {
    if (!runs) return
    const timer = setInterval(() => tick(count => count + 1), 250)
    return () => clearInterval(timer)
  }, [runs])
  return time
}

export function timeOf ({ clock, readAt, settings }: ConsoleState, account: Account | undefined): Time | null {
  if (clock === null) return null
  const own = account?.clock
  const mode = own?.mode ?? clock.mode
  const since = own === undefined ? readAt : account!.readAt
  const shown = own === undefined ? Date.parse(clock.now) : own.mode === 'system' ? since : Date.parse(own.at!)
  return { mode, now: mode === 'frozen' ? shown : shown + Date.now() - since, disabledAt: switchOff(settingsOf(settings, account)), isOwn: own !== undefined }
}

/** The settings in effect for an account, or for the world. */
export function settingsOf (settings: ScenarioSettings, account: Account | undefined): ScenarioSettings {
  const own = account?.settings
  return { ...settings, ...own, wire: { ...settings.wire, ...own?.wire }, assumptions: { ...settings.assumptions, ...own?.assumptions } }
}
