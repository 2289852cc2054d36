import type { Account } from '../domain/account.js'
import { apiTokenFor } from '../mint.js'
import type { Store } from '../store/index.js'
import { holderOf } from './endpoint.js'

/** Makes the n-th API token of an account's project; one that there is already, from a scenario perhaps, is passed over. */
export function minter (store: Store, account: Account | undefined): (projectId: number, index: number) => string {
  let passedOver = 0
  return (projectId, index) => {
    for (;;) {
      const token = apiTokenFor(account!.token, projectId, index + passedOver)
      if (holderOf(store, token) === undefined) return token
      passedOver++
    }
  }
}
