import type { Account } from './account.js'
import { isShown, projectMustExist, statusOf, type Project } from './project.js'
import { authorize, type ParsedRequest, type RequestFacts } from './request.js'

/** Request for one project, or for all of them with the id 0 (documented). */
export interface GetProjectsInput {
  readonly projectId: number
}

/** Facts for the decision; `projects` holds the requested project, if the account has it, or all of them. */
export interface GetProjectsFacts extends RequestFacts {
  readonly projects: readonly Project[]
}

export interface ProjectsFound {
  readonly account: Account
  readonly projects: readonly Project[]
  /** Whether all projects were requested. */
  readonly isList: boolean
}

/** Decides which projects are shown; expired and, by default, deleted ones are included, with their status. Throws a `Refusal`. */
export function getProjects (request: ParsedRequest<GetProjectsInput>, facts: GetProjectsFacts): ProjectsFound {
  const { account, input: { projectId } } = authorize(request, facts)
  const isList = projectId === 0
  const projects = isList
    ? facts.projects.filter(project => isShown(project, facts))
    : [projectMustExist(facts.projects[0], projectId, facts)]
  for (const project of projects) statusOf(project, facts)
  return { account, projects, isList }
}
