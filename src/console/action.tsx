import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { ControlError, type Issue } from './control.js'

/** Something that a form or a button does, and what was wrong when it was done last. */
export interface Action {
  readonly busy: boolean
  readonly error: ControlError | null
  /** Gives whether it was done. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>
  readonly clear: () => void
}

export function useAction (): Action {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ControlError | null>(null)
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true)
    setError(null)
    try {
      await work()
      return true
    } catch (failure) {
      if (!(failure instanceof ControlError)) throw failure
      setError(failure)
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, error, run, clear: () => setError(null) }
}

/** What was wrong with an action, and what to do next; `beside` are the pointers of what is said beside the fields. */
export function ErrorNote ({ error, beside = [] }: { readonly error: ControlError | null, readonly beside?: readonly string[] }) {
  if (error === null) return null
  const issues = error.issues.filter(({ pointer }) => !beside.includes(pointer))
  if (error.issues.length > 0 && issues.length === 0) return null
  return (
    <div class='error' role='alert'>
      <p>{error.message}</p>
      {issues.length > 1 && <ul>{issues.map(issue => <li key={issue.pointer}><code>{issue.pointer || '(the root)'}</code>: {wordsOf(issue)}</li>)}</ul>}
      {error.advice !== undefined && <p class='quiet'>{error.advice}</p>}
    </div>
  )
}

/** Text is text here, also where JSON would call it a string. */
function wordsOf ({ found, expected }: Issue): string {
  return `found ${found}, expected ${expected.replace(' as a string', '')}`
}

/** A labelled input, with what is wrong with it beside it. */
export function Field ({ label, value, set, error = null, pointer, type = 'text', hint, ...rest }: {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => void
  /** What was wrong, if it is about what `pointer` leads to. */
  readonly error?: ControlError | null
  readonly pointer?: string
  readonly type?: 'text' | 'search'
  readonly hint?: string
  readonly inputMode?: 'decimal' | 'numeric'
  readonly placeholder?: string
}) {
  const id = useId()
  const issue = error?.issues.find(found => found.pointer === pointer)
  return (
    <div class='field'>
      <label for={id}>{label}</label>
      <input id={id} type={type as 'text'} value={value} onInput={event => set(event.currentTarget.value)} aria-invalid={issue !== undefined} aria-describedby={`${id}-note`} autocomplete='off' spellcheck={false} {...rest} />
      <span id={`${id}-note`} class={issue === undefined ? 'hint' : 'wrong'} role={issue && 'alert'}>{issue === undefined ? hint : wordsOf(issue)}</span>
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
