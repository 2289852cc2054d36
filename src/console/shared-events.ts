import { baseUrl } from './base-url.js'
import { adminToken, reject, subscribe, type EmulatorEvent } from './control.js'

/** What tabs tell each other. */
type Message =
  /** A new tab asks whether the stream is open. */
  | { readonly kind: 'hello', readonly from: string }
  /** The stream is open: for all tabs, or for the one that asked. */
  | { readonly kind: 'open', readonly to?: string }
  | { readonly kind: 'event', readonly event: EmulatorEvent }
  /** Nothing has happened, but the stream is alive. */
  | { readonly kind: 'beat' }

/** The silence after which the tab that reads the stream is considered dead, in milliseconds. It passes on a sign of life every fifteen seconds. */
const MAX_SILENCE = 45_000

/**
 * Subscribes to the emulator's events over one connection for all tabs of this browser, because it opens only six to a host. The tab
 * that holds a lock reads the stream and passes it on; when it goes, another one gets the lock. Tabs share only with those of
 * the same emulator that have the same admin token. Without locks, as on a page that is not secure, each tab has its own connection.
 */
export async function subscribeShared (signal: AbortSignal, onOpen: () => void, handle: (event: EmulatorEvent) => void): Promise<never> {
  if (!('locks' in navigator)) return await subscribe(signal, onOpen, handle)
  const name = await channelName()
  const channel = new BroadcastChannel(name)
  const ended = new AbortController()
  const own = AbortSignal.any([signal, ended.signal])
  const tell = (message: Message): void => { if (!own.aborted) channel.postMessage(message) }
  const from = crypto.randomUUID()
  let isOpen = false
  let isReader = false
  let silence = 0
  try {
    return await new Promise<never>((_resolve, _reject) => {
      const listen = (): void => {
        clearTimeout(silence)
        silence = setTimeout(() => { Promise.resolve().then(() => reject({ detail: 'no tab reads the event stream' })).catch(_reject) }, MAX_SILENCE)
      }
      const opened = (): void => {
        isOpen = true
        onOpen()
      }
      channel.onmessage = ({ data: message }: MessageEvent<Message>) => {
        if (isReader) {
          if (message.kind === 'hello' && isOpen) tell({ kind: 'open', to: message.from })
          return
        }
        if (message.kind === 'hello') return
        listen()
        if (message.kind === 'open' && (message.to ?? from) === from) opened()
        if (message.kind === 'event' && isOpen) handle(message.event)
      }
      const read = async (): Promise<never> => {
        isReader = true
        isOpen = false
        clearTimeout(silence)
        return await subscribe(own, () => {
          opened()
          tell({ kind: 'open' })
        }, event => {
          handle(event)
          tell({ kind: 'event', event })
        }, () => tell({ kind: 'beat' }))
      }
      signal.addEventListener('abort', () => _reject(new Error('the connection was given up')))
      listen()
      navigator.locks.request(name, { signal: own }, read).catch(_reject)
      tell({ kind: 'hello', from })
    })
  } finally {
    clearTimeout(silence)
    ended.abort()
    channel.close()
  }
}

/** Names the channel and the lock by the emulator, as several may share an origin behind a proxy, and by the admin token, without telling it. */
async function channelName (): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${baseUrl()} ${adminToken() ?? ''}`))
  return `picky-emulator-events-${[...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('')}`
}
