import t from 'tap'
import { connect } from '../../src/client/connect.js'
import { FAULT_KINDS, FAULTS } from '../../src/domain/fault.js'
import { PROTECTIVE_HEADERS, PROTECTIVE_LINES } from '../../src/server/protective-headers.js'
import { share } from '../support/effort.js'
import { CHANGE_BILLING, emulate, raw, SAMPLE_REQUEST } from '../support/emulator.js'
import { send } from '../support/http.js'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'QUERY', 'TRACE']
const PATHS = [CHANGE_BILLING, `${CHANGE_BILLING}?x=<b>`, '/app/api/v2/pm/get-projects', '/app', '/', '/%zz', `/${'a'.repeat(2000)}`, '/__admin', '/__admin/health', '/__admin/state',
  '/__admin/openapi.json', '/__admin/nothing', '/__admin/%zz', `/__admin/accounts/${'a'.repeat(2000)}`, '/__admin/accounts/demo', '/__admin/faults', '/__admin/requests', '/__console/x']

const PROTECTED = Object.entries(PROTECTIVE_HEADERS)

t.test('no answer of any path can run what it quotes in a browser, or be framed', async t => {
  for (const console of [true, false]) {
    const unprotected: string[] = []
    let answers = 0
    const { url } = await emulate(t, { console, wire: { content_type: 'text/html' } })
    for (const [row, path] of PATHS.filter(path => !(console && path === '/')).entries()) {
      for (const [column, method] of METHODS.entries()) {
        // One who may call and one who may not; a body that is right, and one that can't be read.
        for (const [host, body] of share([['localhost', undefined], ['localhost', SAMPLE_REQUEST], ['evil.example', '[,']] as const, row + column, 3)) {
          const { headers } = await send(url, { method, path, headers: { host }, body })
          unprotected.push(...PROTECTED.filter(([name, value]) => headers[name] !== value).map(([name]) => `${method} ${path} of ${host}: ${name}`))
          answers++
        }
      }
    }
    t.strictSame(unprotected, [], `${answers} answers ${console ? 'with' : 'without'} the console`)
  }
})

t.test('answers under faults have the same headers', async t => {
  const { url } = await emulate(t)
  const control = connect(url)
  for (const kind of FAULT_KINDS.filter(kind => FAULTS[kind].delivers !== 'nothing')) {
    await control.fail({ kind, times: 1, ...kind === 'delay' && { delay: { fixed: 1 } }, ...kind === 'slow_body' && { duration: 1 } })
    const received = await raw(url, `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${SAMPLE_REQUEST.length}\r\n\r\n${SAMPLE_REQUEST}`, 5000)
    for (const line of PROTECTIVE_LINES) t.match(received, `${line}\r\n`, kind)
  }
})

t.test('so have the event stream and answers that no route gives', async t => {
  const { url } = await emulate(t)
  const requests = ['garbage\r\n\r\n', 'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 'GET /__admin/events HTTP/1.1\r\nhost: localhost\r\n\r\n',
    `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: x\r\ncontent-length: 2000000\r\n\r\n`, 'POST /__admin/state HTTP/1.1\r\nhost: localhost\r\nexpect: else\r\ncontent-length: 0\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n']
  for (const request of requests) {
    const received = await raw(url, request)
    if (request.startsWith('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade')) t.match(received, "\r\ncontent-security-policy: default-src 'none'; script-src 'self'", 'the console has its own')
    else for (const line of PROTECTIVE_LINES) t.match(received, `${line}\r\n`, request.slice(0, 60))
  }
})

t.test('the journal shows the headers of the emulated API, without these', async t => {
  const { change, last } = await emulate(t)
  await change(SAMPLE_REQUEST)
  t.strictSame((await last()).response!.headers, { 'content-type': 'application/json' })
})
