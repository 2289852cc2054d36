import type { Case, CaseControlCall, CaseStep } from '../../src/contract/case.js'
import type { ClockState, HistoryEvent } from '../../src/contract/control.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import type { Scenario } from '../../src/contract/scenario.js'
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

const NOW = '2026-01-01T00:00:00.000Z'

/** Records a case of what happens in an emulator, whose accounts have tokens as those of a case. */
export async function recordedCase (options: StartOptions, account: string | null, happen: (recorder: Recorder) => Promise<void>): Promise<Case> {
  const emulator = await startEmulator(options)
  const timeline: CaseStep[] = []
  let events = 0
  try {
    const start = await state()
    events = (await history()).length
    await happen({ request, control })
    const end = await state()
    return aliased({
      case: 1,
      emulator: '0.1.0',
      saved_at: NOW,
      account,
      incomplete: null,
      seed: 1,
      ...options.paths && { paths: Object.values(options.paths).map(path => `/app/api/v2${path}`) },
      start: { at: NOW, scenario: start },
      timeline,
      end: { at: NOW, scenario: end }
    })
  } finally {
    await emulator.stop()
  }

  async function state (): Promise<Scenario> {
    const scenario = await emulator.state()
    return account === null ? scenario : { ...scenario, accounts: scenario.accounts!.filter(({ name }) => name === account) }
  }

  async function history (): Promise<readonly HistoryEvent[]> {
    return await emulator.history()
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
    const answer = await Promise.race([answered, hung.then(() => answered)])
    const { at, fault, ...entry } = (await emulator.requests.list({ limit: 1 })).at(-1)!
    const response = entry.response === null || fault?.kind === 'truncated_body' || answer === null
      ? entry.response
      : { ...entry.response, body: parsed(answer.text) }
    // Its tokens are not real ones, so that they need not be hidden.
    const shown: JournalEntry = { ...entry, at, fault, response, request: { ...entry.request, body: parsed(text), text } }
    timeline.push({ step: 'request', at, request: shown })
    await noteEvents()
    return answer
  }

  async function control (method: string, path: string, body?: unknown): Promise<unknown> {
    const name = /^\/accounts\/([^/]+)/.exec(path)?.[1] ?? null
    const scope = name === null ? '' : `/accounts/${name}`
    const { now } = await (await fetch(`${emulator.url}/__admin${scope}/clock`)).json() as ClockState
    const response = await fetch(`${emulator.url}/__admin${path}`, {
      method, ...body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    const snapshot = response.headers.get('x-emulator-snapshot')
    const answer = text === '' ? {} : JSON.parse(text) as Readonly<Record<string, unknown>>
    const { redo, id } = answer as { redo?: string, id?: string }
    const step: CaseControlCall = {
      step: 'control',
      at: NOW,
      emulated_at: now,
      account: name === null ? null : decodeURIComponent(name),
      method,
      path,
      ...body !== undefined && { body },
      ...(redo ?? snapshot) != null && { snapshot: redo ?? snapshot! },
      ...path.endsWith('/faults') && { fault: id! }
    }
    timeline.push(step)
    await noteEvents()
    return answer
  }

  async function noteEvents (): Promise<void> {
    const all = await history()
    for (const { account: of, ...event } of all.slice(events)) if (account === null || of === account) timeline.push({ step: 'event', account: of, event })
    events = all.length
  }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Names the tokens and licence keys that were made up after what they are, as a case does. */
function aliased (value: Case): Case {
  const names = new Map<string, string>()
  const text = JSON.stringify(value).replace(/(?<![0-9a-f])(?:[0-9a-f]{40}|[0-9a-f]{30})(?![0-9a-f])/g, secret => {
    if (!names.has(secret)) names.set(secret, `${secret.length === 40 ? 'api-token' : 'license-key'}-${names.size + 1}-of-demo`)
    return names.get(secret)!
  })
  return JSON.parse(text) as Case
}
