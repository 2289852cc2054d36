import type { Account } from './account.js'
import { apiMustBeEnabled, authorize, bodyMustBeJsonObject, tokenMustBeEnabled, tokenMustBeKnown, tokenMustComeFromItsAddress, type ParsedRequest, type RequestFacts } from './request.js'

/** The Account API's balance: the master token gets it, and so does a project's (assumed). Throws a `Refusal`. */
export function checkBalance (request: ParsedRequest<unknown>, facts: RequestFacts): Account {
  apiMustBeEnabled(facts)
  bodyMustBeJsonObject(request)
  return tokenMustComeFromItsAddress(tokenMustBeEnabled(tokenMustBeKnown(request, facts), facts), facts)
}

/** The Project Management API's balance: its page is named in the vendor's menu, all that it says is assumed. Throws a `Refusal`. */
export function fetchBalance (request: ParsedRequest<unknown>, facts: RequestFacts): Account {
  return authorize(request, facts).account
}
