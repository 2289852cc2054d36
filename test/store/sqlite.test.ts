import { join } from 'node:path'
import t from 'tap'
import { checkBinary, firstOf, packagesFor, sqlite } from '../../src/store/sqlite.js'

const MODERN = 'better-sqlite3'
const LEGACY = 'better-sqlite3-12'

t.test('the driver is the package that this version of Node.js can load, and the newest first', async t => {
  t.strictSame(packagesFor(9), [LEGACY], 'before Node.js 22.14')
  t.strictSame(packagesFor(10), [MODERN, LEGACY])
  t.strictSame(packagesFor(137), [MODERN, LEGACY])
})

t.test('the first package that works is taken', async t => {
  const load = (name: string): unknown => {
    if (name === MODERN) throw new Error(`Cannot find module '${MODERN}'`)
    return sqlite()
  }
  t.equal(firstOf([MODERN, LEGACY], load), sqlite())
  t.equal(firstOf([LEGACY], load), sqlite())
  t.throws(() => firstOf([MODERN, LEGACY], name => { throw new Error(`Cannot find module '${name}'`) }), { message: /^better-sqlite3 is not installed/ }, 'or the first is what is wrong')
})

t.test('a driver that is missing, without its binary, for another Node.js or forbidden is a problem with its remedy', async t => {
  const error = (message: string, code?: string) => Object.assign(new Error(message), { code })
  const modern = /; run npm install again, without --omit=optional$/
  const legacy = /; use Node\.js 22\.14 or newer, which needs no install script; or run npm install .+, and then npm rebuild better-sqlite3-12 \(pnpm: first pnpm approve-builds\)$/
  for (const [name, thrown, cause, remedy] of [
    [MODERN, error(`Cannot find module '${MODERN}'\nRequire stack:\n- /a`, 'MODULE_NOT_FOUND'), /^better-sqlite3 is not installed;/, modern],
    [MODERN, error('Cannot find module \'/a/build/Release/better_sqlite3.node\'', 'MODULE_NOT_FOUND'), /^the binary of better-sqlite3 can't be loaded by Node\.js v[\d.]+;/, modern],
    [LEGACY, error(`Cannot find module '${LEGACY}'\nRequire stack:\n- /a`, 'MODULE_NOT_FOUND'), /^better-sqlite3-12 is not installed;/, legacy],
    [LEGACY, error('Could not locate the bindings file. Tried:\n → /a\n → /b'), /^the binary of better-sqlite3-12 is missing, because its install script did not run;/, legacy],
    [LEGACY, error('/a.node: invalid ELF header', 'ERR_DLOPEN_FAILED'), /^the binary of better-sqlite3-12 can't be loaded by Node\.js v[\d.]+;/, legacy]
  ] as const) {
    const failing = (): void => { firstOf([name], () => { throw thrown }) }
    t.throws(failing, { message: cause })
    t.throws(failing, { message: remedy })
  }
  const forbidden = error('Cannot load native addon because loading addons is disabled.', 'ERR_DLOPEN_DISABLED')
  t.throws(() => firstOf([LEGACY], () => { throw forbidden }), {
    message: 'Node.js runs with --no-addons, or with permissions, so that the binary of better-sqlite3-12 may not be loaded; ' +
      'leave it out, or give the permission --allow-addons, in NODE_OPTIONS as well'
  })
})

t.test('a binary that would abort Node.js is refused, only where it would', async t => {
  const folder = t.testdir({ bad: '\x7fELF _ZN4node28RemoveEnvironmentCleanupHookEPN2v87IsolateEPFvPvES3_', good: '\x7fELF _ZN4node25AddEnvironmentCleanupHookE' })
  const check = (name: string, version: string) => (): void => { checkBinary({ resolve: (() => join(folder, name)) as never }, version) }
  for (const version of ['v24.0.0', 'v24.9.1', 'v24.18.1', 'v24.19.0', 'v24.21.0']) {
    t.throws(check('bad', version), { name: 'Problem', message: `the binary of better-sqlite3-12 was compiled by Node.js 24.19 or newer, and aborts Node.js ${version}; run npm install again, without --omit=optional` })
    t.doesNotThrow(check('good', version))
    t.doesNotThrow(check('missing', version), 'which its loader tells')
  }
  const load = Object.assign(() => sqlite(), { resolve: (() => join(folder, 'bad')) as never })
  t.throws(() => firstOf([LEGACY], load, 'v24.21.0'), { message: /^the binary of better-sqlite3-12 was compiled/ }, 'before it is loaded')
  for (const version of ['v20.20.2', 'v22.19.0', 'v24.22.0', 'v24.190.0', 'v26.10.0']) t.doesNotThrow(check('bad', version))
})
