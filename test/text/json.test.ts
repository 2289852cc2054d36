import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import { issueText, isWithin, MAX_KEY, MAX_VALUES, pointerTo, readJson, readJsonBytes, type JsonIssue } from '../../src/text/json.js'
import { effort } from '../support/effort.js'
import { anyCharacter } from '../support/texts.js'

function issueIn (text: string): JsonIssue | undefined {
  const json = readJson(text)
  return 'issue' in json ? json.issue : undefined
}

/** A line separator in a test's name would end the line of its report. */
function shown (text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const twice = (key: string): string => `duplicate key ${JSON.stringify(key)}`
const proto = 'the key "__proto__" is not allowed'

const flawedKeys: ReadonlyArray<[name: string, text: string, issue: JsonIssue]> = [
  ['twice at the top', '{"a":1,"a":2}', { pointer: '/a', what: twice('a'), line: 1, column: 8 }],
  ['twice with the same value', '{"a":1,"a":1}', { pointer: '/a', what: twice('a'), line: 1, column: 8 }],
  ['twice, once in escapes', '{"a":1,"\\u0061":2}', { pointer: '/a', what: twice('a'), line: 1, column: 8 }],
  ['twice on lines of their own', '{\n  "a": 1,\n  "b": 2,\n  "a": 3\n}', { pointer: '/a', what: twice('a'), line: 4, column: 3 }],
  ['twice on lines that end as on Windows', '{\r\n  "a": 1,\r\n  "a": 3\r\n}', { pointer: '/a', what: twice('a'), line: 3, column: 3 }],
  ['three times: the second is told', '{"a":1,"a":2,"a":3}', { pointer: '/a', what: twice('a'), line: 1, column: 8 }],
  ['twice in a nested object', '{"a":{"b":1,"b":2}}', { pointer: '/a/b', what: twice('b'), line: 1, column: 13 }],
  ['twice where as many colons as keys could be counted', '{"a":{"b":1,"b":2},"c":0,"d":0}', { pointer: '/a/b', what: twice('b'), line: 1, column: 13 }],
  ['twice in a list', '{"a":[0,{"b":1,"b":2}]}', { pointer: '/a/1/b', what: twice('b'), line: 1, column: 16 }],
  ['twice in a list that is the document', '[1,{"a":1,"a":2}]', { pointer: '/1/a', what: twice('a'), line: 1, column: 11 }],
  ['twice, the first of two such keys is told', '{"a":{"b":1,"b":2},"a":3}', { pointer: '/a/b', what: twice('b'), line: 1, column: 13 }],
  ['twice, behind very many blanks', `\n{"a  b":1,${' '.repeat(5000)}\n${'\t'.repeat(3000)}"b":2,${' '.repeat(2000)}"a  b":2}`, { pointer: '/a  b', what: twice('a  b'), line: 3, column: 5007 }],
  ['twice, with very many blanks in it', `{"${' '.repeat(5000)}":1,"${' '.repeat(5001)}":2,"a":1,"a":2}`, { pointer: '/a', what: twice('a'), line: 1, column: 10_019 }],
  ['twice, and very long, spelt in two ways', `\n{"${'\\n/'.repeat(1000)}":1,"${'\\u000a/'.repeat(1000)}":{"a":1}, "${'\\n/'.repeat(1000)}":2}`, { pointer: `/${'\n~1'.repeat(1000)}`, what: 'duplicate key of 2000 characters', line: 2, column: 3007 }],
  ['twice, of which one is very long for its escapes', `{"${'a'.repeat(300)}":1,"${'\\u0061'.repeat(300)}":2}`, { pointer: `/${'a'.repeat(300)}`, what: 'duplicate key of 300 characters', line: 1, column: 307 }],
  ['twice, beside others that are very long', `{"${'\\n'.repeat(2000)}":1,"${'\\t'.repeat(2000)}":2,"a":1,"a":2}`, { pointer: '/a', what: twice('a'), line: 1, column: 8018 }],
  ['twice, within another that is very long', `{"${'\\n'.repeat(2000)}":{"a":1,"a":2}}`, { pointer: `/${'\n'.repeat(2000)}/a`, what: twice('a'), line: 1, column: 4012 }],
  ['twice, and it is empty', '{"":1,"":2}', { pointer: '/', what: twice(''), line: 1, column: 7 }],
  ['twice, and a pointer has to escape it', '{"~/":1,"~/":2}', { pointer: '/~0~1', what: twice('~/'), line: 1, column: 9 }],
  ['twice, and long: not quoted', `{"${'x'.repeat(50)}":1,"${'x'.repeat(50)}":2}`, { pointer: `/${'x'.repeat(50)}`, what: 'duplicate key of 50 characters', line: 1, column: 57 }],
  ['__proto__ at the top', '{"__proto__":{"strict":true}}', { pointer: '/__proto__', what: proto, line: 1, column: 2 }],
  ['__proto__ beside others', '{"a":1,"__proto__":null}', { pointer: '/__proto__', what: proto, line: 1, column: 8 }],
  ['__proto__ in a nested object', '{"a":{"__proto__":1}}', { pointer: '/a/__proto__', what: proto, line: 1, column: 7 }],
  ['__proto__ in a list', '{"a":[{"__proto__":1}]}', { pointer: '/a/0/__proto__', what: proto, line: 1, column: 8 }],
  ['__proto__ in a list that is the document', '[{"__proto__":1}]', { pointer: '/0/__proto__', what: proto, line: 1, column: 3 }],
  ['__proto__ in escapes at the top', '{"\\u005f_proto_\\u005F":1}', { pointer: '/__proto__', what: proto, line: 1, column: 2 }],
  ['__proto__ in escapes in a nested object', '{"a":{"\\u005f\\u005fproto__":1}}', { pointer: '/a/__proto__', what: proto, line: 1, column: 7 }],
  ['__proto__ deep within', `${'{"a":['.repeat(50)}{"__proto__":1}${']}'.repeat(50)}`, { pointer: `${'/a/0'.repeat(50)}/__proto__`, what: proto, line: 1, column: 302 }]
]

t.test('a key that readers would disagree about is an issue', async t => {
  for (const [name, text, issue] of flawedKeys) t.strictSame(issueIn(text), issue, name)
})

t.test('so is one in a text so large that its keys are counted', async t => {
  const before = JSON.stringify(Array.from({ length: 5000 }, (_, index) => ({ a: { ':': [index, 'a:b'] } }))).slice(0, -1)
  t.ok('value' in readJson(`${before}]`), 'one without flaws is read')
  for (const [name, text, { what }] of flawedKeys) t.equal(issueIn(`${before},${text}]`)?.what, what, name)
})

const right = [
  '0', '-0.5e+3', '""', 'null', 'true', '[]', '{}', ' \t\r\n{ } ',
  '{"token":"132321343dsfsdf","project_id":5786,"service":1,"plan_id":2}',
  '{"at":"2020-06-16T12:00:00Z"}',
  '{"a":"\\":\\"a\\":"}',
  '{"a:a":":","b":"::"}',
  '["a:b",":"]',
  '"a:b"',
  '{"a":{"a":{"a":1}}}',
  '{"a":[{"a":1},{"a":2}],"b":{"a":3}}',
  '[{"a":1,"b":2},{"a":1,"b":2}]',
  '{"a":1,"A":2,"a ":3,"":4}',
  '{"a":"__proto__","proto":"__proto__","constructor":1,"toString":2}',
  '["__proto__"]',
  '{"a":"\\u2028\u2028"}',
  '"\ud83d\ude00\\ud83d"'
]

t.test('a text without such a key has the value that JSON.parse gives it', async t => {
  for (const text of right) t.strictSame(readJson(text), { value: JSON.parse(text) }, shown(text))
})

const broken: ReadonlyArray<[text: string, what: string, line: number, column: number]> = [
  ['', 'value expected', 1, 1],
  ['\n\n  ', 'value expected', 3, 3],
  ['{"a":1', 'close brace expected', 1, 7],
  ['[1', 'close bracket expected', 1, 3],
  ['{\n  "a": 1\n  "b": 2\n}', 'comma expected', 3, 3],
  ['{\r\n  "a": 1\r\n  "b": 2\r\n}', 'comma expected', 3, 3],
  ['{"a" 1}', 'colon expected', 1, 6],
  ['{"a":1,}', 'property name expected', 1, 8],
  ['[1,\n]', 'value expected', 2, 1],
  ['{a:1}', 'invalid symbol', 1, 2],
  ["{'a':1}", 'invalid symbol', 1, 2],
  ['{"a":NaN}', 'invalid symbol', 1, 6],
  ['// no\n{}', 'invalid comment token', 1, 1],
  ['{} {}', 'end of file expected', 1, 4],
  ['01', 'end of file expected', 1, 2],
  ['1.', 'unexpected end of number', 1, 1],
  ['"a', 'unexpected end of string', 1, 1],
  ['"\\q"', 'invalid escape character', 1, 1],
  ['"\\u12"', 'invalid unicode', 1, 1],
  ['"\t"', 'invalid character', 1, 1],
  [`["${'\\n'.repeat(2000)}"}`, 'comma expected', 1, 4004],
  [`["${'\\n'.repeat(2000)}`, 'unexpected end of string', 1, 2],
  [`["${'\\n'.repeat(2000)}\\`, 'unexpected end of string', 1, 2],
  [`["${'\\n'.repeat(2000)}\n"]`, 'unexpected end of string', 1, 2],
  [`["${'\\n'.repeat(2000)}\r","a"]`, 'unexpected end of string', 1, 2],
  [`["${'\\n'.repeat(2000)}\\q\\"\\u0041"]`, 'invalid escape character', 1, 2],
  [`["${'\\n'.repeat(2000)}\\q\\u004g"]`, 'invalid unicode', 1, 2],
  [`["${'\\n'.repeat(2000)}\\u004g\t"]`, 'invalid character', 1, 2],
  ['\ufeff{}', 'invalid symbol', 1, 1],
  ['\u00a0{}', 'invalid symbol', 1, 1],
  ['{"a":1,"a":2', twice('a'), 1, 8]
]

t.test('a text that is not JSON is an issue with its place', async t => {
  for (const [text, what, line, column] of broken) {
    t.throws(() => JSON.parse(text), SyntaxError)
    t.match(issueIn(text), { what, line, column }, shown(text))
  }
})

t.test('deep nesting is read, or an issue, and never a crash', async t => {
  const nested = (levels: number): Array<[string, string]> => [
    ['lists', '['.repeat(levels) + ']'.repeat(levels)],
    ['lists in a flat object', `{"a":${'['.repeat(levels) + ']'.repeat(levels)}}`],
    ['objects', '{"a":'.repeat(levels) + '1' + '}'.repeat(levels)],
    ['objects in lists', '[{"a":'.repeat(levels / 2) + '1' + '}]'.repeat(levels / 2)]
  ]
  for (const [name, text] of nested(200)) t.ok('value' in readJson(text), `200 levels of ${name}`)
  for (const [name, text] of [...nested(100_000), ['lists that are never closed', '['.repeat(100_000)] as const]) {
    t.match(issueIn(text), { pointer: '', what: 'nested too deeply', line: 1 }, `100 000 levels of ${name}`)
  }
})

t.test('a text that is wrong in every place, or has too much of everything, takes no more than one that is wrong once', async t => {
  const deep = (inner: string): string => `${'{"a":'.repeat(400)}${inner}${'}'.repeat(400)}`
  const cases: Array<[text: string, what: string]> = [
    ['['.padEnd(1_000_000, ','), 'value expected'],
    ['[' + '\n'.repeat(500_000) + ',', 'value expected'],
    [`["${'\\q'.repeat(300_000)}"]`, 'invalid escape character'],
    [deep(`{${'"k":1,'.repeat(50_000)}"k":1}`), twice('k')],
    [deep(`{${'"__proto__":1,'.repeat(50_000)}"k":1}`), proto],
    ['[]'.repeat(50_000), 'end of file expected'],
    [`["${'['.repeat(100_000)}\\"[","${'x'.repeat(10)}`, 'unexpected end of string'],
    [`[${'0,'.repeat(MAX_VALUES)}0]`, `more than ${MAX_VALUES} values`],
    [`[${'[],'.repeat(MAX_VALUES)}0]`, `more than ${MAX_VALUES} values`],
    ['['.repeat(70_000), 'nested too deeply'],
    [`{"a":"${'b'.repeat(MAX_KEY + 1)}","${'~'.repeat(MAX_KEY + 1)}" :1}`, `a key of more than ${MAX_KEY} characters`]
  ]
  const calls = countCalls(t)
  for (const [text, what] of cases) {
    const before = calls()
    t.match(issueIn(text), { what }, shown(text.slice(0, 20)))
    t.ok(calls() - before <= 1000, 'one issue is written, with a pointer of 400 parts')
  }
  t.equal(isWithin('[{},{}]', 68), true, 'an object counts as 32 values more')
  t.equal(isWithin('[{},{}]', 67), false)
  const keys = `{${Array.from({ length: 10_000 }, (_none, index) => `"${index}":0`).join()}}`.padEnd(100_000)
  t.ok('value' in readJson(keys, 30_032), 'there is room')
  t.match(readJson(keys, 30_031), { issue: { what: 'more values and keys than there is memory for', line: 1, isTooMuch: true } })
  t.ok('value' in readJson(`["${'[,'.repeat(50_000)}\\"${'{,'.repeat(50_000)}"]`), 'what is within a string does not count')
})

/** Counts replacements in texts, of which there are some for each issue that is written: work that does not depend on the machine. */
function countCalls (t: Test): () => number {
  let count = 0
  for (const name of ['replace', 'replaceAll'] as const) {
    const original = String.prototype[name] as (this: string, ...parameters: unknown[]) => string
    const counted = function (this: string, ...parameters: unknown[]): string {
      count++
      return original.apply(this, parameters)
    }
    const put = (value: typeof counted): void => { Object.defineProperty(Object.getPrototypeOf(''), name, { value, writable: true, configurable: true }) }
    put(counted)
    t.teardown(() => { put(original) })
  }
  return () => count
}

t.test('bytes are read as UTF-8, with or without a byte order mark, and refused where they are anything else', async t => {
  t.strictSame(readJsonBytes(Buffer.from('{"a":"é"}')), { value: { a: 'é' } })
  t.strictSame(readJsonBytes(Buffer.from('\ufeff{"a":"\ufeff"}')), { value: { a: '\ufeff' } }, 'a mark further in is text')
  t.strictSame(readJsonBytes(Buffer.from('{"a":1,"a":2}')), { issue: { pointer: '/a', what: twice('a'), line: 1, column: 8 } })
  t.strictSame(readJsonBytes(Buffer.from('{\n"a":"Jos\xe9"}', 'latin1')), { issue: { pointer: '', what: 'invalid UTF-8', line: 2, column: 9 } })
  t.strictSame(readJsonBytes(Buffer.from([0xff])), { issue: { pointer: '', what: 'invalid UTF-8', line: 1, column: 1 } })
  t.match(readJsonBytes(Buffer.of()), { issue: { what: 'value expected', line: 1, column: 1 } })
})

t.test('a message tells an issue with its place', async t => {
  t.equal(issueText({ pointer: '/a', what: twice('a'), line: 1, column: 8 }), 'duplicate key "a" at line 1, column 8')
})

t.test('a pointer escapes what RFC 6901 says', async t => {
  t.equal(pointerTo([]), '')
  t.equal(pointerTo(['accounts', 0, 'a/b', '~1', '']), '/accounts/0/a~1b/~01/')
})

t.test('any JSON value comes back as JSON.parse has it', async () => {
  // A key "__proto__" is the one thing that is refused; renaming it keeps the value.
  const renamed = (text: string): string => text.replaceAll('"__proto__":', '"proto":')
  fc.assert(fc.property(fc.jsonValue({ stringUnit: anyCharacter }), fc.constantFrom(undefined, 2, '\t'), (value, space) => {
    const text = renamed(JSON.stringify(value, null, space))
    fc.pre(issueIn(text)?.what !== twice('proto'))
    const json = readJson(text)
    return 'value' in json && isDeepStrictEqual(json.value, JSON.parse(text))
  }), { numRuns: effort(100, 1000) })
})

/** A JSON document as it is written: with keys that come twice, and escapes that nobody needs. */
type Written = string | Written[] | { readonly members: ReadonlyArray<readonly [key: string, spelt: string, value: Written]> }

const KEYS = ['a', 'b', 'c', 'd', 'a:b', '~/', '']

const { written } = fc.letrec<{ written: Written, key: readonly [string, string] }>(tie => ({
  written: fc.oneof({ depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom('1', '"a"', '":"', 'null', '"\\"a\\":1"'),
    fc.array(tie('written'), { maxLength: 3 }),
    fc.array(fc.tuple(tie('key'), tie('written')), { maxLength: 4 }).map(members => ({ members: members.map(([[key, spelt], value]) => [key, spelt, value] as const) }))),
  key: fc.tuple(fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...KEYS) }, { weight: 1, arbitrary: fc.constant('__proto__') }), fc.boolean())
    .map(([key, escaped]) => [key, escaped ? `"${key.replace(/./, first => `\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}`)}"` : `"${key}"`] as const)
}))

function textOf (document: Written): string {
  if (typeof document === 'string') return document
  if (Array.isArray(document)) return `[${document.map(textOf).join(', ')}]`
  return `{${document.members.map(([, spelt, value]) => `${spelt}:${textOf(value)}`).join(',\n')}}`
}

function firstFlaw (document: Written, at = ''): string | undefined {
  if (typeof document === 'string') return undefined
  const children = Array.isArray(document) ? document.map((value, index) => [String(index), '', value] as const) : document.members
  const seen = new Set<string>()
  for (const [key, , value] of children) {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (key === '__proto__' || seen.has(key)) return pointer
    seen.add(key)
    const within = firstFlaw(value, pointer)
    if (within !== undefined) return within
  }
  return undefined
}

t.test('whatever is written, it is refused exactly if a key comes twice or is __proto__, and the first such key is told', async t => {
  const met = { right: 0, flawed: 0 }
  fc.assert(fc.property(written, document => {
    const text = textOf(document)
    const pointer = firstFlaw(document)
    met[pointer === undefined ? 'right' : 'flawed']++
    const json = readJson(text)
    return 'issue' in json ? json.issue.pointer === pointer : pointer === undefined && isDeepStrictEqual(json.value, JSON.parse(text))
  }), { numRuns: effort(300, 3000) })
  t.ok(Math.min(met.right, met.flawed) > effort(10, 100), `both kinds were tried: ${JSON.stringify(met)}`)
})

t.test('whatever JSON.parse refuses is refused, with a place in the text', async () => {
  const pieces = ['{', '}', '[', ']', ':', ',', '"', '\\', '"a"', '0', '1', '-', '.', 'e', 'null', 'u', ' ', '\n', '\r', '\t', '\u0000', '\u00a0', '\ufeff', '\u2028', '\ud800', '/', '*']
  fc.assert(fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), parts => {
    const text = parts.join('')
    const issue = issueIn(text)
    let parses = true
    try { JSON.parse(text) } catch { parses = false }
    if (issue === undefined) return parses
    const lines = text.split(/\r\n|\r|\n/)
    const onALine = issue.line >= 1 && issue.line <= lines.length && issue.column >= 1 && issue.column <= lines[issue.line - 1]!.length + 1
    return onALine && (!parses || issue.what === twice('a'))
  }), { numRuns: effort(500, 5000) })
})
