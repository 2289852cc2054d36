import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { FaultState } from '../contract/control.js'
import { FAULT_KINDS, FAULTS, type FaultKind } from '../domain/fault.js'
import { Choice, Empty, ErrorNote, Field, useAction } from './action.js'
import { call } from './control.js'
import { FAULT_FIELDS, fieldsOf, isUsedUp, meaningOf } from './fault-kinds.js'
import { count } from './format.js'
import type { Account, ConsoleState } from './state.js'

const EMPTY = {
  kind: 'connection_reset' as FaultKind,
  when: 'after',
  endpoint: '',
  project: '',
  times: '1',
  skip: '',
  probability: '1',
  /** The values of the fields that only some kinds have, by their labels. */
  own: Object.fromEntries(FAULT_FIELDS.map(({ label, initial }) => [label, initial]))
}

/** The fault being described. It is kept while another view or account is looked at. */
let kept = EMPTY

/** The fields that show their own errors. */
const POINTERS = ['/project_id', '/times', '/skip', '/probability', ...FAULT_FIELDS.map(({ pointer }) => pointer)]

/** Adds faults, and lists the active ones. */
export function Faults ({ state, account }: { readonly state: ConsoleState, readonly account: Account | undefined }) {
  const [form, setForm] = useState(kept)
  const action = useAction()
  const { error } = action
  const { kind, when, own } = form
  const fields = fieldsOf(kind)
  const put = (change: Partial<typeof EMPTY>): void => {
    action.clear()
    setForm(kept = { ...form, ...change })
  }
  const add = () => action.run(() => call('POST', account === undefined ? '/faults' : `/accounts/${encodeURIComponent(account.name)}/faults`, {
    kind,
    when,
    ...form.endpoint !== '' && { endpoint: form.endpoint },
    ...numbers({ project_id: form.project, times: form.times, skip: form.skip }),
    ...form.probability.trim() !== '1' && numbers({ probability: form.probability }),
    ...Object.assign({}, ...fields.filter(({ label }) => own[label]!.trim() !== '').map(({ label, part }) => part(numberIn(own[label]!)))) as object
  }))
  const active = state.faults.filter(fault => account === undefined || fault.account === undefined || fault.account === account.name)
  return (
    <div class='faults'>
      <form onSubmit={event => { event.preventDefault(); return add() }}>
        <h2>Add a fault for {account === undefined ? 'all accounts' : <span class='name'>{account.name}</span>}</h2>
        <fieldset class='kinds'>
          <legend>What happens</legend>
          {FAULT_KINDS.map(each => (
            <label key={each} class='kind'>
              <input type='radio' name='kind' value={each} checked={each === kind} onChange={() => put({ kind: each })} />
              <span><b>{each}</b><span class='quiet'>{FAULTS[each].says}</span></span>
            </label>
          ))}
        </fieldset>
        <fieldset class='inline whens'>
          <legend>When</legend>
          <label>
            <input type='radio' name='when' checked={when === 'before'} onChange={() => put({ when: 'before' })} /> before the request is processed
          </label>
          <label>
            <input type='radio' name='when' checked={when === 'after'} onChange={() => put({ when: 'after' })} /> after everything is booked
          </label>
        </fieldset>
        <p class='meaning' role='status'>{meaningOf(kind, when)}</p>
        <div class='inline'>
          {fields.map(({ label, pointer }) => (
            <Field
              key={label} label={label} value={own[label]!} set={value => put({ own: { ...own, [label]: value } })}
              error={error} pointer={pointer} inputMode='numeric'
            />
          ))}
          <Choice
            label='Endpoint' value={form.endpoint} set={endpoint => put({ endpoint })}
            options={[['', 'all'], ...state.endpoints.map(({ name }) => [name, name] as const)]}
          />
          <Field
            label='Project' value={form.project} set={project => put({ project })} error={error} pointer='/project_id'
            inputMode='numeric' hint='empty: all'
          />
          <Field
            label='Times' value={form.times} set={times => put({ times })} error={error} pointer='/times'
            inputMode='numeric' hint='empty: no limit'
          />
          <Field
            label='Skip first' value={form.skip} set={skip => put({ skip })} error={error} pointer='/skip'
            inputMode='numeric' hint='empty: none'
          />
          <Field
            label='Probability' value={form.probability} set={probability => put({ probability })} error={error}
            pointer='/probability' inputMode='decimal' hint='from 0 to 1'
          />
        </div>
        <ErrorNote error={error} beside={POINTERS} />
        <div class='buttons'><button type='submit' class='primary' disabled={action.busy}>Add fault</button></div>
      </form>
      <section aria-label='Active faults' tabIndex={-1}>
        <h2>Active faults</h2>
        {active.length === 0
          ? <Empty>None. Every request gets its regular answer.</Empty>
          : <ul class='active-faults'>{active.map(fault => <ActiveFault key={fault.id} fault={fault} />)}</ul>}
      </section>
    </div>
  )
}

function ActiveFault ({ fault }: { readonly fault: FaultState }) {
  const action = useAction()
  const box = useRef<HTMLLIElement>(null)
  useLayoutEffect(() => {
    const element = box.current!
    // When it goes, the list has the focus: another fault's button would remove that one if the key is pressed once too often.
    return () => { if (element.contains(document.activeElement)) element.closest('section')!.focus({ preventScroll: true }) }
  }, [])
  const { id, kind, when, account, endpoint, project_id: project, plan_id: plan, times, skip, probability = 1, triggered } = fault
  const scope = [
    endpoint ?? 'all endpoints',
    ...project === undefined ? [] : [`project ${project}`],
    ...plan === undefined ? [] : [`plan ${plan}`],
    ...skip ? [`skips the first ${skip}`] : [],
    ...probability === 1 ? [] : [`probability ${probability}`]
  ]
  return (
    <li class={isUsedUp(fault) ? 'used-up' : ''} ref={box}>
      <div>
        <p><span class='badge fault'>{kind}</span> {when} · <b class='name'>{account ?? 'all accounts'}</b></p>
        <p class='quiet'>{scope.join(', ')}</p>
        <p role='status'>
          Triggered {times === undefined ? count(triggered, 'time') : `${triggered} of ${times}`}{isUsedUp(fault) && '; used up'}
        </p>
        <ErrorNote error={action.error} />
      </div>
      <button
        type='button' aria-label={`Remove ${kind}, ${id}`}
        onClick={() => action.run(() => call('DELETE', `/faults/${encodeURIComponent(id)}`))}
      >
        Remove
      </button>
    </li>
  )
}

/** The numbers that are filled in. */
function numbers (fields: Readonly<Record<string, string>>): Record<string, number | string> {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text.trim() !== '').map(([name, text]) => [name, numberIn(text)]))
}

/** A text that is not a number, or that JSON has no such number for, stays as it is, so that the emulator says what is wrong with it. */
function numberIn (text: string): number | string {
  const number = Number(text)
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : text.trim()
}
