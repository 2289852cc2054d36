import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../problem.js'
import { readOptions } from '../server/options.js'
import { urlOf } from '../text/address.js'
import { parseDuration } from '../text/duration.js'
import type { Config } from './flags.js'
import { say } from './output.js'

export interface Health {
  readonly ready: boolean
  /** One line about it. */
  readonly says: string
}

/** What `GET /__admin/health` answers; another program at the same port may answer anything. */
type HealthBody =
  | { readonly status: 'ready', readonly version: string, readonly clock: { readonly now: string, readonly api: string }, readonly reason?: never }
  | { readonly status?: 'unavailable', readonly reason?: string }

/** How long, in milliseconds, one question may take, and how long to wait before the next. */
const ANSWER_TIME = 2000
const PAUSE = 50

/** Asks an emulator whether it is ready. One that listens on every address is asked on the loopback. */
export async function healthOf (host: string, port: number, answerTime: number = ANSWER_TIME): Promise<Health> {
  const url = `${urlOf(host, port)}/__admin/health`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerTime) })
    const body = await response.json().catch(() => null) as HealthBody | null
    if (body?.status === 'ready') return { ready: true, says: `${url}: ready, version ${body.version}, clock ${body.clock.now}, API ${body.clock.api}` }
    return { ready: false, says: `${url}: ${body?.reason ?? `not an emulator (answered ${response.status})`}` }
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } }
    return { ready: false, says: `${url}: not reachable (${cause?.code ?? message})` }
  }
}

/** Asks again and again until the answer is yes or the patience (milliseconds) is at its end. */
export async function waitForHealth (ask: () => Promise<Health>, patience: number): Promise<Health> {
  const deadline = Date.now() + patience
  let health = await ask()
  while (!health.ready && Date.now() + PAUSE <= deadline) {
    await sleep(PAUSE)
    health = await ask()
  }
  return health
}

export async function health ({ options, nameOf }: Config, wait: string | undefined): Promise<number> {
  const patience = wait === undefined ? 0 : parseDuration(wait)
  if (patience === undefined) throw new Problem(`--wait is wrong: found ${JSON.stringify(wait)}, expected a duration such as 500ms, 10s or 1m`)
  const { hosts: [host], port } = readOptions({ host: options.host!, port: options.port! }, nameOf)
  const { ready, says } = await waitForHealth(() => healthOf(host!, port), patience)
  say(says)
  return ready ? 0 : 1
}
