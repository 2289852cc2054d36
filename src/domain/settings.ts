import { DEFAULT_CHOICES, type Choices } from './assumptions.js'
import { parseCutoff, type Cutoff } from './cutoff.js'

/** Settings of a world or of one account: how its answers are decided and written. */
export interface Settings {
  readonly wire: WireDialect
  readonly assumptions: Choices
  /** Whether to refuse what the real API might not tolerate, such as a numeric string where a number is documented. */
  readonly strict: boolean
  readonly cutoff: Cutoff
}

/** Wire format where the documentation contradicts itself or the observations of clients. */
export interface WireDialect {
  /** Types of the documented sample, or of the "Response Variables" table, which also lists `project_id`. */
  readonly types: 'sample' | 'table'
  /** HTTP status of errors: 200, as clients observed, or `mapped` to 4xx and 5xx. */
  readonly httpStatus: '200' | 'mapped'
  readonly contentType: 'application/json' | 'text/html'
  /** Text of the status table alone (`bare`), or with the cause appended (`detailed`). */
  readonly message: 'detailed' | 'bare'
}

/** Settings that override others. */
export interface SettingsChange {
  readonly wire?: Partial<WireDialect>
  readonly assumptions?: Partial<Choices>
  readonly strict?: boolean
  readonly cutoff?: Cutoff
}

export const DEFAULT_SETTINGS: Settings = {
  wire: { types: 'sample', httpStatus: '200', contentType: 'application/json', message: 'detailed' },
  assumptions: DEFAULT_CHOICES,
  strict: false,
  cutoff: parseCutoff('2023-02-01') as Cutoff
}

export function changeSettings (settings: Settings, change: SettingsChange): Settings {
  return {
    wire: { ...settings.wire, ...change.wire },
    assumptions: { ...settings.assumptions, ...change.assumptions },
    strict: change.strict ?? settings.strict,
    cutoff: change.cutoff ?? settings.cutoff
  }
}

const NOTHING_CHOSEN: SettingsChange = {}
const cache = new WeakMap<SettingsChange, WeakMap<SettingsChange, Settings>>()

/** Merges the settings of a world and an account. Every request brings the same pair again, so the result is cached. */
export function settingsFor (world: SettingsChange, account: SettingsChange = NOTHING_CHOSEN): Settings {
  let ofWorld = cache.get(world)
  if (ofWorld === undefined) cache.set(world, ofWorld = new WeakMap())
  let settings = ofWorld.get(account)
  if (settings === undefined) ofWorld.set(account, settings = changeSettings(changeSettings(DEFAULT_SETTINGS, world), account))
  return settings
}
