import { Refusal } from './refusal.js'

/** Statuses of a token. A deleted token is kept, so that it is never issued again and a client still using it learns why it fails. */
export const API_TOKEN_STATUSES = ['enabled', 'disabled', 'deleted'] as const
export type ApiTokenStatus = typeof API_TOKEN_STATUSES[number]

/** API token of one project. The Account API accepts it, the Project Management API does not. */
export interface ApiToken {
  readonly token: string
  /** Only address that may use it, as given; `''` for any address (assumed for a token created without addresses). */
  readonly ip: string
  readonly status: ApiTokenStatus
}

/** API token presented by a request. */
export interface PresentedToken extends ApiToken {
  readonly projectId: number
  readonly isFromItsAddress: boolean
}

/** Creates one token for each address (documented sample). */
export function tokensFor (addresses: readonly string[], deriveToken: (index: number) => string): ApiToken[] {
  return addresses.map((ip, index) => ({ token: deriveToken(index), ip, status: 'enabled' }))
}

/** Finds a project's token. A deleted token counts as missing, and so does another project's (assumed). */
export function apiTokenMustExist (tokens: readonly ApiToken[], token: string, projectId: number): ApiToken {
  const found = tokens.find(known => known.token === token && known.status !== 'deleted')
  if (found === undefined) throw new Refusal('api-token-must-exist', `project ${projectId} has no such api_token`)
  return found
}
