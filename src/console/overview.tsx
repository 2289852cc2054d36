import { useMemo, useState } from 'preact/hooks'
import type { ScenarioPlan, ScenarioProject } from '../contract/scenario.js'
import { Empty, Field } from './action.js'
import { ProjectStatus, SERVICES } from './badges.js'
import { useTime } from './clock.js'
import { apiState, count, day, money } from './format.js'
import { Link } from './link.js'
import type { Account, ConsoleState } from './state.js'

/** The number of accounts, and of projects of one account, that are shown at once. */
const MAX_ACCOUNTS = 60
const MAX_PROJECTS = 200

/** The number of projects above which there is a search field; in the list of accounts only so many are shown. */
const MAX_WITHOUT_SEARCH = 20

/** Every account, or the chosen one, with its projects. */
export function Overview ({ state, account }: { readonly state: ConsoleState, readonly account: Account | undefined }) {
  const shown = account === undefined ? state.accounts : [account]
  if (!state.isKnown) return <Empty>Loading the accounts…</Empty>
  if (shown.length === 0) {
    return (
      <Empty>
        No accounts yet. Load a scenario under <Link to={{ view: 'files' }}>Files</Link>, or create an account with <code>POST /__admin/accounts</code>.
      </Empty>
    )
  }
  return (
    <div class='cards'>
      {shown.slice(0, MAX_ACCOUNTS).map(each => (
        <AccountCard key={each.name} state={state} account={each} isAlone={account !== undefined} />
      ))}
      {shown.length > MAX_ACCOUNTS && (
        <p class='quiet'>Showing the first {MAX_ACCOUNTS} of {count(shown.length, 'account')}; find the others in the list of accounts.</p>
      )}
    </div>
  )
}

function AccountCard ({ state, account, isAlone }: { readonly state: ConsoleState, readonly account: Account, readonly isAlone: boolean }) {
  const { plans } = state
  const projects = useMemo(() => <Projects account={account} plans={plans} isAlone={isAlone} />, [account, plans, isAlone])
  return (
    <section class='card' aria-label={`Account ${account.name}`}>
      <header>
        <h2 class='name'><Link to={{ view: isAlone ? 'money' : 'overview', account: account.name }}>{account.name}</Link></h2>
        <p class='amount'>{money(account.balance)} <span class='quiet'>USD</span></p>
      </header>
      {account.clock !== undefined && <OwnClock state={state} account={account} />}
      {projects}
    </section>
  )
}

function OwnClock ({ state, account }: { readonly state: ConsoleState, readonly account: Account }) {
  const time = useTime(state, account)
  return time && <p class='quiet'>Its own clock. {apiState(time.now, time.disabledAt)}.</p>
}

function Projects ({ account, plans, isAlone }: {
  readonly account: Account
  readonly plans: readonly ScenarioPlan[]
  readonly isAlone: boolean
}) {
  const [search, setSearch] = useState('')
  const projects = account.projects ?? []
  if (projects.length === 0) return <p class='quiet'>No projects.</p>
  const wanted = search.trim().toLowerCase()
  const textOf = ({ project_id: id, project_name: name, project_status: status }: ScenarioProject): string => [id, name, status].join('\n').toLowerCase()
  const found = wanted === '' ? projects : projects.filter(project => textOf(project).includes(wanted))
  const max = isAlone ? MAX_PROJECTS : MAX_WITHOUT_SEARCH
  return (
    <>
      {isAlone && projects.length > MAX_WITHOUT_SEARCH && (
        <Field label='Find a project' type='search' value={search} set={setSearch} placeholder='ID, name or status' />
      )}
      <div class='scroll' tabIndex={0} role='region' aria-label={`Projects of ${account.name}`}>
        <table class='projects' role='table'>
          <thead role='rowgroup'>
            <tr role='row'>
              {['Project', 'Name', 'Service', 'Plan', 'Status', 'Next billing'].map(title => (
                <th key={title} role='columnheader' class={title === 'Project' ? 'number' : ''}>{title}</th>
              ))}
            </tr>
          </thead>
          <tbody role='rowgroup'>{found.slice(0, max).flatMap(project => rows(project, plans))}</tbody>
        </table>
      </div>
      {found.length === 0 && <p class='quiet'>No project matches.</p>}
      {found.length > max && (
        <p class='quiet'>
          Showing the first {max} of {count(found.length, 'project')}{isAlone ? '' : <>; <Link to={{ account: account.name }}>open the account</Link> to see more</>}.
        </p>
      )}
    </>
  )
}

/** A row for each service. A project without a subscription is on the first plan. */
function rows ({ project_id: id, project_name: name, project_status: status = 'Active', subscriptions = [] }: ScenarioProject, plans: readonly ScenarioPlan[]) {
  const each = subscriptions.length > 0 ? subscriptions : [{ service: 1, plan_id: 1, next_billing_date: undefined }]
  return each.map(({ service, plan_id: planId, next_billing_date: next }, index) => (
    <tr role='row' key={`${id}-${service}`} class={index === 0 ? '' : 'further'}>
      <td role='cell' class='number'>{index === 0 ? id : ''}</td>
      <td role='cell' class='name'>{index === 0 ? name : ''}</td>
      <td role='cell' class='service'>{SERVICES[service - 1]}</td>
      <td role='cell' class='plan'><span class='quiet'>{planId}</span> {plans.find(plan => plan.plan_id === planId)?.name}</td>
      <td role='cell' class='status'>{index === 0 && <ProjectStatus status={status} />}</td>
      <td role='cell' class='date'>{next === undefined ? '–' : <time dateTime={next}>{day(next)}</time>}</td>
    </tr>
  ))
}
