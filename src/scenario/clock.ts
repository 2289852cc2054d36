import type { ScenarioClock } from '../contract/scenario.js'
import { parseInstant, type ClockSetting, type Instant } from '../domain/clock.js'
import type { Issues } from './issues.js'

export function readClock (given: ScenarioClock | undefined, issues: Issues): ClockSetting | undefined {
  if (given === undefined) return undefined
  if (given.mode === 'system') {
    if (given.at !== undefined) issues.at('at').add(given.at, 'nothing: a system clock shows the machine\'s time')
    return { mode: 'system' }
  }
  if (given.at === undefined) {
    issues.at('at').add(undefined, `the instant at which a ${given.mode} clock stands, such as "2023-01-31T23:59:59Z"`)
    return undefined
  }
  return { mode: given.mode, at: readInstant(given.at, issues.at('at')) }
}

export function readInstant (text: string, issues: Issues): Instant {
  const instant = parseInstant(text)
  if (instant === undefined) issues.add(text, 'an ISO 8601 date, or date and time with an offset, such as "2023-01-31T23:59:59Z", from 1970 to 9998')
  return instant ?? 0
}
