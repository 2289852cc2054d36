import { parseCutoff } from '../domain/cutoff.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Flaw } from '../problem.js'
import { flaw } from './flaws.js'
import type { ScenarioSettings, ScenarioWire } from './scenario.js'

export function readSettings (given: ScenarioSettings | undefined, at: string, flaws: Flaw[]): SettingsChange {
  const { wire, assumptions, strict, cutoff: cutoffText } = given ?? {}
  const cutoff = cutoffText === undefined ? undefined : parseCutoff(cutoffText)
  if (cutoffText !== undefined && cutoff === undefined) {
    flaws.push(flaw(`${at}/cutoff`, cutoffText, 'a date such as "2023-02-01", an instant such as "2023-02-01T05:30:00Z", or "never"'))
  }
  return {
    ...wire && { wire: wireOf(wire) },
    ...assumptions && { assumptions },
    ...strict !== undefined && { strict },
    ...cutoff && { cutoff }
  }
}

/** The dialect's names in a scenario are those of the documentation; inside, they are the program's. */
export function wireOf ({ types, http_status: httpStatus, content_type: contentType, message }: ScenarioWire): NonNullable<SettingsChange['wire']> {
  return {
    ...types && { types },
    ...httpStatus && { httpStatus },
    ...contentType && { contentType },
    ...message && { message }
  }
}

/** One change of settings put over another; what the upper one leaves open stays as in the lower. */
export function mergeChanges (lower: SettingsChange, upper: SettingsChange): SettingsChange {
  const wire = { ...lower.wire, ...upper.wire }
  const assumptions = { ...lower.assumptions, ...upper.assumptions }
  return {
    ...lower,
    ...upper,
    ...Object.keys(wire).length > 0 && { wire },
    ...Object.keys(assumptions).length > 0 && { assumptions }
  }
}
