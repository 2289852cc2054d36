import fc from 'fast-check'
import { anyCharacter } from '../support/texts.js'

/** A JSON schema, as far as the emulator uses any. */
export interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

/** Right values by the name of what they stand for, as JSON texts; they lead deeper than made-up ones would. */
export type Hints = Readonly<Record<string, fc.Arbitrary<string>>>

/** Names that mean something to JavaScript. */
const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'toJSON', 'length']

const NUMBERS = ['0', '-0', '-1', '1.5', '1e3', '1E-7', '5e-324', '1e308', '1e309', '-1e400', '9007199254740991', '9007199254740993', '18446744073709551616', '9'.repeat(400), '0.1e+5', '01', '+1', '.5', '1.', '0x10', 'NaN', 'Infinity', '-Infinity', 'undefined']

const TEXTS = ['', ' ', 'NaN', 'null', 'true', '1e3', '0', '007', '１２', '9'.repeat(400), '\0', 'a\0b', '\ud800', '\udfffx', '\u202eabc', '\ufeff', '👩‍👩‍👧', 'é'.normalize('NFD'), 'ﷺ', "' OR 1=1 --", '<script>', '%00', '../..', '\r\nx: y', 'x'.repeat(300), '{"token":"rich"}', ...INHERITED]

/** Any text at all, also halves of surrogate pairs. */
export const anyText = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ unit: anyCharacter, maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map(codes => String.fromCharCode(...codes))
)

/** A text as JSON has it, perhaps with all of it escaped, or as it is where JSON wants it escaped. */
const textJson = fc.tuple(anyText, fc.nat(20)).map(([text, how]) => {
  if (how === 0) return `"${text}"`
  if (how === 1) return `"${[...text].map(sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
  return JSON.stringify(text)
})

/** Anything in the place of a value, which need not be JSON. */
export const oddJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('null', 'true', 'false', '[]', '{}', '[[]]', '[null]', '{"":0}', '""', ...NUMBERS) },
  { weight: 4, arbitrary: textJson },
  { weight: 2, arbitrary: fc.double().map(String) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(...INHERITED).map(name => `{"${name}":{"${name}":1}}`) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('[]', '{}'), fc.constantFrom(50, 499, 501, 5000)).map(([[open, close], levels]) => (open === '[' ? open! : '{"a":').repeat(levels) + '1' + close!.repeat(levels)) },
  { weight: 1, arbitrary: fc.constantFrom('', ',', '}', '/* */', "'a'", '`a`', '"', '\\', '\u2028') }
)

/** An object as a JSON text, out of the texts of its keys and values: keys may come twice. */
export function objectOf (pairs: fc.Arbitrary<Array<readonly [string, string]>>): fc.Arbitrary<string> {
  return pairs.map(all => `{${all.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`)
}

/** A value for a schema, as a JSON text: right for the most part, and now and then wrong anywhere within. */
export function jsonOf (schema: Schema, hints: Hints, name = ''): fc.Arbitrary<string> {
  return fc.oneof({ weight: 40, arbitrary: hints[name] ?? rightJson(schema, hints, name) }, { weight: 1, arbitrary: oddJson })
}

function rightJson (schema: Schema, hints: Hints, name: string): fc.Arbitrary<string> {
  const { type, anyOf, items, pattern, properties, patternProperties, required = [], minimum = 0, maximum = 100 } = schema
  if ('const' in schema) return fc.constant(JSON.stringify(schema.const))
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(choice => jsonOf(choice, hints, name)))
  switch (type) {
    case 'object': return patternProperties === undefined
      ? objectOf(pairsOf(properties ?? {}, required, hints))
      : objectOf(fc.array(fc.tuple(anyText, jsonOf(Object.values(patternProperties)[0]!, hints)), { maxLength: 3 }))
    case 'array': return fc.array(jsonOf(items!, hints, name), { maxLength: 3 }).map(texts => `[${texts.join(',')}]`)
    case 'integer': return fc.oneof(fc.constantFrom(minimum, maximum), fc.integer({ min: minimum, max: Math.min(maximum, minimum + 12) })).map(String)
    case 'number': return fc.oneof(fc.constantFrom(minimum, maximum), fc.double({ min: minimum, max: maximum, noNaN: true })).map(String)
    case 'boolean': return fc.boolean().map(String)
    case 'null': return fc.constant('null')
    case 'string': return (pattern === undefined ? fc.string() : matching(pattern)).map(text => JSON.stringify(text))
    default: return fc.json()
  }
}

function pairsOf (properties: Readonly<Record<string, Schema>>, required: readonly string[], hints: Hints): fc.Arbitrary<Array<readonly [string, string]>> {
  const known = Object.entries(properties).map(([name, field]) => ({ name, value: jsonOf(field, hints, name), often: required.includes(name) ? 80 : 1 }))
  const each = known.map(({ name, value, often }) => fc.oneof({ weight: often, arbitrary: value.map(text => [[name, text]] as const) }, { weight: 2, arbitrary: fc.constant([]) }))
  const key = fc.oneof(fc.constantFrom(...INHERITED, ...Object.keys(properties)), anyText)
  const extra = fc.oneof({ weight: 30, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.tuple(key, oddJson).map(pair => [pair]) })
  return fc.tuple(...each, extra).map(parts => parts.flat())
}

/** The generator knows no looking ahead; what a pattern forbids by it is met often enough without. */
function matching (pattern: string): fc.Arbitrary<string> {
  return /\(\?[!=<]|\\ud[89a-f]/.test(pattern) ? fc.string({ unit: 'grapheme', maxLength: 20 }) : fc.stringMatching(new RegExp(pattern))
}

/** A text with something cut off, put in, or doubled. */
export function damaged (text: string): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(text.length), fc.nat(text.length), fc.oneof(fc.constantFrom('', '"', '{', ']', ',', ':', '\\', '\0', '\r\n'), anyText)).map(([from, to, put]) =>
    text.slice(0, from) + put + text.slice(to))
}
