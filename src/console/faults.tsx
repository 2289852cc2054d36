import { useState } from 'preact/hooks'
import type { FaultState } from '../contract/control.js'
import { FAULTS, FAULT_KINDS as KINDS, type FaultKind } from '../domain/fault.js'
import { Choice, Empty, ErrorNote, Field, useAction } from './action.js'
import { call } from './control.js'
import type { Account, World } from './state.js'

/** What a fault means for who is at the other end, in plain words. */
function meaning (kind: FaultKind, when: string): string {
  const what = FAULTS[kind].says
  if (kind === 'delay' || kind === 'slow_body') return `${what} All of it is booked, and what it says is true.`
  const client = kind === 'api_refusal' ? 'the client is told that it was refused' : kind === 'http_error' ? 'the client takes it for failed' : 'the answer is lost'
  return when === 'after' ? `${what} The customer is charged, and ${client}.` : `${what} Nothing is booked.`
}

const EMPTY = { kind: 'connection_reset' as FaultKind, when: 'after', endpoint: '', project: '', times: '1', skip: '', probability: '1', delay: '1000', duration: '1000', httpStatus: '500', status: '101' }

/** The fields that say themselves what is wrong with them. */
const POINTERS = ['/project_id', '/times', '/skip', '/probability', '/delay/fixed', '/duration', '/http_status', '/status']

/** Sets faults, and shows those that are set. */
export function Faults ({ world, account }: { readonly world: World, readonly account: Account | undefined }) {
  const [form, setForm] = useState(EMPTY)
  const action = useAction()
  const { error } = action
  const { kind, when } = form
  const put = (change: Partial<typeof EMPTY>): void => {
    action.clear()
    setForm({ ...form, ...change })
  }
  const arm = () => action.run(() => call('POST', account === undefined ? '/faults' : `/accounts/${encodeURIComponent(account.name)}/faults`, {
    kind,
    when,
    ...form.endpoint !== '' && { endpoint: form.endpoint },
    ...numbers({ project_id: form.project, times: form.times, skip: form.skip }),
    ...form.probability.trim() !== '1' && numbers({ probability: form.probability }),
    ...kind === 'delay' && { delay: numbers({ fixed: form.delay }) },
    ...kind === 'slow_body' && numbers({ duration: form.duration }),
    ...kind === 'http_error' && numbers({ http_status: form.httpStatus }),
    ...kind === 'api_refusal' && numbers({ status: form.status })
  }))
  const armed = world.faults.filter(fault => account === undefined || fault.account === undefined || fault.account === account.name)
  return (
    <div class='faults'>
      <form onSubmit={event => { event.preventDefault(); return arm() }}>
        <h2>Break {account === undefined ? 'everybody\'s requests' : <>the requests of <span class='name'>{account.name}</span></>}</h2>
        <fieldset class='kinds'>
          <legend>What happens</legend>
          {KINDS.map(each => (
            <label key={each} class='kind'>
              <input type='radio' name='kind' value={each} checked={each === kind} onChange={() => put({ kind: each })} />
              <span><b>{each}</b><span class='quiet'>{FAULTS[each].says}</span></span>
            </label>
          ))}
        </fieldset>
        <fieldset class='inline whens'>
          <legend>When</legend>
          <label><input type='radio' name='when' checked={when === 'before'} onChange={() => put({ when: 'before' })} /> before it is decided on</label>
          <label><input type='radio' name='when' checked={when === 'after'} onChange={() => put({ when: 'after' })} /> after all of it is booked</label>
        </fieldset>
        <p class='meaning' role='status'>{meaning(kind, when)}</p>
        <div class='inline'>
          {kind === 'delay' && <Field label='Delay in ms' value={form.delay} set={delay => put({ delay })} error={error} pointer='/delay/fixed' inputMode='numeric' />}
          {kind === 'slow_body' && <Field label='Duration in ms' value={form.duration} set={duration => put({ duration })} error={error} pointer='/duration' inputMode='numeric' />}
          {kind === 'http_error' && <Field label='HTTP status' value={form.httpStatus} set={httpStatus => put({ httpStatus })} error={error} pointer='/http_status' inputMode='numeric' />}
          {kind === 'api_refusal' && <Field label='Status' value={form.status} set={status => put({ status })} error={error} pointer='/status' inputMode='numeric' />}
          <Choice label='Endpoint' value={form.endpoint} set={endpoint => put({ endpoint })} options={[['', 'all'], ...world.endpoints.map(({ name }) => [name, name] as const)]} />
          <Field label='Project' value={form.project} set={project => put({ project })} error={error} pointer='/project_id' inputMode='numeric' hint='empty: all' />
          <Field label='Times' value={form.times} set={times => put({ times })} error={error} pointer='/times' inputMode='numeric' hint='empty: every time' />
          <Field label='Let pass first' value={form.skip} set={skip => put({ skip })} error={error} pointer='/skip' inputMode='numeric' hint='empty: none' />
          <Field label='Probability' value={form.probability} set={probability => put({ probability })} error={error} pointer='/probability' inputMode='decimal' hint='from 0 to 1' />
        </div>
        <ErrorNote error={error} beside={POINTERS} />
        <div class='buttons'><button type='submit' class='primary' disabled={action.busy}>Arm it</button></div>
      </form>
      <section aria-label='Faults that are set'>
        <h2>Armed now</h2>
        {armed.length === 0
          ? <Empty>None. Every request is answered as it should be.</Empty>
          : <ul class='armed'>{armed.map(fault => <Armed key={fault.id} fault={fault} />)}</ul>}
      </section>
    </div>
  )
}

function Armed ({ fault }: { readonly fault: FaultState }) {
  const action = useAction()
  const { id, kind, when, account, endpoint, project_id: project, plan_id: plan, times, skip, probability = 1, struck } = fault
  const whose = [endpoint ?? 'every endpoint', ...project === undefined ? [] : [`project ${project}`], ...plan === undefined ? [] : [`plan ${plan}`], ...skip ? [`the first ${skip} pass`] : [], ...probability === 1 ? [] : [`probability ${probability}`]]
  return (
    <li class={struck === times ? 'spent' : ''}>
      <div>
        <p><span class='badge fault'>{kind}</span> {when} · <b class='name'>{account ?? 'everybody'}</b></p>
        <p class='quiet'>{whose.join(', ')}</p>
        <p role='status'>It has struck <b>{struck}</b>{times === undefined ? '' : ` of ${times}`} {(times ?? struck) === 1 ? 'time' : 'times'}{struck === times ? ', and is spent' : ''}.</p>
        <ErrorNote error={action.error} />
      </div>
      <button type='button' aria-label={`Remove ${kind}, ${id}`} onClick={() => action.run(() => call('DELETE', `/faults/${encodeURIComponent(id)}`))}>Remove</button>
    </li>
  )
}

/** Those that are filled in. What is no number stays what it is, so that the emulator can say what is wrong with it. */
function numbers (fields: Readonly<Record<string, string>>): Record<string, number | string> {
  return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text.trim()] as const).filter(([, text]) => text !== '').map(([name, text]) => [name, Number.isNaN(Number(text)) ? text : Number(text)]))
}
