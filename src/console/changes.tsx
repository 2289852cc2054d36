import type { ComponentChildren } from 'preact'
import type { ScenarioHistoryEvent } from '../contract/books.js'
import type { JournalEntry, SubscriptionState } from '../contract/journal-entry.js'
import { isCarriedOut, type Fault } from '../domain/fault.js'
import { SERVICES } from './badges.js'
import { count, instant, money } from './format.js'
import { isUnanswered } from './outcome.js'

/** What a request did, according to what was written to the books, and to the request itself; and what time had done just before. */
export function Changes ({ entry }: { readonly entry: JournalEntry }) {
  const { ledger = [], subscriptions = [], due } = entry.booked ?? {}
  return (
    <section aria-label='What it changed'>
      <h3>What it changed</h3>
      {ledger.map(({ amount, balance, project_id: project, plan_id: plan }, index) => (
        <p key={index}>
          Wallet: <b class='debit'>{money(amount)}</b> USD for project {project} on plan {plan}; balance afterwards <b>{money(balance)}</b> USD.
        </p>
      ))}
      {entry.endpoint !== 'change-billing' || subscriptions.length === 0
        ? <p>{changeOf(entry)}</p>
        : subscriptions.map(({ project_id: project, service, before, after }) => (
          <p key={service}>Project {project}, {SERVICES[service - 1]}: {before !== null && <>{standing(before)} → </>}<b>{standing(after)}</b></p>
        ))}
      {entry.charged && entry.state !== 'under-way' && (entry.api_status !== 100 || isUnanswered(entry)) &&
        <p class='wrong'>The customer was charged, but the client does not know.</p>}
      {due !== undefined && due.total > 0 && (
        <>
          <h3>What time had brought before</h3>
          <ul class='due'>{due.events.map((event, index) => <li key={index}>{instant(event.at)}: {dueText(event)}</li>)}</ul>
          {due.total > due.events.length && <p class='quiet'>and {count(due.total - due.events.length, 'more event')}</p>}
        </>
      )}
    </section>
  )
}

/** A plan, with the status of its project unless that is active: `plan 2 until 2020-07-16 23:59:59`. */
function standing ({ plan_id: plan, project_status: status, next_billing_date: next }: SubscriptionState): string {
  return `plan ${plan}${next === null ? '' : ` until ${instant(next)}`}${status === 'Active' ? '' : ` (${status})`}`
}

function dueText ({ event, project_id: project, plan_id: plan, amount, reason, price, balance }: ScenarioHistoryEvent): string {
  const what = `project ${project} ${event}`
  if (event === 'deleted') return what
  const paid = amount === undefined ? `${reason}: price ${money(price!)} USD` : `${money(amount)} USD debited`
  return `${what}, plan ${plan}; ${paid}, balance ${money(balance!)} USD`
}

const ACTIONS = ['disabled', 'enabled', 'deleted']

function changeOf ({ endpoint, rule, fault, request, response }: JournalEntry): ComponentChildren {
  if (rule !== null) return 'Nothing: the request was refused.'
  if (fault !== null && !isCarriedOut(fault as Pick<Fault, 'kind' | 'when'>)) return 'Nothing: the fault triggered before the request was processed.'
  const input = Object(request.body) as Readonly<Record<string, unknown>>
  const answer = Object(response?.body) as Readonly<Record<string, unknown>>
  const project = `Project ${String(input.project_id)}`
  switch (endpoint) {
    case 'change-billing': return `${project}: nothing, it stays on plan ${String(input.plan_id)}.`
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
