import type { Account } from './account.js'
import { projectMustExist, type Project } from './project.js'
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

/** Decides which projects are shown; expired and deleted ones are included, with their status. Throws a `Refusal`. */
export function getProjects (request: ParsedRequest<GetProjectsInput>, facts: GetProjectsFacts): ProjectsFound {
  const { account, input: { projectId } } = authorize(request, facts)
  if (projectId === 0) return { account, projects: facts.projects, isList: true }
  return { account, projects: [projectMustExist(facts.projects[0], projectId)], isList: false }
}
