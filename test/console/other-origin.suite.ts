import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from '../../src/client/connect.js'
import { CHANGE, inBrowser, WORLD } from '../support/browser.js'
import { CHANGE_BILLING, emulate } from '../support/emulator.js'

inBrowser('with --cors a page of another origin calls the emulated API, and the journal keeps preflights apart', {
  provoked: /^a request to http:|blocked by CORS policy/
}, async (t, { page, emulator: closed, control }) => {
  const shop = createServer((_request, response) => { response.setHeader('content-type', 'text/html').end('<!doctype html><title>shop</title>') })
  shop.listen(0, '127.0.0.1')
  await once(shop, 'listening')
  t.teardown(() => { shop.close().closeAllConnections() })
  const origin = `http://shop.example.test:${(shop.address() as AddressInfo).port}`
  const emulator = await emulate(t, { scenario: WORLD, cors: origin })
  await page.goto(origin)

  // A header of the page's own and JSON: each asks for a preflight.
  const ask = async (url: string, method = 'POST', credentials = 'same-origin'): Promise<unknown> => await page.evaluate(`fetch(${JSON.stringify(url)}, {
    method: '${method}', credentials: '${credentials}', headers: { 'content-type': 'application/json', 'x-trace': '1' }, ${method === 'GET' ? '' : `body: ${JSON.stringify(JSON.stringify(CHANGE))}`}
  }).then(async answer => [answer.headers.get('x-emulator-assumptions'), (await answer.json()).status], ({ name }) => name)`)
  const journal = async ({ ask }: typeof emulator) => ((await ask('/__admin/requests', {})).body.requests as Array<{ id: string, method: string }>).map(({ id, method }) => [id, method])

  t.same(await ask(emulator.url + CHANGE_BILLING), [null, 100])
  t.same(await ask(emulator.url + CHANGE_BILLING), ['same-plan', 410], 'the header of assumptions can be read')
  t.same(await ask(`${emulator.url}/__admin/state`, 'GET'), 'TypeError', 'the control API stays closed')
  t.same(await ask(emulator.url + CHANGE_BILLING, 'POST', 'include'), ['same-plan', 410], 'a page may be set to send cookies')
  t.ok(await page.evaluate(`navigator.sendBeacon(${JSON.stringify(emulator.url + CHANGE_BILLING)}, new Blob([${JSON.stringify(JSON.stringify(CHANGE))}], { type: 'application/json' }))`))
  await connect(emulator.url).requests.wait({ count: 4, timeout: '60s' })
  t.same(await journal(emulator), [1, 2, 3, 4].map(number => [`1-${number}`, 'POST']))

  t.same(await ask(closed.url + CHANGE_BILLING), 'TypeError', 'without the flag the page reads nothing')
  t.same(await journal(closed), [['1-1', 'OPTIONS']], 'and its preflight, which it did send, is a request like any other')
  t.equal((await control.state()).accounts![0]!.balance, '100')
})
