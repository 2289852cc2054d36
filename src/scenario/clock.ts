import type { ScenarioClock } from '../contract/scenario.js'
import { parseInstant, type ClockSetting, type Instant } from '../domain/clock.js'
import type { Issues } from './issues.js'
import { CLOCK_TEXT, ClockSchema, InstantSchema } from './schema.js'

/** Reads a clock whose schema has been checked; `undefined` if there is none, or its instant is missing. */
export function readClock (given: ScenarioClock | string | undefined, issues: Issues): ClockSetting | undefined {
  if (given === undefined) return undefined
  if (typeof given === 'string') {
    const clock = readClockText(given)
    if (clock === undefined) issues.add(given, `${ClockSchema.description}, or ${CLOCK_TEXT}`)
    return clock
  }
  if (given.mode === 'system') {
    if (given.at !== undefined) issues.at('at').add(given.at, 'no value: a system clock shows the machine\'s time')
    return { mode: 'system' }
  }
  if (given.at === undefined) {
    const role = given.mode === 'frozen' ? 'a frozen clock shows' : 'a running clock starts from'
    issues.at('at').add(undefined, `the instant that ${role}, such as "2023-01-31T23:59:59Z"`)
    return undefined
  }
  return { mode: given.mode, at: readInstant(given.at, issues.at('at')) }
}

/** Reads a clock as the command line has it; `undefined` for any other text. */
export function readClockText (text: string): ClockSetting | undefined {
  if (text === 'system') return { mode: 'system' }
  const [, mode = 'running', instant = text] = /^(running|frozen):(.*)$/.exec(text) ?? []
  const at = parseInstant(instant)
  return at === undefined ? undefined : { mode: mode as 'running' | 'frozen', at }
}

/** Reads an instant; 0 for one that is noted as an issue. */
export function readInstant (text: string, issues: Issues): Instant {
  const instant = parseInstant(text)
  if (instant === undefined) issues.add(text, InstantSchema.description!)
  return instant ?? 0
}
