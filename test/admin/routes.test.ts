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
