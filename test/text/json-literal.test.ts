import fc from 'fast-check'
import t from 'tap'
import { literalAt } from '../../src/text/json-literal.js'

t.test('a value is given as it is written in a JSON text', async t => {
  const text = '\uFEFF { "a" : 9007199254740993 ,\n"b\\u0022": [ 1e400,"x\\"]}", [ -0 ], {"c": 1.50}] , "d":null,"e":"", "c":2 }'
  const cases: Array<[path: Array<string | number>, literal: string]> = [
    [['a'], '9007199254740993'],
    [['b"', 0], '1e400'],
    [['b"', 1], '"x\\"]}"'],
    [['b"', 2], '[ -0 ]'],
    [['b"', 2, 0], '-0'],
    [['b"', 3, 'c'], '1.50'],
    [['d'], 'null'],
    [['e'], '""'],
    [['c'], '2'],
    [[], text.slice(2)]
  ]
  for (const [path, literal] of cases) t.equal(literalAt(text, path), literal, path.join('/'))
  t.equal(literalAt(' 9007199254740993 ', []), '9007199254740993')
  t.equal(literalAt('1', []), '1')
  t.equal(literalAt('[1', [1]), '', 'nothing of a text that has no such value')
  t.equal(literalAt('[1', []), '[1')
})

t.test('the text of each value of any JSON reads as that value', async () => {
  const key = fc.string().filter(name => name !== '__proto__')
  fc.assert(fc.property(fc.dictionary(key, fc.jsonValue({ maxDepth: 2 })), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
    const text = JSON.stringify(value, null, indent)
    return Object.entries(JSON.parse(text) as object).every(([name, inner]) => JSON.stringify(JSON.parse(literalAt(text, [name]))) === JSON.stringify(inner))
  }), { numRuns: 300 })
})
