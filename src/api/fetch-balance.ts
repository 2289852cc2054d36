import { Type } from '@sinclair/typebox'
import type { Account } from '../domain/account.js'
import { fetchBalance } from '../domain/check-balance.js'
import type { RequestFacts } from '../domain/request.js'
import { BalanceAnswer, presentBalance } from './check-balance.js'
import type { Endpoint } from './endpoint.js'
import { Token } from './fields.js'

const Fields = Type.Object({ token: Token })

/**
 * Endpoint `POST /pm/fetch-balance` (assumed: only the name of its page is known, so the path can be changed or switched off):
 * returns the balance in the format of the Account API.
 */
export const fetchBalanceEndpoint: Endpoint<typeof Fields, unknown, RequestFacts, Account> = {
  name: 'fetch-balance',
  path: '/pm/fetch-balance',
  provenance: 'assumed',
  assumption: 'fetch-balance-endpoint',
  rules: ['token-must-be-master'],
  fields: Fields,
  answer: BalanceAnswer,
  toInput: () => null,
  load: (_store, facts) => facts,
  decide: fetchBalance,
  debit: () => 0,
  save: null,
  present: presentBalance
}
