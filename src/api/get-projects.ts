import { Type } from '@sinclair/typebox'
import { assume } from '../domain/assumptions.js'
import { getProjects, type GetProjectsFacts, type GetProjectsInput, type ProjectsFound } from '../domain/get-projects.js'
import type { Project } from '../domain/project.js'
import type { Store } from '../store/index.js'
import type { Endpoint } from './endpoint.js'
import { Token, WholeNumber } from './fields.js'
import { IN_A_LIST, ProjectAnswer, projectAnswer, shownSubscription } from './project-answer.js'
import { GRANTED, GrantedAnswer } from './status-codes.js'

/** Documented request fields; `project_id` 0 requests all projects of the account. */
const Fields = Type.Object({
  token: Token,
  project_id: WholeNumber(0, Number.MAX_SAFE_INTEGER)
})

const ProjectList = Type.Optional(Type.Array(ProjectAnswer, {
  description: 'all projects; the shape is undocumented, and the key is an open question',
  'x-provenance': 'assumed'
}))

/** Endpoint `POST /pm/get-projects` (documented): returns a project of the account, or all of them. */
export const getProjectsEndpoint: Endpoint<typeof Fields, GetProjectsInput, GetProjectsFacts, ProjectsFound> = {
  name: 'get-projects',
  path: '/pm/get-projects',
  provenance: 'documented',
  rules: ['token-must-be-master', 'fields-must-be-valid', 'project-must-exist'],
  fields: Fields,
  answer: Type.Composite([GrantedAnswer, Type.Partial(ProjectAnswer), Type.Object({ projects: ProjectList, data: ProjectList })]),
  toInput: fields => ({ projectId: fields.project_id }),
  load (store, facts, input) {
    const { now, cutoff, assumptions, account, apiToken } = facts
    const projects = input === undefined || account === undefined ? [] : projectsFor(store, account.accountId, input.projectId)
    return { now, cutoff, assumptions, account, apiToken, projects }
  },
  decide: getProjects,
  debit: () => 0,
  save: null,
  present ({ account, projects, isList }, wire, assumptions) {
    const withPlan = wire.types === 'table'
    const [project] = projects
    if (!isList) return projectAnswer(GRANTED, account, project!, shownSubscription(project!, assumptions), wire, null, withPlan)
    const shown = projects.map(project => {
      const subscription = shownSubscription(project, assumptions)
      // Made one by one, as their text is: of a large account, all of them take several times as much memory as the text.
      return { toJSON: () => projectAnswer(IN_A_LIST, account, project, subscription, wire, null, withPlan) }
    })
    return { ...GRANTED, [assume(assumptions, 'all-projects-key')]: shown }
  }
}

function projectsFor (store: Store, accountId: number, projectId: number): readonly Project[] {
  if (projectId === 0) return store.projects.list(accountId)
  const project = store.projects.find(accountId, projectId)
  return project === undefined ? [] : [project]
}
