import { Type } from '@sinclair/typebox'
import type { Account } from '../domain/account.js'
import { fetchBalance } from '../domain/check-balance.js'
import type { World } from '../domain/request.js'
import { BalanceAnswer, presentBalance } from './check-balance.js'
import type { Endpoint } from './endpoint.js'
import { Token } from './fields.js'

const Fields = Type.Object({ token: Token })

/**
 * `POST /pm/fetch-balance` (assumed: only the page's name is known, so the path can be set and switched off): what the wallet
 * holds, answered as the Account API does.
 */
export const fetchBalanceEndpoint: Endpoint<typeof Fields, unknown, World, Account> = {
  name: 'fetch-balance',
  path: '/pm/fetch-balance',
  known: 'assumed',
  rules: ['token-must-be-master'],
  fields: Fields,
  answer: BalanceAnswer,
  orderOf: () => null,
  load: (_store, world) => world,
  decide: fetchBalance,
  debit: () => 0,
  save () {},
  present: presentBalance
}
