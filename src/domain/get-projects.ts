import type { Account } from './account.js'
import { projectMustExist, type Project } from './project.js'
import { admitted, type Asked, type World } from './request.js'

/** Which project is asked for; 0 for all of them (documented). */
export interface ProjectsOrder {
  readonly projectId: number
}

/** `projects` holds the one that is asked for, if the account has it, or all of them. */
export interface ProjectsWorld extends World {
  readonly projects: readonly Project[]
}

export interface ProjectsFound {
  readonly account: Account
  readonly projects: readonly Project[]
  /** Whether all of them were asked for. */
  readonly isList: boolean
}

/** Decides which projects are shown: also those that have expired or were deleted, whose status says so. Throws a `Refusal`. */
export function getProjects (asked: Asked<ProjectsOrder>, world: ProjectsWorld): ProjectsFound {
  const { account, order: { projectId } } = admitted(asked, world)
  if (projectId === 0) return { account, projects: world.projects, isList: true }
  return { account, projects: [projectMustExist(world.projects[0], projectId)], isList: false }
}
