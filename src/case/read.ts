import type { Case } from '../contract/case.js'
import { bundledPlans } from '../scenario/bundled.js'
import { collectIssues } from '../scenario/issues.js'
import { readScenario } from '../scenario/read.js'
import { rejectUnsendable } from '../scenario/requests.js'
import { readInstant } from '../scenario/clock.js'
import { CaseSchema } from './schema.js'

/** Reads a case, both of its worlds included, or throws a `Problem` with everything that is wrong in it. */
export function readCase (input: unknown): Case {
  const issues = collectIssues('the case')
  const version = (input as { readonly case?: unknown } | null)?.case
  // Of another version, nothing else could be told.
  if (version !== 1) issues.at('case').refuse(version, CaseSchema.properties.case.description!)
  const saved = issues.check(CaseSchema, input) as Case
  saved.timeline.forEach((step, index) => {
    const here = issues.at('timeline', index)
    if (step.step !== 'request') return
    rejectUnsendable(step.request, here.at('request'))
    const { before } = step.arrived ?? { before: -1 }
    if (before > index) here.at('arrived', 'before').add(before, `the index of a step before this one, at most ${index}`)
  })
  issues.throwIfAny()
  for (const side of ['start', 'end'] as const) {
    readScenario(input, { plans: bundledPlans(), machineTime: readInstant(saved[side].at, issues.at(side, 'at')), seed: saved.seed, side })
  }
  return saved
}
