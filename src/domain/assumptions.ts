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

/** Names of the assumptions that made a part of the state what it is, in the order of the registry. */
export type RestsOn = readonly AssumptionName[]

/** Choices in force for one decision, and the names of those that it depends on. */
export interface AssumptionLog {
  readonly choices: Choices
  readonly used: AssumptionName[]
  /** Names that the parts of the state that it read rest on. */
  readonly found: RestsOn[]
}

export function assumptionLog (choices: Choices): AssumptionLog {
  return { choices, used: [], found: [] }
}

/** Reads a choice at a point where another one would give another answer, and records that the answer depends on it. */
export function assume<Name extends AssumptionName> (assumptions: AssumptionLog, name: Name): Choices[Name] {
  const { choices, used } = assumptions
  if (!used.includes(name)) used.push(name)
  return choices[name]
}

/** Records that a decision depends on a part of the state, and so on what that part rests on. */
export function relyOn ({ found }: AssumptionLog, restsOn: RestsOn | undefined): void {
  if (restsOn !== undefined) found.push(restsOn)
}

/** Lists the names of everything that a decision depends on. */
export function namesIn ({ used, found }: AssumptionLog): AssumptionName[] {
  const names = [...used]
  for (const restsOn of found) for (const name of restsOn) if (!names.includes(name)) names.push(name)
  return names
}

/** Merges the names of everything that a decision depends on. */
export function restingOnAll ({ used, found }: AssumptionLog): RestsOn | undefined {
  let all = found[0]
  for (const names of found) all = restingAlsoOn(all, names)
  return restingAlsoOn(all, used)
}

/** Merges names, in the order of the registry; `undefined` for none. */
export function restingOn (...groups: ReadonlyArray<Iterable<AssumptionName> | undefined>): RestsOn | undefined {
  let all: RestsOn | undefined
  for (const group of groups) all = restingAlsoOn(all, group)
  return all
}

/** Lists of a single name: most of the state rests on none or one, and every request that writes to it asks for that. */
const ALONE = Object.fromEntries(ASSUMPTION_NAMES.map(name => [name, [name]])) as Partial<Record<AssumptionName, RestsOn>>

/** Merges names in the same way. Returns the very list if it has them all already, as with all but the first of a project's renewals. */
export function restingAlsoOn (restsOn: RestsOn | undefined, more: Iterable<AssumptionName> = []): RestsOn | undefined {
  let all = restsOn
  for (const name of more) {
    if (all === undefined) all = ALONE[name]
    else if (!all.includes(name)) all = inOrder([...all, name])
  }
  return all
}

function inOrder (names: RestsOn): RestsOn {
  return ASSUMPTION_NAMES.filter(name => names.includes(name))
}
