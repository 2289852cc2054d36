import type { Case } from '../contract/case.js'
import type { Replay } from '../contract/replay.js'
import { differentParts, nearParts, placeWords, type Parts } from './case-words.js'
import { useFirst } from './first.js'
import { blockOf, Foreign, laidOut } from './foreign.js'
import { count, pretty } from './format.js'

/** Maximum number of differences that a replay lists. */
const MAX_LISTED = 100

/** Says in two words what a replay has found. */
export function replayWords ({ equal, differences }: Replay): string {
  return equal ? 'equal' : `${differences.length < MAX_LISTED ? '' : 'at least '}${count(differences.length, 'difference')}`
}

/** What a replay has found: that everything was equal, or what was not, side by side. */
export function ReplayResult ({ replay: { equal, requests, skipped, differences }, given, reveal }: {
  readonly replay: Replay
  readonly given: Case
  /** Shows a step. */
  readonly reveal: (step: number) => void
}) {
  const [shown, more] = useFirst(differences)
  const isMore = differences.length >= MAX_LISTED
  return (
    <section aria-labelledby='replay'>
      <h2 id='replay' class={equal ? 'pass' : 'failure'}>
        {equal ? '✓ Equal' : `✗ ${isMore ? 'The first ' : ''}${count(differences.length, 'difference')}`}
      </h2>
      <p class='quiet'>
        {count(requests, 'request')} sent again in a world like that at the start
        {skipped > 0 && `; ${count(skipped, 'other')} could not be, as ${skipped === 1 ? 'its body is' : 'their bodies are'} not kept`}.
        {' '}{equal ? 'Every answer and the world at the end are as in the case.' : 'Those after the first may well follow from it.'}
        {isMore && ' There may be more.'}
      </p>
      {!equal && (
        <ol class='differences'>
          {shown.map((difference, index) => {
            const { step, pointer } = difference
            const place = <Foreign text={placeWords(difference, given)} />
            return (
              <li key={index}>
                <h3>{step === null ? place : <button type='button' onClick={() => reveal(step)}>{place}</button>}</h3>
                <p><code><Foreign text={pointer || '(all of it)'} /></code></p>
                <Sides of={difference} />
              </li>
            )
          })}
        </ol>
      )}
      {more}
    </section>
  )
}

function Sides ({ of: { expected, found } }: { readonly of: { readonly expected?: unknown, readonly found?: unknown } }) {
  if (expected === undefined || found === undefined) {
    return (
      <div class='sides'>
        <Side name='expected' parts={expected === undefined ? null : ['', pretty(expected), '']} />
        <Side name='found' parts={found === undefined ? null : ['', pretty(found), '']} />
      </div>
    )
  }
  const [a, b] = differentParts(pretty(expected), pretty(found))
  return <div class='sides'><Side name='expected' parts={nearParts(a)} /><Side name='found' parts={nearParts(b)} /></div>
}

function Side ({ name, parts }: { readonly name: 'expected' | 'found', readonly parts: Parts | null }) {
  return (
    <div>
      <h4>{name}</h4>
      {parts === null
        ? <p class='quiet'>nothing</p>
        : <pre tabIndex={0} role='group' aria-label={name}>{laidOut(blockOf(parts[0]))}<mark>{laidOut(blockOf(parts[1]))}</mark>{laidOut(blockOf(parts[2]))}</pre>}
    </div>
  )
}
