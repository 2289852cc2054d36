// Proves at length what npm test tries with small numbers: npm run prove [-- --help]
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installProofs } from './proofs.js'

const HELP = `npm run prove [-- [--share SHARE] [PART…]]

Runs in full, and prints their figures:
  tests   the test files that use test/support/effort.ts: a hundred kills, tens of thousands of odd requests, the
          model, crowds of hostile clients, lost files, full disks, examples in the test runners of others
  newest  the tests once more, as they are, under the newest Node.js, but for those on which it has no bearing
  mutate  every change of src/domain/ that a test must notice (npm run mutate)
  soak    three thousand tests of everything at once that leave nothing behind (npm run soak)
  bench   the benchmark's quick round, which tells whether it works (npm run bench)
Without a PART all of them, one after the other, except mutate and soak: each needs one processor, and they run side by side. The last
line counts what passed, failed and was skipped; each part other than the tests counts as one.

  --share SHARE  of what is repeated, only that share, such as 0.25: fewer kills, worlds and odd requests, but as many kinds of them; the
                 newest Node.js then runs only the tests of what meets it`

/** How many failures are shown at the end, and how much of each. */
const MAX_FAILURES = 10
const LINES_OF_FAILURE = 30

/** How long, in seconds, one test file may take. */
const TEST_TIMEOUT = 1500

const { values: { help, share }, positionals } = parseArgs({
  options: { help: { type: 'boolean' }, share: { type: 'string', default: '1' } },
  allowPositionals: true
})
/** Tests of the soak: enough, whatever the share, for the journal to be full before it is measured. */
const soaked = Math.max(1500, Math.round(3000 * Number(share)))

const PARTS = {
  tests: ['tools/test.js', ...provingTests()],
  newest: ['tools/newest-node.js'],
  mutate: ['tools/mutate.js'],
  soak: ['bench/soak.js', '--tests', String(soaked)],
  bench: ['bench/run.js', '--quick']
}

const unknown = positionals.filter(part => !Object.hasOwn(PARTS, part))
if (help) console.log(HELP)
else if (unknown.length > 0) {
  console.error(`prove: there is no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`)
  process.exitCode = 2
} else if (!(Number(share) > 0 && Number(share) <= 1)) {
  console.error(`prove: --share is a number above 0 and up to 1, not ${share}`)
  process.exitCode = 2
} else await prove(positionals.length > 0 ? positionals.map(part => [part]) : [['tests'], ['newest'], ['mutate', 'soak'], ['bench']])

/** The parts of a step run side by side. */
async function prove (steps) {
  installProofs()
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failures = []
  for (const step of steps) {
    console.log(`\n# ${step.join(' and ')}`)
    for (const outcome of await Promise.all(step.map(outcomeOf))) count(outcome)
  }
  // Once more at the end: whoever shows only a part of a long output shows this one.
  if (failures.length > 0) console.log(`\n# what failed\n${failures.slice(0, MAX_FAILURES).join('\n')}\n`)
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  process.exitCode = counts.failed === 0 ? 0 : 1

  function count ({ part, code, output }) {
    if (code !== 0) failures.push(...failuresIn(part, output))
    // tap's closing line counts the tests, such as `# { total: 9, pass: 8, fail: 1 }`.
    const total = /^# \{ total: .*\}$/m.exec(output)?.[0]
    const number = name => Number(new RegExp(`\\b${name}: (\\d+)`).exec(total ?? '')?.[1] ?? 0)
    counts.passed += total === undefined && code === 0 ? 1 : number('pass')
    // A part may also fail without a test that does.
    counts.failed += code === 0 ? 0 : Math.max(1, number('fail'))
    counts.skipped += number('skip')
  }
}

/** Runs a part to its end, then shows what it printed; of tests, only what failed, figures and the closing line. */
async function outcomeOf (part) {
  const began = performance.now()
  const child = spawn(process.execPath, PARTS[part], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PROVE: share, TEST_TIMEOUT: String(TEST_TIMEOUT) }
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => { output += text })
  const code = await new Promise(resolve => { child.once('close', resolve) })
  const isTap = output.startsWith('TAP version')
  console.log(isTap && code === 0 ? output.split('\n').filter(line => /^ *# (?!Subtest)/.test(line)).join('\n') : output.trim())
  console.log(`# ${part}: ${code === 0 ? 'passed' : `FAILED with code ${code}`}, ${Math.round((performance.now() - began) / 1000)} s`)
  return { part, code, output }
}

/**
 * The failures that no test within them explains, each with the names of the tests around it and the beginning of what tap says of it; for
 * a part that is no test, what it printed last.
 */
function failuresIn (part, output) {
  const lines = output.trimEnd().split('\n')
  const failed = lines.flatMap((line, index) => /^ *not ok /.test(line) ? [index] : [])
  if (failed.length === 0) return [[part, ...lines.slice(-LINES_OF_FAILURE)].join('\n')]
  const indent = index => lines[index].search(/\S/)
  // tap tells of a test after what is in it.
  const innermost = failed.filter((index, nth) => nth === 0 || indent(index) >= indent(failed[nth - 1]))
  return innermost.map(index => {
    const around = []
    for (let at = index, level = indent(index); at >= 0 && level > 0; at--) {
      if (/^ *# Subtest: /.test(lines[at]) && indent(at) < level) {
        around.unshift(lines[at].trim().slice('# Subtest: '.length))
        level = indent(at)
      }
    }
    return [...around, ...lines.slice(index, index + LINES_OF_FAILURE)].join('\n')
  })
}

/** The test files that try less in npm test than they do here. */
function provingTests () {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.ts')).map(file => join('test', file))
  return files.filter(file => readFileSync(file, 'utf8').includes('support/effort.js')).sort()
}
