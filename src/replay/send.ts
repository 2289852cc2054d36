import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { URL } from 'node:url'
import type { JournalEntry } from '../contract/journal-entry.js'

/** What a client got. */
export interface Received {
  /** `null` if no head of an answer came. */
  readonly httpStatus: number | null
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** Whether all of the body came that was announced. */
  readonly isWhole: boolean
}

const NOTHING: Received = { httpStatus: null, headers: {}, body: '', isWhole: false }

/** Headers that belong to a connection or to a length, and are made anew. */
const OF_CONNECTION = new Set([
  'host', 'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'content-length', 'te', 'trailer', 'upgrade', 'expect', 'accept-encoding'
])

/** Largest answer that is read, in bytes. */
const MAX_ANSWER = 8 * 1_048_576

/** What is sent of a request that was journaled. */
export type Sendable = Pick<JournalEntry, 'method' | 'path'> & { readonly request: Pick<JournalEntry['request'], 'headers' | 'text'> }

/**
 * Sends a journaled request to a server, and gives what came back, however it ended; aborting the signal ends it. Rejects with the system's
 * error if there is no server.
 */
export function send (url: string, { method, path, request }: Sendable, signal: AbortSignal): Promise<Received> {
  const { protocol, hostname, port, pathname } = new URL(url)
  const text = request.text
  const headers = Object.entries(request.headers).filter(([name]) => !OF_CONNECTION.has(name.toLowerCase()))
  const options = {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    ...port !== '' && { port },
    method,
    path: pathname.replace(/\/$/, '') + path,
    headers: { ...Object.fromEntries(headers), ...text !== '' && { 'content-length': Buffer.byteLength(text) } },
    signal,
    agent: false
  }
  return new Promise((resolve, reject) => {
    let sent
    try {
      sent = (protocol === 'https:' ? requestHttps : requestHttp)(options, response => { resolve(received(response)) })
    } catch {
      // No client can send such a method, path or header.
      resolve(NOTHING)
      return
    }
    // After an answer, or without one, as to CONNECT.
    sent.once('close', () => { resolve(NOTHING) }).once('error', (error: NodeJS.ErrnoException) => {
      if (UNREACHABLE.has(error.code!)) reject(error)
      else resolve(NOTHING)
    })
    sent.end(text)
  })
}

/** Errors that tell of no server, not of what one does. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

function received (response: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = []
  let length = 0
  return new Promise(resolve => {
    const end = (): void => {
      resolve({ httpStatus: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString(), isWhole: response.complete })
    }
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > MAX_ANSWER) response.destroy()
    }).once('error', () => {}).once('close', end)
  })
}
