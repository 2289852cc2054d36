import type { AssumptionName } from './assumptions.js'
import { OPEN_QUESTIONS } from './open-questions.js'
import { unmatched } from './unmatched.js'

/** Call, and what its answer rests on. */
export interface RestingCall {
  readonly endpoint: string
  readonly projectId: number | null
  readonly planId: number | null
  readonly assumptions: readonly AssumptionName[]
}

/** Lists the open questions that calls rest on, and the user has not settled. */
export function questionsMet (calls: readonly RestingCall[], settled: readonly string[]): AssumptionName[] {
  const met = new Set(calls.flatMap(({ assumptions }) => [...assumptions]))
  return openQuestions(settled).filter(name => met.has(name))
}

/** Lists the open questions that the user has not settled. */
export function openQuestions (settled: readonly string[]): AssumptionName[] {
  return (Object.keys(OPEN_QUESTIONS) as AssumptionName[]).filter(name => !settled.includes(name))
}

/** Lists what could be chosen for an open question besides its default. */
export function alternativesTo (name: AssumptionName): Array<{ readonly name: AssumptionName, readonly choice: string }> {
  const { choices, default: usual } = OPEN_QUESTIONS[name as keyof typeof OPEN_QUESTIONS]
  return choices.filter(choice => choice !== usual).map(choice => ({ name, choice }))
}

/**
 * Lists the open questions that a run came to rest on by itself: by a call that the reference does not make, such as a retry, or that
 * rests on more than any call of the reference does.
 */
export function questionsBeyond (reference: readonly RestingCall[], run: readonly RestingCall[], settled: readonly string[]): AssumptionName[] {
  const usual = new Set(reference.flatMap(({ assumptions }) => [...assumptions]))
  // Which of equal calls is the repeat can't be known: the first one may be delayed, and decided last.
  const more = new Set(unmatched(run, reference, callText).map(callText))
  const names = new Set(run.flatMap(call => call.assumptions.filter(name => more.has(callText(call)) || !usual.has(name))))
  return openQuestions(settled).filter(name => names.has(name))
}

/** Says which call it is, the same for each that is made again. */
export function callText ({ endpoint, projectId, planId }: Omit<RestingCall, 'assumptions'>): string {
  return `${endpoint} ${projectId} ${planId}`
}
