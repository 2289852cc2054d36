import t from 'tap'
import type { SweepReport } from '../../src/contract/sweep-report.js'
import { matrixText, sentences } from '../../src/cli/sweep-matrix.js'
import { progressLine } from '../../src/cli/sweep-progress.js'
import { largeReport, sweepCall, sweepReport, sweepResult } from '../support/sweep-report.js'

t.test('the matrix fits the terminal, with as many calls and faults as there are', async t => {
  for (const columns of [10, 40, 80, 120, 200]) {
    for (const calls of [1, 12, 30, 31, 200]) {
      const text = matrixText(largeReport(calls), { columns })
      const matrix = text.split('\n\n').slice(0, -2).join('\n').split('\n')
      if (columns >= 40) t.ok(matrix.every(line => line.length <= columns), `${calls} calls, ${columns} columns`)
      t.match(text, calls > 30 ? `${calls - Math.ceil(calls / 7)} other calls: ✓ under every fault` : /^(?!.*other calls)/s)
    }
  }
  t.match(matrixText(largeReport(40, { verdict: 'recovered' })), /delay before ┐( │){17}\n40 calls: ✓ under every fault/)
  t.equal(matrixText(sweepReport([
    sweepResult({ verdict: 'double-charge' }), sweepResult({ number: 2, fault: { kind: 'api_refusal', status: 403 } }),
    sweepResult({ number: 3, call: 2, verdict: 'not-reached' }), sweepResult({ number: 4, call: null, fault: null, id: 'wire/types=table', verdict: 'charged-but-failed' })
  ], { reference: { calls: [sweepCall(), sweepCall({ endpoint: 'x'.repeat(99) })], charged: '5', duration_ms: 1, resets: false, unmet: [] } }), { columns: 60 }), `\
                                  api_refusal before 403 ┐
                                            hang after ┐ │
1 change-billing of project 5786 to plan 2             ✗ ✓
2 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… ·

⚠ wire/types=table  charged-but-failed

4 runs; 2 calls, 5 USD charged in the reference; ✓ 1; ⚠ 1; ✗ 1; · 1 not reached`)
  t.equal(matrixText(sweepReport([])), '0 runs; 1 call, 5 USD charged in the reference; ✓ 0; ⚠ 0; ✗ 0; · 0 not reached')
})

t.test('there is a colour only where the terminal has some', async t => {
  const report = largeReport(8)
  const escape = '\u001b['
  t.match(matrixText(report, { hasColors: () => true }), `${escape}31m✗${escape}0m`)
  for (const terminal of [{}, { hasColors: () => false }]) t.notMatch(matrixText(report, terminal), escape)
})

t.test('a finding is told once, with the line that shows it again', async t => {
  const again = (number: number, fault: SweepReport['results'][number]['fault']) => sweepResult({ number, fault, verdict: 'double-charge', says: 'Paid twice.', reproduce: 'again' })
  t.equal(sentences(sweepReport([
    again(1, { kind: 'hang', when: 'after' }), again(2, { kind: 'delay' }), again(3, { kind: 'api_refusal', when: 'after', status: 403 }), sweepResult({ number: 4 }),
    sweepResult({ number: 5, call: null, fault: null, verdict: 'hung', accepted: true, reproduce: null, says: 'No end.' }),
    sweepResult({ number: 6, mark: 'failure', if: [{ name: 'same-plan', choice: 'refuse', verdict: 'double-charge', says: 'Twice.', reproduce: 'line' }], says: 'All well.' })
  ])), `
✗ double-charge
    Paid twice.
    again
    the same with delay before, api_refusal after 403

✗ recovered; double-charge if same-plan=refuse
    All well.
    if same-plan=refuse, which the vendor's documentation leaves open: Twice.
    line

✗ hung (accepted)
    No end.
`)
})

t.test('why runs did not reach what they were made for is told once for each call', async t => {
  const missed = (number: number, fault: SweepReport['results'][number]['fault'], says: string) => sweepResult({ number, fault, verdict: 'not-reached', says })
  t.equal(sentences(sweepReport([
    missed(1, { kind: 'hang', when: 'after' }, 'Never came.'), missed(2, { kind: 'delay' }, 'Never came.'), missed(3, { kind: 'hang' }, 'Came late.'),
    sweepResult({ number: 4, id: 'instant/now', call: null, fault: null, verdict: 'not-reached', says: 'Another time.' })
  ])), `
· not-reached
    Never came.
    under hang after, delay before

· not-reached
    Came late.
    under hang before

· not-reached
    Another time.
    under instant/now
`)
})

t.test('nothing in a report makes a terminal do anything', async t => {
  const bad = '\u001b[2J\u009b31m\r\n\u202E\u0007'
  const report = sweepReport([
    sweepResult({ verdict: 'hung', says: bad, reproduce: bad, if: [{ name: bad, choice: bad, verdict: 'hung', says: bad, reproduce: bad }] }),
    sweepResult({ number: 2, call: null, fault: null, id: bad, verdict: 'hung' })
  ], { reference: { calls: [sweepCall({ endpoint: bad })], charged: bad, duration_ms: 1, resets: false, unmet: [bad] } })
  const text = matrixText(report) + sentences(report)
  t.notMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/) // eslint-disable-line no-control-regex
  t.ok(text.split('\n').every(line => /^(?:$|[✗✓⚠]| {4}|1 |2 runs|Set by the command, | *hang after)/.test(line)), 'nor makes up a line')
})

interface Shown { readonly lines: string[], readonly at: (ms: number) => void, readonly progress: ReturnType<typeof progressLine> }

function shown (isSilent: boolean, { term = 'xterm', ...terminal }: { isTTY?: boolean, columns?: number, term?: string }): Shown {
  const lines: string[] = []
  let time = 1000
  const progress = progressLine(isSilent, { stderr: { ...terminal, write: text => lines.push(text) }, term, now: () => time })
  return { lines, progress, at (ms) { time = 1000 + ms } }
}

const pass = sweepResult()
const failure = sweepResult({ verdict: 'hung' })

t.test('on a terminal progress is one line, with the time that is left, and gone at the end', async t => {
  const { lines, at, progress } = shown(false, { isTTY: true, columns: 80 })
  progress.planned(4)
  at(1000)
  progress.result(failure)
  at(1010)
  progress.result(pass)
  at(200_000)
  progress.result({ ...failure, accepted: true })
  progress.result(pass)
  progress.end()
  t.same(lines, [
    'the command without a fault, for reference', `${'░'.repeat(24)} 0 of 4 runs, 0 ✗`, `${'█'.repeat(6)}${'░'.repeat(18)} 1 of 4 runs, 1 ✗, 3 s left`,
    `${'█'.repeat(18)}${'░'.repeat(6)} 3 of 4 runs, 1 ✗, 67 s left`, `${'█'.repeat(24)} 4 of 4 runs, 1 ✗, 0 s left`, ''
  ].map(text => `\r\u001b[K${text}`))
})

t.test('a line of progress never wraps', async t => {
  for (const columns of [1, 10, 20, 30, 40, 60, undefined]) {
    const { lines, at, progress } = shown(false, { isTTY: true, ...columns !== undefined && { columns } })
    progress.planned(100_000)
    at(86_400_000)
    progress.result(pass)
    t.ok(lines.every(line => line.length - '\r\u001b[K'.length < (columns ?? 80)), `${columns} columns`)
  }
})

t.test('a terminal without a width has the usual one', async t => {
  const { lines, progress } = shown(false, { isTTY: true, columns: 0 })
  progress.planned(4)
  t.match(lines.at(-1), `${'░'.repeat(24)} 0 of 4 runs, 0 ✗`)
  t.equal(matrixText(largeReport(40), { columns: 0 }), matrixText(largeReport(40)))
})

t.test('a dumb terminal gets lines, and nothing that moves others about', async t => {
  const { lines, at, progress } = shown(false, { isTTY: true, columns: 80, term: 'dumb' })
  progress.planned(1)
  at(10_000)
  progress.result(pass)
  progress.end()
  t.same(lines, ['picky-emulator: 1 of 1 runs, 0 ✗, 0 s left\n'])
})

t.test('elsewhere progress is a line now and then, in seconds, minutes or hours', async t => {
  const { lines, at, progress } = shown(false, {})
  progress.planned(1000)
  for (const time of [9999, 10_000, 15_000, 20_000, 90_000]) {
    at(time)
    progress.result(pass)
  }
  for (let count = 0; count < 900; count++) progress.result(pass)
  at(100_000)
  progress.result(failure)
  progress.end()
  t.same(lines, ['2 of 1000 runs, 0 ✗, 84 min left', '4 of 1000 runs, 0 ✗, 83 min left', '5 of 1000 runs, 0 ✗, 5 h left', '906 of 1000 runs, 1 ✗, 11 s left']
    .map(text => `picky-emulator: ${text}\n`))
})

t.test('with --log-level silent there is no progress', async t => {
  const { lines, progress } = shown(true, { isTTY: true })
  progress.planned(1)
  progress.result(pass)
  progress.end()
  t.same(lines, [])
  const real = progressLine(true)
  t.doesNotThrow(() => { real.end() })
})
