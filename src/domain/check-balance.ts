import type { Account } from './account.js'
import { assume, relyOn } from './assumptions.js'
import { disabledFrom } from './cutoff.js'
import {
  apiMustBeEnabled, authorize, bodyMustBeJsonObject, tokenMustBeEnabled, tokenMustBeKnown, tokenMustComeFromItsAddress, type ParsedRequest,
  type RequestFacts
} from './request.js'

/** Decides on the Account API's balance request: the master token may read it, and so may a project's (observed). Throws a `Refusal`. */
export function checkBalance (request: ParsedRequest<unknown>, facts: RequestFacts): Account {
  accountApiMustBeEnabled(facts)
  bodyMustBeJsonObject(request)
  return shown(tokenMustComeFromItsAddress(tokenMustBeEnabled(tokenMustBeKnown(request, facts), facts), facts), facts)
}

/**
 * Decides on the Project Management API's balance request. The vendor's menu names its page; everything else is assumed. Throws
 * a `Refusal`.
 */
export function fetchBalance (request: ParsedRequest<unknown>, facts: RequestFacts): Account {
  return shown(authorize(request, facts).account, facts)
}

/** Refuses every request from the cutoff onwards, or by choice none: only the Project Management API is known to be switched off. */
function accountApiMustBeEnabled (facts: RequestFacts): void {
  const { now, cutoff, assumptions } = facts
  if (now >= disabledFrom(cutoff, assumptions.choices['disabled-time-zone'])) assume(assumptions, 'check-balance-switch-off')
  if (assumptions.choices['check-balance-switch-off'] === 'disabled') apiMustBeEnabled(facts)
}

function shown (account: Account, { assumptions }: RequestFacts): Account {
  relyOn(assumptions, account.balanceRestsOn)
  return account
}
