import t from 'tap'
import { call } from '../../src/client/call.js'
import { hideSecrets, hideSecretsFrom } from '../../src/journal/redact.js'
import { secretFinder } from '../../src/journal/secret-finder.js'
import { shortened, wholeWords } from '../../src/text/shortened.js'
import { emulate } from '../support/emulator.js'
import { refusal } from '../support/refusal.js'
import { told } from '../support/told.js'

t.test('a text keeps its beginning and its end', async t => {
  t.equal(shortened('x'.repeat(4000)).length, 4000)
  t.equal(shortened(`${'a'.repeat(2000)}b${'c'.repeat(2000)}`), `${'a'.repeat(2000)}[1 characters left out]${'c'.repeat(2000)}`)
  t.equal(shortened('abcdef', 5), 'ab[2 characters left out]ef')
})

t.test('the beginning of a text ends with a whole word', async t => {
  const cases: ReadonlyArray<readonly [text: string, most: number, beginning: string]> = [
    ['a few words', 20, 'a few words'], ['a few words', 11, 'a few words'], ['a few words', 10, 'a few '], ['a few words', 6, 'a few '], ['a few words', 5, 'a few'],
    ['a few words', 4, 'a '], ['words', 4, ''], ['', 4, ''], ['a:b', 2, 'a:'], ['!#$%&\'*+.^_`|~-', 14, ''], ['a!b c', 3, 'a!b'], ['ab éé', 4, 'ab é']
  ]
  for (const [text, most, beginning] of cases) t.equal(wholeWords(text, most), beginning, `${text} to ${most}`)
})

t.test('no message quotes a value of any length', async t => {
  const { url } = await emulate(t)
  const long = 'k'.repeat(900_000)
  for (const [method, path, body] of [
    ['POST', '/accounts', { [long]: 1 }],
    ['POST', '/accounts', Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}${long.slice(0, 40_000)}`, 1]))],
    ['POST', '/accounts', { copy_of: long }],
    ['PATCH', '/settings', { assumptions: { [long]: 'x' } }],
    ['PUT', '/plans', [{ plan_id: 1, [long]: 1 }]],
    ['POST', '/undo', { id: long }]
  ] as ReadonlyArray<[string, string, unknown]>) {
    const problem = await refusal(call({ base: url }, method, path, JSON.stringify(body)))
    t.ok(JSON.stringify(problem).length < 40_000, path)
    t.match(problem.detail, /^the body|^there is no .*\[89\d{4} characters left out\]/)
  }
  const { stderr } = await told(t, ['health', '--wait', 'x'.repeat(100_000)])
  t.match(stderr, /^picky-emulator: --wait is wrong: found "x+\[\d+ characters left out\]x+", expected a duration/)
  t.ok(stderr.length < 5000)
})

t.test('of a message of any length, only what is shown is searched for tokens', async t => {
  const finder = secretFinder()
  const secret = 's3cr3t0f4ny0ne'.repeat(8)
  finder.add(secret)
  let looked = 0
  const counting = { ...finder, findPlain: (text: string) => { looked += text.length; return finder.findPlain(text) } }
  const text = `${secret} ${'x'.repeat(1800)}${secret}${'y'.repeat(5_000_000)}${secret}${'z'.repeat(1950)} ${secret}`
  t.equal(hideSecrets(text, counting, 4000), `[redacted] ${'x'.repeat(1800)}[redacted][${text.length - 4000} characters left out]${'z'.repeat(1887)} [redacted]`)
  t.ok(looked < 50_000, `${looked} characters`)
  const cut = `${'x'.repeat(1999)}${secret}${'y'.repeat(9000)}${secret}${'z'.repeat(1950)}`
  t.equal(hideSecrets(cut, finder, 4000), `${'x'.repeat(1999)}[redacted][${cut.length - 4000} characters left out][redacted]${'z'.repeat(1950)}`, 'of one that is cut off, no part is told')
})

t.test('of the end of a text no part of a token is told that begins before it', t => {
  const finder = secretFinder()
  finder.add('s3cr3t0f4ny0ne')
  const text = 'a s3cr3t0f4ny0ne b s3cr3t0f4ny0ne c'
  t.equal(hideSecretsFrom(text, finder, 0), 'a [redacted] b [redacted] c')
  t.equal(hideSecretsFrom(text, finder, 2), '[redacted] b [redacted] c')
  t.equal(hideSecretsFrom(text, finder, 9), '[redacted] b [redacted] c')
  t.equal(hideSecretsFrom(text, finder, 16), ' b [redacted] c')
  t.end()
})

t.test('a token across the place where a message is cut is not told in part', async t => {
  const { url } = await emulate(t, { scenario: { accounts: [{ name: 'a', token: 's3cr3t0f4ny0ne'.repeat(8) }] } })
  const { detail } = await refusal(call({ base: url }, 'POST', '/accounts', JSON.stringify({ copy_of: `${'x'.repeat(1900)} ${'s3cr3t0f4ny0ne'.repeat(8)} ${'x'.repeat(5000)}` })))
  t.notOk(detail.includes('s3cr3t'))
  t.ok(detail.includes('characters left out'))
})
