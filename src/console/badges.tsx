import type { JournalEntry } from '../contract/journal-entry.js'
import { count } from './format.js'

export const SERVICES = ['Phone Automation', 'WhatsApp Official'] as const

export function ProjectStatus ({ status }: { readonly status: string }) {
  return <span class={`badge status-${status.toLowerCase()}`}>{status}</span>
}

export function StatusBadge ({ entry }: { readonly entry: JournalEntry }) {
  const { api_status: status, response } = entry
  if (response === null) return <span class='badge broken'>no answer</span>
  return (
    <span class={`badge ${status === 100 ? 'granted' : status === null ? 'broken' : 'refused'}`}>
      {status ?? `HTTP ${response.http_status}`}
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
