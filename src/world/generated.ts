import { createHash } from 'node:crypto'
import type { Account } from '../domain/account.js'
import type { Store } from '../store/index.js'
import { findTokenOwner } from './token-owner.js'

/** Makes up an account's master API token. The same name and seed give the same on every machine. */
export function deriveMasterToken (name: string, seed: number): string {
  return digest(`master API token ${seed} of ${name}`)
}

/** Makes up the n-th API token of an account's project; documented samples show 40 lower-case hex digits. */
export function deriveApiToken (masterToken: string, projectId: number, index: number): string {
  return digest(`API token ${index} of project ${projectId} of ${masterToken}`)
}

/** Makes up a project's licence key; documented samples show 30 lower-case hex digits. */
export function deriveLicenseKey (masterToken: string, projectId: number): string {
  return digest(`licence key of project ${projectId} of ${masterToken}`).slice(0, 30)
}

function digest (text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

/** Makes the n-th API token of an account's project; one that there is already, from a scenario perhaps, is passed over. */
export function nextApiToken (store: Store, account: Account | undefined): (projectId: number, index: number) => string {
  let passedOver = 0
  return (projectId, index) => {
    for (;;) {
      const token = deriveApiToken(account!.token, projectId, index + passedOver)
      if (findTokenOwner(store, token) === undefined) return token
      passedOver++
    }
  }
}
