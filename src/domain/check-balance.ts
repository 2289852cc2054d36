import type { Account } from './account.js'
import { apiMustBeEnabled, authorize, bodyMustBeJsonObject, tokenMustBeEnabled, tokenMustBeKnown, tokenMustComeFromItsAddress, type ParsedRequest, type RequestFacts } from './request.js'

/** Decides on the Account API's balance request: the master token may read it, and so may a project's (assumed). Throws a `Refusal`. */
export function checkBalance (request: ParsedRequest<unknown>, facts: RequestFacts): Account {
  apiMustBeEnabled(facts)
  bodyMustBeJsonObject(request)
  return tokenMustComeFromItsAddress(tokenMustBeEnabled(tokenMustBeKnown(request, facts), facts), facts)
}

/**
 * Decides on the Project Management API's balance request. The vendor's menu names its page; everything else is assumed. Throws
 * a `Refusal`.
 */
export function fetchBalance (request: ParsedRequest<unknown>, facts: RequestFacts): Account {
  return authorize(request, facts).account
}
