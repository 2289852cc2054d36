import t from 'tap'
import { checkMayListen, checkNodeOptions, checkRuntime, permissionProblem } from '../src/node-options.js'
import { CLI, run } from './support/built.js'

t.test('an option of Node.js under which no emulator can run is named in one line, with the remedy', async t => {
  for (const [option, impossible] of [
    ['--frozen-intrinsics', 'better-sqlite3 can\'t find its binary'],
    ['--disallow-code-generation-from-strings', 'requests can\'t be routed and checked']
  ] as const) {
    const { code, stderr } = await run(process.execPath, [option, '--no-warnings', CLI, '--port', '0'])
    t.equal(code, 2, option)
    t.equal(stderr, `picky-emulator: Node.js runs with ${option}, so that ${impossible}; leave it out, in NODE_OPTIONS as well\n`)
  }
})

t.test('what an option does is tried', async t => {
  t.doesNotThrow(() => { checkNodeOptions() })
  const forbidden = (): never => { throw new EvalError('Code generation from strings disallowed for this context') }
  t.throws(() => { checkNodeOptions({ Function: forbidden as unknown as FunctionConstructor, Error }) }, { name: 'Problem', message: /--disallow-code-generation-from-strings/ })
  t.throws(() => { checkNodeOptions({ Function, Error: Object.freeze(class extends Error {}) as ErrorConstructor }) }, { name: 'Problem', message: /--frozen-intrinsics/ })
})

t.test('a runtime that can run no emulator is named in one line, with the remedy', async t => {
  t.doesNotThrow(() => { checkRuntime() })
  t.throws(() => { checkRuntime({ bun: '1.2.3' }) }, { name: 'Problem', message: /^Bun 1\.2\.3 can't run an emulator; start picky-emulator with Node\.js/ })
})

t.test('a permission of Node.js that is missing is named in one line', async t => {
  const restricted = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission'
  const { code, stderr } = await run(process.execPath, [restricted, '--allow-fs-read=*', '--allow-addons', '--no-warnings', CLI, 'run', '--', 'true'])
  t.match({ code, stderr }, { code: 2, stderr: /^picky-emulator: Node\.js runs with permissions, and needs --allow-\S+ here.*\n$/ })
  const denied = (permission: string, resource: string): object => Object.assign(new Error('restricted'), { code: 'ERR_ACCESS_DENIED', permission, resource })
  t.equal(permissionProblem(denied('FileSystemWrite', '/a'))!.message, 'Node.js runs with permissions, and needs --allow-fs-write here for /a')
  t.equal(permissionProblem(denied('Net', ''))!.message, 'Node.js runs with permissions, and needs --allow-net here')
  for (const other of [new Error('another'), null, 'text']) t.equal(permissionProblem(other), undefined)
  const [knowing, other] = [new Set(['--allow-net']), new Set(['--permission'])]
  const [given, refused] = [true, false].map(isGiven => ({ has: () => isGiven }))
  t.throws(() => { checkMayListen({ allowedNodeEnvironmentFlags: knowing, permission: refused! }) }, { name: 'Problem', message: /needs --allow-net here/ })
  t.doesNotThrow(() => { checkMayListen({ allowedNodeEnvironmentFlags: knowing, permission: given! }) })
  t.doesNotThrow(() => { checkMayListen({ allowedNodeEnvironmentFlags: knowing }) })
  t.doesNotThrow(() => { checkMayListen({ allowedNodeEnvironmentFlags: other, permission: refused! }) }, 'a Node.js without such a permission')
})
