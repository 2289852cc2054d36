import type { Account } from '../domain/account.js'
import type { ApiToken } from '../domain/api-token.js'
import type { Store } from '../store/index.js'

/** Owner of a token: an account, or one of its projects. */
export interface TokenOwner {
  readonly account: Account
  readonly project?: { readonly projectId: number, readonly apiToken: ApiToken }
}

/** Finds the owner of a master or project's token; `undefined` if the token is unknown. */
export function findTokenOwner (store: Pick<Store, 'accounts' | 'projects'>, token: string): TokenOwner | undefined {
  const account = store.accounts.findByToken(token)
  if (account !== undefined) return { account }
  const found = store.projects.findByApiToken(token)
  return found && { account: store.accounts.find(found.accountId)!, project: found }
}
