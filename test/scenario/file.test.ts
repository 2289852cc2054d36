import { truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import type { Issue } from '../../src/problem.js'
import { inFile, issueLines, readJsonFile } from '../../src/scenario/file.js'
import { problemOf, read } from '../support/scenario.js'

t.test('a scenario file', async t => {
  const dir = t.testdir({
    'right.json': '{"accounts":[{"name":"demo"}]}',
    'bom.json': '\ufeff{\n "clock": "now"}',
    'empty.json': '',
    'comma.json': '{\n  "clock": { "mode": "system" }\n  "accounts": []\n}\n',
    'comment.json': '{\n  // no\n}',
    'twice.json': '{\r\n  "accounts": [\r\n    { "name": "a", "name": "b" }\r\n  ]\r\n}',
    'deep.json': `{"accounts": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    'vast.json': '',
    'proto.json': '{ "accounts": [{ "__proto__": {} }] }',
    folder: {}
  })
  writeFileSync(join(dir, 'latin-1.json'), Buffer.from('{"accounts":[{"name":"Jos\xe9"}]}', 'latin1'))
  truncateSync(join(dir, 'vast.json'), 128 * 1_048_576 + 1)
  writeFileSync(join(dir, 'utf-16.json'), Buffer.from('\ufeff{}', 'utf16le'))

  t.test('that can\'t be read, does not end or is not JSON is refused in one line, with the place', async t => {
    const cases: ReadonlyArray<[file: string, says: string]> = [
      ['missing.json', ': no such file'],
      ['right.json/under', ': no such file'],
      ['folder', ': not a regular file'],
      ['/dev/zero', ': not a regular file'],
      ['x'.repeat(300), ': can\'t be read (ENAMETOOLONG)'],
      ['vast.json', ': larger than 134217728 bytes'],
      ['latin-1.json', ':1:26: invalid UTF-8'],
      ['utf-16.json', ':1:1: invalid UTF-8'],
      ['deep.json', ':1:513: nested too deeply'],
      ['empty.json', ':1:1: value expected'],
      ['comma.json', ':3:3: comma expected'],
      ['comment.json', ':2:3: invalid comment token'],
      ['twice.json', ':3:20: duplicate key "name"'],
      ['proto.json', ':1:18: the key "__proto__" is not allowed']
    ]
    for (const [file, says] of cases) {
      const path = resolve(dir, file)
      const { message, issues } = problemOf(() => readJsonFile(path))
      t.equal(message, `${path}${says}`)
      t.strictSame(issues, [], 'no issue of a scenario')
    }
  })

  t.test('is read with or without a byte order mark', async t => {
    t.strictSame(readJsonFile(join(dir, 'right.json')).value, { accounts: [{ name: 'demo' }] })
    t.strictSame(inFile(readJsonFile(join(dir, 'right.json')), read), read({ accounts: [{ name: 'demo' }] }))
    const { value, placeOf } = readJsonFile(join(dir, 'bom.json'))
    t.strictSame(value, { clock: 'now' })
    t.equal(placeOf(''), '1:1')
    t.equal(placeOf('/clock'), '2:11')
  })

  t.test('with an issue is refused with its line and column', async t => {
    const path = join(dir, 'bom.json')
    const file = readJsonFile(path)
    const { message, issues } = problemOf(() => inFile(file, read))
    t.match(message, new RegExp(`^${path}:2:11: the scenario is wrong at /clock: found "now", expected a clock`))
    t.strictSame(issues, problemOf(() => read(file.value)).issues)
    t.strictSame(issueLines(file, issues), [`${path}:2:11: /clock: found "now", expected ${issues[0]!.expected}`])
  })

  t.test('passes through any error that is not a problem of the file', async t => {
    const bug = new TypeError('a bug')
    t.throws(() => inFile(readJsonFile(join(dir, 'right.json')), () => { throw bug }), bug)
  })
})

t.test('each issue of a file is printed on its own line, with the nearest existing place', async t => {
  const text = `{
  "clock": { "mode": "frozen" },
  "a/b": 1, "m~n": 2,
  "5": [
    0
  ],
  "accounts": [
    { "name": "\u00e9\ud83d\ude00", "nam": 1 },
    { "projects": [ { "project_id": 1, "subscriptions": [ { "service": 1 } ] } ] },
    {}, {}, {}, {}, {}, {}, {}, {},
    { "token": 7 }
  ]
}`
  const path = join(t.testdir({ 'flawed.json': text }), 'flawed.json')
  const file = readJsonFile(path)
  const cases: ReadonlyArray<[pointer: string, place: string]> = [
    ['', '1:1'],
    ['/clock', '2:12'],
    ['/clock/mode', '2:22'],
    ['/clock/at', '2:12'],
    ['/settings/wire/types', '1:1'],
    ['/a~1b', '3:10'],
    ['/m~0n', '3:20'],
    ['/5', '4:8'],
    ['/5/0', '5:5'],
    ['/5/1', '4:8'],
    ['/5/length', '4:8'],
    ['/accounts/0/nam', '8:29'],
    ['/accounts/1/projects/0/subscriptions/0/plan_id', '9:59'],
    ['/accounts/10/token', '11:16'],
    ['/accounts/11/token', '7:15']
  ]
  for (const [pointer, place] of cases) t.equal(file.placeOf(pointer), place, pointer || 'the root')
  const issues: Issue[] = [{ pointer: '', found: 'a', expected: 'b' }, { pointer: '/accounts/10/token', found: '7', expected: 'a text' }]
  t.strictSame(issueLines(file, issues), [`${path}:1:1: (the root): found a, expected b`, `${path}:11:16: /accounts/10/token: found 7, expected a text`])
  t.match(problemOf(() => inFile(file, read)).message, new RegExp(`^${path}:4:8: the scenario is wrong at /5: found an unknown key, .* \\(and 5 more\\)$`), 'the first issue\'s place')
})
