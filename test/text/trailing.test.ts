import t from 'tap'
import { withoutTrailing } from '../../src/text/trailing.js'

t.test('takes some characters off the end of a text, and nothing else', async t => {
  const rows: ReadonlyArray<readonly [text: string, characters: string, expected: string]> = [
    ['', '/', ''],
    ['///', '/', ''],
    ['http://a/b//', '/', 'http://a/b'],
    ['/a', '/', '/a'],
    ['token is x.:!', '.:!', 'token is x'],
    ['answer12', '0123456789', 'answer'],
    ['a 😀', ' ', 'a 😀'],
    ['a😀 ', ' ', 'a😀']
  ]
  for (const [text, characters, expected] of rows) t.equal(withoutTrailing(text, characters), expected, text)
})
