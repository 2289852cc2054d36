// Changes src/domain/ one operator, number or text at a time, and sees whether a test notices: npm run mutate [-- FILE…]
// A change that no test notices is a survivor: a test is missing, or the change means the same, which tools/equivalent-mutants.json says in a line.
// Tests that draw lots don't count: a rule has to be held by cases that are the same with every run.
import { build } from 'esbuild'
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import ts from 'typescript'

const DOMAIN = 'src/domain'
const TESTS = 'test/domain'
const FOLDER = '.tap/mutants'
const EQUIVALENT = JSON.parse(readFileSync('tools/equivalent-mutants.json', 'utf8'))

/** After how many milliseconds tests that take a fraction of a second run forever, on however busy a machine. */
const PATIENCE = 20_000

const { SyntaxKind } = ts

/** What an operator is changed into, one after the other. */
const OPERATORS = new Map([
  [SyntaxKind.LessThanToken, ['<=', '>=']], [SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [SyntaxKind.GreaterThanToken, ['>=', '<=']], [SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
  [SyntaxKind.EqualsEqualsEqualsToken, ['!==']], [SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [SyntaxKind.AmpersandAmpersandToken, ['||']], [SyntaxKind.BarBarToken, ['&&']], [SyntaxKind.QuestionQuestionToken, ['&&']],
  [SyntaxKind.PlusToken, ['-']], [SyntaxKind.MinusToken, ['+']], [SyntaxKind.AsteriskToken, ['/']], [SyntaxKind.SlashToken, ['*']], [SyntaxKind.PercentToken, ['*']],
  [SyntaxKind.PlusEqualsToken, ['-=']], [SyntaxKind.MinusEqualsToken, ['+=']],
  [SyntaxKind.CaretToken, ['&', '|']], [SyntaxKind.CaretEqualsToken, ['&=', '|=']], [SyntaxKind.GreaterThanGreaterThanGreaterThanToken, ['>>', '<<']]
])

/** The function that is called instead of another. */
const FUNCTIONS = new Map([['Math.min', 'Math.max'], ['Math.max', 'Math.min'], ['Math.floor', 'Math.ceil']])

const files = process.argv.length > 2 ? process.argv.slice(2).map(file => basename(file)) : readdirSync(DOMAIN)
const mutants = files.flatMap(mutantsOf)
const counts = { killed: 0, 'ran forever': 0, 'did not compile': 0, equivalent: 0, survived: 0 }
const wrong = EQUIVALENT.filter(known => !readdirSync(DOMAIN).includes(known.file) || (files.includes(known.file) && !mutants.some(mutant => isOf(known, mutant))))
  .map(({ file, line }) => `said to mean the same, but there is no such change: ${file} ${line}`)

rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })
const started = performance.now()
if (await outcomeOf({ file: '', text: '' }, 0) !== 'survived') throw new Error('the tests fail without any change')
let next = 0
await Promise.all(Array.from({ length: availableParallelism() }, async (_, worker) => {
  while (next < mutants.length) {
    const mutant = mutants[next++]
    const { place, says } = mutant
    const outcome = await outcomeOf(mutant, worker)
    const isEquivalent = EQUIVALENT.some(known => isOf(known, mutant))
    counts[outcome === 'survived' && isEquivalent ? 'equivalent' : outcome]++
    if (outcome === 'survived' && !isEquivalent) wrong.push(`survived: ${place} ${says}`)
    if (outcome !== 'survived' && isEquivalent) wrong.push(`said to mean the same, but a test notices: ${place} ${says}`)
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${next} of ${mutants.length}, ${counts.survived} survived`)
  }
}))
rmSync(FOLDER, { recursive: true, force: true })
const seconds = Math.round((performance.now() - started) / 1000)
console.log(`\n${mutants.length} changes of ${files.length} files in ${seconds} s: ${Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')}`)
for (const line of wrong) console.log(line)
process.exitCode = wrong.length > 0 ? 1 : 0

/** Every change of a file, one at a time. */
function mutantsOf (file) {
  const path = join(DOMAIN, file)
  const source = readFileSync(path, 'utf8')
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true)
  const found = []
  const change = (node, replacement) => {
    const [start, end] = [node.getStart(tree), node.getEnd()]
    const { line } = tree.getLineAndCharacterOfPosition(start)
    const mutant = { file, place: `${path}:${line + 1}`, line: source.split('\n')[line].trim(), says: `${source.slice(start, end)} → ${replacement}` }
    const nth = found.filter(({ place, says }) => place === mutant.place && says === mutant.says).length + 1
    found.push({ ...mutant, nth, text: source.slice(0, start) + replacement + source.slice(end) })
  }
  const visit = node => {
    // Types, imports and what is only for people to read decide nothing.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node)) return
    const written = node.getText(tree)
    if (ts.isBinaryExpression(node)) for (const operator of OPERATORS.get(node.operatorToken.kind) ?? []) change(node.operatorToken, operator)
    if (ts.isNumericLiteral(node)) change(node, String(Number(written.replaceAll('_', '')) + 1))
    if (node.kind === SyntaxKind.TrueKeyword) change(node, 'false')
    if (node.kind === SyntaxKind.FalseKeyword) change(node, 'true')
    if (ts.isPrefixUnaryExpression(node)) change(node, node.operand.getText(tree))
    if (FUNCTIONS.has(written)) change(node, FUNCTIONS.get(written))
    if (ts.isConditionalExpression(node)) change(node.condition, `!(${node.condition.getText(tree)})`)
    if (ts.isIfStatement(node)) change(node.expression, `!(${node.expression.getText(tree)})`)
    if (ts.isExpressionStatement(node)) change(node, ';')
    // A text of several words is for people; one of a single word is a status, a kind, a choice.
    if (ts.isStringLiteral(node) && !/\s/.test(node.text)) change(node, "'mutant'")
    if (ts.isRegularExpressionLiteral(node)) for (const replacement of otherPatterns(written)) change(node, replacement)
    node.forEachChild(visit)
  }
  visit(tree)
  return found
}

/** A regular expression with another count, without an anchor, or with a part that is no longer optional. */
function otherPatterns (pattern) {
  const parts = [...pattern.matchAll(/(?<=[{,])\d+|(?<=^\/)\^|\$(?=\/$)|(?<=\))\?/g)]
  return parts.map(({ 0: part, index }) => pattern.slice(0, index) + (Number.isNaN(Number(part)) ? '' : Number(part) + 1) + pattern.slice(index + part.length))
}

/** An entry names a file and a line of it; and, where not every change of that line means the same, which change, and which one of several such. */
function isOf (known, { file, line, says, nth }) {
  return known.file === file && known.line === line && (known.change === undefined || known.change === says) && (known.nth === undefined || known.nth === nth)
}

/** Runs the tests of the domain with a change, in a process of their own. */
async function outcomeOf ({ file, text }, worker) {
  const outfile = join(FOLDER, `${worker}.mjs`)
  const tests = readdirSync(TESTS).filter(name => name.endsWith('.test.ts'))
  const options = { bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' }
  const mutated = { name: 'mutated', setup: bundle => bundle.onLoad({ filter: /\/src\/domain\/[^/]+\.ts$/ }, ({ path }) => basename(path) === file ? { contents: text, loader: 'ts' } : undefined) }
  const withoutLots = {
    name: 'without lots',
    setup: bundle => {
      bundle.onResolve({ filter: /^fast-check$/ }, ({ namespace }) => namespace === 'file' ? { path: 'fast-check', namespace: 'without-lots' } : undefined)
      bundle.onLoad({ filter: /^/, namespace: 'without-lots' }, () => ({ contents: 'import * as fc from "fast-check"; export default { ...fc, assert () {} }', resolveDir: process.cwd() }))
    }
  }
  try {
    await build({ ...options, stdin: { contents: tests.map(name => `import './${name}'`).join('\n'), resolveDir: join(process.cwd(), TESTS), loader: 'ts' }, outfile, plugins: [mutated, withoutLots] })
  } catch {
    return 'did not compile'
  }
  return await new Promise(resolve => {
    const child = spawn(process.execPath, [outfile], { stdio: 'ignore', env: { ...process.env, TAP_BAIL: '1' } })
    const timer = setTimeout(() => { child.kill('SIGKILL') }, PATIENCE)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve(signal === 'SIGKILL' ? 'ran forever' : code === 0 ? 'survived' : 'killed')
    })
  })
}
