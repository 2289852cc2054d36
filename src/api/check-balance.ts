import { Type } from '@sinclair/typebox'
import type { Account } from '../domain/account.js'
import { checkBalance } from '../domain/check-balance.js'
import { usdNumber } from '../domain/money.js'
import type { RequestFacts } from '../domain/request.js'
import type { Endpoint } from './endpoint.js'
import { Token } from './fields.js'
import { GRANTED, GrantedAnswer } from './status-codes.js'

const Fields = Type.Object({ token: Token })

/** Answer with the balance; the order of its keys and the type of the balance are observed. */
export const BalanceAnswer = Type.Composite([
  Type.Object({ balance: Type.Optional(Type.Number({ description: 'USD, with at most three decimals', 'x-provenance': 'observed' })) }),
  GrantedAnswer
])

/** Endpoint `POST /check-balance` of the Account API (observed, below two base paths): returns the balance. Accepts a project's token too (observed). */
export const checkBalanceEndpoint: Endpoint<typeof Fields, unknown, RequestFacts, Account> = {
  name: 'check-balance',
  path: '/check-balance',
  alias: '/api/v2/check-balance',
  provenance: 'observed',
  rules: ['token-must-be-enabled', 'token-must-come-from-its-address'],
  fields: Fields,
  answer: BalanceAnswer,
  toInput: () => null,
  load: (_store, facts) => facts,
  decide: checkBalance,
  debit: () => 0,
  save: null,
  present: presentBalance
}

export function presentBalance ({ balanceMills }: Account): typeof GRANTED & { readonly balance: number } {
  return { balance: usdNumber(balanceMills), ...GRANTED }
}
