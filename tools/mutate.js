// Mutates src/domain/, one operator, number or string at a time, and checks that a test fails: npm run mutate [-- FILE…]
// If none does, a test is missing, unless the mutant is equivalent to the original: tools/equivalent-mutants.json lists those, with
// reasons. Property-based tests don't count: a rule must be covered by cases that are the same in every run.
import { build } from 'esbuild'
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join, resolve } from 'node:path'
import ts from 'typescript'

const DOMAIN = 'src/domain'
const TESTS = 'test/domain'
const FOLDER = '.tap/mutants'
const EQUIVALENT = JSON.parse(readFileSync('tools/equivalent-mutants.json', 'utf8'))

/** Time, in milliseconds, after which tests that take a fraction of a second count as running forever, even on a busy machine. */
const TIMEOUT = 20_000

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

rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })
const started = performance.now()
if (await outcomeOf({ file: '', text: '' }, 0) !== 'survived') throw new Error('the tests fail without a mutation')
let next = 0
await Promise.all(Array.from({ length: availableParallelism() }, async (_, worker) => {
  while (next < mutants.length) {
    const mutant = mutants[next++]
    const { place, says } = mutant
    const outcome = await outcomeOf(mutant, worker)
    const isEquivalent = EQUIVALENT.some(known => isOf(known, mutant))
    counts[outcome === 'survived' && isEquivalent ? 'equivalent' : outcome]++
    if (outcome === 'survived' && !isEquivalent) wrong.push(`survived: ${place} ${says}`)
    if (outcome !== 'survived' && isEquivalent) wrong.push(`listed as equivalent, but a test fails: ${place} ${says}`)
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${next} of ${mutants.length}, ${counts.survived} survived`)
  }
}))
rmSync(FOLDER, { recursive: true, force: true })
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

/** Runs the tests of the domain with a mutant, in a separate process. */
async function outcomeOf ({ file, text }, worker) {
  const outfile = join(FOLDER, `${worker}.mjs`)
  const tests = readdirSync(TESTS).filter(name => name.endsWith('.test.ts'))
  const options = { bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' }
  const mutated = {
    name: 'mutated',
    setup: bundle => bundle.onLoad({ filter: /\/src\/domain\/[^/]+\.ts$/ }, ({ path }) =>
      basename(path) === file ? { contents: text, loader: 'ts' } : undefined)
  }
  const withoutTap = {
    name: 'without tap',
    setup: bundle => bundle.onResolve({ filter: /^tap$/ }, () => ({ path: resolve('tools/mutant-tests.js') }))
  }
  const withoutProperties = {
    name: 'without properties',
    setup: bundle => {
      bundle.onResolve({ filter: /^fast-check$/ }, ({ namespace }) =>
        namespace === 'file' ? { path: 'fast-check', namespace: 'without-properties' } : undefined)
      bundle.onLoad({ filter: /^/, namespace: 'without-properties' }, () => ({
        contents: 'import * as fc from "fast-check"; export default { ...fc, assert () {} }',
        resolveDir: process.cwd()
      }))
    }
  }
  try {
    const contents = tests.map(name => `import './${name}'`).join('\n')
    const stdin = { contents, resolveDir: join(process.cwd(), TESTS), loader: 'ts' }
    await build({ ...options, stdin, outfile, plugins: [mutated, withoutTap, withoutProperties] })
  } catch {
    return 'did not compile'
  }
  return await new Promise(resolve => {
    const child = spawn(process.execPath, [outfile], { stdio: 'ignore' })
    const timer = setTimeout(() => { child.kill('SIGKILL') }, TIMEOUT)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve(signal === 'SIGKILL' ? 'ran forever' : code === 0 ? 'survived' : 'killed')
    })
  })
}
