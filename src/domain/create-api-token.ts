import type { Account } from './account.js'
import { tokensFor, type ApiToken } from './api-token.js'
import { projectMustBeChangeable, projectMustExist, type Project } from './project.js'
import { authorize, type ParsedRequest, type RequestFacts } from './request.js'

/** Request to create a token for each of several addresses. */
export interface CreateApiTokenInput {
  readonly projectId: number
  readonly addresses: readonly string[]
}

export interface CreateApiTokenFacts extends RequestFacts {
  readonly project: Project | undefined
  /** Derives the n-th token of a project. */
  readonly nextApiToken: (projectId: number, index: number) => string
}

export interface TokenCreation {
  readonly account: Account
  readonly projectId: number
  readonly apiTokens: readonly ApiToken[]
}

/** Decides on new tokens for a project, which keeps its existing ones. Throws a `Refusal`. */
export function createApiToken (request: ParsedRequest<CreateApiTokenInput>, facts: CreateApiTokenFacts): TokenCreation {
  const { account, input } = authorize(request, facts)
  const { projectId, apiTokens } = projectMustBeChangeable(projectMustExist(facts.project, input.projectId, facts), facts)
  return { account, projectId, apiTokens: tokensFor(input.addresses, index => facts.nextApiToken(projectId, apiTokens.length + index)) }
}
