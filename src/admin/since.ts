import { WRITING_NAMES } from '../api/index.js'
import type { Since } from '../contract/control.js'
import { isCarriedOut } from '../domain/fault.js'
import type { EntryFacts } from '../journal/record.js'
import type { Context } from '../runtime/context.js'
import type { Snapshot } from '../runtime/snapshots.js'
import type { TimelineCall, TimelineRequest } from '../runtime/timeline.js'

/** Counts what has changed an account, or the world, since a snapshot of it was taken. What time brought comes again by itself. */
export function sinceOf ({ timeline }: Context, { account, position }: Pick<Snapshot, 'account' | 'position'>): Since {
  const { first, steps } = timeline.steps()
  const later = steps.slice(Math.max(0, position - first))
  const isCall = (step: typeof later[number]): step is TimelineCall =>
    step.kind === 'call' && !step.isVoid && (account === null || step.accounts.includes(account))
  const isRequest = (step: typeof later[number]): step is TimelineRequest =>
    step.kind === 'request' && step.recorded !== null && hasWritten(step.recorded) && (account === null || step.recorded.account === account)
  return { calls: later.filter(isCall).length, requests: later.filter(isRequest).length, forgotten: Math.max(0, first - position) }
}

/** Tells whether a request was granted, and changed something. One that was cut off while a fault delayed it has no answer. */
function hasWritten ({ endpoint, rule, fault, answer }: EntryFacts): boolean {
  if (rule !== null || !WRITING_NAMES.includes(endpoint!)) return false
  return fault === null || (isCarriedOut(fault) && (fault.when === 'after' || answer !== null))
}
