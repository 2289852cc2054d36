import { machineTime, sleep } from '../machine.js'
import { Problem } from '../problem.js'
import { readOptions } from '../server/options.js'
import { urlOf } from '../text/address.js'
import { parseDuration } from '../text/duration.js'
import type { Config } from './flags.js'
import { say } from './output.js'

/** Outcome of a health check. */
export interface Health {
  readonly ready: boolean
  /** Description in one line. */
  readonly says: string
}

/** Body of `GET /__admin/health`; another program on the same port may send anything. */
type HealthBody =
  | { readonly status: 'ready', readonly version: string, readonly clock: { readonly now: string, readonly api: string }, readonly reason?: never }
  | { readonly status?: 'unavailable', readonly reason?: string }

/** Maximum time, in milliseconds, for one check, and the pause before the next. */
const CHECK_TIMEOUT = 2000
const PAUSE = 50

/** Checks whether an emulator is ready. If it listens on all addresses, the check uses the loopback. */
export async function healthOf (host: string, port: number, timeout: number = CHECK_TIMEOUT): Promise<Health> {
  const url = `${urlOf(host, port)}/__admin/health`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout) })
    const body = await response.json().catch(() => null) as HealthBody | null
    if (body?.status === 'ready') {
      return { ready: true, says: `${url}: ready, version ${body.version}, clock ${body.clock.now}, API ${body.clock.api}` }
    }
    return { ready: false, says: `${url}: ${body?.reason ?? `not an emulator (answered ${response.status})`}` }
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } }
    return { ready: false, says: `${url}: not reachable (${cause?.code ?? message})` }
  }
}

/** Repeats a health check until the emulator is ready or the timeout (milliseconds) has passed. */
export async function waitForHealth (ask: () => Promise<Health>, timeout: number): Promise<Health> {
  const deadline = machineTime() + timeout
  let health = await ask()
  while (!health.ready && machineTime() + PAUSE <= deadline) {
    await sleep(PAUSE)
    health = await ask()
  }
  return health
}

/** Prints whether an emulator is ready, and returns 0 if it is, else 1. */
export async function health ({ options, nameOf }: Config, wait: string | undefined): Promise<number> {
  const timeout = wait === undefined ? 0 : parseDuration(wait)
  if (timeout === undefined) {
    throw new Problem(`--wait is wrong: found ${JSON.stringify(wait)}, expected a duration such as 500ms, 10s or 1m`)
  }
  const { hosts: [host], port } = readOptions({ host: options.host!, port: options.port! }, nameOf)
  const { ready, says } = await waitForHealth(() => healthOf(host!, port), timeout)
  say(says)
  return ready ? 0 : 1
}
