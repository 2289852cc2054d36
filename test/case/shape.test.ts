import t from 'tap'
import { BODY_SHAPES, CASE_SHAPE, mapInShape } from '../../src/case/shape.js'
import { useUpSlice } from '../support/slices.js'

const increased = (value: unknown): unknown => {
  if (typeof value === 'number') return value + 1
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? value.map(increased) : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, increased(inner)]))
}
const map = <T>(value: T): T => increased(value) as T

t.test('a value is mapped wherever its lists are, and keeps the order of its keys', async t => {
  const account = { balance: 1, projects: [{ id: 1, plans: [2] }], name: 'x' }
  const scenario = { clock: 1, accounts: [account, { ...account, ledger: [1, 2] }], settings: { a: 1 } }
  const saved = { case: 1, start: { at: 1, scenario, initial: [account] }, timeline: [{ a: 1 }, 2], end: { scenario, at: 1 } }
  t.equal(JSON.stringify(await mapInShape(saved, CASE_SHAPE, map)), JSON.stringify(map(saved)))
})

t.test('what has not the shape that was expected is mapped as it is', async t => {
  for (const [path, body] of [['/state', [1]], ['/accounts', { balance: 1 }], ['/accounts', 1], ['/state', { accounts: { a: 1 } }], ['/else', [1]], ['/state', null]] as const) {
    t.strictSame(await mapInShape<unknown>(body, BODY_SHAPES.get(path), map), map<unknown>(body))
  }
})

t.test('mapping ends when nobody wants the result any more', async t => {
  await useUpSlice()
  await t.rejects(mapInShape({ timeline: [1] }, CASE_SHAPE, map, () => false), { message: /nobody waits/ })
})
