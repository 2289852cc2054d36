import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { JournalEntry } from '../contract/journal-entry.js'
import { Choice, Empty, Field } from './action.js'
import { baseUrl } from './base-url.js'
import { CaseFilesOf } from './case-files.js'
import { call } from './control.js'
import { count, instant, pretty } from './format.js'
import { Link } from './link.js'
import { hasOutcome, OUTCOME_CHOICES } from './outcome.js'
import { RequestDetail } from './request-detail.js'
import { RequestRows } from './request-rows.js'
import { go, type Route } from './route.js'
import { showFocused } from './scrolling.js'
import type { ConsoleState } from './state.js'

/** The journal, newest first, and the request that is open. */
export function Requests ({ state, route }: { readonly state: ConsoleState, readonly route: Route }) {
  const { requests, isJournalRead } = state
  const { account, endpoint, status, outcome, text, request } = route
  const found = useMemo(() => requests.filter(entry => fits(entry, route)), [requests, account, endpoint, status, outcome, text])
  const statuses = useMemo(
    () => [...new Set([...requests.map(entry => String(entry.api_status)), ...status === undefined ? [] : [status]])].sort(),
    [requests, status]
  )
  const names = [...new Set([...state.endpoints.map(({ name }) => name), ...endpoint === undefined || endpoint === 'null' ? [] : [endpoint]])]
  const isGone = account !== undefined && state.isKnown && !state.accounts.some(({ name }) => name === account)
  const isFiltered = Boolean(account ?? endpoint ?? status ?? outcome ?? text)
  const list = useRef<HTMLDivElement>(null)
  const close = (): void => {
    go({ request: undefined })
    // On a narrow screen the list has only now come back.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('.rows')?.focus())
  }
  return (
    <div class={request === undefined ? 'requests' : 'requests with-detail'}>
      <div class='list' ref={list}>
        <form class='filters' role='search' aria-label='Requests' onSubmit={event => event.preventDefault()}>
          <Choice
            label='Endpoint' value={endpoint ?? ''} set={endpoint => go({ endpoint }, true)}
            options={[['', 'all'], ...names.map(name => [name, name] as const), ['null', 'none']]}
          />
          <Choice
            label='Status' value={status ?? ''} set={status => go({ status }, true)}
            options={[['', 'all'], ...statuses.map(each => [each, each === 'null' ? 'none' : each] as const)]}
          />
          <Choice
            label='Outcome' value={outcome ?? ''} set={outcome => go({ outcome }, true)} options={[['', 'all'], ...OUTCOME_CHOICES]}
          />
          <Field label='Text' type='search' value={text ?? ''} set={text => go({ text }, true)} placeholder='any part of a request' />
        </form>
        <div class='list-head'>
          <p class='count quiet' aria-live={isFiltered ? 'polite' : 'off'}>
            {isFiltered ? `${found.length.toLocaleString('en')} of ${count(requests.length, 'request')}` : count(requests.length, 'request')}
          </p>
          {!isGone && <CaseFilesOf key={account} account={account} />}
        </div>
        {found.length > 0
          ? <RequestRows key={[account, endpoint, status, outcome, text].join('\n')} entries={found} open={request} />
          : (
            <Empty>
              {!isJournalRead ? 'Loading the journal…' : isFiltered ? 'No requests match.' : <>No requests yet. Point your client at <code>{baseUrl()}</code>, or <Link to={{ view: 'try' }}>try one</Link>.</>}
            </Empty>
            )}
      </div>
      {request !== undefined && <Detail key={request} state={state} account={account} id={request} close={close} />}
    </div>
  )
}

/** The open request; one that is too old for the list is fetched. */
function Detail ({ state, account, id, close }: {
  readonly state: ConsoleState
  readonly account: string | undefined
  readonly id: string
  readonly close: () => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const [older, setOlder] = useState<JournalEntry | null>(null)
  const entry = state.requests.find(request => request.id === id) ?? older
  const isMissing = entry === null && state.isJournalRead
  useEffect(() => {
    if (isMissing) call<JournalEntry>('GET', `/requests/${encodeURIComponent(id)}`).then(setOlder, () => {})
  }, [isMissing])
  useEffect(() => {
    // On a narrow screen it replaces the list, and takes the focus over.
    if (box.current!.previousElementSibling!.checkVisibility()) return
    showFocused(box.current!)
  }, [])
  return (
    <div class='detail' ref={box} tabIndex={-1} onKeyDown={event => { if (event.key === 'Escape') close() }}>
      {entry !== null && <RequestDetail state={state} account={account} entry={entry} close={close} />}
      {isMissing && (
        <Empty><p>There is no request {id} in the journal.</p><p><button type='button' onClick={close}>Close</button></p></Empty>
      )}
    </div>
  )
}

function fits (entry: JournalEntry, { account, endpoint, status, outcome, text }: Route): boolean {
  return (account === undefined || entry.account === account) &&
    (endpoint === undefined || String(entry.endpoint) === endpoint) &&
    (status === undefined || String(entry.api_status) === status) &&
    (outcome === undefined || hasOutcome(entry, outcome)) &&
    (text === undefined || textOf(entry).includes(text.toLowerCase()))
}

const texts = new WeakMap<JournalEntry, string>()

function textOf (entry: JournalEntry): string {
  let text = texts.get(entry)
  if (text === undefined) texts.set(entry, text = [JSON.stringify(entry), ...shownTexts(entry)].join('\n').toLowerCase())
  return text
}

/** What a request is shown or was sent as, where its JSON has it in other characters: a filter finds whatever is copied from there. */
function shownTexts (entry: JournalEntry): string[] {
  const { request, response, emulated_at: emulatedAt, at } = entry
  return [request.text, pretty(request.body), pretty(response?.body ?? ''), emulatedAt === null ? '' : instant(emulatedAt), instant(at), ...escapedTexts(entry)]
}

/** The texts within a value that JSON writes with escapes. */
function escapedTexts (value: unknown): string[] {
  if (typeof value === 'string') return /["\\\n]/.test(value) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(escapedTexts) : []
}
