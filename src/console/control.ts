import { call as callControlApi, request } from '../client/call.js'
import { isControlError, type ControlError } from '../client/control-error.js'
import { baseUrl } from './base-url.js'

/** The reason why an action failed: a problem document of the control API, or a problem that the console found itself. */
export interface Problem {
  /** The HTTP status; 0 if the emulator could not be reached, and none for a problem that the console found itself. */
  readonly status?: number
  readonly detail: string
  readonly errors?: readonly Issue[]
  readonly advice?: string
}

export interface Issue { readonly pointer: string, readonly found: string, readonly expected: string }

/** Rejects what the console found wrong itself, the way `call` rejects what the control API refused. */
export function reject (problem: Problem): never {
  throw Object.assign(new Error(problem.detail), { name: 'ControlError', problem })
}

/** The problem that an action failed with. Throws anything else again: that is a bug. */
export function problemOf (error: unknown): Problem {
  if (!isControlError(error)) throw error
  const { status, type } = error.problem
  if (status === 0) return unreachable(error)
  // Every problem document of the emulator has a type.
  return status === undefined || type !== undefined ? error.problem as Problem : { ...error.problem, advice: BETWEEN }
}

const BETWEEN = 'Something between this page and the emulator has answered, such as a proxy. Look there, or try again once the emulator is up.'

/** The address is the page's own here, so the advice to check it would not help. */
function unreachable ({ problem }: ControlError): Problem {
  return { ...problem, detail: 'The emulator can\'t be reached.', advice: 'Start it again; the console reconnects by itself.' }
}

/** Where this tab keeps the admin token. Behind a proxy, several emulators may share an origin. */
const tokenKey = (): string => `picky-emulator-admin-token ${baseUrl()}`

/** The characters that an admin token may have. Anything else is wrong, and could not be sent in a header. */
const SENDABLE = /^[!-~]([ -~]*[!-~])?$/

/** This tab's storage; where the browser forbids pages to store anything, one that is gone when the page is loaded again. */
const storage = storageHere()

function storageHere (): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  try {
    return sessionStorage
  } catch {
    const kept = new Map<string, string>()
    return { getItem: key => kept.get(key) ?? null, setItem: (key, value) => { kept.set(key, value) }, removeItem: key => { kept.delete(key) } }
  }
}

/** Keeps the admin token in this tab only. */
export function storeAdminToken (token: string): void {
  storage.setItem(tokenKey(), SENDABLE.test(token) ? token : '-')
}

export function removeAdminToken (): void {
  storage.removeItem(tokenKey())
}

export function adminToken (): string | undefined {
  return storage.getItem(tokenKey()) ?? undefined
}

const server = () => ({ base: baseUrl(), adminToken: adminToken() })

/** Calls the control API; text is sent as it is. Rejects with an error that `problemOf` reads. */
export async function call<T> (method: string, path: string, body?: unknown): Promise<T> {
  return await callControlApi<T>(server(), method, path, body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
}

/** Calls the control API, and gives the id of the snapshot that undoes the call as well. */
export async function changed<T> (method: string, path: string, body: unknown): Promise<{ readonly value: T, readonly snapshot: string | null }> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const response = await request(server(), method, path, { ...text !== undefined && { body: text } })
  const snapshot = response.headers.get('x-emulator-snapshot')
  const value = await response.json().catch(() => reject({ detail: 'the change was made, but the connection broke off before its whole answer had arrived' })) as T
  return { value, snapshot }
}

export interface EmulatorEvent { readonly event: string, readonly account: string | null, readonly data: unknown }

/** The silence after which the connection is considered dead, in milliseconds. The emulator sends a line every fifteen seconds. */
const MAX_SILENCE = 40_000

/**
 * Subscribes to the emulator's events until the connection ends, then rejects with the reason. It uses `fetch`, because an
 * `EventSource` can't send the token. `beat` is called at every sign of life.
 */
export async function subscribe (
  signal: AbortSignal,
  onOpen: () => void,
  handle: (event: EmulatorEvent) => void,
  beat: () => void = () => {}
): Promise<never> {
  const silence = new AbortController()
  let timer = 0
  const restartTimer = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), MAX_SILENCE)
  }
  try {
    const response = await request(server(), 'GET', '/events', { signal: AbortSignal.any([signal, silence.signal]) })
    onOpen()
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      restartTimer()
      const { done, value } = await reader.read().catch(lose)
      if (done) return lose()
      beat()
      const parts = (rest + value).split('\n\n')
      rest = parts.pop()!
      for (const part of parts) {
        const event = fieldOf(part, 'event')
        const data = fieldOf(part, 'data')
        if (event !== undefined && data !== undefined) handle({ event, ...JSON.parse(data) as { account: string | null, data: unknown } })
      }
    }
  } finally {
    clearTimeout(timer)
  }
}

/** Reads a field of an event. Not by a regular expression, for which a line of JSON may end early: at U+2028, which a client may send. */
function fieldOf (event: string, name: string): string | undefined {
  return event.split('\n').find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)
}

function lose (): never {
  return reject({ detail: 'the event stream has ended' })
}
