import t, { type Test } from 'tap'
import { matrixText } from '../../src/cli/sweep-matrix.js'
import type { SweepReport } from '../../src/contract/sweep-report.js'
import { pageOf } from '../../src/sweep/html.js'
import { junitOf } from '../../src/sweep/junit.js'
import { markdownOf } from '../../src/sweep/markdown.js'
import { hostileReport, largeReport, sweepCall, sweepReport, sweepResult } from '../support/sweep-report.js'

const REPORTS: Record<string, SweepReport> = {
  hostile: hostileReport(),
  large: largeReport(200, { output: 'x'.repeat(65_536) }),
  empty: sweepReport([], { command: null, reference: { calls: [], charged: '0', duration_ms: 0, resets: false, unmet: [] } }),
  'a cell without a run': sweepReport([sweepResult(), sweepResult({ number: 2, call: 2, fault: { kind: 'delay' } })], {
    reference: { calls: [sweepCall(), sweepCall({ skip: 1 })], charged: '5', duration_ms: 1, resets: false, unmet: [] }
  }),
  whole: sweepReport([sweepResult({ call: null, fault: null, kind: 'dialect', id: 'wire/types=table', verdict: 'hung', accepted: true, reproduce: null, exit_code: null })])
}

/** Checks that elements are closed in the order in which they were opened, and gives their names. */
function elementsOf (t: Test, markup: string, isVoid: RegExp): string[] {
  const open: string[] = []
  const names: string[] = []
  const wrong: string[] = []
  for (const [tag, slash, name, rest] of markup.matchAll(/<(\/?)([a-z][\w-]*)((?:\s[^<>]*)?)>/gi)) {
    if (slash === '/') {
      if (open.pop() !== name) wrong.push(`${tag} closes nothing`)
    } else {
      names.push(name!)
      if (!/^(?:\s+[\w-]+(?:="[^"<>]*")?)*\s*\/?$/.test(rest!)) wrong.push(tag)
      if (!isVoid.test(tag)) open.push(name!)
    }
  }
  t.same([open, wrong], [[], []], 'everything is well-formed, and closed')
  return names
}

t.test('the page is one well-formed document without a script, whatever is in the report', async t => {
  for (const [name, report] of Object.entries(REPORTS)) {
    const page = pageOf(report)
    const [head, body] = page.split(/<style>[^]*?<\/style>/) as [string, string]
    if (name !== 'large') {
      const names = new Set(elementsOf(t, head.replace('<!doctype html>', '') + body, /^<meta/))
      t.notOk(names.has('script') || names.has('img') || names.has('link'), name)
    }
    t.match(page, "default-src 'none'")
    t.notMatch(page, /[\0-\x08\x0b\x0c\x0e-\x1f\u202e\u2066]/, 'nothing that shows text in another order') // eslint-disable-line no-control-regex
    t.same([...page.matchAll(/(?<!&[a-z#0-9]+)\son\w+=/g)], [], 'no handler')
    const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))
    t.same([...page.matchAll(/ href="#([^"]*)"/g)].filter(([, id]) => !ids.has(id)), [], 'every link leads somewhere')
  }
  t.match(pageOf(REPORTS.hostile!), 'hung; double-charge if &lt;script&gt;')
  t.match(pageOf(REPORTS.hostile!), '\\u202eevil\\u2066\\u0000\\u0007red\\ud800\\uffff')
})

t.test('the page says first at how many calls a customer is charged too much', async t => {
  const headline = (report: SweepReport): string => /<h1[^>]*>(.*)<\/h1>/.exec(pageOf(report))![1]!
  const [double, hung] = [sweepResult({ verdict: 'double-charge' }), sweepResult({ verdict: 'hung' })]
  t.equal(headline(sweepReport([sweepResult()])), 'No failure found')
  t.equal(headline({ ...sweepReport([sweepResult()]), complete: false }), 'No failure found so far')
  t.equal(headline(sweepReport([hung])), '1 failure')
  const reference = { calls: [sweepCall(), sweepCall(), sweepCall()], charged: '15', duration_ms: 1, resets: false, unmet: [] }
  t.equal(headline(sweepReport([hung, double, double, { ...double, call: 2 }, { ...double, call: 3, accepted: true }, { ...double, call: null }], { reference })), '5 failures: charges too much at 2 calls')
  t.equal(headline(sweepReport([{ ...hung, if: [{ name: 'a', choice: 'b', verdict: 'double-charge', says: '', reproduce: null }] }])), '1 failure: charges too much at 1 call')
})

t.test('the page of 200 calls under every fault stays small, and says a mistake once', async t => {
  const page = pageOf(REPORTS.large!)
  t.ok(page.length < 12 * 1_048_576, `${page.length} characters`)
  t.equal(page.split('<li><h3>').length - 1, 25, 'one entry for each call and verdict')
  t.equal(page.split('<article').length - 1, 200 * 18 + 3)
  t.ok(pageOf(largeReport(200)).length < 2.5 * 1_048_576)
})

t.test('JUnit has a case for each run, and no character that XML does not allow', async t => {
  for (const report of Object.values(REPORTS)) {
    const xml = junitOf(report)
    t.match(xml, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites /)
    t.equal(xml.split('<testcase ').length - 1, report.results.length)
    t.equal(xml.split('<failure ').length - 1, report.counts.failure)
    t.equal(xml.split('<skipped ').length - 1, report.counts.none)
    // eslint-disable-next-line no-control-regex
    t.notMatch(xml, /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/)
  }
  t.same(new Set(elementsOf(t, junitOf(REPORTS.hostile!).split('\n').slice(1).join('\n'), /\/>$/)), new Set(['testsuites', 'testsuite', 'testcase', 'failure', 'system-out', 'skipped']))
  t.equal(junitOf(sweepReport([sweepResult({ id: 'a', verdict: 'hung', says: 'It hung.', output: 'x', duration_ms: 1500, if: [{ name: 'n', choice: 'c', verdict: 'crashed', says: 'It crashed.', reproduce: null }] }), sweepResult({ id: 'b', verdict: 'hung', accepted: true, output: 'o' }), sweepResult({ id: 'c', output: 'not shown' })])), `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="picky-emulator sweep npm test" tests="3" failures="1" errors="0" time="1.234">
  <testsuite name="picky-emulator sweep npm test" tests="3" failures="1" errors="0" time="1.234" skipped="0" timestamp="2026-06-16T12:00:00">
    <testcase classname="sweep.fault" name="a" time="1.500">
      <failure type="hung" message="hung; crashed if n=c">It hung.
picky-emulator run --fault kind=hang -- npm test
if n=c: It crashed.</failure>
      <system-out>x</system-out>
    </testcase>
    <testcase classname="sweep.fault" name="b" time="0.100">
      <system-out>o</system-out>
    </testcase>
    <testcase classname="sweep.fault" name="c" time="0.100"/>
  </testsuite>
</testsuites>
`)
  t.match(junitOf(REPORTS.empty!), '<testsuites name="picky-emulator sweep" tests="0"')
  const interrupted = junitOf({ ...sweepReport([sweepResult()]), complete: false, planned: 3 })
  t.match(interrupted, 'tests="2" failures="0" errors="1"')
  t.match(interrupted, '    <testcase classname="sweep" name="all runs">\n      <error type="incomplete" message="2 of 3 runs are missing"/>\n    </testcase>\n')
  t.match(junitOf({ ...sweepReport([]), complete: false, planned: 1 }), 'message="1 of 1 run is missing"')
})

t.test('Markdown keeps its tables and lists, and takes in no HTML', async t => {
  for (const report of Object.values(REPORTS)) {
    const lines = markdownOf(report).split('\n')
    const isBad = (text: string): boolean => {
      const outsideCode = text.replace(/(?<!\\)(`+) .*? \1/g, 'code')
      return !/^(?:$|#{1,2} |- | {2}- |\| .* \|$|\d+ runs?\b|Set by the command, )/.test(outsideCode) || /(?<!\\)[<>&`[\]]/.test(outsideCode) ||
        /[\0-\x1f\u2028-\u202e\u2066-\u2069]/.test(text) // eslint-disable-line no-control-regex
    }
    t.same(lines.filter(isBad), [])
    const tables = lines.join('\n').split('\n\n').map(block => block.trim().split('\n')).filter(([first]) => first!.startsWith('|'))
    for (const table of tables) t.equal(new Set(table.map(text => text.split(/(?<!\\)\|/).length)).size, 1, 'every row has the same cells')
  }
  t.equal(markdownOf(sweepReport([sweepResult({ verdict: 'double-charge', says: 'Paid *twice*.', if: [{ name: 'same-plan', choice: 'refuse', verdict: 'hung', says: 'No end.', reproduce: 'b' }] }), sweepResult({ number: 2, verdict: 'double-charge', fault: { kind: 'delay' }, if: [{ name: 'same-plan', choice: 'refuse', verdict: 'hung', says: 'No end.', reproduce: 'b' }] }), sweepResult({ number: 3, call: null, fault: null, id: 'wire/types=table', verdict: 'hung', accepted: true, reproduce: null })])), `# Sweep of \` npm test \`

3 runs; 1 call, 5 USD charged in the reference; ✓ 0; ⚠ 0; ✗ 2; · 0 not reached; 1 accepted

- ✗ **double-charge; hung if same-plan=refuse**: Paid \\*twice\\*.
  - \` picky-emulator run --fault kind=hang -- npm test \`
  - If same-plan=refuse, which the vendor's documentation leaves open: No end.
  - \` b \`
  - The same with delay before

- ✗ **hung** (accepted): something happened

## Faults

| call | hang after | delay before |
| --- | :-: | :-: |
| 1 change-billing of project 5786 to plan 2 | ✗ | ✗ |

## Questions, dialects and instants

| run | verdict |
| --- | --- |
| wire/types=table | ✗ hung |
`)
})

t.test('every format for people says what was set and never met, and which runs were short of money', async t => {
  const report = sweepReport([sweepResult({ id: 'a/<b>', short_of_money: true })], { reference: { calls: [sweepCall()], charged: '5', duration_ms: 1, resets: false, unmet: ['mine: <b> hang'] } })
  t.match(pageOf(report), '<p>Set by the command, and never met in the reference:</p>\n<ul><li><bdi>mine: &lt;b&gt; hang</bdi></li></ul>\n<p>More was refused for want of money than in the reference, which can hide a double charge; give the wallet more:</p>\n<ul><li><bdi>a/&lt;b&gt;</bdi></li></ul>')
  t.match(markdownOf(report), '\n\nSet by the command, and never met in the reference:\n\n- mine\\: \\<b\\> hang\n\nMore was refused for want of money than in the reference, which can hide a double charge; give the wallet more:\n\n- a/\\<b\\>\n')
  t.match(matrixText(report), /not reached\n\nSet by the command, and never met in the reference:\n {4}mine: <b> hang\n\nMore was refused .*:\n {4}a\/<b>$/)
})

t.test('no text becomes a link in Markdown, or calls anybody', async t => {
  const says = 'see http://x.example, WWW.y.example and www.z.example, @team, a@b.example, #1; 1.500 USD'
  t.match(markdownOf(sweepReport([sweepResult({ verdict: 'hung', says })])), String.raw`see http\://x.example, WWW\.y.example and www\.z.example, \@team, a\@b.example, \#1; 1.500 USD`)
})

t.test('a command line in Markdown can be copied, spaces and all', async t => {
  t.match(markdownOf(sweepReport([sweepResult({ verdict: 'hung', reproduce: "picky-emulator run -- 'two  spaces' `" })])), "\n  - `` picky-emulator run -- 'two  spaces' ` ``\n")
})
