import { controlError, isControlError, type ControlError } from './control-error.js'
import type { CallInit, CallResponse, Fetch } from '../contract/fetch.js'

/** Bound when this module is loaded: a test may replace the global later, and means its client's calls, not these. */
const { fetch: globalFetch } = globalThis

/** Where an emulator listens, the token that its control API asks for, if any, and what it is called with. */
export interface ControlServer {
  readonly base: string
  readonly adminToken?: string | undefined
  /** A function like `fetch`; the global one by default. */
  readonly fetch?: Fetch | undefined
}

/** Calls the control API with a body of JSON text, and gives the parsed answer. Rejects with a `ControlError`. */
export async function call<T> (server: ControlServer, method: string, path: string, body?: string): Promise<T> {
  const response = await granted(server.fetch ?? globalFetch, server, method, path, { ...body !== undefined && { body } })
  const text = await response.text().catch(error => { throw controlError(method, path, unreachable(server, error as FetchError)) })
  const value = parse(text)
  if (value === NOT_JSON) throw controlError(method, path, foreign(server, response.status, text))
  return value as T
}

/** Sends a request to the control API, and gives the answer with its body still unread. Rejects with a `ControlError`. */
export async function request (server: ControlServer, method: string, path: string, init: Pick<RequestInit, 'body' | 'signal'>): Promise<Response> {
  return await granted(globalFetch, server, method, path, init)
}

/** The same with a function like `fetch`. */
export async function granted<Init extends object, Answer extends CallResponse> (
  fetch: (url: string, init: Init & Pick<CallInit, 'method' | 'headers'>) => Promise<Answer>, server: ControlServer, method: string, path: string, init: Init
): Promise<Answer> {
  const { base, adminToken } = server
  if (typeof fetch !== 'function') throw controlError(method, path, NO_FETCH)
  const headers = {
    // Pages of other sites can't send it: see the guard of the control API.
    'x-requested-with': 'picky-emulator',
    ...'body' in init && init.body !== undefined && { 'content-type': 'application/json' },
    ...adminToken !== undefined && { authorization: `Bearer ${adminToken}` }
  }
  try {
    const response = await fetch(`${base}/__admin${path}`, { ...init, method, headers })
    if (response.ok) return response
    const text = await response.text()
    throw controlError(method, path, problemIn(response.status, text) ?? foreign(server, response.status, text))
  } catch (error) {
    throw isControlError(error) ? error : controlError(method, path, unreachable(server, error as FetchError))
  }
}

const NOT_JSON = Symbol('not JSON')

/** The value of a JSON text; `undefined` if it is empty. */
function parse (text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return NOT_JSON
  }
}

function problemIn (status: number, text: string): ControlError['problem'] | undefined {
  const problem = { status, ...Object(parse(text)) as object } as ControlError['problem']
  return typeof problem.detail === 'string' ? problem : undefined
}

/** The problem of an answer that no emulator gives. */
function foreign ({ base }: ControlServer, status: number, text: string): ControlError['problem'] {
  return {
    status,
    detail: `the server at ${shown(base)} is not an emulator; it answered: ${text.slice(0, 200)}`,
    advice: 'give the URL that the emulator printed when it started, without a path; behind a proxy, the one that leads there'
  }
}

type FetchError = Error & { readonly cause?: { readonly code?: string | number, readonly message?: string } }

/** What to do in an environment that gives tests in Node.js the globals of a page, as jsdom and happy-dom do. */
const LIBRARY = 'take connect from picky-assist-emulator, which makes these calls without a page\'s fetch; ' +
  'or run the tests in an environment with the globals of Node.js, in Jest testEnvironment: "node"'

/** The problem of an environment without `fetch`, such as that of jsdom, in which Jest runs tests of web pages. */
const NO_FETCH: ControlError['problem'] = { status: 0, detail: 'there is no fetch here, which these calls are made with', advice: LIBRARY }

/**
 * The problem of a call that got no answer. `fetch` says no more than "fetch failed"; the reason is in its cause. A page's `fetch` that
 * gives another reason may have asked for leave, which the control API gives to no page.
 */
function unreachable ({ base, fetch }: ControlServer, { message, cause }: FetchError): ControlError['problem'] {
  // A DOMException has a number, which says nothing.
  const code = typeof cause?.code === 'string' ? cause.code : undefined
  if (code?.startsWith('UND_MOCK_ERR') === true || BY_MOCK.test(message)) return mocked(shown(base), cause?.message ?? message)
  const { document: page, process } = globalThis as Environment
  const isPageInNode = fetch === undefined && page !== undefined && process?.versions?.node !== undefined
  return {
    status: 0,
    detail: shown(`${base} can't be reached (${code ?? cause?.message ?? message})`),
    advice: `start the emulator, or give the URL that it printed when it started${isPageInNode ? `; if it runs there, ${LIBRARY}` : ''}`
  }
}

/** How nock and MSW begin to say that they let nothing through. */
const BY_MOCK = /^(?:Nock: |\[MSW\] )/

/** The problem of a call that a mock of this process has stopped: nothing was sent, and starting an emulator would not help. */
function mocked (base: string, message: string): ControlError['problem'] {
  return {
    status: 0,
    detail: `a mock in this process has stopped the call to ${base} (${message})`,
    advice: 'let such calls through: with undici mockAgent.enableNetConnect(HOST), with nock nock.enableNetConnect(HOST), where HOST is ' +
      `"${base.replace(/^\w+:\/\//, '')}"; with MSW onUnhandledRequest: 'bypass'`
  }
}

type Environment = typeof globalThis & { readonly document?: object, readonly process?: { readonly versions?: { readonly node?: string } } }

/** Gives a text without the users and passwords of URLs in it. */
function shown (text: string): string {
  return text.replace(/\/\/[^/\s]*@/g, '//')
}
