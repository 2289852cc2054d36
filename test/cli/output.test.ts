import t from 'tap'
import { doNotWaitForTerminals, endUnread, printable } from '../../src/cli/output.js'
import { until } from '../support/until.js'

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

t.test('a process does not wait for good for readers who don\'t read', async t => {
  t.equal(endUnread(0), 0)
  const ended: number[] = []
  for (const writableLength of [0, 1]) t.equal(endUnread(3, { writableLength }, code => { ended.push(code) }, 0), 3)
  await until(() => ended.length > 0)
  t.strictSame(ended, [3])
})
