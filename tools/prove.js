// Proves at length what npm test tries with small numbers: npm run prove [-- --help]
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installProofs } from './proofs.js'

const HELP = `npm run prove [-- PART…]

Runs in full, one after the other, and prints their figures:
  tests   the test files that use test/support/effort.ts: a hundred kills, tens of thousands of odd requests, the
          model, crowds of hostile clients, lost files, full disks, examples in the test runners of others
  mutate  every change of src/domain/ that a test must notice (npm run mutate)
  soak    a minute of everything at once that leaves nothing behind (npm run soak)
  bench   the benchmark's quick round, which tells whether it works (npm run bench)
Without a PART all of them. The last line counts what passed, failed and was skipped; each part beside the tests counts as one.`

/** How long, in seconds, one test file may take. */
const TEST_TIMEOUT = 1500

const PARTS = {
  tests: ['tools/test.js', ...provingTests()],
  mutate: ['tools/mutate.js'],
  soak: ['bench/soak.js', '--minutes', '1'],
  bench: ['bench/run.js', '--quick']
}

const { values: { help }, positionals } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true })
const unknown = positionals.filter(part => !Object.hasOwn(PARTS, part))
if (help) console.log(HELP)
else if (unknown.length > 0) {
  console.error(`prove: there is no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`)
  process.exitCode = 2
} else await prove(positionals.length > 0 ? positionals : Object.keys(PARTS))

async function prove (parts) {
  installProofs()
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const part of parts) {
    const began = performance.now()
    console.log(`\n# ${part}`)
    const { code, output } = await outcomeOf(PARTS[part])
    console.log(`# ${part}: ${code === 0 ? 'passed' : `FAILED with code ${code}`}, ${Math.round((performance.now() - began) / 1000)} s`)
    // tap's closing line counts the tests, such as `# { total: 9, pass: 8, fail: 1 }`.
    const total = /^# \{ total: .*\}$/m.exec(output)?.[0]
    const count = name => Number(new RegExp(`\\b${name}: (\\d+)`).exec(total ?? '')?.[1] ?? 0)
    counts.passed += total === undefined && code === 0 ? 1 : count('pass')
    // A part may also fail without a test that does.
    counts.failed += code === 0 ? 0 : Math.max(1, count('fail'))
    counts.skipped += count('skip')
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  process.exitCode = counts.failed === 0 ? 0 : 1
}

/** Runs a program to its end. Of tests, only what failed, figures and the closing line are shown. */
async function outcomeOf (words) {
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PROVE: '1', TEST_TIMEOUT: String(TEST_TIMEOUT) }
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => { output += text })
  const code = await new Promise(resolve => { child.once('close', resolve) })
  const isTap = output.startsWith('TAP version')
  console.log(isTap && code === 0 ? output.split('\n').filter(line => /^ *# (?!Subtest)/.test(line)).join('\n') : output.trim())
  return { code, output }
}

/** The test files that try less in npm test than they do here. */
function provingTests () {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.ts')).map(file => join('test', file))
  return files.filter(file => readFileSync(file, 'utf8').includes('support/effort.js')).sort()
}
