// Mutates src/domain/, one operator, number or string at a time, and checks that a test fails: npm run mutate [-- FILE…]
// If none does, a test is missing, unless the mutant is equivalent to the original: tools/equivalent-mutants.json lists those, with
// reasons. Property-based tests don't count: a rule must be covered by cases that are the same in every run.
import { transform } from 'esbuild'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join, posix } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import ts from 'typescript'

const DOMAIN = 'src/domain'
const TESTS = 'test/domain'
const EQUIVALENT = JSON.parse(readFileSync('tools/equivalent-mutants.json', 'utf8'))

/** Rounds of a test file's loops, without a mutation and with one, after which the mutant counts as running forever: no clock decides it. */
const maxRounds = rounds => 10_000 + 20 * rounds

const { SyntaxKind } = ts

/** Replacements for each operator. */
const OPERATORS = new Map([
  [SyntaxKind.LessThanToken, ['<=', '>=']], [SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [SyntaxKind.GreaterThanToken, ['>=', '<=']], [SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
  [SyntaxKind.EqualsEqualsEqualsToken, ['!==']], [SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [SyntaxKind.AmpersandAmpersandToken, ['||']], [SyntaxKind.BarBarToken, ['&&']], [SyntaxKind.QuestionQuestionToken, ['&&']],
  [SyntaxKind.PlusToken, ['-']], [SyntaxKind.MinusToken, ['+']],
  [SyntaxKind.AsteriskToken, ['/']], [SyntaxKind.SlashToken, ['*']], [SyntaxKind.PercentToken, ['*']],
  [SyntaxKind.PlusEqualsToken, ['-=']], [SyntaxKind.MinusEqualsToken, ['+=']],
  [SyntaxKind.CaretToken, ['&', '|']], [SyntaxKind.CaretEqualsToken, ['&=', '|=']],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanToken, ['>>', '<<']]
])

/** Replacement for each function. */
const FUNCTIONS = new Map([['Math.min', 'Math.max'], ['Math.max', 'Math.min'], ['Math.floor', 'Math.ceil']])

const files = process.argv.length > 2 ? process.argv.slice(2).map(file => basename(file)) : readdirSync(DOMAIN)
const unknown = files.filter(file => !readdirSync(DOMAIN).includes(file))
if (unknown.length > 0) {
  console.error(`not in ${DOMAIN}: ${unknown.join(', ')}; usage: npm run mutate [-- FILE…]`)
  process.exit(2)
}
const mutants = files.flatMap(mutantsOf)
const counts = { killed: 0, 'ran forever': 0, 'did not compile': 0, equivalent: 0, survived: 0 }
const isObsolete = known => files.includes(known.file) && !mutants.some(mutant => isOf(known, mutant))
const wrong = EQUIVALENT.filter(known => !readdirSync(DOMAIN).includes(known.file) || isObsolete(known))
  .map(({ file, line }) => `listed as equivalent, but there is no such mutant: ${file} ${line}`)

const started = performance.now()
const sources = sourcesOf(readdirSync(TESTS).filter(name => name.endsWith('.test.ts')).map(name => posix.join(TESTS, name)))
const compiled = Object.fromEntries(await Promise.all([...sources].map(async ([path, source]) => [path, await runnable(path, source)])))
const program = new URL('mutant-tests.js', import.meta.url)
const workers = Array.from({ length: availableParallelism() }, () => new Worker(program, { workerData: { compiled, tests: TESTS } }))
const original = await run(workers[0], {})
if (original.outcome !== 'survived') throw new Error(`the tests fail without a mutation: ${original.why}`)
const limits = Object.fromEntries(Object.entries(original.rounds).map(([file, rounds]) => [file, maxRounds(rounds)]))
let next = 0
await Promise.all(workers.map(async worker => {
  while (next < mutants.length) {
    const mutant = mutants[next++]
    const { place, says } = mutant
    const { outcome } = await outcomeOf(mutant, worker)
    const isEquivalent = EQUIVALENT.some(known => isOf(known, mutant))
    counts[outcome === 'survived' && isEquivalent ? 'equivalent' : outcome]++
    if (outcome === 'survived' && !isEquivalent) wrong.push(`survived: ${place} ${says}`)
    if (outcome !== 'survived' && isEquivalent) wrong.push(`listed as equivalent, but a test fails: ${place} ${says}`)
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${next} of ${mutants.length}, ${counts.survived} survived`)
  }
  await worker.terminate()
}))
const seconds = Math.round((performance.now() - started) / 1000)
const summary = Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')
console.log(`\n${mutants.length} mutants of ${files.length} files in ${seconds} s: ${summary}`)
for (const line of wrong) console.log(line)
process.exitCode = wrong.length > 0 ? 1 : 0

/** Lists the mutants of a file, each with one change. */
function mutantsOf (file) {
  const path = join(DOMAIN, file)
  const source = readFileSync(path, 'utf8')
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true)
  const found = []
  const change = (node, replacement) => {
    const [start, end] = [node.getStart(tree), node.getEnd()]
    const { line } = tree.getLineAndCharacterOfPosition(start)
    const mutant = {
      file,
      place: `${path}:${line + 1}`,
      line: source.split('\n')[line].trim(),
      says: `${source.slice(start, end)} → ${replacement}`
    }
    const nth = found.filter(({ place, says }) => place === mutant.place && says === mutant.says).length + 1
    found.push({ ...mutant, nth, text: source.slice(0, start) + replacement + source.slice(end) })
  }
  const visit = node => {
    // Types and imports don't affect behaviour.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return
    if (ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node)) return
    const written = node.getText(tree)
    if (ts.isBinaryExpression(node)) {
      for (const operator of OPERATORS.get(node.operatorToken.kind) ?? []) change(node.operatorToken, operator)
    }
    if (ts.isNumericLiteral(node)) change(node, String(Number(written.replaceAll('_', '')) + 1))
    if (node.kind === SyntaxKind.TrueKeyword) change(node, 'false')
    if (node.kind === SyntaxKind.FalseKeyword) change(node, 'true')
    if (ts.isPrefixUnaryExpression(node)) change(node, node.operand.getText(tree))
    if (FUNCTIONS.has(written)) change(node, FUNCTIONS.get(written))
    if (ts.isConditionalExpression(node)) change(node.condition, `!(${node.condition.getText(tree)})`)
    if (ts.isIfStatement(node)) change(node.expression, `!(${node.expression.getText(tree)})`)
    if (ts.isExpressionStatement(node)) change(node, ';')
    // A string of several words is for people; a single word is a status, a kind or a choice.
    if (ts.isStringLiteral(node) && !/\s/.test(node.text)) change(node, "'mutant'")
    if (ts.isRegularExpressionLiteral(node)) {
      for (const replacement of otherPatterns(written)) change(node, replacement)
    }
    node.forEachChild(visit)
  }
  visit(tree)
  return found
}

/** Mutates a regular expression: with another count, without an anchor, or with an optional part made mandatory. */
function otherPatterns (pattern) {
  const parts = [...pattern.matchAll(/(?<=[{,])\d+|(?<=^\/)\^|\$(?=\/$)|(?<=\))\?/g)]
  return parts.map(({ 0: part, index }) => {
    const replacement = Number.isNaN(Number(part)) ? '' : Number(part) + 1
    return pattern.slice(0, index) + replacement + pattern.slice(index + part.length)
  })
}

/**
 * Tells whether an entry of the list describes a mutant. An entry names a file and a line; if not all mutants of the line are
 * equivalent, also the change, and which of several such changes.
 */
function isOf (known, { file, line, says, nth }) {
  return known.file === file && known.line === line &&
    (known.change === undefined || known.change === says) && (known.nth === undefined || known.nth === nth)
}

/** Runs the tests of the domain with a mutant. */
async function outcomeOf ({ file, text }, worker) {
  const path = posix.join(DOMAIN, file)
  let code
  try {
    code = await runnable(path, text)
  } catch {
    return { outcome: 'did not compile' }
  }
  return await run(worker, { path, code, maxRounds: limits })
}

/** Has a worker run the tests, and gives what became of them. */
async function run (worker, mutant) {
  return await new Promise((resolve, reject) => {
    worker.once('error', reject).once('message', outcome => {
      worker.off('error', reject)
      resolve(outcome)
    }).postMessage(mutant)
  })
}

/** Reads files and all that they import of the project, by path. */
function sourcesOf (paths, found = new Map()) {
  for (const path of paths) {
    if (found.has(path)) continue
    const source = readFileSync(path, 'utf8')
    found.set(path, source)
    const { importedFiles } = ts.preProcessFile(source)
    const own = importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    sourcesOf(own.map(({ fileName }) => posix.join(posix.dirname(path), fileName).replace(/\.js$/, '.ts')), found)
  }
  return found
}

/** Compiles a file to a CommonJS module each of whose loops counts its rounds. */
async function runnable (path, source) {
  const define = { 'import.meta.url': JSON.stringify(pathToFileURL(path)) }
  const options = { loader: 'ts', format: 'cjs', target: 'node20', define, logLevel: 'silent' }
  const { code } = await transform(countingRounds(path, source), options)
  return code
}

function countingRounds (path, source) {
  const bodies = []
  const visit = node => {
    if (ts.isIterationStatement(node, false)) bodies.push(node.statement)
    node.forEachChild(visit)
  }
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.ES2022, true))
  const insertions = bodies.flatMap(body => [[body.getStart(), '{ countRound(); '], [body.getEnd(), '}']])
  // From the last to the first, so that places stay what they are. Where an outer and an inner loop end together, the order does not matter.
  return insertions.sort(([a], [b]) => b - a).reduce((text, [at, inserted]) => text.slice(0, at) + inserted + text.slice(at), source)
}
