// Changes src/domain/ one operator, number or text at a time, and sees whether a test notices: npm run mutate [-- FILE…]
// A change that no test notices is a survivor: a test is missing, or the change means the same, which tools/equivalent-mutants.json says in a line.
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

/** How long the tests may take with a change that makes them run forever, as a multiple of how long they take without. */
const PATIENCE = 8

const { SyntaxKind } = ts

/** What an operator is changed into, one after the other. */
const OPERATORS = new Map([
  [SyntaxKind.LessThanToken, ['<=', '>=']], [SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [SyntaxKind.GreaterThanToken, ['>=', '<=']], [SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
  [SyntaxKind.EqualsEqualsEqualsToken, ['!==']], [SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [SyntaxKind.AmpersandAmpersandToken, ['||']], [SyntaxKind.BarBarToken, ['&&']], [SyntaxKind.QuestionQuestionToken, ['&&']],
  [SyntaxKind.PlusToken, ['-']], [SyntaxKind.MinusToken, ['+']], [SyntaxKind.AsteriskToken, ['/']], [SyntaxKind.SlashToken, ['*']], [SyntaxKind.PercentToken, ['*']],
  [SyntaxKind.PlusEqualsToken, ['-=']], [SyntaxKind.MinusEqualsToken, ['+=']]
])

const files = process.argv.length > 2 ? process.argv.slice(2).map(file => basename(file)) : readdirSync(DOMAIN)
rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })

const started = performance.now()
const sane = await outcomeOf({ file: '', text: '' }, 0, 120_000)
if (sane !== 'survived') throw new Error('the tests fail without any change')
const patience = PATIENCE * (performance.now() - started)

const mutants = files.flatMap(mutantsOf)
const counts = { killed: 0, 'ran forever': 0, 'did not compile': 0, equivalent: 0, survived: 0 }
const survivors = []
let next = 0
await Promise.all(Array.from({ length: availableParallelism() }, async (_, worker) => {
  while (next < mutants.length) {
    const mutant = mutants[next++]
    const outcome = isEquivalent(mutant) ? 'equivalent' : await outcomeOf(mutant, worker, patience)
    counts[outcome]++
    if (outcome === 'survived') survivors.push(mutant)
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${next} of ${mutants.length}, ${survivors.length} survived`)
  }
}))
rmSync(FOLDER, { recursive: true, force: true })
console.log(`\n${mutants.length} changes of ${files.length} files: ${Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')}`)
for (const { place, says } of survivors) console.log(`survived: ${place} ${says}`)
process.exitCode = survivors.length > 0 ? 1 : 0

/** Every change of a file, one at a time. */
function mutantsOf (file) {
  const path = join(DOMAIN, file)
  const source = readFileSync(path, 'utf8')
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true)
  const found = []
  const change = (node, replacement) => {
    const [start, end] = [node.getStart(tree), node.getEnd()]
    const line = tree.getLineAndCharacterOfPosition(start).line + 1
    const text = source.slice(0, start) + replacement + source.slice(end)
    found.push({ file, text, place: `${path}:${line}`, line: source.split('\n')[line - 1].trim(), says: `${source.slice(start, end)} → ${replacement}` })
  }
  const visit = node => {
    // Types, imports and what is only for people to read decide nothing.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node)) return
    if (ts.isBinaryExpression(node)) for (const operator of OPERATORS.get(node.operatorToken.kind) ?? []) change(node.operatorToken, operator)
    if (ts.isNumericLiteral(node) && !ts.isLiteralTypeNode(node.parent)) change(node, String(Number(node.getText(tree).replaceAll('_', '')) + 1))
    if (node.kind === SyntaxKind.TrueKeyword) change(node, 'false')
    if (node.kind === SyntaxKind.FalseKeyword) change(node, 'true')
    if (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken) change(node, node.operand.getText(tree))
    if (ts.isConditionalExpression(node)) change(node.condition, `!(${node.condition.getText(tree)})`)
    if (ts.isIfStatement(node)) change(node.expression, `!(${node.expression.getText(tree)})`)
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) change(node, ';')
    if (ts.isStringLiteral(node) && isChoice(node)) change(node, "'mutant'")
    node.forEachChild(visit)
  }
  visit(tree)
  return found
}

/** A text that something is compared with: a status, a kind, a choice. Texts of messages are for people. */
function isChoice ({ parent }) {
  return (ts.isBinaryExpression(parent) && parent.operatorToken.kind === SyntaxKind.EqualsEqualsEqualsToken) || ts.isCaseClause(parent) || ts.isPropertyAssignment(parent)
}

function isEquivalent ({ file, line, says }) {
  return EQUIVALENT.some(known => known.file === file && known.line === line && (known.change === undefined || known.change === says))
}

/** Runs the tests of the domain with a change, in a process of their own. */
async function outcomeOf ({ file, text }, worker, patience) {
  const outfile = join(FOLDER, `${worker}.mjs`)
  const entry = readdirSync(TESTS).filter(name => name.endsWith('.test.ts')).map(name => `import ${JSON.stringify(`./${name}`)}`).join('\n')
  try {
    await build({
      stdin: { contents: entry, resolveDir: join(process.cwd(), TESTS), loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
      plugins: [{ name: 'mutant', setup: bundle => bundle.onLoad({ filter: /\/src\/domain\/[^/]+\.ts$/ }, ({ path }) => basename(path) === file ? { contents: text, loader: 'ts' } : undefined) }]
    })
  } catch {
    return 'did not compile'
  }
  return await new Promise(resolve => {
    const child = spawn(process.execPath, [outfile], { stdio: 'ignore', env: { ...process.env, TAP_BAIL: '1' } })
    const timer = setTimeout(() => { child.kill('SIGKILL') }, patience)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve(signal === 'SIGKILL' ? 'ran forever' : code === 0 ? 'survived' : 'killed')
    })
  })
}
