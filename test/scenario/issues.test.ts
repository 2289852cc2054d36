import t from 'tap'
import { problemOf, read, world } from '../support/scenario.js'

t.test('a document that is wrong all over is refused with its first twenty issues', async t => {
  const { issues } = problemOf(() => read(world(...Array(50).fill({ nam: 1, token: 1 }))))
  t.equal(issues.length, 20)
  t.equal(new Set(issues.map(({ pointer }) => pointer)).size, 20, 'each at another place')
})

t.test('work for a body has a bound: of what is repeated by the thousand, twenty issues are told, and the others counted', async t => {
  const refusals = {
    projects: read.bind(null, world({ projects: Array(5000).fill({ project_id: 1 }) })),
    plans: read.bind(null, { plans: Array.from({ length: 5000 }, (_, index) => ({ plan_id: 1000 + index, name: 'plan' })) }),
    accounts: read.bind(null, world(...Array(5000).fill({ name: 'demo', token: 'a-token-of-demo' })))
  }
  for (const [name, refusal] of Object.entries(refusals)) {
    const { issues, message } = problemOf(refusal)
    t.equal(issues.length, 20, name)
    t.match(message, / \(and \d{4} more\)$/, name)
  }
})

t.test('an issue quotes up to sixty characters of the value found', async t => {
  const found = (name: unknown): string => problemOf(() => read(world({ name }))).issues[0]!.found
  t.equal(found({ a: 'x'.repeat(52) }), `{"a":"${'x'.repeat(52)}"}`)
  t.equal(found({ a: ' '.repeat(53) }), `{"a":"${' '.repeat(51)}...`)
  t.equal(found({ a: ' '.repeat(53) }).length, 60)
})

t.test('an issue quotes no part of a word: what is left of a token would not be known as one', async t => {
  const found = (name: unknown): string => problemOf(() => read(world({ name }))).issues[0]!.found
  t.equal(found({ a: 'x'.repeat(53) }), '{"a":"...')
  t.equal(found(`${'words '.repeat(33)}a-token.of~16`), '"words words words words words words words words words ...')
  t.equal(found('x'.repeat(201)), 'a word of 201 characters')
  t.equal(found(`${'é'.repeat(201)}`), `"${'é'.repeat(56)}...`, 'a letter that no token has')
  t.equal(found(`https://example.com/${'x'.repeat(200)}`), '"https://example.com/...')
})

t.test('of a value of any size, only as much is looked at as an excerpt may show', async t => {
  const found = (name: unknown): string => problemOf(() => read(world({ name }))).issues[0]!.found
  const unread = new Proxy({}, { ownKeys: () => t.fail('the rest of it is not looked at') as never })
  t.equal(found([...Array(5000).fill(0), unread]), `[${'0,'.repeat(28)}...`)
  t.equal(found(['x'.repeat(5000), unread]), '["...')
  t.equal(found({ ['k'.repeat(5000)]: [unread] }), '{"...')
  t.equal(found([`token: ${'s3cr3t'.repeat(1000)}`]), '["token: [redacted]"]', 'a secret that is cut off is hidden')
  t.equal(found([{ a: [`token=${'x'.repeat(5000)}`, 'y'] }, 'z']), '[{"a":["token=[redacted]"]}]')
})

t.test('a document nested by the thousand is refused with one issue', async t => {
  for (const levels of [100, 3000, 6000, 100_000]) {
    const deep: unknown = JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    for (const [pointer, scenario] of [['', deep], ['/extra', { extra: deep }], ['/accounts/0/name', world({ name: deep })], ['/accounts', { accounts: { deep } }]] as const) {
      t.strictSame(problemOf(() => read(scenario)).issues.map(issue => issue.pointer), [pointer], `${levels} levels at ${pointer || 'the root'}`)
    }
  }
})

t.test('a number that JSON can\'t hold is named as what it is, not as null', async t => {
  const found = (name: unknown): string => problemOf(() => read(world({ name }))).issues[0]!.found
  const cases: ReadonlyArray<readonly [unknown, string]> = [
    [JSON.parse('1e400'), 'a number too large'], [JSON.parse('-1e400'), 'a number too small'], [NaN, 'NaN'], [12n, '"12n"'], [-0, '0'], [1e21, '1e+21'], [null, 'null'],
    [[Infinity, { a: NaN, b: 1n }, 5], '["a number too large",{"a":"NaN","b":"1n"},5]']
  ]
  for (const [value, expected] of cases) t.equal(found(value), expected)
  t.equal(problemOf(() => read(world({ token: 5 }))).issues[0]!.found, '"[redacted]"', 'and a number that is a secret not at all')
})
