import type { Case } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { USUAL_URL } from './control-line.js'
import type { Script } from './script.js'

/** Writes the requests of a case as an HTTP archive (HAR 1.2), as browsers and proxies do. */
export function har (_script: Script, { emulator, timeline }: Case): string {
  const entries = timeline.flatMap(step => step.step === 'request' && step.request.method !== '' ? [entryOf(step.request)] : [])
  return `${JSON.stringify({
    log: { version: '1.2', creator: { name: 'picky-emulator', version: emulator }, entries }
  }, null, 2)}\n`
}

function entryOf (entry: JournalEntry): object {
  const { method, path, at, duration_ms: time, request, response } = entry
  const url = urlOf(path, request.headers.host)
  const { http_status: status = 0, headers = {}, body } = response ?? {}
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  return {
    startedDateTime: at,
    time,
    request: {
      method,
      url,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: pairsOf(request.headers),
      queryString: [...new URL(url).searchParams].map(([name, value]) => ({ name, value })),
      ...request.text !== '' && { postData: { mimeType: request.headers['content-type'] ?? '', text: request.text } },
      headersSize: -1,
      bodySize: sizeOf(request.text)
    },
    response: {
      status,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: pairsOf(headers),
      content: { size: sizeOf(text), mimeType: headers['content-type'] ?? 'x-unknown', text },
      redirectURL: '',
      headersSize: -1,
      bodySize: response === null ? -1 : sizeOf(text),
      ...response === null && { _error: 'net::ERR_CONNECTION_RESET' }
    },
    cache: {},
    timings: { send: 0, wait: time, receive: 0 },
    comment: commentOf(entry)
  }
}

function commentOf ({ id, account, emulated_at: emulatedAt, rule, fault }: JournalEntry): string {
  const parts = [rule, fault && `fault ${fault.kind} ${fault.when}`].filter(part => part !== null)
  return [`request ${id} of ${account ?? 'no account'} at ${emulatedAt}`, ...parts].join(', ')
}

/** Gives the address that a request was sent to; the emulator's usual one where its host is none. */
function urlOf (path: string, host: string | undefined): string {
  const base = host !== undefined && /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`) ? `http://${host}` : USUAL_URL
  return URL.canParse(base + path) ? base + path : base
}

function pairsOf (headers: Readonly<Record<string, string>>): object[] {
  return Object.entries(headers).map(([name, value]) => ({ name, value }))
}

function sizeOf (text: string): number {
  return new TextEncoder().encode(text).length
}
