import t from 'tap'
import { asyncDispose, asyncDisposeOf } from '../../src/client/dispose.js'

t.test('accounts and emulators are disposed of by the symbol of the environment, or by that of compilers where it has none', t => {
  t.equal(asyncDispose, Symbol.asyncDispose)
  t.equal(asyncDisposeOf(Symbol), Symbol.asyncDispose)
  t.equal(asyncDisposeOf({ for: Symbol.for }), Symbol.for('Symbol.asyncDispose'))
  t.end()
})
