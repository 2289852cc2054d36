import { parseInstant, type ClockSetting, type Instant } from '../domain/clock.js'
import type { Flaw } from '../problem.js'
import { flaw } from './flaws.js'
import type { ScenarioClock } from '../contract/scenario.js'

export function readClock (given: ScenarioClock | undefined, at: string, flaws: Flaw[]): ClockSetting | undefined {
  if (given === undefined) return undefined
  if (given.mode === 'system') {
    if (given.at !== undefined) flaws.push(flaw(`${at}/at`, given.at, 'nothing: a system clock shows the machine\'s time'))
    return { mode: 'system' }
  }
  if (given.at === undefined) {
    flaws.push(flaw(`${at}/at`, undefined, `the instant at which a ${given.mode} clock stands, such as "2023-01-31T23:59:59Z"`))
    return undefined
  }
  return { mode: given.mode, at: readInstant(given.at, `${at}/at`, flaws) }
}

export function readInstant (text: string, at: string, flaws: Flaw[], last?: Instant): Instant {
  const instant = parseInstant(text, last)
  if (instant === undefined) flaws.push(flaw(at, text, 'an ISO 8601 date, or date and time with an offset, such as "2023-01-31T23:59:59Z", from 1970 to 9998'))
  return instant ?? 0
}
