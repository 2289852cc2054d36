import type { FastifyRequest } from 'fastify'
import type { Account } from '../domain/account.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { upToDate } from '../runtime/up-to-date.js'
import { issue } from '../scenario/issues.js'
import type { Store } from '../store/index.js'
import { nearest } from '../text/nearest.js'

/** How many accounts' names are looked through for the one that was meant. */
const MAX_NAMES = 1000

/** The account that the path names, with all settled that is due of it; or a `Problem` that says which was probably meant. */
export function accountIn (request: FastifyRequest, context: Context): Account {
  const { account: name } = request.params as { account: string }
  return upToDate(context, accountNamed(name, context.store))
}

/** `at` is the pointer to where a body names it. */
export function accountNamed (name: string, store: Store, at?: string): Account {
  const account = store.accounts.findByName(name)
  if (account !== undefined) return account
  const meant = nearest(name, store.accounts.list(MAX_NAMES).map(known => known.name))
  throw new Problem(`there is no account ${JSON.stringify(name)}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`, {
    status: 404,
    ...at !== undefined && { issues: [issue(at, name, 'the name of an account')] },
    advice: 'GET /__admin/accounts lists the accounts; POST /__admin/accounts makes one'
  })
}
