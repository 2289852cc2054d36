import { useState } from 'preact/hooks'
import type { AccountState } from '../contract/control.js'
import type { ScenarioProject } from '../contract/scenario.js'
import { Choice, ErrorNote, Field, useAction } from './action.js'
import { ProjectStatus, SERVICES } from './badges.js'
import { call, ControlError } from './control.js'
import type { Account, World } from './state.js'

/** With more projects than this one is named by its id instead of chosen from a list. */
const MAX_LISTED = 200

/** Sets a project's plan or status, whatever the rules would say. */
export function ProjectForm ({ world, account }: { readonly world: World, readonly account: Account }) {
  const [chosen, choose] = useState('')
  const action = useAction()
  const projects = account.projects ?? []
  const isLong = projects.length > MAX_LISTED
  const named = projects.find(({ project_id: id }) => String(id) === chosen.trim())
  const project = named ?? projects[0]
  if (project === undefined) return null
  // What is shown may be a moment old: whatever else has changed by now must stay.
  const put = (change: (now: ScenarioProject) => Partial<ScenarioProject>) => action.run(async () => {
    const path = `/accounts/${encodeURIComponent(account.name)}`
    const { projects = [] } = await call<AccountState>('GET', path)
    const now = projects.find(({ project_id: id }) => id === project.project_id)
    if (now === undefined) throw new ControlError(404, `project ${project.project_id} has been removed`)
    await call('PUT', `${path}/projects/${project.project_id}`, { ...now, ...change(now) })
  })
  const planOf = (service: number): string => String(project.subscriptions?.find(subscription => subscription.service === service)?.plan_id ?? 1)
  const subscribe = (service: 1 | 2, planId: string) => put(({ subscriptions = [] }) => ({
    subscriptions: [...subscriptions.filter(subscription => subscription.service !== service), { service, plan_id: Number(planId) }].sort((a, b) => a.service - b.service)
  }))
  const isUnknown = isLong && chosen.trim() !== '' && named === undefined
  const unknown = isUnknown ? new ControlError(404, '', [{ pointer: '/project_id', found: JSON.stringify(chosen), expected: 'the id of a project of this account' }]) : null
  return (
    <section class='set-project' aria-label='Set a project'>
      <h2>Set a project</h2>
      <p class='quiet'>Whatever the rules would say, and without a charge; a paid plan's cycle starts now.</p>
      <div class='inline'>
        {isLong
          ? <Field label='Project' value={chosen} set={choose} inputMode='numeric' placeholder={String(project.project_id)} error={unknown} pointer='/project_id' />
          : <Choice label='Project' value={String(project.project_id)} set={choose} options={projects.map(({ project_id: id, project_name: name }) => [String(id), `${id} ${name}`])} />}
        {!isUnknown && <Choice label='Status' value={project.project_status ?? 'Active'} set={status => put(() => ({ project_status: status as 'Active' }))} options={['Active', 'Expired', 'Delete'].map(status => [status, status])} />}
        {!isUnknown && ([1, 2] as const).map(service => (
          <Choice key={service} label={`Plan, ${SERVICES[service - 1]}`} value={planOf(service)} set={plan => subscribe(service, plan)} options={world.plans.filter(plan => plan.service === undefined || plan.service === service).map(plan => [String(plan.plan_id), `${plan.plan_id} ${plan.name}`])} />
        ))}
      </div>
      {!isUnknown && <p class='quiet'>Project <b>{project.project_id}</b> <b class='name'>{project.project_name}</b> is <ProjectStatus status={project.project_status ?? 'Active'} /></p>}
      <ErrorNote error={action.error} />
    </section>
  )
}
