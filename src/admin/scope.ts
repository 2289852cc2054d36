import { Type } from '@sinclair/typebox'
import type { Account } from '../domain/account.js'
import type { Context } from '../runtime/context.js'
import { accountIn } from './find.js'
import { AccountParams } from './schemas.js'

/** The parameters of a path in either scope: `account` is absent in the world's. */
export const ScopeParams = Type.Partial(AccountParams)

/** What a path is about: the world, or the account that it names. */
export interface Scope {
  /** The beginning of the path. */
  readonly path: '' | '/accounts/:account'
  /** The owner, as a summary writes it. */
  readonly whose: 'the world\'s' | 'an account\'s'
  /** Finds the account and settles what is due of it; `null` for the world. */
  readonly accountOf: (params: { readonly account?: string }) => Account | null
}

/** Adds the same routes for the world and for an account. */
export function forEachScope (context: Context, addRoutes: (scope: Scope) => void): void {
  addRoutes({ path: '', whose: 'the world\'s', accountOf: () => null })
  addRoutes({ path: '/accounts/:account', whose: 'an account\'s', accountOf: ({ account }) => accountIn({ account: account! }, context) })
}
