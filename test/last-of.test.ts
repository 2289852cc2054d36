import t from 'tap'
import { lastOf, resultsOf, sharedText } from '../src/last-of.js'

t.test('the last result is computed once', async t => {
  const computed: string[] = []
  const upper = lastOf((text: string) => {
    computed.push(text)
    return text.toUpperCase()
  })
  t.strictSame(['a', 'a', 'b', 'a'].map(upper), ['A', 'A', 'B', 'A'])
  t.strictSame(computed, ['a', 'b', 'a'])
})

t.test('many results are computed once, and take no more room than a thousand of them', async t => {
  let computed = 0
  const square = resultsOf((number: number) => {
    computed++
    return number * number
  })
  const numbers = Array.from({ length: 1000 }, (_, index) => index)
  for (const all of [numbers, numbers]) t.strictSame(all.map(square), numbers.map(number => number * number))
  t.equal(computed, 1000)
  t.equal(square(1000), 1_000_000, 'one more pushes the others out')
  t.equal(square(0), 0)
  t.equal(computed, 1002)
})

t.test('a shared text is the text that was given', async t => {
  const share = sharedText()
  t.strictSame(['', 'a', 'a', 'b', 'a', ''].map(share), ['', 'a', 'a', 'b', 'a', ''])
})
