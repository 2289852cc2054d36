import { useEffect, useMemo, useState } from 'preact/hooks'
import type { LedgerEntry } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { ScenarioHistoryEvent } from '../contract/scenario.js'
import { Empty, ErrorNote, Field, useAction } from './action.js'
import { BalanceChart } from './balance-chart.js'
import { useTime } from './clock.js'
import { call } from './control.js'
import { count, instant, money } from './format.js'
import { History } from './history.js'
import { Link } from './link.js'
import { ProjectForm } from './project-form.js'
import { UNFILTERED } from './route.js'
import type { Account, ConsoleState } from './state.js'

/** The number of ledger entries that are listed; the chart has them all. */
const MAX_ENTRIES = 500

/** The number of accounts offered as links if none is chosen. */
const MAX_LINKS = 20

/** An account's wallet: its balance over time, its ledger, what time brought, and every way to change them. */
export function Money ({ state, account }: { readonly state: ConsoleState, readonly account: Account | undefined }) {
  const [ledger, setLedger] = useState<readonly LedgerEntry[]>([])
  const [history, setHistory] = useState<readonly ScenarioHistoryEvent[]>([])
  useEffect(() => {
    if (account === undefined) return
    let isStale = false
    const path = `/accounts/${encodeURIComponent(account.name)}`
    Promise.all([call<{ ledger: LedgerEntry[] }>('GET', `${path}/ledger`), call<{ history: ScenarioHistoryEvent[] }>('GET', `${path}/history`)])
      .then(([{ ledger }, { history }]) => {
        if (isStale) return
        setLedger(ledger)
        setHistory(history)
      }, () => {})
    return () => { isStale = true }
  }, [account, state.clock?.mode, state.clock?.at])
  const isRefusal = (entry: JournalEntry): boolean =>
    entry.account === account?.name && entry.rule === 'wallet-must-cover-price' && entry.emulated_at !== null
  const refusals = useMemo(() => state.requests.filter(isRefusal), [state.requests, account?.name])
  const table = useMemo(() => <Ledger ledger={ledger} />, [ledger])
  const past = useMemo(() => <History history={history} />, [history])
  if (account === undefined) {
    return (
      <Empty>
        <p>Choose an account to see its money.</p>
        <p class='choices'>
          {state.accounts.slice(0, MAX_LINKS).map(({ name }) => (
            <Link key={name} class='button' to={{ account: name }}><span class='name'>{name}</span></Link>
          ))}
        </p>
      </Empty>
    )
  }
  return (
    <div class='money'>
      <section class='wallet' aria-label='Wallet'>
        <div><h2>Wallet</h2><p class='balance'>{money(account.balance)} <span class='quiet'>USD</span></p></div>
        <div class='forms'>
          <AmountForm account={account} field='credit' label='Top up by' button='Top up' />
          <AmountForm account={account} field='set' label='Set to' button='Set' />
        </div>
      </section>
      <Chart state={state} account={account} ledger={ledger} history={history} refusals={refusals} />
      {table}
      {past}
      <ProjectForm state={state} account={account} />
    </div>
  )
}

/** The chart, drawn up to the clock's time. */
function Chart ({ state, account, ...drawn }: {
  readonly state: ConsoleState
  readonly account: Account
  readonly ledger: readonly LedgerEntry[]
  readonly history: readonly ScenarioHistoryEvent[]
  readonly refusals: readonly JournalEntry[]
}) {
  return <BalanceChart {...drawn} until={useTime(state, account)?.now ?? 0} />
}

function Ledger ({ ledger }: { readonly ledger: readonly LedgerEntry[] }) {
  return (
    <section aria-label='Ledger'>
      <h2>Ledger</h2>
      <div class='scroll tall' tabIndex={0} role='region' aria-label='Ledger entries'>
        <table>
          <thead>
            <tr>
              <th>Emulated time</th><th>Kind</th><th class='number'>Amount</th><th class='number'>Balance</th>
              <th class='number'>Project</th><th class='number'>Plan</th><th>Request</th>
            </tr>
          </thead>
          <tbody>
            {ledger.slice(-MAX_ENTRIES).reverse().map((entry, index) => (
              <tr key={ledger.length - index}>
                <td class='date'><time dateTime={entry.at}>{instant(entry.at)}</time></td>
                <td><span class={`badge kind-${entry.kind}`}>{entry.kind}</span></td>
                <td class={`number ${entry.amount.startsWith('-') ? 'debit' : ''}`}>{money(entry.amount)}</td>
                <td class='number'>{money(entry.balance)}</td>
                <td class='number'>{entry.project_id ?? ''}</td>
                <td class='number'>{entry.plan_id ?? ''}</td>
                <td>{entry.request_id !== null && <Link to={{ ...UNFILTERED, view: 'requests', request: entry.request_id }}>{entry.request_id}</Link>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {ledger.length > MAX_ENTRIES && <p class='quiet'>Showing the newest {MAX_ENTRIES} of {count(ledger.length, 'booking')}.</p>}
    </section>
  )
}

/** Amounts that are being typed, by account and field. They are kept while another view or account is looked at. */
const kept = new Map<string, string>()

function AmountForm ({ account, field, label, button }: {
  readonly account: Account
  readonly field: 'credit' | 'set'
  readonly label: string
  readonly button: string
}) {
  const key = `${field} ${account.name}`
  const [amount, show] = useState(kept.get(key) ?? '')
  const setAmount = (typed: string): void => {
    if (typed === '') kept.delete(key)
    else kept.set(key, typed)
    show(typed)
  }
  const action = useAction()
  const submit = async (): Promise<void> => {
    // Whoever comes back before the answer must not book it twice.
    kept.delete(key)
    const isDone = await action.run(() => call('POST', `/accounts/${encodeURIComponent(account.name)}/wallet`, { [field]: amount.trim() }))
    setAmount(isDone ? '' : amount)
  }
  const pointer = `/${field}`
  return (
    <form onSubmit={event => { event.preventDefault(); return submit() }}>
      <Field
        label={label} value={amount} set={value => { action.clear(); setAmount(value) }} error={action.error}
        pointer={pointer} inputMode='decimal' placeholder='25.000'
      />
      <button type='submit' disabled={action.busy || amount.trim() === ''}>{button}</button>
      <ErrorNote error={action.error} beside={[pointer]} />
    </form>
  )
}
