import type { JournalEntry } from '../contract/journal-entry.js'
import { count } from './format.js'
import { outcomeOf } from './outcome.js'

export const SERVICES = ['Phone Automation', 'WhatsApp Official'] as const

export function ProjectStatus ({ status }: { readonly status: string }) {
  return <span class={`badge status-${status.toLowerCase()}`}>{status}</span>
}

export function StatusBadge ({ entry }: { readonly entry: JournalEntry }) {
  const { api_status: status, response } = entry
  if (entry.state !== 'answered') {
    const shown = entry.state === 'cut' && response === null ? 'no answer' : outcomeOf(entry)[0]
    return <span class={`badge ${entry.state === 'under-way' ? 'waiting' : 'broken'}`}>{shown}</span>
  }
  return (
    <span class={`badge ${status === 100 ? 'granted' : status === null ? 'broken' : 'refused'}`}>
      {status ?? (response === null ? 'no answer' : `HTTP ${response.http_status}`)}
    </span>
  )
}

export function Badges ({ entry: { fault, assumptions, lint } }: { readonly entry: JournalEntry }) {
  return (
    <>
      {fault !== null && <span class='badge fault'>{fault.kind}</span>}
      {assumptions.length > 0 && (
        <span class='badge assumption' title={`depends on ${assumptions.join(', ')}`}>{count(assumptions.length, 'assumption')}</span>
      )}
      {lint.length > 0 && <span class='badge lint' title={lint.map(({ name }) => name).join(', ')}>{count(lint.length, 'lint')}</span>}
    </>
  )
}
