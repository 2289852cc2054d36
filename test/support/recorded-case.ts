import type { Case } from '../../src/contract/case.js'
import { startEmulator, type StartOptions } from '../../src/index.js'

/** Answer that a client has got. */
interface Sent {
  readonly status: number
  readonly text: string
}

/** What happens in a world while it is recorded. */
export interface Recorder {
  /** Sends a request to the API; a text as it is, anything else as JSON. `null` where there is no answer. */
  readonly request: (path: string, body: unknown, headers?: Readonly<Record<string, string>>, method?: string) => Promise<Sent | null>
  /** Calls the control API. */
  readonly control: (method: string, path: string, body?: unknown) => Promise<unknown>
}

/** Saves the case of what happens in an emulator, or to one of its accounts. */
export async function recordedCase (options: StartOptions, account: string | null, happen: (recorder: Recorder) => Promise<void>): Promise<Case> {
  const emulator = await startEmulator(options)
  try {
    await happen({ request, control })
    return account === null ? await emulator.case() : await (await emulator.account(account)).case()
  } finally {
    await emulator.stop()
  }

  async function request (path: string, body: unknown, headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }, method = 'POST') {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const leaving = new AbortController()
    const { signal } = leaving
    const answered = fetch(emulator.url + path, { method, headers, signal, ...text !== '' && { body: text } })
      .then(async response => ({ status: response.status, text: await response.text() }))
      .catch(() => null)
    // A client gives up where no answer ever comes.
    const hung = emulator.requests.wait({ fault: 'hang', state: 'under-way', timeout: '60s' }).then(() => leaving.abort(), () => {})
    return await Promise.race([answered, hung.then(() => answered)])
  }

  async function control (method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${emulator.url}/__admin${path}`, {
      method, ...body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    return text === '' ? {} : JSON.parse(text)
  }
}
