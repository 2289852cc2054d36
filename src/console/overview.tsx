import { useMemo, useState } from 'preact/hooks'
import type { ScenarioPlan, ScenarioProject } from '../contract/scenario.js'
import { Empty, Field } from './action.js'
import { ProjectStatus, SERVICES } from './badges.js'
import { useTime } from './clock.js'
import { apiState, count, day, money } from './format.js'
import { Link } from './link.js'
import type { Account, World } from './state.js'

/** How many accounts, and how many projects of one, are shown at once. */
const MAX_ACCOUNTS = 60
const MAX_PROJECTS = 200

/** With more projects than this there is something to find them with. */
const FEW_PROJECTS = 20

/** Every account, or the one that is looked at, with its projects. */
export function Overview ({ world, account }: { readonly world: World, readonly account: Account | undefined }) {
  const shown = account === undefined ? world.accounts : [account]
  if (!world.isKnown) return <Empty>Reading the accounts…</Empty>
  if (shown.length === 0) return <Empty>No account yet. Load a scenario under <Link to={{ view: 'files' }}>Files</Link>, or make one with <code>POST /__admin/accounts</code>.</Empty>
  return (
    <div class='cards'>
      {shown.slice(0, MAX_ACCOUNTS).map(each => <AccountCard key={each.name} world={world} account={each} isAlone={account !== undefined} />)}
      {shown.length > MAX_ACCOUNTS && <p class='quiet'>These are the first {MAX_ACCOUNTS} of {count(shown.length, 'account')}; find another in the list of accounts.</p>}
    </div>
  )
}

function AccountCard ({ world, account, isAlone }: { readonly world: World, readonly account: Account, readonly isAlone: boolean }) {
  const { plans } = world
  const projects = useMemo(() => <Projects account={account} plans={plans} isAlone={isAlone} />, [account, plans, isAlone])
  return (
    <section class='card' aria-label={`Account ${account.name}`}>
      <header>
        <h2 class='name'><Link to={{ view: isAlone ? 'money' : 'overview', account: account.name }}>{account.name}</Link></h2>
        <p class='amount'>{money(account.balance)} <span class='quiet'>USD</span></p>
      </header>
      {account.clock !== undefined && <OwnClock world={world} account={account} />}
      {projects}
    </section>
  )
}

function OwnClock ({ world, account }: { readonly world: World, readonly account: Account }) {
  const time = useTime(world, account)
  return time && <p class='quiet'>A clock of its own. {apiState(time.now, time.disabledAt)}.</p>
}

function Projects ({ account, plans, isAlone }: { readonly account: Account, readonly plans: readonly ScenarioPlan[], readonly isAlone: boolean }) {
  const [search, setSearch] = useState('')
  const projects = account.projects ?? []
  if (projects.length === 0) return <p class='quiet'>No projects.</p>
  const wanted = search.trim().toLowerCase()
  const found = wanted === '' ? projects : projects.filter(({ project_id: id, project_name: name, project_status: status }) => [id, name, status].join('\n').toLowerCase().includes(wanted))
  const most = isAlone ? MAX_PROJECTS : FEW_PROJECTS
  return (
    <>
      {isAlone && projects.length > FEW_PROJECTS && <Field label='Find a project' type='search' value={search} set={setSearch} placeholder='id, name or status' />}
      <div class='scroll' tabIndex={0} role='region' aria-label={`Projects of ${account.name}`}>
        <table class='projects' role='table'>
          <thead role='rowgroup'><tr role='row'>{['Project', 'Name', 'Service', 'Plan', 'Status', 'Next billing'].map(title => <th key={title} role='columnheader' class={title === 'Project' ? 'number' : ''}>{title}</th>)}</tr></thead>
          <tbody role='rowgroup'>{found.slice(0, most).flatMap(project => rows(project, plans))}</tbody>
        </table>
      </div>
      {found.length === 0 && <p class='quiet'>No project is called so.</p>}
      {found.length > most && <p class='quiet'>These are the first {most} of {count(found.length, 'project')}{isAlone ? '' : <>; <Link to={{ account: account.name }}>look at the account</Link> for more</>}.</p>}
    </>
  )
}

/** A row for each service; a project that has chosen no plan yet counts as on the first one. */
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
