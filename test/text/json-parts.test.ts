import t from 'tap'
import { parsingJson } from '../../src/text/json-parts.js'

/** Longer than what is parsed without a break. */
const LONG = 20_000

const many = <T>(item: T, count = LONG): T[] => Array.from({ length: count }, () => item)

function parsed (text: string): { readonly value: unknown, readonly pauses: number } {
  const work = parsingJson(text)
  for (let pauses = 0; ; pauses++) {
    const { done, value } = work.next()
    if (done === true) return { value, pauses }
  }
}

t.test('long JSON is parsed in parts, to what it is at once', async t => {
  const text = 'x'.repeat(LONG)
  const long: unknown[] = [
    many(1),
    many({ 'a "key"]}': ['\\', '"', '[{,:'], b: {} }, 2000),
    { a: many(null), b: 1, c: { d: many([]), e: {} } },
    { 'the "first"': { second: [[many(true)]] }, third: [], fourth: {} },
    Object.fromEntries(Array.from({ length: LONG }, (_, index) => [index, index])),
    [[1], many([2]), 3, text, { text }],
    { text, list: [text, text], more: [{ text, list: many(1) }] }
  ]
  for (const value of long) {
    const { value: found, pauses } = parsed(JSON.stringify(value))
    t.strictSame(found, value)
    t.ok(pauses > 0)
  }
  t.ok(parsed(JSON.stringify(long[1])).pauses > 3, 'in many parts')
})

t.test('what can\'t be parted is parsed at once', async t => {
  for (const value of [null, 1, 'text', [], {}, [1], { a: [1] }, 'x'.repeat(LONG)]) {
    t.strictSame(parsed(JSON.stringify(value)), { value, pauses: 0 })
  }
})

t.test('text that ends too early is no JSON, however long it is', async t => {
  for (const text of ['[1', '{"a":', JSON.stringify(many(1)).slice(0, -1), JSON.stringify({ a: many({}) }).slice(0, -2)]) {
    t.throws(() => parsed(text), { name: 'SyntaxError' })
  }
})
