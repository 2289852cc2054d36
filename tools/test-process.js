// What a process of tests does without, of all that tap does in it. tools/test-file.js imports this before tap.
import asyncHooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import processOnSpawn from 'process-on-spawn'

// tap follows every promise and handle, to find the test that an error belongs to if nobody catches it. That takes an eighth of the
// tests' time. Without, such an error ends the process, with its stack.
asyncHooks.createHook = () => ({ enable () {}, disable () {} })
syncBuiltinESMExports()

// tap loads itself into whatever a test starts, and doubles the time that a command takes. A process that a test starts is a
// user's: nothing of it counts for the coverage, and it runs as it does at a user's.
processOnSpawn.addListener(child => { child.env = withoutTap(child.env) })

function withoutTap (env) {
  const { NODE_OPTIONS: options = '', ...others } = env
  const kept = options.split(' ').filter(option => !option.includes('/@tapjs/')).join(' ')
  return {
    ...Object.fromEntries(Object.entries(others).filter(([name]) => !/^_?TAP/.test(name))),
    ...kept !== '' && { NODE_OPTIONS: kept }
  }
}
