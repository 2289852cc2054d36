import type { ScenarioWire } from '../contract/scenario.js'
import { DEFAULT_SETTINGS, type WireDialect } from '../domain/settings.js'
import { collectIssues } from '../scenario/issues.js'
import { readSettings } from '../scenario/settings.js'

/** Gives the whole dialect of which an option, `setting`, chooses some parts. */
export function dialectOf (wire: ScenarioWire | undefined, setting: string): WireDialect {
  return { ...DEFAULT_SETTINGS.wire, ...readSettings({ ...wire && { wire } }, collectIssues(setting)).wire }
}
