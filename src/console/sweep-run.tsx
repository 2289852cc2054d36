import { useEffect, useRef } from 'preact/hooks'
import type { SweepResult } from '../contract/sweep-report.js'
import { factsOf, SIGNS, verdictText } from '../report/report.js'
import { CommandLine } from './copying.js'
import { FileButton } from './files.js'
import { blockOf, endOf, excerpt, Foreign, laidOut } from './foreign.js'
import type { Opening, ShownReport } from './opening.js'
import { showFocused } from './scrolling.js'

export function VerdictText ({ result }: { readonly result: SweepResult }) {
  return <b class={result.mark}>{SIGNS[result.mark]} <Foreign text={verdictText(result)} />{result.accepted && ' (accepted)'}</b>
}

/** The command that shows a run again, if there is one. */
export function Command ({ text, label }: { readonly text: string | null, readonly label: string }) {
  return text === null ? null : <CommandLine text={text} shown={blockOf(text)} label={excerpt(label)} />
}

/** What a run would have come to if an open question were answered otherwise. */
export function Others ({ result: { if: others } }: { readonly result: SweepResult }) {
  return (
    <>
      {others.map(({ name, choice, says, reproduce }, index) => (
        <div key={index}>
          <p>If <b><Foreign text={`${name}=${choice}`} /></b>, which the vendor's documentation leaves open: <Foreign text={says} /></p>
          <Command text={reproduce} label={`it if ${name}=${choice}`} />
        </div>
      ))}
    </>
  )
}

/** One run: what it met, what that cost, and the command that shows it again. */
export function SweepRun ({ result, cases, open, close }: {
  readonly result: SweepResult
  readonly cases: ShownReport['cases']
  readonly open: Opening['open']
  readonly close: () => void
}) {
  const { id, mark, says, reproduce, output, case: file } = result
  const box = useRef<HTMLElement>(null)
  const opener = useRef<Element | null>(null)
  // The cell may be far above.
  useEffect(() => {
    opener.current = document.activeElement
    showFocused(box.current!)
  }, [])
  const back = (): void => {
    close();
    (opener.current as HTMLElement).focus()
  }
  return (
    <section aria-labelledby='run' class='run' tabIndex={-1} ref={box}>
      <div class='report-head'>
        <h2 id='run'><VerdictText result={result} /> <Foreign text={id} /></h2>
        <button type='button' class='close' aria-label='Close the run' onClick={back}>×</button>
      </div>
      <p><Foreign text={says} /></p>
      {mark !== 'pass' && <Command text={reproduce} label='this run' />}
      <Others result={result} />
      {file !== undefined && <RunCase file={file} given={cases.get(file)} open={open} />}
      <dl class='run-facts'>{factsOf(result).map(([name, value]) => <div key={name}><dt>{name}</dt><dd><Foreign text={value} /></dd></div>)}</dl>
      {output !== '' && (
        <details>
          <summary>What the command wrote</summary>
          <pre tabIndex={0} role='group' aria-label='Output of the command'>{laidOut(endOf(output))}</pre>
        </details>
      )}
    </section>
  )
}

/** The case of a run, which can be opened if its file has come with the report, or once it is chosen: a page can't find it. */
function RunCase ({ file, given, open }: { readonly file: string, readonly given: File | undefined, readonly open: Opening['open'] }) {
  return (
    <p class='buttons'>
      {given === undefined
        ? <><span>Its case is <code><Foreign text={file} /></code> in the folder of <code>--save-dir</code>.</span><FileButton label='Choose its case' open={open} /></>
        : <button type='button' onClick={() => open([given])}>Open its case</button>}
    </p>
  )
}
