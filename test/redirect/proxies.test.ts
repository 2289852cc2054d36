import https from 'node:https'
import t from 'tap'
import { startEmulator } from '../../src/index.js'
import { bypassProxies, isProxiedByNode } from '../../src/redirect/proxies.js'

t.test('the vendor needs no proxy while its connections are redirected', async t => {
  const cases: ReadonlyArray<readonly [string, Record<string, string>, Record<string, string>]> = [
    ['no proxy', { NO_PROXY: 'a' }, { NO_PROXY: 'a' }],
    ['an empty one', { HTTPS_PROXY: '' }, { HTTPS_PROXY: '' }],
    ['a proxy', { HTTPS_PROXY: 'p' }, { HTTPS_PROXY: 'p', no_proxy: 'pickyassist.com,.pickyassist.com', NO_PROXY: 'pickyassist.com,.pickyassist.com' }],
    ['other hosts', { http_proxy: 'p', NO_PROXY: 'a, b' }, { http_proxy: 'p', no_proxy: 'a, b,pickyassist.com,.pickyassist.com', NO_PROXY: 'a, b,pickyassist.com,.pickyassist.com' }],
    ['both forms', { all_proxy: 'p', NO_PROXY: 'a', no_proxy: 'b' }, { all_proxy: 'p', no_proxy: 'b,pickyassist.com,.pickyassist.com', NO_PROXY: 'b,pickyassist.com,.pickyassist.com' }],
    ['all hosts', { HTTP_PROXY: 'p', no_proxy: '*' }, { HTTP_PROXY: 'p', no_proxy: '*' }]
  ]
  for (const [name, given, expected] of cases) {
    const env = { ...given }
    const undo = bypassProxies(env)
    t.strictSame(env, expected, name)
    undo()
    t.strictSame(env, given, `${name}, undone`)
  }
  const env: Record<string, string | undefined> = { HTTPS_PROXY: 'p' }
  const undo = bypassProxies(env)
  env.NO_PROXY = 'mine'
  undo()
  t.strictSame(env, { HTTPS_PROXY: 'p', NO_PROXY: 'mine' }, 'what was set meanwhile stays')
})

t.test('an emulator that intercepts leads around the proxies of the environment, until it stops', async t => {
  const { HTTPS_PROXY: before, NO_PROXY: usual } = process.env
  process.env.HTTPS_PROXY = 'http://127.0.0.1:9'
  t.teardown(() => {
    delete process.env.HTTPS_PROXY
    if (before !== undefined) process.env.HTTPS_PROXY = before
  })
  const emulator = await startEmulator({ intercept: true })
  t.match(process.env.NO_PROXY, /(^|,)pickyassist\.com,\.pickyassist\.com$/)
  await Promise.all([emulator.stop(), emulator.stop()])
  t.equal(process.env.NO_PROXY, usual)
})

t.test('where Node.js itself leads connections to a proxy, interception is refused', async t => {
  const { options } = https.globalAgent as { options: { proxyEnv?: Record<string, string> } }
  t.teardown(() => { delete options.proxyEnv })
  const cases: ReadonlyArray<readonly [Record<string, string>, boolean]> = [
    [{}, false],
    [{ HTTPS_PROXY: 'p' }, true],
    [{ http_proxy: 'p', NO_PROXY: 'localhost' }, true],
    [{ HTTPS_PROXY: 'p', NO_PROXY: 'localhost,pickyassist.com' }, false],
    [{ HTTPS_PROXY: 'p', no_proxy: '.pickyassist.com', NO_PROXY: 'localhost' }, false],
    [{ HTTPS_PROXY: 'p', NO_PROXY: 'mypickyassist.com' }, true],
    [{ HTTPS_PROXY: 'p', NO_PROXY: '*' }, false]
  ]
  t.equal(isProxiedByNode(), false, 'by default it does not')
  for (const [env, expected] of cases) {
    options.proxyEnv = env
    t.equal(isProxiedByNode(), expected, JSON.stringify(env))
  }
  options.proxyEnv = { HTTPS_PROXY: 'p' }
  await t.rejects(startEmulator({ intercept: true }), { message: /^the option intercept is wrong: Node\.js leads .* add pickyassist\.com to NO_PROXY/ })
  delete options.proxyEnv
  const emulator = await startEmulator({ intercept: true })
  await emulator.stop()
})
