import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { LedgerEntry } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { call } from './control.js'
import { count, instant, money } from './format.js'

/** What a request changed in the wallet, as the ledger has it, and in the project, as it asked for it. */
export function Changes ({ entry }: { readonly entry: JournalEntry }) {
  const [booked, setBooked] = useState<readonly LedgerEntry[]>([])
  useEffect(() => {
    if (entry.account === null || !entry.charged) return
    call<{ ledger: LedgerEntry[] }>('GET', `/accounts/${encodeURIComponent(entry.account)}/ledger`)
      .then(({ ledger }) => setBooked(ledger.filter(({ request_id: id }) => id === entry.id)), () => setBooked([]))
  }, [entry.id])
  return (
    <section aria-label='What it changed'>
      <h3>What it changed</h3>
      {booked.map(({ amount, balance, project_id: project, plan_id: plan }, index) => <p key={index}>Wallet: <b class='debit'>{money(amount)}</b> USD for project {project} on plan {plan}; it held <b>{money(balance)}</b> USD then.</p>)}
      <p>{done(entry)}</p>
      {entry.charged && entry.api_status !== 100 && <p class='wrong'>The customer was charged, and the client does not know.</p>}
    </section>
  )
}

const ACTIONS = ['disabled', 'enabled', 'deleted']

function done ({ endpoint, rule, fault, request, response }: JournalEntry): ComponentChildren {
  if (rule !== null) return 'Nothing: it was refused.'
  if (fault !== null && fault.when === 'before' && fault.kind !== 'delay' && fault.kind !== 'slow_body') return 'Nothing: the fault struck before it was decided on.'
  const asked = Object(request.body) as Readonly<Record<string, unknown>>
  const answer = Object(response?.body) as Readonly<Record<string, unknown>>
  const project = `Project ${String(asked.project_id)}`
  switch (endpoint) {
    case 'change-billing': {
      const { old_billing_plan: old, next_billing_date: next } = answer
      return <>{project}: plan {old !== undefined && <><b>{String(old)}</b> → </>}<b>{String(asked.plan_id)}</b>{next ? `, until ${instant(String(next))}` : ''}</>
    }
    case 'create-project': return <>{answer.project_id === undefined ? 'A project' : `Project ${String(answer.project_id)}`} was made, on plan <b>{String(asked.billing_plan || 1)}</b>.</>
    case 'create-api-token': return `${project} has ${count([asked.ip_whitelist].flat().length, 'API token')} more.`
    case 'manage-api-token': return `An API token of project ${String(asked.project_id)} was ${ACTIONS[Number(asked.action) - 1]}.`
    case 'set-webhook': return `${project}: ${Object.keys(asked).filter(field => field.endsWith('_webhook')).join(', ') || 'no webhook'} set.`
    default: return 'Nothing: it only reads.'
  }
}
