import { createHash } from 'node:crypto'

/** Makes up an account's master API token. The same name and seed give the same on every machine. */
export function masterTokenFor (name: string, seed: number): string {
  return digest(`master API token ${seed} of ${name}`)
}

/** Makes up the n-th API token of an account's project; documented samples show 40 lower-case hex digits. */
export function apiTokenFor (masterToken: string, projectId: number, index: number): string {
  return digest(`API token ${index} of project ${projectId} of ${masterToken}`)
}

/** Makes up a project's licence key; documented samples show 30 lower-case hex digits. */
export function licenseKeyFor (masterToken: string, projectId: number): string {
  return digest(`licence key of project ${projectId} of ${masterToken}`).slice(0, 30)
}

function digest (text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
