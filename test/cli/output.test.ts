import t from 'tap'
import { doNotWaitForTerminals, printable } from '../../src/cli/output.js'

t.test('nothing that is printed makes a terminal act', async t => {
  t.equal(printable('a\u001b[2J\u0007\r\u0000\u007f\u009b\u202e\u2066\tb\nc'), 'a\\u001b[2J\\u0007\\u000d\\u0000\\u007f\\u009b\\u202e\\u2066\\u0009b\nc')
  t.equal(printable('Größe→٣ 😀 [\\u001b]'), 'Größe→٣ 😀 [\\u001b]')
})

t.test('writes to a terminal return at once, those to anything else are as Node has them', async t => {
  const set: Array<[string, boolean]> = []
  const stream = (name: string, isTTY: boolean) => ({ isTTY, _handle: { setBlocking: (blocking: boolean) => { set.push([name, blocking]) } } })
  doNotWaitForTerminals([stream('terminal', true), stream('pipe', false), { isTTY: true }])
  t.strictSame(set, [['terminal', false]])
})
