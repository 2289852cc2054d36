import type { JournalEntry } from '../contract/journal-entry.js'
import { baseUrl } from './base-url.js'
import { Badges, StatusBadge } from './badges.js'
import { CaseFiles, readCaseOf } from './case-files.js'
import { Changes } from './changes.js'
import { CopyByHand, useCopying } from './copying.js'
import { Foreign, laidOut } from './foreign.js'
import { count, duration, instant, pretty } from './format.js'
import { Link } from './link.js'
import { isUnanswered, outcomeOf } from './outcome.js'
import { curlOf, isIncomplete, resendable, whyUnsendable } from './resend.js'
import { isGivenUp, send } from './send.js'
import type { ConsoleState } from './state.js'

/** A request and its answer as they were sent, its changes, and ways to send it again. */
export function RequestDetail ({ state, account, entry, close }: {
  readonly state: ConsoleState
  /** The chosen account; none for the world. */
  readonly account: string | undefined
  readonly entry: JournalEntry
  readonly close: () => void
}) {
  const { said, say, line, copy } = useCopying()
  const again = resendable(entry, state.accounts.find(({ name }) => name === entry.account))
  // What is redacted of it is known with its account.
  const isRead = state.isKnown || entry.account === null
  const sendAgain = async (): Promise<void> => {
    const why = whyUnsendable(again.path)
    if (why !== undefined) return say(why)
    say('Sending…')
    await send(again).then(({ status, text }) => say(`Sent again: HTTP ${status} ${text.slice(0, 200)}`), error => {
      if (!isGivenUp(error)) say('Sent again; there was no answer.')
    })
  }
  const decidedBy = entry.rule ?? (entry.api_status === 100 || entry.fault === null ? 'no rule was broken' : 'no rule was broken; the fault decided the answer')
  return (
    <article aria-label={`Request ${entry.id}`}>
      <header>
        <h2><StatusBadge entry={entry} /> <span class='name'>{entry.endpoint ?? (entry.path || 'unreadable')}</span></h2>
        <button type='button' class='close' aria-label='Close' onClick={close}>×</button>
      </header>
      {entry.method !== '' && (
        <div class='buttons'>
          <button type='button' disabled={!isRead} onClick={() => copy(curlOf(again, baseUrl()))}>Copy as curl</button>
          <button type='button' disabled={!isRead} onClick={sendAgain}>Send again</button>
          <Link class='button' to={{ view: 'try', request: entry.id }}>Edit and send</Link>
        </div>
      )}
      <p class='said' role='status'>{said}</p>
      {line !== '' && <CopyByHand text={line} label='curl command' />}
      {isRead && isIncomplete(again) && <p class='hint'>The journal keeps no secrets: fill in each [redacted] before you send it.</p>}
      <dl class='facts'>
        <dt>Request</dt><dd><code>{entry.id}</code></dd>
        <dt>Account</dt><dd class='name'>{entry.account ?? 'none: it has no token of an account'}</dd>
        <dt>Emulated time</dt><dd>{entry.emulated_at === null ? '–' : instant(entry.emulated_at)}</dd>
        <dt>Took</dt><dd>{duration(entry.duration_ms)}, at {instant(entry.at)} UTC</dd>
        <dt>Outcome</dt><dd>{outcomeOf(entry)[1]}</dd>
        <dt>Decided by</dt><dd>{decidedBy}</dd>
        {entry.assumptions.length > 0 && (
          <><dt>Depends on</dt><dd>{entry.assumptions.join(', ')} <span class='quiet'>(assumed)</span></dd></>
        )}
        {entry.fault !== null && (
          <>
            <dt>Fault</dt>
            <dd>{entry.fault.kind}, {entry.fault.when === 'before' ? 'before the request was processed' : 'after everything was booked'}</dd>
          </>
        )}
      </dl>
      {entry.lint.length > 0 && (
        <div>
          <p class='badges'><Badges entry={entry} /></p>
          <ul class='lints'>{entry.lint.map(({ name, says }) => <li key={name + says}><b>{name}</b>: <Foreign text={says} /></li>)}</ul>
        </div>
      )}
      <Changes entry={entry} />
      {entry.method !== '' && (
        <CaseFiles
          read={() => readCaseOf(account, entry.id)} isFromHere
          hint={`what happened to ${account ?? 'the world'} from this request on, beginning with what it was by then`}
        />
      )}
      <section aria-label='Request as sent'>
        <h3>Request</h3>
        <p><code>{entry.method} {entry.path}</code></p>
        <Headers headers={entry.request.headers} />
        <Body value={asSent(entry.request)} label='Request body' />
      </section>
      <section aria-label='Answer as sent'>
        <h3>Answer</h3>
        {entry.response === null
          ? <p>None: the client {entry.state === 'under-way' ? 'waits for one' : 'got no answer'}.</p>
          : (
            <>
              {isUnanswered(entry) && <p class='hint'>The client did not get all of it.</p>}
              <p><code>HTTP {entry.response.http_status}</code></p>
              <Headers headers={entry.response.headers} />
              <Body value={entry.response.body} label='Answer body' />
            </>
            )}
      </section>
    </article>
  )
}

function Headers ({ headers }: { readonly headers: Readonly<Record<string, string>> }) {
  const all = Object.entries(headers)
  return (
    <details>
      <summary>{count(all.length, 'header')}</summary><dl class='headers'>{all.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </details>
  )
}

/** The body as it is easiest to read; as text if reading it has lost something, such as digits of a number or a key that is there twice. */
function asSent ({ body, text }: JournalEntry['request']): unknown {
  const withoutSpace = (json: string): string => json.replace(/\s+/g, '')
  return withoutSpace(text) === withoutSpace(JSON.stringify(body)) ? body : text
}

function Body ({ value, label }: { readonly value: unknown, readonly label: string }) {
  return value === '' ? <p class='quiet'>No body.</p> : <pre tabIndex={0} aria-label={label} role='region'>{laidOut(pretty(value))}</pre>
}
