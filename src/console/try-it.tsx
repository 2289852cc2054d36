import { useEffect, useRef, useState } from 'preact/hooks'
import type { AccountState } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { ErrorNote, useAction, WrittenChoice } from './action.js'
import { settingsOf } from './clock.js'
import { call } from './control.js'
import { count, indented, pretty } from './format.js'
import { resendable, whyUnsendable, type Resendable } from './resend.js'
import type { Route } from './route.js'
import { send, type Sent } from './send.js'
import type { Account, ConsoleState } from './state.js'

const JSON_HEADERS = { 'content-type': 'application/json' }

/** The request being written. */
interface Draft extends Resendable {
  /** The account or the request that it started from. Each has its own. */
  readonly source: string
  /** The token of the account that it started from; an unedited draft follows a new token. */
  readonly token: string | undefined
  readonly isWritten: boolean
}

/** What there is instead of an answer. */
type Unsent = 'waiting' | 'no answer' | { readonly why: string } | null

/** The request that was shown last. It is kept while another view is open. */
let kept: Draft | null = null

/** What was written, by its source. It is kept while another account or request is looked at, and until another endpoint is chosen. */
const written = new Map<string, Draft>()

/** A request builder that starts from the documented sample, or from a request in the journal. */
export function TryIt ({ state, route, account }: {
  readonly state: ConsoleState
  readonly route: Route
  readonly account: Account | undefined
}) {
  const [draft, setDraft] = useState(kept)
  const [sent, setSent] = useState<Sent | Unsent>(null)
  const [sending, setSending] = useState<Sending | null>(null)
  const newest = useRef<Sending | null>(null)
  const action = useAction()
  const { endpoints } = state
  const opened = state.requests.find(({ id }) => id === route.request)
  const sender = account ?? state.accounts.find(({ name }) => name === opened?.account) ?? state.accounts[0]
  const write = (next: Draft): void => {
    if (next.isWritten) written.set(next.source, next)
    else written.delete(next.source)
    setDraft(kept = next)
  }

  function begin (source: string, path: string): void {
    const endpoint = endpoints.find(endpoint => endpoint.path === path) ?? endpoints[0]
    if (endpoint === undefined || sender === undefined) return
    const body = pretty(sampleOf(endpoint.name, sender))
    write({ source, token: sender.token, isWritten: false, method: 'POST', path: endpoint.path, headers: JSON_HEADERS, body })
  }

  useEffect(() => {
    const source = route.request === undefined ? `account ${account?.name ?? ''}` : `request ${route.request}`
    if (source === draft?.source && (draft.isWritten || route.request !== undefined || draft.token === sender?.token)) return
    const before = written.get(source)
    if (before !== undefined) {
      write(before)
    } else if (opened !== undefined) {
      const again = resendable(opened, state.accounts.find(({ name }) => name === opened.account))
      write({ source, token: sender?.token, isWritten: false, ...again, body: indented(again.body) })
    } else if (route.request === undefined || state.isJournalRead) {
      begin(source, draft?.path ?? '')
    }
  }, [route.request, opened?.id, state.isJournalRead, account?.name, sender?.token, endpoints.length])

  if (draft === null) return <p class='quiet'>{state.isKnown && sender === undefined ? 'There is no account to send from.' : 'Loading the endpoints…'}</p>
  const types = settingsOf(state.settings, sender).wire?.types ?? 'sample'
  const settingsPath = sender === undefined ? '/settings' : `/accounts/${encodeURIComponent(sender.name)}/settings`
  const choose = (dialect: string) => action.run(() => call('PATCH', settingsPath, { wire: { types: dialect } }))
  const submit = async (): Promise<void> => {
    const why = whyUnsendable(draft.path)
    if (why !== undefined) return setSent({ why })
    const { path } = draft
    const next: Sending = sending?.path === path && arrived(state.requests, sending).length < sending.times
      ? { ...sending, times: sending.times + 1 }
      : { path, before: state.requests[0], times: 1 }
    newest.current = next
    setSending(next)
    setSent('waiting')
    const answer = await send(draft).catch(() => 'no answer' as const)
    // A slow answer does not take the place of a newer one.
    if (newest.current === next) setSent(answer)
  }
  const paths = endpoints.map(({ path, known }) => [path, `${path}${known === 'assumed' ? ' (assumed)' : ''}`] as const)
  const others = Object.entries(draft.headers).filter(([name, value]) => JSON_HEADERS[name as 'content-type'] !== value)
  return (
    <div class='try'>
      <form onSubmit={event => { event.preventDefault(); return submit() }}>
        <h2>Request</h2>
        <WrittenChoice
          label='Endpoint' value={draft.path} set={path => begin(draft.source, path)}
          options={paths.some(([path]) => path === draft.path) ? paths : [[draft.path, draft.path], ...paths]}
        />
        <WrittenChoice
          label={sender === undefined ? 'Dialect' : `Dialect of ${sender.name}`} value={types} set={choose}
          options={[['sample', 'sample: as the documented sample'], ['table', 'table: as the documented table']]}
        />
        <ErrorNote error={action.error} />
        <div class='field grow'>
          <label for='try-body'>Body</label>
          <textarea
            id='try-body' rows={12} spellcheck={false} value={draft.body}
            onInput={event => write({ ...draft, isWritten: true, body: event.currentTarget.value })}
          />
          <span class='hint'>
            Sent exactly as written, valid or not, with {draft.method}{others.length > 0 && <> and {others.map(([name, value]) => <code key={name}>{name}: {value} </code>)}</>}.
          </span>
        </div>
        <div class='buttons'><button type='submit' class='primary'>Send</button></div>
      </form>
      <section aria-label='Answer'>
        <h2>Answer</h2>
        <div aria-live='polite'>
          <Answer sent={sent} />
          {sending !== null && isResent(state.requests, sending) && (
            <p class='wrong'>
              It arrived {count(arrived(state.requests, sending).length, 'time')}: a browser resends a request by itself if its connection breaks.
            </p>
          )}
        </div>
      </section>
    </div>
  )
}

function Answer ({ sent }: { readonly sent: Sent | Unsent }) {
  if (sent === null) return <p class='quiet'>Nothing sent yet.</p>
  if (sent === 'waiting') return <p class='quiet'>Waiting for the answer…</p>
  if (sent === 'no answer') return <p class='wrong'>No answer, or only part of one: the connection was closed.</p>
  if ('why' in sent) return <p class='wrong'>{sent.why}</p>
  return (
    <>
      <p><code>HTTP {sent.status}</code> <span class='quiet'>in {sent.ms.toFixed(1)} ms</span></p>
      <dl class='headers'>
        {sent.headers.filter(([name]) => name === 'content-type' || name.startsWith('x-emulator')).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      <pre tabIndex={0} role='region' aria-label='Answer body'>{indented(sent.text)}</pre>
    </>
  )
}

/** Requests to a path that were sent from here: how often since `before` was the newest. */
interface Sending { readonly path: string, readonly before: JournalEntry | undefined, readonly times: number }

/** The requests to the path of a sending that have arrived from this browser since. */
function arrived (requests: readonly JournalEntry[], { path, before }: Sending): readonly JournalEntry[] {
  const since = before === undefined ? requests.length : requests.findIndex(({ id }) => id === before.id)
  return requests.slice(0, Math.max(0, since)).filter(entry => entry.path === path && entry.request.headers['user-agent'] === navigator.userAgent)
}

/** Whether the browser has resent a request: it does so only if a connection broke. Others may send from a browser like this one, too. */
function isResent (requests: readonly JournalEntry[], sending: Sending): boolean {
  const all = arrived(requests, sending)
  return all.length > sending.times && all.some(({ state }) => state === 'cut')
}

/** A sample request to an endpoint, modelled on the documented one, for an account and its first project. */
function sampleOf (endpoint: string, { token, projects }: AccountState): object {
  const project = projects?.[0]
  const id = { token, project_id: project?.project_id ?? 5786 }
  switch (endpoint) {
    case 'change-billing': return { ...id, service: 1, plan_id: 2 }
    case 'create-project': return {
      token,
      project_name: 'new project',
      country: 'IN',
      time_zone: 'Asia/Kolkata',
      date_format: 'YYYY-MM-DD',
      service: 1,
      billing_plan: 1,
      generate_api_token: true,
      token_ip_address: ['127.0.0.1']
    }
    case 'create-api-token': return { ...id, ip_whitelist: ['192.168.0.1'] }
    case 'manage-api-token': return { ...id, api_token: project?.api_tokens?.[0]?.token ?? 'a project\'s API token', action: 1 }
    case 'set-webhook': return { ...id, global_webhook: 'https://example.com/webhook' }
    case 'get-projects': return id
    default: return { token }
  }
}
