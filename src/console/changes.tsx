import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { LedgerEntry } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { isCarriedOut, type Fault } from '../domain/fault.js'
import { call } from './control.js'
import { count, instant, money } from './format.js'
import { isUnanswered } from './outcome.js'

/** The changes of a request: to the wallet according to the ledger, to the project according to the request. */
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
      {booked.map(({ amount, balance, project_id: project, plan_id: plan }, index) => (
        <p key={index}>
          Wallet: <b class='debit'>{money(amount)}</b> USD for project {project} on plan {plan}; balance afterwards <b>{money(balance)}</b> USD.
        </p>
      ))}
      <p>{changeOf(entry)}</p>
      {entry.charged && entry.state !== 'under-way' && (entry.api_status !== 100 || isUnanswered(entry)) && <p class='wrong'>The customer was charged, but the client does not know.</p>}
    </section>
  )
}

const ACTIONS = ['disabled', 'enabled', 'deleted']

function changeOf ({ endpoint, rule, fault, request, response }: JournalEntry): ComponentChildren {
  if (rule !== null) return 'Nothing: the request was refused.'
  if (fault !== null && !isCarriedOut(fault as Pick<Fault, 'kind' | 'when'>)) return 'Nothing: the fault triggered before the request was processed.'
  const input = Object(request.body) as Readonly<Record<string, unknown>>
  const answer = Object(response?.body) as Readonly<Record<string, unknown>>
  const project = `Project ${String(input.project_id)}`
  switch (endpoint) {
    case 'change-billing': {
      const { old_billing_plan: old, next_billing_date: next } = answer
      const until = next ? `, until ${instant(String(next))}` : ''
      return <>{project}: plan {old !== undefined && <><b>{String(old)}</b> → </>}<b>{String(input.plan_id)}</b>{until}</>
    }
    case 'create-project': {
      const created = answer.project_id === undefined ? 'A project' : `Project ${String(answer.project_id)}`
      return <>{created} was created, on plan <b>{String(input.billing_plan || 1)}</b>.</>
    }
    case 'create-api-token': return `${project}: ${count([input.ip_whitelist].flat().length, 'API token')} added.`
    case 'manage-api-token': return `An API token of project ${String(input.project_id)} was ${ACTIONS[Number(input.action) - 1]}.`
    case 'set-webhook': return `${project}: ${Object.keys(input).filter(field => field.endsWith('_webhook')).join(', ') || 'no webhook'} set.`
    default: return 'Nothing: this endpoint only reads.'
  }
}
