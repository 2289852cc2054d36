import { Fragment } from 'preact'
import type { SweepResult } from '../contract/sweep-report.js'
import {
  columnName, findingLine, findingName, findingsOf, headline, LEGEND, notesOf, SIGNS, summaryText, verdictText, wholeRuns, type Finding
} from '../report/report.js'
import { ErrorNote, focusContent } from './action.js'
import { FileButton } from './files.js'
import { useFirst } from './first.js'
import { Foreign } from './foreign.js'
import { count } from './format.js'
import type { Opening, ShownReport } from './opening.js'
import { SweepMatrix } from './sweep-matrix.js'
import { Command, Others, SweepRun, VerdictText } from './sweep-run.js'

/** The report of a sweep: what went wrong, the matrix, and the run that was chosen there. It has nothing to do with the world. */
export function Sweep ({ opening: { action, open, shown, show } }: { readonly opening: Opening }) {
  const close = (): void => {
    focusContent()
    show(null)
  }
  return (
    <div class='sweep'>
      <ErrorNote error={action.error} />
      {shown === null
        ? (
          <section class='empty'>
            <p>Drop the JSON report of a sweep on this page, or choose one. <code>picky-emulator sweep --report report.json -- COMMAND</code> writes it. The cases of its runs, which <code>--save-dir</code> keeps, can be dropped with it.</p>
            <p><FileButton label='Choose a report' open={open} multiple /></p>
          </section>
          )
        : <Report shown={shown} choose={run => show({ ...shown, run })} open={open} close={close} />}
    </div>
  )
}

function Report ({ shown: { name, report, run, cases, strays }, choose, open, close }: {
  readonly shown: ShownReport
  readonly choose: (run: number | null) => void
  readonly open: Opening['open']
  readonly close: () => void
}) {
  const { results, command, ok } = report
  const indexes = new Map(results.map((result, index) => [result, index]))
  const chooseResult = (result: SweepResult): void => choose(indexes.get(result)!)
  return (
    <>
      <section aria-label='Report'>
        <div class='report-head'>
          <h2 class={ok ? 'pass' : 'failure'}>{headline(report)}</h2>
          <div class='buttons'><FileButton label='Choose another report' open={open} multiple /><button type='button' onClick={close}>Close</button></div>
        </div>
        <p class='quiet'><Foreign text={name} /></p>
        {strays.length > 0 && <p class='meaning' role='alert'><Foreign text={strayText(strays)} /></p>}
        {command !== null && <p><code><Foreign text={command.join(' ')} /></code></p>}
        <p class='quiet'><Foreign text={summaryText(report)} /></p>
        {notesOf(report).map(({ heading, lines }) => (
          <Fragment key={heading}>
            <p>{heading}</p>
            <ul class='lints'>{lines.map(line => <li key={line}><Foreign text={line} /></li>)}</ul>
          </Fragment>
        ))}
        <ul class='legend'>{LEGEND.map(([mark, says]) => <li key={mark}><span class={mark}>{SIGNS[mark]}</span> {says}</li>)}</ul>
      </section>
      {/* With another report they begin anew: the cell that was active, which the Tab key leads to, may not be in it. */}
      <Fragment key={report}>
        <Findings findings={findingsOf(report)} report={report} choose={chooseResult} />
        <SweepMatrix report={report} chosen={run === null ? undefined : results[run]} choose={chooseResult} />
        <Whole results={wholeRuns(report)} choose={chooseResult} />
      </Fragment>
      {run !== null && <SweepRun key={run} result={results[run]!} cases={cases} open={open} close={() => choose(null)} />}
    </>
  )
}

/** Says which files were not opened with a report. */
function strayText ([first, ...others]: readonly string[]): string {
  return others.length === 0
    ? `${first!} was not opened: it is the case of no run of this report.`
    : `${first!} and ${count(others.length, 'other file')} were not opened: they are cases of no run of this report.`
}

function Findings ({ findings, report, choose }: {
  readonly findings: readonly Finding[]
  readonly report: ShownReport['report']
  readonly choose: (result: SweepResult) => void
}) {
  const [shown, more] = useFirst(findings)
  if (findings.length === 0) return null
  return (
    <section aria-labelledby='findings'>
      <h2 id='findings'>What went wrong</h2>
      <ol class='findings'>
        {shown.map((finding, index) => {
          const [first] = finding
          const name = findingName(finding, report.reference)
          return (
            <li key={index}>
              <h3><VerdictText result={first} /> <Foreign text={name} /></h3>
              <p><Foreign text={first.says} /></p>
              <Command text={findingLine(first)} label={`${verdictText(first)} at ${name}`} />
              <Others result={first} />
              <p class='buttons'>
                {finding.map((result, nth) => (
                  <button type='button' key={nth} onClick={() => choose(result)}>{result.fault === null ? 'See the run' : columnName(result)}</button>
                ))}
              </p>
            </li>
          )
        })}
      </ol>
      {more}
    </section>
  )
}

function Whole ({ results, choose }: { readonly results: readonly SweepResult[], readonly choose: (result: SweepResult) => void }) {
  const [shown, more] = useFirst(results)
  if (results.length === 0) return null
  return (
    <section aria-labelledby='whole'>
      <h2 id='whole'>Questions, dialects and instants</h2>
      <ul class='whole-runs'>
        {shown.map((result, index) => (
          <li key={index}><button type='button' onClick={() => choose(result)}><VerdictText result={result} /> <Foreign text={result.id} /></button></li>
        ))}
      </ul>
      {more}
    </section>
  )
}
