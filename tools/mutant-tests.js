// Runs the tests of the domain, once for each message, which names a mutant of one file: a worker of mutate.js.
// The tests get, instead of tap, something with the same comparisons, which throws at the first that fails: tap itself takes longer to load
// than all these tests take to run.
import { deepEqual } from 'node:assert'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path/posix'
import { Script } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { match } from 'tcompare'
import fc from 'fast-check'

const { compiled, tests } = workerData
const require = createRequire(import.meta.url)
const scripts = new Map(Object.entries(compiled).map(([path, code]) => [path, scriptOf(path, code)]))
const testFiles = [...scripts.keys()].filter(path => path.startsWith(`${tests}/`)).filter(path => path.endsWith('.test.ts'))

class Failed extends Error {}
class RunsForever extends Error {}

parentPort.on('message', async mutant => { parentPort.postMessage(await outcomeOf(mutant)) })

/** What became of the tests, and how many rounds the loops that each file runs made. */
async function outcomeOf ({ path, code, maxRounds }) {
  const rounds = {}
  let failure
  const note = error => { failure ??= error }
  const fail = error => {
    note(error)
    throw error
  }
  const countRound = () => {
    if (++rounds[file] > (maxRounds?.[file] ?? Infinity)) fail(new RunsForever('loops go on'))
  }
  let file
  const modules = new Map()
  const running = []
  const comparisons = comparisonsThat(fail, test => running.push(Promise.resolve(test).catch(note)))
  const load = name => {
    const known = modules.get(name)
    if (known !== undefined) return known
    const module = { exports: {} }
    modules.set(name, module)
    const imported = wanted =>
      wanted.startsWith('.') ? load(join(dirname(name), wanted).replace(/\.js$/, '.ts')).exports : foreign(wanted, comparisons)
    const script = name === path ? scriptOf(path, code) : scripts.get(name)
    script.runInThisContext()(module, module.exports, imported, countRound)
    return module
  }
  try {
    for (file of testFiles) {
      rounds[file] = 0
      load(file)
      await Promise.all(running)
      if (failure !== undefined) break
    }
  } catch (error) {
    // Also what the code itself throws, such as the end of the stack.
    note(error)
  }
  // What fails with one mutant is likely to fail with the next, which is near it.
  if (failure !== undefined) testFiles.unshift(...testFiles.splice(testFiles.indexOf(file), 1))
  const outcome = failure === undefined ? 'survived' : failure instanceof RunsForever ? 'ran forever' : 'killed'
  return { outcome, rounds, why: failure?.stack }
}

function scriptOf (path, code) {
  return new Script(`(function (module, exports, require, countRound) {${code}\n})`, { filename: path })
}

function foreign (name, comparisons) {
  if (name === 'tap') return { __esModule: true, default: comparisons }
  // Property-based tests don't count.
  if (name === 'fast-check') return { __esModule: true, default: { ...fc, assert () {} } }
  return require(name)
}

function comparisonsThat (fail, waitFor) {
  const check = holds => { if (!holds) fail(new Failed('a comparison fails')) }
  return {
    test (_name, run) { waitFor(run(this)) },
    ok: value => check(value),
    notOk: value => check(!value),
    equal: (found, wanted) => check(Object.is(found, wanted)),
    not: (found, unwanted) => check(!Object.is(found, unwanted)),
    same: (found, wanted) => check(isSame(found, wanted)),
    match: (found, pattern) => check(match(found, pattern).match),
    notMatch: (found, pattern) => check(!match(found, pattern).match),
    // eslint-disable-next-line valid-typeof
    type: (found, type) => check(typeof found === type)
  }
}

/** Compares as tap's `same` does, which writes down the difference first: for a thousand events, that takes a minute. */
function isSame (found, wanted) {
  try {
    // With an error given, none is made that shows the difference.
    deepEqual(found, wanted, new Failed())
    return true
  } catch {
    return false
  }
}
