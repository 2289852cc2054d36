import type { BillingCounts, Consequences, Counts, UndoConsequences } from '../contract/control.js'
import { count, money } from './format.js'

/** What a call would do besides what was asked for, in sentences; none if it does nothing of that kind, and nothing is lost. */
export function sentencesOf ({ due, removes, adds }: Consequences): string[] {
  const lost = things(removes)
  const comes = things(adds)
  return [
    ...lost.length === 0 ? [] : [`This removes ${listed(lost)}${comes.length === 0 ? '' : `, and brings ${listed(comes)}`}.`],
    ...dueOf({ due })
  ]
}

/** What falls due by a call, in a sentence; none if nothing does. */
export function dueOf ({ due: { renewed, debited, expired, lapsed, deleted } }: { readonly due: BillingCounts }): string[] {
  const happens = [
    ...renewed > 0 ? [`renews ${count(renewed, 'plan')} for ${money(debited)} USD`] : [],
    ...expired > 0 ? [`lets ${count(expired, 'project')} expire`] : [],
    ...lapsed > 0 ? [`puts ${count(lapsed, 'plan')} back to Pay As You Go`] : [],
    ...deleted > 0 ? [`deletes ${count(deleted, 'project')}`] : []
  ]
  return happens.length === 0 ? [] : [`This ${listed(happens)}.`]
}

/** What a clock that goes back does not undo, in a sentence; none if there is nothing. */
export function stayingOf ({ stays: { renewed, debited, expired, lapsed, deleted } }: { readonly stays: BillingCounts }): string[] {
  const left = [
    ...renewed > 0 ? [`${count(renewed, 'renewal')} for ${money(debited)} USD`] : [],
    ...expired > 0 ? [`the expiry of ${count(expired, 'project')}`] : [],
    ...lapsed > 0 ? [`the lapse of ${count(lapsed, 'plan')}`] : [],
    ...deleted > 0 ? [`the deletion of ${count(deleted, 'project')}`] : []
  ]
  const isOne = left.length === 1 && renewed < 2
  return left.length === 0 ? [] : [`Only the clock goes back: ${listed(left)} after that time ${isOne ? 'stays' : 'stay'}.`]
}

/** What an undo takes back besides its call, in sentences; none if nothing has happened since. */
export function takenBackBy (foreseen: UndoConsequences): string[] {
  const { calls, requests, forgotten } = foreseen.since
  const since = [...calls > 0 ? [count(calls, 'call')] : [], ...requests > 0 ? [count(requests, 'request')] : []]
  if (since.length === 0 && forgotten === 0) return []
  return [
    ...since.length === 0 ? [] : [`Since then, ${listed(since)} changed something: this takes that back as well.`],
    ...forgotten === 0 ? [] : [`This takes back whatever came of ${count(forgotten, 'earlier step')} since then, of which nothing is known any more.`],
    ...sentencesOf(foreseen)
  ]
}

function things ({ accounts, projects, requests, faults }: Counts): string[] {
  const named = [[accounts, 'account'], [projects, 'project'], [requests, 'request'], [faults, 'fault']] as const
  return named.filter(([number]) => number > 0).map(([number, name]) => count(number, name))
}

/** `a`, `a and b`, `a, b and c`. */
function listed (parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`
}
