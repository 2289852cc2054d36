import type { ComponentChildren } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { shownText } from '../text/markup.js'
import { problemOf, type Issue, type Problem } from './control.js'
import { reconnected } from './state.js'

/** The work of a form or a button, and what went wrong the last time. */
export interface Action {
  readonly busy: boolean
  readonly error: Problem | null
  /** Returns whether it succeeded. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>
  readonly clear: () => void
}

export function useAction (): Action {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Problem | null>(null)
  const pressed = useRef<HTMLElement | null>(null)
  // A button that is disabled while the work goes on loses the focus, and who uses the keyboard would begin at the top of the page again.
  useLayoutEffect(() => {
    if (!busy && document.activeElement === document.body) pressed.current?.focus()
  }, [busy])
  useEffect(() => {
    // That nothing could be reached is not so any more.
    const forget = (): void => setError(before => before?.status === 0 ? null : before)
    reconnected.add(forget)
    return () => { reconnected.delete(forget) }
  }, [])
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    pressed.current = document.activeElement as HTMLElement | null
    setBusy(true)
    setError(null)
    try {
      await work()
      return true
    } catch (failure) {
      setError(problemOf(failure))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, error, run, clear: () => setError(null) }
}

/**
 * Gives the focus to the content of the page before what has it is taken away: who uses the keyboard, or a screen reader, would begin at the
 * top of the page again. Whoever is elsewhere by now stays there.
 */
export function focusContent (): void {
  const active = document.activeElement!
  if (active === document.body || active.closest('.sweep, .case, .files, .undo') !== null) document.getElementById('main')!.focus({ preventScroll: true })
}

/** What went wrong, which may quote anybody's text, and what to do next. `beside` are the pointers of the issues that are shown beside their fields. */
export function ErrorNote ({ error, beside = [] }: { readonly error: Problem | null, readonly beside?: readonly string[] }) {
  if (error === null) return null
  const { errors = [] } = error
  const issues = errors.filter(({ pointer }) => !beside.includes(pointer))
  if (errors.length > 0 && issues.length === 0) return null
  return (
    <div class='error' role='alert'>
      <p>{shownText(error.detail)}</p>
      {issues.length > 1 && (
        <ul>{issues.map(issue => <li key={issue.pointer}><code>{shownText(issue.pointer) || '(the root)'}</code>: {sentenceOf(issue)}</li>)}</ul>
      )}
      {error.advice !== undefined && <p class='quiet'>{error.advice}</p>}
    </div>
  )
}

/** In a form everything is text: only JSON calls it a string. */
function sentenceOf ({ found, expected }: Issue): string {
  return `found ${shownText(found)}, expected ${expected.replace(' as a string', '')}`
}

/** A labelled input, with its error beside it. */
export function Field ({ label, value, set, error = null, pointer, type = 'text', hint, ...rest }: {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => void
  /** The error is shown here if one of its issues has this `pointer`. */
  readonly error?: Problem | null
  readonly pointer?: string
  readonly type?: 'text' | 'search'
  readonly hint?: string
  readonly inputMode?: 'decimal' | 'numeric'
  readonly placeholder?: string
}) {
  const id = useId()
  const issue = error?.errors?.find(found => found.pointer === pointer)
  return (
    <div class='field'>
      <label for={id}>{label}</label>
      <input
        id={id} type={type as 'text'} value={value} onInput={event => set(event.currentTarget.value)}
        aria-invalid={issue !== undefined} aria-describedby={`${id}-note`} autocomplete='off' spellcheck={false}
        {...rest}
      />
      <span id={`${id}-note`} class={issue === undefined ? 'hint' : 'wrong'} role={issue && 'alert'}>
        {issue === undefined ? hint : sentenceOf(issue)}
      </span>
    </div>
  )
}

export function Choice ({ label, value, set, options }: {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => unknown
  readonly options: ReadonlyArray<readonly [value: string, shown: string]>
}) {
  const id = useId()
  return (
    <div class='field'>
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={event => set(event.currentTarget.value)}>
        {options.map(([option, shown]) => <option key={option} value={option}>{shown}</option>)}
      </select>
      <span class='hint' />
    </div>
  )
}

/**
 * A choice that writes. The arrow keys change the value of a closed list with every press: what they pass is only shown, until Enter
 * or leaving the field sets it. Escape gives up.
 */
export function WrittenChoice ({ label, value, set, options }: Parameters<typeof Choice>[0]) {
  const id = useId()
  const [passed, pass] = useState<string | null>(null)
  const byKey = useRef(false)
  /** Whether the value shown has been set, but is not yet known to be. */
  const isSet = useRef(false)
  const show = (chosen: string | null): void => {
    isSet.current = false
    pass(chosen)
  }
  const commit = async (chosen: string | null): Promise<void> => {
    if (chosen === null || chosen === value) return show(null)
    if (isSet.current) return
    pass(chosen)
    isSet.current = true
    if (await set(chosen) === false) show(null)
  }
  // What is known to be set now may be an earlier choice: a newer one that is only shown stays.
  useEffect(() => { if (isSet.current) show(null) }, [value])
  return (
    <div class='field'>
      <label for={id}>{label}</label>
      <select
        id={id} value={passed ?? value} aria-describedby={`${id}-note`}
        onPointerDown={() => { byKey.current = false }}
        onKeyDown={event => {
          byKey.current = true
          if (event.key === 'Escape') show(null)
          if (event.key !== 'Enter' || passed === null) return
          // It would also send the form.
          event.preventDefault()
          commit(passed)
        }}
        onChange={event => byKey.current ? show(event.currentTarget.value) : commit(event.currentTarget.value)}
        onBlur={event => {
          // Where the whole window loses the focus, the list has it again when the user comes back.
          if (document.activeElement !== event.currentTarget) commit(passed)
        }}
      >
        {options.map(([option, shown]) => <option key={option} value={option}>{shown}</option>)}
      </select>
      <span id={`${id}-note`} class='hint'>{passed !== null && passed !== value && !isSet.current && 'Enter sets it'}</span>
    </div>
  )
}

export function Empty ({ children }: { readonly children: ComponentChildren }) {
  return <div class='empty'>{children}</div>
}
