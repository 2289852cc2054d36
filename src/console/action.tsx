import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { problemOf, type Issue, type Problem } from './control.js'

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
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
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

/** What went wrong, and what to do next. `beside` are the pointers of the issues that are shown beside their fields. */
export function ErrorNote ({ error, beside = [] }: { readonly error: Problem | null, readonly beside?: readonly string[] }) {
  if (error === null) return null
  const { errors = [] } = error
  const issues = errors.filter(({ pointer }) => !beside.includes(pointer))
  if (errors.length > 0 && issues.length === 0) return null
  return (
    <div class='error' role='alert'>
      <p>{error.detail}</p>
      {issues.length > 1 && (
        <ul>{issues.map(issue => <li key={issue.pointer}><code>{issue.pointer || '(the root)'}</code>: {sentenceOf(issue)}</li>)}</ul>
      )}
      {error.advice !== undefined && <p class='quiet'>{error.advice}</p>}
    </div>
  )
}

/** In a form everything is text: only JSON calls it a string. */
function sentenceOf ({ found, expected }: Issue): string {
  return `found ${found}, expected ${expected.replace(' as a string', '')}`
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

export function Empty ({ children }: { readonly children: ComponentChildren }) {
  return <div class='empty'>{children}</div>
}
