import type { ComponentChildren } from 'preact'
import type { ScenarioHistoryEvent } from '../contract/scenario.js'
import { instant, money } from './format.js'

/** An account's history, newest first: what time brought, and how the clock was moved. */
export function History ({ history }: { readonly history: readonly ScenarioHistoryEvent[] }) {
  return (
    <section aria-label='History'>
      <h2>What time did</h2>
      {history.length === 0 && <p class='quiet'>Nothing yet: no plan was renewed, no project expired, and the clock was not moved.</p>}
      <div class='scroll tall' tabIndex={0} role='region' aria-label='Events of the history'>
        <table>
          <thead><tr><th>Emulated time</th><th>Event</th><th>What happened</th></tr></thead>
          <tbody>
            {[...history].reverse().map((event, index) => (
              <tr key={history.length - index}>
                <td class='date'><time dateTime={event.at}>{instant(event.at)}</time></td>
                <td><span class={`badge event-${event.event}`}>{event.event}</span></td>
                <td>{whatHappened(event)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** An event in words, without its account. */
export function whatHappened (happened: Omit<ScenarioHistoryEvent, 'at'>): ComponentChildren {
  const { project_id: project, plan_id: plan, amount, balance, price, reason, from, mode } = happened
  switch (happened.event) {
    case 'renewed': return `project ${project} renewed plan ${plan} for ${money(amount!)} USD; balance afterwards ${money(balance!)} USD.`
    case 'lapsed': return `project ${project} is on Pay As You Go again: plan ${plan} ${REASONS[reason!](money(price!), money(balance!))}.`
    case 'expired': return `project ${project} expired: plan ${plan} ${REASONS[reason!](money(price!), money(balance!))}.`
    case 'deleted': return `project ${project} was deleted.`
    case 'clock-moved': return `the clock was moved from ${instant(from!)}, ${AFTERWARDS[mode!]}.`
    case 'world-clock-moved': return `the world's clock was moved from ${instant(from!)}, ${AFTERWARDS[mode!]}.`
  }
}

const REASONS: Readonly<Record<NonNullable<ScenarioHistoryEvent['reason']>, (price: string, balance: string) => string>> = {
  'balance-too-low': (price, balance) => `costs ${price} USD, but the wallet held ${balance} USD`,
  'auto-renew-off': () => 'was not renewed, as auto-renew is off',
  'api-disabled': () => 'was not renewed, as the API had been switched off'
}

const AFTERWARDS = { system: 'and shows the machine\'s time', running: 'and runs', frozen: 'and stands still' } as const
