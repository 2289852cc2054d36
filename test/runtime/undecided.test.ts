import t from 'tap'
import { createUndecided } from '../../src/runtime/undecided.js'

t.test('delays are ended for one account or for all, and their decisions are waited for', async t => {
  const undecided = createUndecided()
  await undecided.decide(null)
  const letGo: string[] = []
  const decided: string[] = []
  const add = (account: string | null): (() => void) => undecided.add(account, account === 'one', () => { letGo.push(String(account)) })
  const [ofOne, ofOther, ofNone] = [add('one'), add('other'), add(null)]
  const one = undecided.decide('one').then(() => { decided.push('one') })
  t.strictSame(letGo, ['one'])
  await Promise.resolve()
  t.strictSame(decided, [], 'not before its decision')
  ofOne()
  await one
  t.strictSame(decided, ['one'], 'without the other')
  const all = undecided.decide(null)
  t.strictSame(letGo, ['one', 'other', 'null'], 'none again that is decided')
  ofOther()
  ofNone()
  await all
  letGo.length = 0
  const [probed] = [add('one'), add('other')]
  await undecided.decideProbed('other')
  t.strictSame(letGo, [], 'those of the world\'s faults go on')
  const probes = undecided.decideProbed(null)
  t.strictSame(letGo, ['one'])
  probed()
  await probes
})
