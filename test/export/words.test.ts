import t from 'tap'
import { variableWords } from '../../src/export/words.js'

t.test('a name becomes the words of a variable that nothing else has', async t => {
  const wordsFor = variableWords()
  const names = [
    'demo', 'Demo', 'Müller & Söhne', 'class', 'answer 2', 'answer2', 'send in vain', 'a b', 'ab', 'account 7', '1st', '', '???', 'x'.repeat(40), 'one two three four five'
  ]
  t.strictSame(names.map((name, index) => wordsFor(name, `account ${index + 1}`)), [
    'demo', 'demo 2', 'muller sohne', 'the class', 'the answer 2', 'the answer2 2', 'the send in vain', 'a b', 'ab 2', 'account 7', 'account 11', 'account 12',
    'account 13', 'account 14', 'one two three four'
  ])
})
