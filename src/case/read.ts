import type { TSchema } from '@sinclair/typebox'
import { URL } from 'node:url'
import { pathsIssue } from '../api/index.js'
import type { Case, CaseStep } from '../contract/case.js'
import { parseInstant } from '../domain/clock.js'
import { bundledPlans } from '../scenario/bundled.js'
import { collectIssues, type Issues } from '../scenario/issues.js'
import { readingScenario } from '../scenario/read.js'
import { rejectUnsendable } from '../scenario/requests.js'
import { readInstant } from '../scenario/clock.js'
import { doAtOnce, doInSlices, type IsWanted, type Work } from '../time-slices.js'
import { CaseSchema, STEPS, StepSchema } from './schema.js'

/** Reads a case, both of its worlds included, or throws a `Problem` with everything that is wrong in it. */
export function readCase (input: unknown): Case {
  return doAtOnce(reading(input))
}

/** Reads a case as `readCase` does, in slices. */
export async function readCaseInSlices (input: unknown, isWanted?: IsWanted): Promise<Case> {
  return await doInSlices(reading(input), isWanted)
}

/** Reads a case, and pauses after each step of it. */
function * reading (input: unknown): Work<Case> {
  const issues = collectIssues('the case')
  const version = (input as { readonly case?: unknown } | null)?.case
  // Of another version, nothing else could be told.
  if (version !== 1) issues.at('case').refuse(version, CaseSchema.properties.case.description!)
  const { timeline } = input as { readonly timeline?: unknown }
  if (Array.isArray(timeline)) {
    for (const [index, step] of timeline.entries()) {
      issues.at('timeline', index).check(schemaOf(step), step)
      yield
    }
  }
  issues.check(CaseSchema, { ...input as object, ...Array.isArray(timeline) && { timeline: [] } })
  const saved = input as Case
  for (const side of ['start', 'end'] as const) readInstant(saved[side].at, issues.at(side, 'at'))
  for (const [index, step] of saved.timeline.entries()) {
    checkStep(step, index, issues.at('timeline', index))
    yield
  }
  const wrong = pathsIssue(saved.paths ?? {})
  if (wrong !== undefined) issues.at('paths').add(wrong.found, wrong.expected)
  issues.throwIfAny()
  for (const side of ['start', 'end'] as const) {
    yield * readingScenario(input, { plans: bundledPlans(), machineTime: parseInstant(saved[side].at)!, seed: saved.seed, side })
  }
  return saved
}

/** Gives the schema of a step's kind, which says more of what is wrong than that it is none of all kinds. */
function schemaOf (step: unknown): TSchema {
  const { step: kind } = (step ?? {}) as { readonly step?: unknown }
  return typeof kind === 'string' && Object.hasOwn(STEPS, kind) ? STEPS[kind as keyof typeof STEPS] : StepSchema
}

function checkStep (step: CaseStep, index: number, here: Issues): void {
  if (step.at !== undefined) readInstant(step.at, here.at('at'))
  if (step.step === 'control' && !isOfControl(step.path)) here.at('path').add(step.path, 'a path below the control API\'s, encoded as in a URL')
  if (step.step !== 'request') return
  if (step.arrived !== undefined) readInstant(step.arrived.at, here.at('arrived', 'at'))
  rejectUnsendable(step.request, here.at('request'))
  const { before } = step.arrived ?? { before: -1 }
  if (before > index) here.at('arrived', 'before').add(before, `the index of a step before this one, at most ${index}`)
}

/** Tells whether a path stays below the control API's, whatever dots it has in it. */
function isOfControl (path: string): boolean {
  try {
    decodeURIComponent(path.split('?')[0]!)
    return /^\/__admin(?:\/|$)/.test(new URL(`/__admin${path}`, 'http://localhost').pathname)
  } catch {
    return false
  }
}
