import { execFileSync } from 'node:child_process'
import t from 'tap'
import { shellQuoted, shellWord } from '../../src/text/shell-word.js'

t.test('a word is quoted only if it has to be', async t => {
  for (const word of ['npm', '--fault', 'kind=hang,when=after', './a/b.js', 'user@host:x+y%']) t.equal(shellWord(word), word)
  t.same(['', 'a b', '$HOME', "it's", '*', 'a;b', '~', '=ls'].map(shellWord), ["''", "'a b'", "'$HOME'", "'it'\\''s'", "'*'", "'a;b'", "'~'", "'=ls'"])
  t.equal(shellWord('a\nb'), "$'a\\012b'", 'on one line, however it is shown')
  t.equal(shellQuoted('a\nb'), "'a\nb'")
})

t.test('what a terminal would act on while it is pasted is written as an escape', async t => {
  t.equal(shellQuoted('\u001b[2J'), "$'\\033[2J'")
  t.equal(shellQuoted('\u202e\'\\\n\t'), "$'\\342\\200\\256\\'\\\\\\012\\011'")
  t.equal(shellQuoted('\u0085'), "$'\\302\\205'")
})

t.test('a shell reads the words as they were', async t => {
  const words = ['', 'a b', '$HOME `id` $(id) !x', "it's", '"', '*', '~', '\\', 'a\nb', '\u001b[2J\t\r', '\u202eevil\u2066', "\u0007'\\\n", 'é😀', '-n', '#', '=x', 'a;b|c&d<e>f']
  const written = execFileSync('bash', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`], { encoding: 'utf8' })
  t.same(written.split('\0').slice(0, -1), words)
})
