import type { Account } from './account.js'
import { apiTokenMustExist, type ApiToken, type ApiTokenStatus } from './api-token.js'
import { projectMustBeChangeable, projectMustExist, type Project } from './project.js'
import { authorize, type ParsedRequest, type RequestFacts } from './request.js'

/** Request to disable, enable or delete a token of a project. */
export interface ManageApiTokenInput {
  readonly projectId: number
  readonly token: string
  readonly action: TokenAction
}

/** Action on a token: 1 disables, 2 enables, 3 deletes it (documented). */
export type TokenAction = 1 | 2 | 3

const STATUS_AFTER: Record<TokenAction, ApiTokenStatus> = { 1: 'disabled', 2: 'enabled', 3: 'deleted' }

export interface ManageApiTokenFacts extends RequestFacts {
  readonly project: Project | undefined
}

export interface TokenChange {
  readonly account: Account
  readonly apiToken: ApiToken
}

/** Decides on the new status of a token, which may be the one it already has. Throws a `Refusal`. */
export function manageApiToken (request: ParsedRequest<ManageApiTokenInput>, facts: ManageApiTokenFacts): TokenChange {
  const { account, input } = authorize(request, facts)
  const project = projectMustBeChangeable(projectMustExist(facts.project, input.projectId, facts), facts)
  const apiToken = apiTokenMustExist(project.apiTokens, input.token, project.projectId)
  return { account, apiToken: { ...apiToken, status: STATUS_AFTER[input.action] } }
}
