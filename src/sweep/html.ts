import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { escapedMarkup as text } from '../text/markup.js'
import { columnName, SIGNS, summaryText, verdictText } from './report.js'
import { callText } from './sentence.js'
import { STYLE } from './html-style.js'

/** Writes a report as one page that needs no other file and no script: failures first, then the matrix, whose cells lead to their runs. */
export function pageOf (report: SweepReport): string {
  const { results, command } = report
  const title = `Sweep${command === null ? '' : ` of ${command.join(' ')}`}`
  const bad = results.filter(({ mark }) => mark === 'failure' || mark === 'warning')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${report.ok ? 'No failure found' : `${report.counts.failure} ${report.counts.failure === 1 ? 'failure' : 'failures'}`}</h1>
<p>${command === null ? '' : `<code>${text(command.join(' '))}</code> · `}${text(summaryText(report))}</p>
<ul class="legend">${LEGEND.map(([mark, says]) => `<li><span class="${mark}">${SIGNS[mark]}</span> ${says}</li>`).join('')}</ul>
</header>
<main>
${bad.length === 0 ? '' : `<section aria-labelledby="failures"><h2 id="failures">What went wrong</h2>\n<ol class="failures">${bad.map(failureOf).join('\n')}</ol></section>`}
${matrixOf(report)}
${wholeOf(results.filter(({ kind }) => kind !== 'fault'))}
<section aria-labelledby="runs"><h2 id="runs">The run you chose</h2>
<p class="hint">Choose a cell of the tables above.</p>
${results.map(runOf).join('\n')}
</section>
</main>
</body>
</html>
`
}

const LEGEND = [
  ['failure', 'a customer or a caller is told something wrong, or is charged too much'],
  ['warning', 'charged, and reported as failed'],
  ['pass', 'right'],
  ['none', 'not reached']
] as const

function failureOf (result: SweepResult): string {
  const { mark, accepted, says, reproduce } = result
  return `<li class="${mark}"><a href="#run-${result.number}"><span aria-hidden="true">${SIGNS[mark]}</span> ${text(verdictText(result))}</a>${accepted ? ' (accepted)' : ''}
<p>${text(says)}</p>${result.if.map(other => `<p>If <b>${text(`${other.name}=${other.choice}`)}</b>, which the vendor's documentation leaves open: ${text(other.says)}</p>${reproduceOf(other.reproduce)}`).join('')}${reproduceOf(reproduce)}</li>`
}

function reproduceOf (line: string | null): string {
  return line === null ? '' : `<pre tabindex="0" aria-label="Command that shows it again">${text(line)}</pre>`
}

function matrixOf ({ results, reference }: SweepReport): string {
  const faults = results.filter(({ kind }) => kind === 'fault')
  if (faults.length === 0) return ''
  const columns = [...new Set(faults.map(columnName))]
  const byPlace = new Map(faults.map(result => [`${result.call} ${columnName(result)}`, result]))
  const rows = reference.calls.map((call, index) => `<tr><th scope="row"><span class="number">${index + 1}</span> ${text(callText(call))}</th>${
    columns.map(name => cellOf(byPlace.get(`${index + 1} ${name}`))).join('')}</tr>`)
  return `<section aria-labelledby="faults"><h2 id="faults">Faults</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="faults"><table class="matrix">
<thead><tr><th scope="col">Call</th>${columns.map(name => `<th scope="col" class="fault"><span>${text(name)}</span></th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div></section>`
}

function cellOf (result: SweepResult | undefined): string {
  if (result === undefined) return '<td></td>'
  const name = `${verdictText(result)}: call ${result.call}, ${columnName(result)}`
  return `<td class="${result.mark}"><a href="#run-${result.number}" aria-label="${text(name)}" title="${text(name)}">${SIGNS[result.mark]}</a></td>`
}

function wholeOf (results: readonly SweepResult[]): string {
  if (results.length === 0) return ''
  const rows = results.map(result => `<tr><th scope="row">${text(result.id)}</th><td class="${result.mark}"><a href="#run-${result.number}">${SIGNS[result.mark]} ${text(verdictText(result))}</a></td></tr>`)
  return `<section aria-labelledby="whole"><h2 id="whole">Questions, dialects and instants</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="whole"><table><thead><tr><th scope="col">Run</th><th scope="col">Verdict</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></section>`
}

function runOf (result: SweepResult): string {
  const { number, id, mark, says, exit_code: code, charged, calls, duration_ms: duration, output } = result
  return `<article id="run-${number}" aria-labelledby="run-${number}-name"><h3 id="run-${number}-name"><span class="${mark}">${SIGNS[mark]}</span> ${text(id)}: ${text(verdictText(result))}</h3>
<p>${text(says)}</p>${result.if.map(other => `<p>If ${text(`${other.name}=${other.choice}`)}: ${text(other.says)}</p>`).join('')}
<dl><dt>Charged</dt><dd>${charged} USD</dd><dt>Calls</dt><dd>${calls}</dd><dt>Exit code</dt><dd>${code ?? '–'}</dd><dt>Time</dt><dd>${duration} ms</dd></dl>
${reproduceOf(result.reproduce)}${output === '' ? '' : `<details><summary>What the command wrote</summary><pre tabindex="0">${text(output)}</pre></details>`}</article>`
}
