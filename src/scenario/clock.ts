import type { ScenarioClock } from '../contract/scenario.js'
import { parseInstant, type ClockSetting, type Instant } from '../domain/clock.js'
import type { Issue } from '../problem.js'
import { issue } from './issues.js'

export function readClock (given: ScenarioClock | undefined, at: string, issues: Issue[]): ClockSetting | undefined {
  if (given === undefined) return undefined
  if (given.mode === 'system') {
    if (given.at !== undefined) issues.push(issue(`${at}/at`, given.at, 'nothing: a system clock shows the machine\'s time'))
    return { mode: 'system' }
  }
  if (given.at === undefined) {
    issues.push(issue(`${at}/at`, undefined, `the instant at which a ${given.mode} clock stands, such as "2023-01-31T23:59:59Z"`))
    return undefined
  }
  return { mode: given.mode, at: readInstant(given.at, `${at}/at`, issues) }
}

export function readInstant (text: string, at: string, issues: Issue[], last?: Instant): Instant {
  const instant = parseInstant(text, last)
  if (instant === undefined) issues.push(issue(at, text, 'an ISO 8601 date, or date and time with an offset, such as "2023-01-31T23:59:59Z", from 1970 to 9998'))
  return instant ?? 0
}
