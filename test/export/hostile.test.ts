import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import ts from 'typescript'
import { exportCase, FORMATS, type Format } from '../../src/export/export.js'
import { quoted } from '../../src/export/javascript.js'
import { jsonText } from '../../src/export/json-value.js'
import { shellText } from '../../src/export/shell-text.js'
import { recordedCases } from '../support/cases.js'
import { effort } from '../support/effort.js'
import { hostileCase, hostileText, MARK, withToken } from '../support/hostile-cases.js'

const recorded = [...(await recordedCases()).values()]

const folder = mkdtempSync(join(tmpdir(), 'picky-hostile-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const SETTINGS = { seed: 15, numRuns: effort(24, 1500) }
const FORMAT_NAMES = Object.keys(FORMATS) as Format[]

/** The files that hostile cases become, by their formats. */
const exported = [
  ...fc.sample(hostileCase(recorded), SETTINGS),
  ...fc.sample(hostileText, { ...SETTINGS, numRuns: effort(8, 200) }).map((token, index) => withToken(recorded[index % recorded.length]!, token))
].map(given =>
  Object.fromEntries(FORMAT_NAMES.map(format => [format, exportCase(given, format)])) as Record<Format, { file: string, text: string }>)

/** What of a program is no literal; throws where it is no program. */
function outsideOfLiterals (text: string, language: ts.ScriptKind): string {
  const source = ts.createSourceFile('x', text, ts.ScriptTarget.ES2022, false, language) as ts.SourceFile & { readonly parseDiagnostics: readonly ts.Diagnostic[] }
  if (source.parseDiagnostics.length > 0) throw new Error(`${ts.flattenDiagnosticMessageText(source.parseDiagnostics[0]!.messageText, '\n')} in\n${text}`)
  let rest = ''
  let at = 0
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) {
      rest += text.slice(at, node.getStart(source))
      at = node.end
    } else ts.forEachChild(node, visit)
  }
  visit(source)
  return rest + text.slice(at)
}

for (const [format, language] of [['node-test', ts.ScriptKind.JS], ['vitest', ts.ScriptKind.TS], ['jest', ts.ScriptKind.JS]] as const) {
  t.test(`hostile texts are in literals of an exported ${format} only`, async t => {
    for (const files of exported) if (outsideOfLiterals(files[format].text, language).includes(MARK)) t.fail(files[format].text)
  })
}

t.test('hostile texts are in literals of an exported pytest only', async t => {
  writeFileSync(join(folder, 'all.json'), JSON.stringify(exported.map(({ pytest }) => pytest.text)))
  const program = `
import ast, io, json, tokenize
for text in json.load(open('all.json')):
    ast.parse(text)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        assert token.type == tokenize.STRING or '${MARK}' not in token.string, text
print('all')`
  t.equal(execFileSync('python3', ['-c', program], { cwd: folder, encoding: 'utf8' }), 'all\n')
})

t.test('hostile texts are within quotes of an exported shell script only', async t => {
  for (const [index, { sh }] of exported.entries()) {
    writeFileSync(join(folder, `${index}.sh`), sh.text)
    if (sh.text.replace(/'[^']*'|\\'/g, '').includes(MARK)) t.fail(sh.text)
  }
  const says = execFileSync('sh', ['-c', 'for file in *.sh; do sh -n "$file" || echo "$file"; done'], { cwd: folder, encoding: 'utf8' })
  t.equal(says, '')
})

t.test('an exported shell script runs nothing of what it sends', async t => {
  // A curl that answers everything with nothing, and goes on where an answer is another.
  for (const [index, { sh }] of exported.slice(0, effort(12, 100)).entries()) {
    writeFileSync(join(folder, `${index}.run`), `curl() { echo ' 200'; }\n${sh.text.replace(/^ {2}exit 1$/gm, '  :')}`)
  }
  execFileSync('sh', ['-c', 'for file in *.run; do sh "$file" > out 2>&1; done'], { cwd: folder })
  t.notOk(readdirSync(folder).includes('hacked'))
})

/** Names of variables that an exported file fills in. */
const VARIABLE = /^\{\{(?:url|[a-z][a-zA-Z0-9]*|(?:answer\d*\.response\.body\.\$[\w.[\]']*|snapshot\d*\.response\.(?:body\.\$\.redo|headers\.x-emulator-snapshot)))\}\}$/

t.test('hostile texts are in strings of JSON, and in comments of one line, in an exported file of requests', async t => {
  const odd: string[] = []
  const none = (texts: readonly string[], pattern: RegExp): void => { odd.push(...texts.filter(text => pattern.test(text))) }
  const are = (texts: readonly string[], pattern: RegExp): void => { odd.push(...texts.filter(text => !pattern.test(text))) }
  for (const { http: { text } } of exported) {
    const [head, ...requests] = text.split(/^### /m)
    are(head!.trimEnd().split('\n'), /^(?:#[^\n]*|@\w+ = [\w.~+/=:-]+|)$/)
    for (const request of requests) {
      const [first, ...lines] = request.trimEnd().split('\n')
      none([first!], new RegExp(MARK))
      const comments = lines.filter(line => line.startsWith('#'))
      are(comments, /^# (?:Expect: [\x20-\x7e\u00a0-\uffff]*|@name (?:answer|snapshot)\d*|It is left out: .*)$/)
      const [start, ...rest] = lines.slice(comments.length)
      if (start === undefined) continue
      are([start], /^[\w!#$%&'*+.^`|~-]+ \{\{url\}\}\/[\x21-\x7e]*$/)
      const gap = rest.indexOf('')
      const headers = gap === -1 ? rest : rest.slice(0, gap)
      are(headers, /^[\w!#$%&'*+.^`|~-]+: [\x20-\x7e]*$/)
      const body = gap === -1 ? '' : rest.slice(gap + 1).join('\n')
      if (body.includes(MARK)) JSON.parse(body.replace(/(?<!")\{\{\w+\}\}/g, '0'))
      are([...request.matchAll(/\{\{[^}]*\}\}/g)].map(([found]) => found), VARIABLE)
      none([body], /^(?:###|<|>|@)/m)
    }
  }
  t.strictSame(odd, [])
})

t.test('an exported archive is JSON', async t => {
  t.ok(exported.every(({ har: { text } }) => typeof JSON.parse(text) === 'object'))
})

t.test('hostile texts are in literals of the scripts of an exported collection, and are no variables', async t => {
  const odd: string[] = []
  const visit = (value: unknown, key: string): void => {
    if (key === 'exec') {
      if (outsideOfLiterals((value as string[]).join('\n'), ts.ScriptKind.JS).includes(MARK)) t.fail((value as string[]).join('\n'))
    } else if (typeof value === 'string') {
      for (const [found] of key === 'name' || key === 'value' ? [] : value.matchAll(/\{\{[^}]*\}\}/g)) if (!VARIABLE.test(found)) odd.push(found)
    } else if (typeof value === 'object' && value !== null) for (const [name, item] of Object.entries(value)) visit(item, name)
  }
  for (const { postman: { text } } of exported) visit(JSON.parse(text), '')
  t.strictSame(odd, [])
})

t.test('names of files have letters, digits and hyphens only', async t => {
  const names = exported.flatMap(files => FORMAT_NAMES.map(format => files[format].file))
  t.strictSame(names.filter(name => !/^[a-z0-9_-]{1,60}\.?[\w.]+$/.test(name)), [])
})

t.test('a literal has the text that it was written for', async t => {
  const texts = fc.sample(hostileText, SETTINGS)
  const well = texts.map(text => text.replaceAll('\0', '').replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, ''))
  t.strictSame(texts.map(text => runInNewContext(quoted(text)) as string), texts, 'in JavaScript')
  t.strictSame(texts.map(text => JSON.parse(jsonText(text)) as string), texts, 'in JSON')
  writeFileSync(join(folder, 'literals.py'), `import json\nprint(json.dumps([${texts.map(quoted).join(',\n')}]))`)
  t.strictSame(JSON.parse(execFileSync('python3', ['literals.py'], { cwd: folder, encoding: 'utf8' })), texts, 'in Python')
  writeFileSync(join(folder, 'literals.sh'), well.map(text => `printf '%s\\0' ${shellText(text)}\n`).join(''))
  t.strictSame(execFileSync('sh', ['literals.sh'], { cwd: folder, encoding: 'utf8' }).split('\0').slice(0, -1), well, 'in a shell')
})
