import t from 'tap'
import { connect } from '../../src/client/connect.js'
import { start } from '../../src/server/start.js'
import { damagedDatabase } from '../support/damaged.js'

t.test('a call that fails by damage of the database says so, changes nothing, and other calls are answered', async t => {
  const { url, stop } = await start({ db: await damagedDatabase(t) })
  t.teardown(stop)
  const response = await fetch(`${url}/__admin/accounts/demo`, { method: 'DELETE' })
  t.equal(response.status, 503)
  t.equal(response.headers.get('content-type'), 'application/problem+json')
  t.match(await response.json(), { title: 'Service Unavailable', detail: /world\.db can't be used: database disk image is malformed$/ })
  t.equal(await (await connect(url).account('demo')).wallet.balance(), '100')
  t.ok((await connect(url).audit()).ok)
})

t.test('a call that takes no parameters refuses them, and does nothing, as someone may have meant that', async t => {
  const { url, stop } = await start({ scenario: { faults: [{ kind: 'hang', when: 'before' }] } })
  t.teardown(stop)
  const { paths } = await (await fetch(`${url}/__admin/openapi.json`)).json() as { paths: Record<string, Record<string, { tags: string[], parameters: Array<{ in: string }> }>> }
  const calls = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods)
    .filter(([, { tags, parameters }]) => tags[0] === 'control API' && !parameters.some(parameter => parameter.in === 'query'))
    .map(([method]) => [method.toUpperCase(), path.replace('{account}', 'demo').replaceAll(/\{\w+\}/g, '1')] as const))
  t.ok(calls.length > 20)
  for (const [method, path] of calls.filter(([, path]) => path !== '/__admin/health')) {
    const response = await fetch(`${url}${path}?dry_run=true`, { method })
    t.equal(response.status, 400, `${method} ${path}`)
    await response.body?.cancel()
  }
  const refused = await fetch(`${url}/__admin/faults?account=demo`, { method: 'DELETE' })
  t.match(await refused.json(), { detail: 'the query is wrong at /account: found an unknown key, expected no parameters, as this call takes none' })
  t.equal((await connect(url).faults()).length, 1)
  t.equal((await fetch(`${url}/__admin/health?probe=1`)).status, 200, 'but a probe may ask in any way')
})
