import { join } from 'node:path'
import t from 'tap'
import { binaryProblem, checkBinary } from '../../src/store/binary.js'

t.test('a binary of better-sqlite3 that is missing, for another Node.js or forbidden is a problem with its remedy', async t => {
  const error = (message: string, code?: string) => Object.assign(new Error(message), { code })
  const remedy = /; run npm rebuild better-sqlite3 \(npm 12 and newer: first npm install-scripts approve better-sqlite3; pnpm: pnpm approve-builds, then pnpm rebuild\)$/
  for (const [thrown, cause] of [
    [error('Could not locate the bindings file. Tried:\n → /a\n → /b'), /^the binary of better-sqlite3 is missing, because its install script did not run/],
    [error('/a.node: invalid ELF header', 'ERR_DLOPEN_FAILED'), /^the binary of better-sqlite3 can't be loaded by Node\.js v[\d.]+/]
  ] as const) {
    const { message } = binaryProblem(thrown)!
    t.match(message, cause)
    t.match(message, remedy)
  }
  t.equal(binaryProblem(error('another', 'SQLITE_CANTOPEN')), undefined)
  const { message } = binaryProblem(error('Cannot load native addon because loading addons is disabled.', 'ERR_DLOPEN_DISABLED'))!
  t.equal(message, 'Node.js runs with --no-addons, or with permissions, so that the binary of better-sqlite3 may not be loaded; ' +
    'leave it out, or give the permission --allow-addons, in NODE_OPTIONS as well')
})

t.test('a binary that would abort Node.js is refused, only where it would', async t => {
  const folder = t.testdir({ bad: '\x7fELF _ZN4node28RemoveEnvironmentCleanupHookEPN2v87IsolateEPFvPvES3_', good: '\x7fELF _ZN4node25AddEnvironmentCleanupHookE' })
  const check = (name: string, version: string) => (): void => { checkBinary({ resolve: (() => join(folder, name)) as never }, version) }
  for (const version of ['v24.0.0', 'v24.9.1', 'v24.18.1', 'v24.19.0', 'v24.21.0']) {
    t.throws(check('bad', version), { name: 'Problem', message: `the binary of better-sqlite3 was compiled by Node.js 24.19 or newer, and aborts Node.js ${version}; compile it with Node.js 24.18, or use Node.js 22` })
    t.doesNotThrow(check('good', version))
    t.doesNotThrow(check('missing', version), 'which its loader tells')
  }
  for (const version of ['v20.20.2', 'v22.19.0', 'v24.22.0', 'v24.190.0', 'v26.10.0']) t.doesNotThrow(check('bad', version))
})
