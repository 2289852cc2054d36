import { useRef, useState } from 'preact/hooks'
import type { ProjectPatch } from '../contract/control.js'
import { Choice, ErrorNote, Field, useAction, WrittenChoice } from './action.js'
import { ProjectStatus, SERVICES } from './badges.js'
import { make } from './change.js'
import { confirmed } from './confirmed.js'
import { dueOf } from './consequences.js'
import { useQuestion } from './question.js'
import type { Account, ConsoleState } from './state.js'

/** The number of projects above which a project is named by its ID instead of chosen from a list. */
const MAX_LISTED = 200

/** Changes a project's plan or status without asking the rules. */
export function ProjectForm ({ state, account }: { readonly state: ConsoleState, readonly account: Account }) {
  const [chosen, choose] = useState('')
  const action = useAction()
  const question = useQuestion()
  const projects = account.projects ?? []
  const isLong = projects.length > MAX_LISTED
  // Once a project is shown, no other takes its place by itself: whoever is about to change it would change that one.
  const first = useRef<number | undefined>(undefined)
  first.current ??= projects[0]?.project_id
  const wanted = chosen.trim() || String(first.current)
  const named = projects.find(({ project_id: id }) => String(id) === wanted)
  const project = named ?? projects[0]
  if (project === undefined) return null
  const patch = async (fields: ProjectPatch): Promise<boolean> => {
    let isDone = false
    await action.run(async () => {
      const change = {
        method: 'PATCH',
        path: `/accounts/${encodeURIComponent(account.name)}/projects/${project.project_id}`,
        body: fields,
        says: `Project ${project.project_id} was changed.`
      }
      // That the project changes was asked for; that a cycle of long ago ends at once was not.
      if (await confirmed(change, 'Change the project', question, dueOf) === null) return
      await make(change)
      isDone = true
    })
    return isDone
  }
  const planOf = (service: number): string => String(project.subscriptions?.find(subscription => subscription.service === service)?.plan_id ?? 1)
  const subscribe = (service: 1 | 2, planId: string) => patch({ subscriptions: [{ service, plan_id: Number(planId) }] })
  const isUnknown = named === undefined
  const issue = { pointer: '/project_id', found: JSON.stringify(wanted), expected: 'the ID of one of the account\'s projects' }
  const unknown = isUnknown ? { detail: '', errors: [issue] } : null
  const plansOf = (service: number) => state.plans.filter(plan => plan.service === undefined || plan.service === service)
  return (
    <section class='set-project' aria-label='Change a project'>
      <h2>Change a project</h2>
      <p class='quiet'>Bypasses the rules, and nothing is charged; a paid plan's cycle starts now.</p>
      <div class='inline'>
        {isLong
          ? (
            <Field
              label='Project' value={chosen} set={choose} inputMode='numeric' placeholder={String(first.current)}
              error={unknown} pointer='/project_id'
            />
            )
          : (
            <Choice
              label='Project' value={wanted} set={choose}
              options={[
                ...isUnknown ? [[wanted, `${wanted}, removed`] as const] : [],
                ...projects.map(({ project_id: id, project_name: name }) => [String(id), `${id} ${name}`] as const)
              ]}
            />
            )}
        {!isUnknown && (
          <WrittenChoice
            key={`status of ${project.project_id}`} label='Status' value={project.project_status ?? 'Active'}
            set={status => patch({ project_status: status as 'Active' })}
            options={['Active', 'Expired', 'Delete'].map(status => [status, status])}
          />
        )}
        {!isUnknown && ([1, 2] as const).map(service => (
          <WrittenChoice
            key={`${service} of ${project.project_id}`} label={`Plan, ${SERVICES[service - 1]}`} value={planOf(service)}
            set={plan => subscribe(service, plan)}
            options={plansOf(service).map(({ plan_id: id, name }) => [String(id), `${id} ${name}`])}
          />
        ))}
      </div>
      {isUnknown && !isLong && <p class='wrong' role='alert'>Project {wanted} has been removed. Choose another one.</p>}
      {!isUnknown && (
        <p class='quiet'>
          Project <b>{project.project_id}</b> <b class='name'>{project.project_name}</b> is <ProjectStatus status={project.project_status ?? 'Active'} />
        </p>
      )}
      <ErrorNote error={action.error} />
      {question.dialog}
    </section>
  )
}
