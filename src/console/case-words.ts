import type { Case, CaseStep } from '../contract/case.js'
import type { Difference } from '../contract/replay.js'
import { count } from './format.js'

/** A step of a case in few words. */
export interface StepWords {
  /** Emulated instant; that of the machine for the removal of an account. */
  readonly at: string
  readonly account: string
  readonly what: string
}

/** Says what happened in a step. */
export function stepWords (step: CaseStep): StepWords {
  switch (step.step) {
    case 'request': {
      const { emulated_at: at, account, method, path, endpoint } = step.request
      return { at, account: account ?? 'no account', what: endpoint ?? (`${method} ${path}`.trim() || 'unreadable') }
    }
    case 'control': return { at: step.emulated_at, account: step.account ?? 'world', what: `${step.method} ${step.path || '/'}` }
    case 'events': {
      const { events: [first], total } = step
      return { at: first?.at ?? '', account: eventAccounts(step), what: `${count(total, 'event')} of time` }
    }
    case 'removal': return { at: step.at, account: step.account, what: 'removed, as its ttl was over' }
  }
}

function eventAccounts ({ events }: CaseStep & { readonly step: 'events' }): string {
  const names = [...new Set(events.map(({ account }) => account))]
  return names.length > 3 ? count(names.length, 'account') : names.join(', ')
}

/** Says what a case has in it: `12 requests, 1 call of the control API`. */
export function contentWords ({ timeline }: Case): string {
  const numberOf = (kind: CaseStep['step']): number => timeline.filter(({ step }) => step === kind).length
  const parts = [
    count(numberOf('request'), 'request'),
    ...numberOf('control') > 0 ? [`${count(numberOf('control'), 'call')} of the control API`] : [],
    ...numberOf('removal') > 0 ? [`${count(numberOf('removal'), 'account')} removed`] : []
  ]
  return parts.join(', ')
}

/** Names the account that a case is about, or the world. */
export function subjectOf ({ account }: Pick<Case, 'account'>): string {
  return account ?? 'the world'
}

/** Gives an account's name as a part of a file's: with a word first, or a command line would take the file for an option. */
export function nameInFiles (account: string): string {
  const name = account.replace(/[^\w.-]+/g, '-')
  return /^\w/.test(name) ? name : `account${name.replace(/^[.-]+/, '-')}`.replace(/-$/, '')
}

/** Gives a name for a case's file that tells it from others: `demo-case-2026-11-26-110500.json`. */
export function caseFileName ({ account, saved_at: savedAt }: Pick<Case, 'account' | 'saved_at'>): string {
  return `${account === null ? 'world' : nameInFiles(account)}-case-${savedAt.slice(0, 19).replace('T', '-').replaceAll(':', '')}.json`
}

/** Says which step a difference belongs to. */
export function placeWords ({ step }: Difference, { timeline }: Case): string {
  return step === null ? 'The world at the end' : `Step ${step + 1}: ${stepWords(timeline[step]!).what}`
}

/** A text in three parts: what it has in common with another one at the beginning, what is different, and the end in common. */
export type Parts = readonly [before: string, different: string, after: string]

/** Finds the part in which two texts differ. No character of two units is cut in half. */
export function differentParts (a: string, b: string): readonly [Parts, Parts] {
  const max = Math.min(a.length, b.length)
  let start = 0
  while (start < max && a[start] === b[start]) start++
  if (isLowHalf(a, start) || isLowHalf(b, start)) start--
  let end = 0
  while (end < max - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  if (isLowHalf(a, a.length - end) || isLowHalf(b, b.length - end)) end--
  const partsOf = (text: string): Parts => [text.slice(0, start), text.slice(start, text.length - end), text.slice(text.length - end)]
  return [partsOf(a), partsOf(b)]
}

function isLowHalf (text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  return unit >= 0xdc00 && unit < 0xe000 && index > 0
}

/** Characters in common that are shown beside what is different. */
const CONTEXT = 200

/** Leaves out what is far from the difference. */
export function nearParts ([before, different, after]: Parts): Parts {
  return [
    before.length > CONTEXT ? `…${before.slice(-CONTEXT).replace(/^[\udc00-\udfff]/, '')}` : before,
    different,
    after.length > CONTEXT ? `${after.slice(0, CONTEXT).replace(/[\ud800-\udbff]$/, '')}…` : after
  ]
}
