import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import {
  callText, columnName, factsOf, findingLine, findingName, findingsOf, headline, LEGEND, matrixOf, notesOf, outputsOf, SIGNS, summaryText, verdictText, wholeRuns,
  type Finding, type Note
} from '../report/report.js'
import { escapedMarkup as text } from '../text/markup.js'
import { STYLE } from './html-style.js'

/** Writes a report as one page that needs no other file and no script: findings first, then the matrix, whose cells lead to their runs. */
export function pageOf (report: SweepReport): string {
  const { results, command } = report
  const commandText = command?.join(' ')
  const outputOf = outputsOf(report)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Sweep${commandText === undefined ? '' : ` of ${text(commandText)}`}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1 class="${report.ok ? 'pass' : 'failure'}">${headline(report)}</h1>
${commandText === undefined ? '' : `<p><code><bdi>${text(commandText)}</bdi></code></p>\n`}<p class="soft">${text(summaryText(report))}</p>
${notesOf(report).map(noteText).join('')}<ul class="legend">${LEGEND.map(([mark, says]) => `<li><span class="${mark}">${SIGNS[mark]}</span> ${says}</li>`).join('')}</ul>
</header>
<main>
${findingsSection(findingsOf(report), report)}
${matrixSection(report)}
${wholeSection(wholeRuns(report))}
<section aria-labelledby="runs"><h2 id="runs">The run you chose</h2>
<p class="hint">Choose a cell or a verdict above.</p>
${results.map(result => runArticle(result, outputOf(result))).join('\n')}
</section>
</main>
</body>
</html>
`
}

function noteText ({ heading, lines }: Note): string {
  return `<p>${heading}</p>\n<ul>${lines.map(line => `<li><bdi>${text(line)}</bdi></li>`).join('')}</ul>\n`
}

function findingsSection (findings: readonly Finding[], { reference }: SweepReport): string {
  if (findings.length === 0) return ''
  const items = findings.map(finding => findingItem(finding, findingName(finding, reference)))
  return `<section aria-labelledby="findings"><h2 id="findings">What went wrong</h2>\n<ol class="findings">${items.join('\n')}</ol></section>`
}

function findingItem (finding: Finding, name: string): string {
  const [first] = finding
  const runs = finding.map(result => `<a href="#run-${result.number}">${text(result.fault === null ? 'the run' : columnName(result))}</a>`)
  return `<li><h3>${verdictSpan(first)}${first.accepted ? ' (accepted)' : ''} <bdi>${text(name)}</bdi></h3>
<p><bdi>${text(first.says)}</bdi></p>${reproduceLine(findingLine(first))}${ifTexts(first)}
<p class="soft">${first.fault === null ? 'See' : 'With'} ${runs.join(', ')}</p></li>`
}

function verdictSpan (result: SweepResult): string {
  return `<span class="${result.mark}">${SIGNS[result.mark]} ${text(verdictText(result))}</span>`
}

function ifTexts ({ if: others }: SweepResult): string {
  return others.map(({ name, choice, says, reproduce }) => {
    const choiceText = `<b>${text(`${name}=${choice}`)}</b>, which the vendor's documentation leaves open`
    return `<p>If ${choiceText}: <bdi>${text(says)}</bdi></p>${reproduceLine(reproduce)}`
  }).join('')
}

function reproduceLine (line: string | null): string {
  return line === null ? '' : `<pre class="again">${text(line)}</pre>`
}

function matrixSection (report: SweepReport): string {
  const { columns, rows } = matrixOf(report)
  if (columns.length === 0) return ''
  const lines = rows.map(({ number, call, cells }) => {
    const head = `<th scope="row"><span class="number">${number}</span> <bdi>${text(callText(call))}</bdi></th>`
    return `<tr id="call-${number}">${head}${cells.map(matrixCell).join('')}</tr>`
  })
  return `<section aria-labelledby="faults"><h2 id="faults">Faults</h2>
<p><a href="#runs" class="skip">Skip the table</a></p>
<div class="scroll" tabindex="0" role="group" aria-labelledby="faults"><table class="matrix">
<thead><tr><th scope="col">Call</th>${columns.map(name => `<th scope="col" class="fault"><span>${text(name)}</span></th>`).join('')}</tr></thead>
<tbody>${lines.join('\n')}</tbody>
</table></div></section>`
}

function matrixCell (result: SweepResult | undefined): string {
  if (result === undefined) return '<td></td>'
  const name = text(`${verdictText(result)}: call ${result.call}, ${columnName(result)}`)
  return `<td class="${result.mark}"><a href="#run-${result.number}" aria-label="${name}" title="${name}">${SIGNS[result.mark]}</a></td>`
}

function wholeSection (results: readonly SweepResult[]): string {
  if (results.length === 0) return ''
  const lines = results.map(({ number, id, mark, ...result }) => {
    const link = `<a href="#run-${number}">${SIGNS[mark]} ${text(verdictText(result))}</a>`
    return `<tr><th scope="row"><bdi>${text(id)}</bdi></th><td class="${mark}">${link}</td></tr>`
  })
  return `<section aria-labelledby="whole"><h2 id="whole">Questions, dialects and instants</h2>
<div class="scroll" tabindex="0" role="group" aria-labelledby="whole"><table><thead><tr><th scope="col">Run</th><th scope="col">Verdict</th></tr></thead>
<tbody>${lines.join('\n')}</tbody></table></div></section>`
}

/** Shows one run, once its link was followed. */
function runArticle (result: SweepResult, output: string): string {
  const { number, call, id, mark, says } = result
  return `<article id="run-${number}" aria-labelledby="name-${number}"><h3 id="name-${number}">${verdictSpan(result)} <bdi>${text(id)}</bdi></h3>
<p><bdi>${text(says)}</bdi></p>${mark === 'pass' ? '' : reproduceLine(result.reproduce)}${ifTexts(result)}
<dl>${factsOf(result).map(([name, value]) => `<dt>${name}</dt><dd>${text(value)}</dd>`).join('')}</dl>${outputDetails(output)}
<p><a href="${result.fault === null ? '#whole' : `#call-${call}`}">Back to the table</a></p></article>`
}

function outputDetails (output: string): string {
  if (output === '') return ''
  const written = `<pre tabindex="0" role="group" aria-label="Output of the command">${text(output)}</pre>`
  return `\n<details><summary>What the command wrote</summary>${written}</details>`
}
