import type { Account } from './account.js'
import { tokensFor, type ApiToken } from './api-token.js'
import { projectMustBeActive, projectMustExist, type Project } from './project.js'
import { admitted, type Asked, type World } from './request.js'

/** "Make a token for each of these addresses." */
export interface TokenOrder {
  readonly projectId: number
  readonly addresses: readonly string[]
}

export interface TokenWorld extends World {
  readonly project: Project | undefined
  /** Makes the n-th token of a project. */
  readonly mintToken: (projectId: number, index: number) => string
}

export interface TokenCreation {
  readonly account: Account
  readonly projectId: number
  readonly apiTokens: readonly ApiToken[]
}

/** Decides on new tokens of a project. Those that it has stay as they are. Throws a `Refusal`. */
export function createApiToken (asked: Asked<TokenOrder>, world: TokenWorld): TokenCreation {
  const { account, order } = admitted(asked, world)
  const { projectId, apiTokens } = projectMustBeActive(projectMustExist(world.project, order.projectId))
  return { account, projectId, apiTokens: tokensFor(order.addresses, index => world.mintToken(projectId, apiTokens.length + index)) }
}
