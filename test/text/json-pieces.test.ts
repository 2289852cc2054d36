import t from 'tap'
import { jsonPieces, type Shape } from '../../src/text/json-pieces.js'

const SHAPES: Array<Shape | undefined> = [undefined, {}, { a: [], b: { c: [[]] } }, { b: {} }, { missing: [] }]
const VALUES = [{}, { a: [] }, { a: [1, 'two', null, { x: [1] }], z: undefined, b: { c: [[], [1, [2]]], d: { e: {} } } }, { b: null, a: 'no list' }, { __proto__: null, 'a "key"\n': [{}] }]

t.test('JSON in pieces is what it is at once, whatever the shape and the space', async t => {
  for (const value of VALUES.slice(0, 3)) {
    for (const shape of SHAPES) {
      for (const space of ['', '  ']) t.equal([...jsonPieces(value, shape, space)].join(''), JSON.stringify(value, null, space))
    }
  }
  for (const value of VALUES.slice(3)) t.equal([...jsonPieces(value, { a: {}, b: {} }, '  ')].join(''), JSON.stringify(value, null, '  '))
  t.equal([...jsonPieces([{ a: [1] }], [{ a: [] }])].join(''), '[{"a":[1]}]')
})

t.test('each piece has an item of a list at most', async t => {
  const value = { a: Array.from({ length: 100 }, (_, index) => index), b: 1 }
  t.ok([...jsonPieces(value, { a: [] })].every(piece => piece.length < 10))
})
