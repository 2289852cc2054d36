import { createHash } from 'node:crypto'
import type { Account } from '../domain/account.js'
import { resultsOf } from '../last-of.js'
import type { Store } from '../store/index.js'
import { findTokenOwner } from './token-owner.js'

/** Gives the name of the n-th account that is made without one. */
export function generatedName (number: number): string {
  return `account-${number}`
}

/** Tells whether a name may have been generated. */
export function isGeneratedName (name: string): boolean {
  return /^account-\d+$/.test(name)
}

/** Derives an account's master API token. The same name and seed give the same token on every machine. */
export function deriveMasterToken (name: string, seed: number): string {
  return digest(`master API token ${seed} of ${name}`)
}

/** Derives the n-th API token of an account's project; documented samples show 40 lower-case hex digits. */
export function deriveApiToken (masterToken: string, projectId: number, index: number): string {
  return digest(`API token ${index} of project ${projectId} of ${masterToken}`)
}

/** Derives a project's licence key; documented samples show 30 lower-case hex digits. */
export function deriveLicenseKey (masterToken: string, projectId: number): string {
  return licenseKey(`licence key of project ${projectId} of ${masterToken}`)
}

// Each answer about the project shows it.
const licenseKey = resultsOf((text: string) => digest(text).slice(0, 30))

function digest (text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

/** Derives the n-th API token of an account's project, skipping tokens that already exist, for instance from a scenario. */
export function nextApiToken (store: Store, account: Account | undefined): (projectId: number, index: number) => string {
  let skipped = 0
  return (projectId, index) => {
    for (;;) {
      const token = deriveApiToken(account!.token, projectId, index + skipped)
      if (findTokenOwner(store, token) === undefined) return token
      skipped++
    }
  }
}
