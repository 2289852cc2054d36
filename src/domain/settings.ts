import { DEFAULT_CHOICES, type Choices } from './assumptions.js'
import { parseCutoff, type Cutoff } from './cutoff.js'

/** How the answers of a world, or of one account in it, look and are decided. */
export interface Settings {
  readonly wire: WireDialect
  readonly assumptions: Choices
  /** Refuse what the real API might not forgive, such as a numeric string where a number is documented. */
  readonly strict: boolean
  readonly cutoff: Cutoff
}

/** Where the documentation contradicts itself, or clients have seen otherwise. */
export interface WireDialect {
  /** The types of the documented sample, or those of the "Response Variables" table, which also has `project_id`. */
  readonly types: 'sample' | 'table'
  /** Business errors with HTTP 200, as clients observed, or mapped to 4xx and 5xx. */
  readonly httpStatus: '200' | 'mapped'
  readonly contentType: 'application/json' | 'text/html'
  /** `bare` is the status table's text alone; `detailed` appends what was wrong. */
  readonly message: 'detailed' | 'bare'
}

/** A part of the settings, to be put over others. */
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

/** What holds for an account in a world. The same choices come back with every request, so what they make together is kept. */
export function settingsFor (world: SettingsChange, account: SettingsChange = NOTHING_CHOSEN): Settings {
  let ofWorld = cache.get(world)
  if (ofWorld === undefined) cache.set(world, ofWorld = new WeakMap())
  let settings = ofWorld.get(account)
  if (settings === undefined) ofWorld.set(account, settings = changeSettings(changeSettings(DEFAULT_SETTINGS, world), account))
  return settings
}
