import type { JournalEntry, RequestState } from '../contract/journal-entry.js'

/** What became of a request, in few words for a badge and in a sentence. */
const OUTCOMES: { readonly [State in RequestState]: readonly [badge: string, says: string] } = {
  'under-way': ['under way', 'under way: the client waits for the response, or for its end'],
  answered: ['answered', 'answered: the whole response was sent'],
  'client-gone': ['client gone', 'client gone: it closed its connection before the whole response was sent'],
  cut: ['cut off', 'cut off: the emulator closed the connection before the whole response was sent']
}

/** Choices of a filter by outcome, the one that finds charges without an answer last. */
export const OUTCOME_CHOICES = [
  ...Object.entries(OUTCOMES).map(([state, [badge]]) => [state, badge] as const),
  ['charged-unanswered', 'charged, no answer']
] as const

export function outcomeOf ({ state }: JournalEntry): readonly [badge: string, says: string] {
  return OUTCOMES[state]
}

/** Tells whether the client never got the whole response, and never will. */
export function isUnanswered ({ state }: JournalEntry): boolean {
  return state === 'client-gone' || state === 'cut'
}

/** Tells whether a request has an outcome of the filter. */
export function hasOutcome (entry: JournalEntry, outcome: string): boolean {
  return outcome === 'charged-unanswered' ? entry.charged && isUnanswered(entry) : entry.state === outcome
}
