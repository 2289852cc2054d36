import fc from 'fast-check'
import t from 'tap'
import { indexOfValue, literalAt } from '../../src/text/json-literal.js'

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

t.test('each value of any JSON is found where it begins, and what is missing where the value around it does', async t => {
  const text = '{ "a" : [ 1, {} ,[] ], "b\\u0022": { "c/d": "]}", "" : 5 }, "e": "x" }'
  const cases: Array<[path: string[], begins: string]> = [
    [[], '{ "a"'], [['a'], '[ 1'], [['a', '0'], '1,'], [['a', '1'], '{} '], [['a', '1', 'x'], '{} '], [['a', '2'], '[] ]'], [['a', '2', '0'], '[] ]'], [['a', '3'], '[ 1'],
    [['a', 'length'], '[ 1'], [['b"', 'c/d'], '"]}"'], [['b"', ''], '5 }'], [['b"', 'c'], '{ "c/d'], [['e', '0'], '"x"'], [['f'], '{ "a"']
  ]
  for (const [path, begins] of cases) t.equal(indexOfValue(text, path), text.indexOf(begins), path.join('/'))
  fc.assert(fc.property(fc.array(fc.jsonValue({ maxDepth: 2 })), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
    const text = JSON.stringify(value, null, indent)
    return value.every((_, index) => text.startsWith(literalAt(text, [index]), indexOfValue(text, [String(index)])))
  }), { numRuns: 300 })
})
