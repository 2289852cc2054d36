import { useEffect, useRef, useState } from 'preact/hooks'
import type { Case, CaseStep } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { StatusBadge } from './badges.js'
import { CaseFiles, cutCase } from './case-files.js'
import { stepWords } from './case-words.js'
import { blockOf, Foreign, laidOut } from './foreign.js'
import { instant, pretty } from './format.js'
import { outcomeOf } from './outcome.js'
import { showFocused } from './scrolling.js'

/** Number of steps that are drawn at a time. */
const PAGE = 100

/** Step to be shown. Another object shows it once more. */
export interface Target { readonly step: number }

/** The steps of a case, in order, a page at a time. */
export function CaseSteps ({ given, target }: { readonly given: Case, readonly target: Target | null }) {
  const { timeline } = given
  const [first, setFirst] = useState(0)
  useEffect(() => { if (target !== null) setFirst(target.step - target.step % PAGE) }, [target])
  const last = Math.min(first + PAGE, timeline.length)
  // A button that is disabled loses the focus: at an end they only say that they are.
  return (
    <section aria-labelledby='steps'>
      <h2 id='steps'>What happened</h2>
      {timeline.length === 0 && <p class='quiet'>Nothing.</p>}
      {timeline.length > PAGE && (
        <p class='buttons'>
          <button type='button' aria-disabled={first === 0} onClick={() => setFirst(Math.max(0, first - PAGE))}>Earlier</button>
          <span role='status'>{`Steps ${first + 1} to ${last} of ${timeline.length.toLocaleString('en')}`}</span>
          <button type='button' aria-disabled={last === timeline.length} onClick={() => { if (last < timeline.length) setFirst(last) }}>Later</button>
        </p>
      )}
      <ol class='steps'>
        {timeline.slice(first, last).map((step, index) => (
          <Step key={first + index} given={given} step={step} number={first + index + 1} target={target?.step === first + index ? target : null} />
        ))}
      </ol>
    </section>
  )
}

/** A step in one line, and all of it once that is opened. */
function Step ({ given, step, number, target }: { readonly given: Case, readonly step: CaseStep, readonly number: number, readonly target: Target | null }) {
  const box = useRef<HTMLDetailsElement>(null)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => { if (target !== null) setOpen(true) }, [target])
  // Not before it is drawn: what is in it would be below the end of the window.
  useEffect(() => { if (target !== null && isOpen) showFocused(box.current!, box.current!.querySelector('summary')!) }, [target, isOpen])
  const { at, account, what } = stepWords(step)
  return (
    <li>
      <details ref={box} open={isOpen} onToggle={event => setOpen(event.currentTarget.open)}>
        <summary>
          <span class='quiet'>{number}</span>
          <time>{instant(at)}</time>
          <span>{step.step === 'request' ? <StatusBadge entry={step.request} /> : <span class='badge'>{KINDS[step.step]}</span>}</span>
          <b><Foreign text={what} /></b>
          <span class='quiet'><Foreign text={account} /></span>
        </summary>
        {isOpen && <Content given={given} step={step} />}
      </details>
    </li>
  )
}

const KINDS = { control: 'control', events: 'time', removal: 'removal' } as const

function Content ({ given, step }: { readonly given: Case, readonly step: CaseStep }) {
  switch (step.step) {
    case 'request': return <RequestContent given={given} entry={step.request} isSendable={step.sendable} />
    case 'control': return step.body === undefined ? <p class='quiet'>No body.</p> : <Block label='Body' value={step.body} />
    case 'events': return <Block label='Events' value={step.events} />
    case 'removal': return <p class='quiet'>At {instant(step.at)} of the machine's time.</p>
  }
}

function RequestContent ({ given, entry, isSendable }: { readonly given: Case, readonly entry: JournalEntry, readonly isSendable: boolean }) {
  const { method, path, request, response, rule, fault, booked } = entry
  return (
    <>
      <p class='quiet'>
        <Foreign text={outcomeOf(entry)[1]} />
        {rule !== null && <>; decided by <b><Foreign text={rule} /></b></>}
        {fault !== null && <>; fault <b><Foreign text={`${fault.kind} ${fault.when}`} /></b></>}
        {!isSendable && '; its body is not kept, so that it can\'t be sent again'}
      </p>
      {given.incomplete === null && (
        <CaseFiles read={() => cutCase(given, entry.id)} isFromHere hint='the case from this request on, beginning with what the world was by then' />
      )}
      <Block label='Request' value={`${method} ${path}\n\n${request.text}`} />
      {response === null
        ? <p>No answer.</p>
        : <Block label='Answer' value={`HTTP ${response.http_status}\n\n${pretty(response.body)}`} />}
      {booked !== null && <Block label='Booked' value={booked} />}
    </>
  )
}

function Block ({ label, value }: { readonly label: string, readonly value: unknown }) {
  return <><h3>{label}</h3><pre tabIndex={0} role='group' aria-label={label}>{laidOut(blockOf(pretty(value)))}</pre></>
}
