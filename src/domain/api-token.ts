import { Refusal } from './refusal.js'

/** `deleted` ones are kept, so that none is ever made again, and a client that still uses one is told so. */
export const API_TOKEN_STATUSES = ['enabled', 'disabled', 'deleted'] as const
export type ApiTokenStatus = typeof API_TOKEN_STATUSES[number]

/** A token of one project. The endpoints of the Project Management API do not take it, those of the account do. */
export interface ApiToken {
  readonly token: string
  /** The only address that may use it, as it was given; `''` for any (assumed: a token that was made without addresses). */
  readonly ip: string
  readonly status: ApiTokenStatus
}

/** A project's token that came with a request. */
export interface PresentedToken extends ApiToken {
  readonly projectId: number
  readonly isFromItsAddress: boolean
}

/** One token for each address (documented sample). */
export function tokensFor (addresses: readonly string[], mint: (index: number) => string): ApiToken[] {
  return addresses.map((ip, index) => ({ token: mint(index), ip, status: 'enabled' }))
}

/** Assumed: a deleted token is one that is not there any more, and another project's does not exist either. */
export function apiTokenMustExist (tokens: readonly ApiToken[], token: string, projectId: number): ApiToken {
  const found = tokens.find(known => known.token === token && known.status !== 'deleted')
  if (found === undefined) throw new Refusal('api-token-must-exist', `project ${projectId} has no such api_token`)
  return found
}
