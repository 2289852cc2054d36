import { OPEN_QUESTIONS } from './open-questions.js'
import { SOLE_READINGS } from './sole-readings.js'

/** Registry of everything assumed: whatever an answer may rest on has a name, even where there is nothing to choose. */
export const ASSUMPTIONS = { ...OPEN_QUESTIONS, ...SOLE_READINGS }

export type AssumptionName = keyof typeof ASSUMPTIONS

export const ASSUMPTION_NAMES = Object.keys(ASSUMPTIONS) as AssumptionName[]

/** Choice for each open question. */
export type Choices = { readonly [Name in AssumptionName]: typeof ASSUMPTIONS[Name]['choices'][number] }

export const DEFAULT_CHOICES = Object.fromEntries(
  ASSUMPTION_NAMES.map(name => [name, ASSUMPTIONS[name].default])) as Choices

/** Choices in force for one request, and the names of those that its answer depends on. */
export interface AssumptionLog {
  readonly choices: Choices
  readonly used: Set<AssumptionName>
}

export function assumptionLog (choices: Choices): AssumptionLog {
  return { choices, used: new Set() }
}

/** Reads a choice at a point where another one would give another answer, and records that the answer depends on it. */
export function assume<Name extends AssumptionName> (assumptions: AssumptionLog, name: Name): Choices[Name] {
  assumptions.used.add(name)
  return assumptions.choices[name]
}
