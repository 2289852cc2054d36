import { URL } from 'node:url'
import { pathsIssue } from '../api/index.js'
import type { Case } from '../contract/case.js'
import { parseInstant } from '../domain/clock.js'
import { bundledPlans } from '../scenario/bundled.js'
import { collectIssues, type Issues } from '../scenario/issues.js'
import { readScenario } from '../scenario/read.js'
import { rejectUnsendable } from '../scenario/requests.js'
import { readInstant } from '../scenario/clock.js'
import { CaseSchema, STEPS } from './schema.js'

/** Reads a case, both of its worlds included, or throws a `Problem` with everything that is wrong in it. */
export function readCase (input: unknown): Case {
  const issues = collectIssues('the case')
  const version = (input as { readonly case?: unknown } | null)?.case
  // Of another version, nothing else could be told.
  if (version !== 1) issues.at('case').refuse(version, CaseSchema.properties.case.description!)
  checkSteps((input as { readonly timeline?: unknown }).timeline, issues.at('timeline'))
  const saved = issues.check(CaseSchema, input) as Case
  for (const side of ['start', 'end'] as const) readInstant(saved[side].at, issues.at(side, 'at'))
  saved.timeline.forEach((step, index) => {
    const here = issues.at('timeline', index)
    if (step.at !== undefined) readInstant(step.at, here.at('at'))
    if (step.step === 'control' && !isOfControl(step.path)) here.at('path').add(step.path, 'a path below the control API\'s, encoded as in a URL')
    if (step.step !== 'request') return
    if (step.arrived !== undefined) readInstant(step.arrived.at, here.at('arrived', 'at'))
    rejectUnsendable(step.request, here.at('request'))
    const { before } = step.arrived ?? { before: -1 }
    if (before > index) here.at('arrived', 'before').add(before, `the index of a step before this one, at most ${index}`)
  })
  const wrong = pathsIssue(saved.paths ?? {})
  if (wrong !== undefined) issues.at('paths').add(wrong.found, wrong.expected)
  issues.throwIfAny()
  for (const side of ['start', 'end'] as const) {
    readScenario(input, { plans: bundledPlans(), machineTime: parseInstant(saved[side].at)!, seed: saved.seed, side })
  }
  return saved
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

/** Checks each step by the schema of its kind, which says more of what is wrong than that it is none of all kinds. */
function checkSteps (steps: unknown, issues: Issues): void {
  if (!Array.isArray(steps)) return
  steps.forEach((step: unknown, index) => {
    const { step: kind } = (step ?? {}) as { readonly step?: unknown }
    if (typeof kind === 'string' && Object.hasOwn(STEPS, kind)) issues.at(index).check(STEPS[kind as keyof typeof STEPS], step)
  })
}
