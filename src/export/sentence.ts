import type { JournalEntry } from '../contract/journal-entry.js'
import type { ScenarioHistoryEvent } from '../contract/scenario.js'
import { purposeOf, requestedPlan } from '../domain/call-purpose.js'
import { parseUsd, usd, type Mills } from '../domain/money.js'

/** What a client meets at each kind of fault. */
const FAULTS_SAY: Readonly<Record<NonNullable<JournalEntry['fault']>['kind'], (entry: JournalEntry, lost: string) => string>> = {
  delay: () => 'its answer comes late',
  slow_body: () => 'its answer comes slowly',
  http_error: ({ response }) => `it is answered with HTTP ${response?.http_status}`,
  api_refusal: ({ api_status: status }) => `it is refused with status ${status}`,
  connection_reset: isLost,
  empty_response: isLost,
  hang: () => 'no answer ever comes',
  truncated_body: () => 'its answer is cut off',
  malformed_json: () => 'its answer is not valid JSON'
}

function isLost (_entry: JournalEntry, lost: string): string {
  return `${lost} is lost`
}

/** Says what a request is for and what became of it, such as `change of project 5786 to plan 2 is charged 5 USD`. */
export function sentenceOf (entry: JournalEntry, isRetry: boolean): string {
  const subject = isRetry ? 'its retry' : subjectOf(entry)
  const outcome = outcomeOf(entry)
  const { fault } = entry
  if (fault === null || !Object.hasOwn(FAULTS_SAY, fault.kind)) return `${subject} ${outcome}`
  const isDecided = fault.when === 'after' || fault.kind === 'delay' || fault.kind === 'slow_body'
  if (isDecided) return `${subject} ${outcome}, ${entry.charged ? 'and' : 'but'} ${FAULTS_SAY[fault.kind]!(entry, 'its answer')}`
  const says = FAULTS_SAY[fault.kind]!(entry, 'it')
  return says.startsWith('it ') ? `${subject} ${says.slice('it '.length)}` : `${subject} is not carried out: ${says}`
}

/** Says what a request is for. Only ids and words of the exporter's own are in it: a text of the case could break out of a comment. */
function subjectOf ({ endpoint, method, request: { body } }: JournalEntry): string {
  if (method !== 'POST' && /^[A-Z]+$/.test(method)) return `a ${method} request`
  const { project_id: project } = Object(body) as Readonly<Record<string, unknown>>
  return purposeOf(endpoint ?? '', projectText(project), numbered('plan', requestedPlan(endpoint, body)) ?? 'a plan') ?? 'request to another path'
}

function projectText (project: unknown): string {
  return String(project) === '0' ? 'all projects' : numbered('project', project) ?? 'a project'
}

function numbered (noun: string, id: unknown): string | undefined {
  return (typeof id === 'number' || typeof id === 'string') && /^\d{1,16}$/.test(String(id)) ? `${noun} ${id}` : undefined
}

function outcomeOf ({ charged, booked, rule, fault, api_status: status }: JournalEntry): string {
  if (charged) return `is charged ${usd(debitOf(booked))} USD`
  if (rule !== null) return /^[a-z-]+$/.test(rule) ? `is refused (${rule})` : 'is refused'
  return status === 100 || fault !== null ? 'succeeds' : 'is answered'
}

function debitOf (booked: JournalEntry['booked']): Mills {
  return (booked?.ledger ?? []).reduce((sum, { amount }) => sum - (parseUsd(amount) ?? 0), 0)
}

/** Tells whether a client that had no answer asks the same again. */
export function isRetryOf (last: JournalEntry, entry: JournalEntry): boolean {
  return (last.fault !== null || last.state === 'client-gone') && last.path === entry.path && last.account === entry.account &&
    last.request.text === entry.request.text
}

/** Says what time brought. */
export function eventText ({ event, project_id: projectId, amount }: ScenarioHistoryEvent): string {
  const project = `project ${Number(projectId)}`
  switch (event) {
    case 'renewed': return `${project} is renewed for ${usd(Math.round(Number(amount) * 1000))} USD`
    case 'expired': return `${project} expires`
    case 'lapsed': return `a plan of ${project} lapses`
    default: return `the data of ${project} is deleted`
  }
}

/** Longest title in characters, unless its first part is longer. */
const MAX_TITLE = 140

/** Joins what happened into a title. */
export function titleOf (sentences: readonly string[]): string {
  const [first = 'nothing happens', ...others] = sentences
  let title = first
  for (const [index, sentence] of others.entries()) {
    const longer = `${title}; ${sentence}`
    const left = others.length - index
    if (longer.length > MAX_TITLE) return `${title}; and ${left} more`
    title = longer
  }
  return title
}

/** Writes a sentence as it begins a line. */
export function capitalized (text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Longest name made of a title, in characters. */
const MAX_NAME = 60

/** Makes a name of a title, as far as it goes with whole words. */
export function wordsOf (title: string, between: '-' | '_'): string {
  let name = ''
  for (const word of title.toLowerCase().match(/[a-z0-9]+/g)!) {
    if (name.length + word.length >= MAX_NAME) return name
    name += name === '' ? word : between + word
  }
  return name
}
