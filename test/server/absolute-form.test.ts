import t from 'tap'
import { connect } from '../../src/client/connect.js'
import { emulate, raw } from '../support/emulator.js'

t.test('a request as to a proxy is journaled by its path, so that it is found like any other', async t => {
  const { url } = await emulate(t)
  const { requests } = connect(url)
  const send = async (target: string) => await raw(url, `POST ${target} HTTP/1.1\r\nhost: pickyassist.com\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`)
  const cases: ReadonlyArray<readonly [target: string, path: string, endpoint: string | null]> = [
    ['/app/api/v2/check-balance?a=1', '/app/api/v2/check-balance?a=1', 'check-balance'],
    ['http://pickyassist.com/app/api/v2/check-balance?a=1', '/app/api/v2/check-balance?a=1', 'check-balance'],
    ['HTTPS://pickyassist.com:443/app/api/v2/pm/fetch-balance', '/app/api/v2/pm/fetch-balance', 'fetch-balance'],
    ['http://pickyassist.com/nowhere', '/nowhere', null],
    ['http://pickyassist.com', '/', null]
  ]
  for (const [target, path, endpoint] of cases) {
    await send(target)
    const [entry] = await requests.list({ limit: 1 })
    t.match(entry, { path, endpoint }, target)
  }
  t.equal(await requests.count({ path: '/app/api/v2/check-balance' }), 2, 'also by the filter')
})
