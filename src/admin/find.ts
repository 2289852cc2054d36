import type { Account } from '../domain/account.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { upToDate } from '../runtime/up-to-date.js'
import { issue } from '../scenario/issues.js'
import type { Store } from '../store/index.js'
import { nearest } from '../text/nearest.js'

/** How many accounts are searched for a similar name. */
const MAX_NAMES = 1000

/** Finds the account that a path names, and settles what is due of it. */
export function accountIn ({ account: name }: { readonly account: string }, context: Context): Account {
  return upToDate(context, accountNamed(name, context.store))
}

/** Finds an account, or throws a `Problem` that suggests a similar name. `at` points to where a body names it. */
export function accountNamed (name: string, store: Pick<Store, 'accounts'>, at?: string): Account {
  const account = store.accounts.findByName(name)
  if (account !== undefined) return account
  const meant = nearest(name, store.accounts.list(MAX_NAMES).map(known => known.name))
  throw new Problem(`there is no account ${JSON.stringify(name)}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`, {
    status: 404,
    ...at !== undefined && { issues: [issue(at, name, 'the name of an account')] },
    advice: 'GET /__admin/accounts lists the accounts; POST /__admin/accounts creates one'
  })
}
