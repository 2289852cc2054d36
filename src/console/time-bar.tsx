import { useState } from 'preact/hooks'
import type { ClockEvent, ClockMoved, ClockState } from '../contract/control.js'
import { ErrorNote, Field, useAction } from './action.js'
import { make, useSaid } from './change.js'
import { useTime } from './clock.js'
import { confirmed } from './confirmed.js'
import { sentencesOf, stayingOf } from './consequences.js'
import { call } from './control.js'
import { apiState, count, instant, instantOf, isoOf } from './format.js'
import { whatHappened } from './history.js'
import { useQuestion } from './question.js'
import type { Account, ConsoleState } from './state.js'

const STEPS = [['−1 month', '-P1M'], ['−1 day', '-P1D'], ['−1 hour', '-PT1H'], ['+1 hour', 'PT1H'], ['+1 day', 'P1D'], ['+1 month', 'P1M']] as const

const JUMPS = [['Next billing date', 'next-billing'], ['1 second before switch-off', 'disabled-1s'], ['Switch-off', 'disabled']] as const

const MODES = { frozen: 'frozen', running: 'running', system: 'real time' } as const

/** The clock of the world or of an account, and every way to move it. */
export function TimeBar ({ state, account, isOpen, open }: {
  readonly state: ConsoleState
  readonly account: Account | undefined
  readonly isOpen: boolean
  readonly open: (isOpen: boolean) => void
}) {
  const time = useTime(state, account)
  if (time === null) return <section class='time' aria-label='Clock'><p class='now'>…</p></section>
  const isEnabled = time.now < time.disabledAt
  return (
    <section class='time' aria-label={account === undefined ? 'The world\'s clock' : `The clock of ${account.name}`}>
      <div class='time-line'>
        <div>
          <p class='now'><time dateTime={isoOf(time.now)}>{instant(isoOf(time.now))}</time> <span class='quiet'>UTC</span></p>
          <p class='quiet'>
            {account === undefined ? 'the world\'s clock' : time.isOwn ? 'its own clock' : 'follows the world\'s clock'}, {MODES[time.mode]}
          </p>
        </div>
        <p class={isEnabled ? 'api on' : 'api off'}><span class='dot' aria-hidden='true' />{apiState(time.now, time.disabledAt)}</p>
        <button type='button' class='travel-toggle' aria-expanded={isOpen} aria-controls='travel' onClick={() => open(!isOpen)}>
          Travel in time
        </button>
      </div>
      <div id='travel' hidden={!isOpen}>
        {isOpen && <Travel key={account?.name} account={account} mode={time.mode} isOwn={time.isOwn} />}
      </div>
    </section>
  )
}

function Travel ({ account, mode, isOwn }: {
  readonly account: Account | undefined
  readonly mode: ClockMoved['mode']
  readonly isOwn: boolean
}) {
  const [moved, setMoved] = useSaid<Moved | null>(null)
  const question = useQuestion()
  const [at, setAt] = useState('')
  const action = useAction()
  const [typed, setTyped] = useState(false)
  const path = account === undefined ? '/clock' : `/accounts/${encodeURIComponent(account.name)}/clock`
  const move = async (method: string, rest: string, given?: object | (() => Promise<object>), isTyped = false): Promise<void> => {
    setTyped(isTyped)
    setMoved(null)
    await action.run(async () => {
      const body = typeof given === 'function' ? await given() : given
      const change = { method, path: path + rest, body, says: 'The clock was moved.' }
      // Only what looks like an undo asks about what stays; a step back is meant as one.
      const looksLikeUndo = method === 'DELETE' && account === undefined
      const consequences = await confirmed(change, 'Move the clock', question, foreseen =>
        [...sentencesOf(foreseen), ...looksLikeUndo ? stayingOf(foreseen) : []])
      if (consequences === null) return
      const moved = await make<ClockMoved>(change)
      setMoved({ ...moved, staying: stayingOf(consequences) })
    })
  }
  // The time that is shown may be from before a move of somebody else's, which must stay.
  const set = (chosen: 'frozen' | 'running') => move('PUT', '', async () => ({ mode: chosen, at: (await call<ClockState>('GET', path)).now }))
  return (
    <div class='travel'>
      <div class='buttons' role='group' aria-labelledby='travel-mode'>
        <span id='travel-mode' class='label'>Mode</span>
        <button type='button' aria-pressed={mode === 'frozen'} onClick={() => set('frozen')}>Freeze</button>
        <button type='button' aria-pressed={mode === 'running'} onClick={() => set('running')}>Run</button>
        {account === undefined
          ? <button type='button' onClick={() => move('DELETE', '')}>Back to the start</button>
          : <button type='button' disabled={!isOwn} onClick={() => move('DELETE', '')}>Follow the world's clock</button>}
        {account !== undefined && !isOwn && <span class='hint'>Moving it gives the account its own clock.</span>}
      </div>
      <div class='buttons' role='group' aria-labelledby='travel-step'>
        <span id='travel-step' class='label'>Step</span>
        {STEPS.map(([label, by]) => <button type='button' key={by} onClick={() => move('POST', '/advance', { by })}>{label}</button>)}
      </div>
      <div class='buttons' role='group' aria-labelledby='travel-jump'>
        <span id='travel-jump' class='label'>Jump</span>
        {JUMPS.map(([label, to]) => <button type='button' key={to} onClick={() => move('POST', '/advance', { to })}>{label}</button>)}
      </div>
      <form class='buttons go-to' onSubmit={event => { event.preventDefault(); return move('POST', '/advance', { to: instantOf(at) }, true) }}>
        <Field
          label='Go to' value={at} set={value => { setAt(value); action.clear() }} placeholder='2023-01-31T23:59:59Z'
          error={typed ? action.error : null} pointer='/to'
        />
        <button type='submit' disabled={at.trim() === ''}>Go</button>
      </form>
      <ErrorNote error={action.error} beside={typed ? ['/to'] : []} />
      <div aria-live='polite'>{moved !== null && <Journey moved={moved} />}</div>
      {question.dialog}
    </div>
  )
}

/** A moved clock, and what going back did not undo. */
type Moved = ClockMoved & { readonly staying: readonly string[] }

/** The outcome of a jump. */
function Journey ({ moved }: { readonly moved: Moved }) {
  if (moved.total === 0) return <p class='quiet journey'>It is now {instant(moved.now)}. {moved.staying[0] ?? 'Nothing happened on the way.'}</p>
  return (
    <div class='journey'>
      <p>
        It is now {instant(moved.now)}. {count(moved.total, 'event')} on the way{moved.total > moved.events.length ? `; the first ${moved.events.length.toLocaleString('en')}` : ''}:
      </p>
      <ol tabIndex={0} aria-label='Events on the way'>
        {moved.events.map((event, index) => <li key={index}><time>{instant(event.at)}</time><span>{sentenceOf(event)}</span></li>)}
      </ol>
      {moved.staying.map(sentence => <p key={sentence}>{sentence}</p>)}
    </div>
  )
}

function sentenceOf ({ account, ...happened }: ClockEvent) {
  switch (happened.event) {
    case 'api-disabled': return 'The API was switched off.'
    case 'api-enabled': return 'The API was switched on again.'
    default: return <><b class='name'>{account}</b>: {whatHappened(happened as Parameters<typeof whatHappened>[0])}</>
  }
}
