import type { Account } from './account.js'
import { admitted, apiMustBeEnabled, bodyMustBeJsonObject, tokenMustBeEnabled, tokenMustBeKnown, tokenMustComeFromItsAddress, type Asked, type World } from './request.js'

/** The Account API's balance: the master token gets it, and so does a project's (assumed). Throws a `Refusal`. */
export function checkBalance (asked: Asked<unknown>, world: World): Account {
  apiMustBeEnabled(world)
  bodyMustBeJsonObject(asked)
  return tokenMustComeFromItsAddress(tokenMustBeEnabled(tokenMustBeKnown(asked, world), world), world)
}

/** The Project Management API's balance: its page is named in the vendor's menu, all that it says is assumed. Throws a `Refusal`. */
export function fetchBalance (asked: Asked<unknown>, world: World): Account {
  return admitted(asked, world).account
}
