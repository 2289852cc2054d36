import fc from 'fast-check'
import type { Case } from '../../src/contract/case.js'
import { anyCharacter } from './texts.js'

/** Character that stands in each hostile text, and that no exporter writes itself. */
export const MARK = '§'

/** Pieces that end a literal, a comment, a line or a request, or that are run or filled in where they are not within one. */
const PIECES = [
  '\'', '"', '`', '\\', '\\\'', '\n', '\r', '\r\n', '\u2028', '\u2029', '\0', '\u001b[2J', '\u202e', '\ufeff', '\ud800', '\udc00', '\t', ' ',
  // eslint-disable-next-line no-template-curly-in-string
  '$(touch hacked)', '`touch hacked`', '${process.exit(1)}', '$HOME', '; touch hacked;', '| touch hacked', '&& touch hacked', '\ntouch hacked\n',
  '*/', '/*', '//', '#', '--', '"""', '\'\'\'', '\\u0027', '\\x27', '\'; process.exit(1) //', '\')); process.exit(1)//', 'f"{exit()}"', '{exit()}',
  '\n###\nDELETE http://localhost/\n', '\n> {% client.log(1) %}\n', '\n< /etc/passwd\n', '\n@url = http://example.com\n', '\n# @name x\n',
  '{{$processEnv HOME}}', '{{url}}', '{{', '}}', '</script>', '%s%n', '%{http_code}', '!', '~', '*', '[redacted]', '__proto__', 'constructor', 'token-of-demo',
  '…', 'é', '😀', 'x'
]

/** Texts that are meant to break out of what they are written in. */
export const hostileText = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, { weight: 1, arbitrary: fc.string({ unit: anyCharacter, maxLength: 5 }) }), { maxLength: 5 })
  .map(pieces => pieces.join(MARK) + MARK)

/** Gives an account's token another text, wherever a case has it. */
export function withToken (given: Case, token: string): Case {
  const quoted = JSON.stringify(token)
  const replaced = JSON.stringify(given).replaceAll('"token-of-demo"', () => quoted)
  return JSON.parse(replaced.replaceAll('\\"token-of-demo\\"', () => JSON.stringify(quoted).slice(1, -1))) as Case
}

/** Fields whose values tell how a case is to be read. */
const KEPT = new Set(['step', 'case'])

/** Puts hostile texts into any places of a case, and of its keys. */
export function hostileCase (cases: readonly Case[]): fc.Arbitrary<Case> {
  return fc.tuple(fc.constantFrom(...cases), fc.infiniteStream(fc.tuple(fc.integer({ min: 0, max: 99 }), hostileText)), fc.integer({ min: 1, max: 60 }))
    .map(([given, stream, share]) => {
      const next = (): readonly [number, string] => stream.next().value
      const changed = (value: unknown, key: string): unknown => {
        if (typeof value === 'string') {
          const [chance, text] = next()
          return chance < share && !KEPT.has(key) ? text : value
        }
        if (typeof value !== 'object' || value === null) return value
        if (Array.isArray(value)) return value.map(item => changed(item, key))
        return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => {
          const [chance, text] = next()
          // Another field beside the one that is there.
          return [[key, changed(item, key)], ...chance === 99 && key !== 'timeline' ? [[text, text]] : []]
        }))
      }
      return changed(given, '') as Case
    })
}
