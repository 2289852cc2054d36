import type { Account } from './account.js'
import { projectMustExist, type Project } from './project.js'
import { authorize, type ParsedRequest, type RequestFacts } from './request.js'

/** Which project is asked for; 0 for all of them (documented). */
export interface GetProjectsInput {
  readonly projectId: number
}

/** `projects` holds the one that is asked for, if the account has it, or all of them. */
export interface GetProjectsFacts extends RequestFacts {
  readonly projects: readonly Project[]
}

export interface ProjectsFound {
  readonly account: Account
  readonly projects: readonly Project[]
  /** Whether all of them were asked for. */
  readonly isList: boolean
}

/** Decides which projects are shown: also those that have expired or were deleted, whose status says so. Throws a `Refusal`. */
export function getProjects (request: ParsedRequest<GetProjectsInput>, facts: GetProjectsFacts): ProjectsFound {
  const { account, input: { projectId } } = authorize(request, facts)
  if (projectId === 0) return { account, projects: facts.projects, isList: true }
  return { account, projects: [projectMustExist(facts.projects[0], projectId)], isList: false }
}
