import { Type } from '@sinclair/typebox'
import { assume } from '../domain/assumptions.js'
import { getProjects, type GetProjectsFacts, type GetProjectsInput, type ProjectsFound } from '../domain/get-projects.js'
import type { Endpoint } from './endpoint.js'
import { Token, WholeNumber } from './fields.js'
import { ProjectAnswer, projectAnswer, shownSubscription } from './project-answer.js'
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
    if (input === undefined || facts.account === undefined) return { ...facts, projects: [] }
    const { accountId } = facts.account
    const found = input.projectId === 0 ? store.projects.list(accountId) : [store.projects.find(accountId, input.projectId)]
    return { ...facts, projects: found.filter(project => project !== undefined) }
  },
  decide: getProjects,
  debit: () => 0,
  save: () => null,
  present ({ account, projects, isList }, wire, assumptions) {
    const shown = projects.map(project =>
      projectAnswer(account, project, shownSubscription(project, assumptions), wire, null, wire.types === 'table'))
    return isList ? { ...GRANTED, [assume(assumptions, 'all-projects-key')]: shown } : { ...GRANTED, ...shown[0] }
  }
}
