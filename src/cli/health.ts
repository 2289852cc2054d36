import { get } from 'node:http'
import { clearTimeout, machineTime, setTimeout, sleep } from '../machine.js'
import { Problem } from '../problem.js'
import { readOptions } from '../server/options.js'
import { readReadyFile, whyNotReady } from '../server/ready-file.js'
import { urlOf } from '../text/address.js'
import { parseDuration } from '../text/duration.js'
import { healthIn } from '../text/health-report.js'
import type { Config } from './flags.js'
import { say } from './output.js'

/** Outcome of a health check. */
export interface Health {
  readonly ready: boolean
  /** Description in one line. */
  readonly says: string
}

/** Maximum time, in milliseconds, for one check, and the pause before the next. */
const CHECK_TIMEOUT = 2000
const PAUSE = 50

/** Checks whether an emulator is ready at a URL such as `http://127.0.0.1:4290`. */
export async function healthOf (base: string, timeout: number = CHECK_TIMEOUT): Promise<Health> {
  const url = `${base}/__admin/health`
  try {
    const { status, text } = await answerOf(base, timeout)
    const { status: state, version, clock, reason } = healthIn(text)
    const { now, api } = clock ?? {}
    if (state === 'ready' && [version, now, api].every(isLine)) return { ready: true, says: `${url}: ready, version ${version}, clock ${now}, API ${api}` }
    return { ready: false, says: `${url}: ${isLine(reason) ? reason : `not an emulator (answered ${status})`}` }
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    return { ready: false, says: `${url}: not reachable (${code ?? message})` }
  }
}

/** Size limit of an answer, in characters: another program on the same port may send without end. */
const MAX_ANSWER = 65_536

/** Gets an answer. `fetch` would refuse some ports, and an address with a zone. */
function answerOf (base: string, timeout: number): Promise<{ status: number, text: string }> {
  return new Promise((resolve, reject) => {
    const [, host, port] = /^http:\/\/\[?(.*?)\]?:(\d+)$/.exec(base)!
    // After an answer that Node takes for no response, such as one that switches protocols, nothing else comes.
    const closed = (): void => { reject(new Error('it has closed the connection')) }
    const sent = get({ host, port, path: '/__admin/health', agent: false }, response => {
      sent.off('close', closed)
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.length > MAX_ANSWER) sent.destroy(new Error(`its answer is longer than ${MAX_ANSWER} characters`))
      }).on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode!, text }))
    })
    const timer = setTimeout(() => { sent.destroy(new Error(`no answer within ${timeout} ms`)) }, timeout)
    sent.on('error', reject).on('close', closed).on('close', () => { clearTimeout(timer) })
  })
}

function isLine (value: unknown): value is string {
  return typeof value === 'string' && /^.+$/.test(value)
}

/** Checks one address after the other until one is ready: an emulator skips those that the machine lacks. */
async function healthOfAny (urls: readonly string[]): Promise<Health> {
  let first: Health | undefined
  for (const url of urls) {
    const health = await healthOf(url)
    if (health.ready) return health
    first ??= health
  }
  return first!
}

/** Gives the addresses at which a client on this machine may reach a host: a wildcard may stand for one family or for both. */
function addressesOf (host: string): string[] {
  return host === '::' ? ['127.0.0.1', '::1'] : [host]
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
  const { hosts, port, readyFile } = readOptions({
    host: options.host!, port: options.port!, ...options.readyFile !== undefined && { readyFile: options.readyFile }
  }, nameOf)
  const check = async (): Promise<Health> => {
    if (readyFile === null) return await healthOfAny(hosts.flatMap(addressesOf).map(host => urlOf(host, port)))
    const url = readReadyFile(readyFile)?.url
    return url === undefined ? { ready: false, says: whyNotReady(readyFile) } : await healthOf(url)
  }
  const { ready, says } = await waitForHealth(check, timeout)
  say(says)
  return ready ? 0 : 1
}
