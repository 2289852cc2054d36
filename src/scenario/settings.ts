import type { ScenarioSettings, ScenarioWire } from '../contract/scenario.js'
import { cutoffText, parseCutoff, type Cutoff } from '../domain/cutoff.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Issues } from './issues.js'

/** The settings of a scenario in the domain's terms; its names on the wire are the documentation's. */
export function readSettings (given: ScenarioSettings | undefined, issues: Issues): SettingsChange {
  const { wire, assumptions, strict } = given ?? {}
  const cutoff = readCutoff(given?.cutoff, issues.at('cutoff'))
  return {
    ...isFilled(wire) && { wire: readWire(wire) },
    ...isFilled(assumptions) && { assumptions },
    ...strict !== undefined && { strict },
    ...cutoff && { cutoff }
  }
}

export function readCutoff (text: string | undefined, issues: Issues): Cutoff | undefined {
  const cutoff = text === undefined ? undefined : parseCutoff(text)
  if (text !== undefined && cutoff === undefined) issues.add(text, 'a date such as "2023-02-01", an instant such as "2023-02-01T05:30:00Z", or "never"')
  return cutoff
}

/** A group of which all has been given back is not there any more. */
function isFilled<Group extends object> (group: Group | undefined): group is Group {
  return group !== undefined && Object.keys(group).length > 0
}

/** Settings as a scenario writes them. */
export function settingsRow ({ wire, assumptions, strict, cutoff }: SettingsChange): ScenarioSettings {
  return {
    ...wire && { wire: wireRow(wire) },
    ...assumptions && { assumptions },
    ...strict !== undefined && { strict },
    ...cutoff && { cutoff: cutoffText(cutoff) }
  }
}

/** Merges two changes of settings. The upper one wins; what it leaves open is taken from the lower. */
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

type WireChange = NonNullable<SettingsChange['wire']>

function readWire ({ types, http_status: httpStatus, content_type: contentType, message }: ScenarioWire): WireChange {
  return { ...types && { types }, ...httpStatus && { httpStatus }, ...contentType && { contentType }, ...message && { message } }
}

function wireRow ({ types, httpStatus, contentType, message }: WireChange): ScenarioWire {
  return { ...types && { types }, ...httpStatus && { http_status: httpStatus }, ...contentType && { content_type: contentType }, ...message && { message } }
}
