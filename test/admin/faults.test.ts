import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect as openSocket, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { BASE_PATH, ENDPOINTS } from '../../src/api/index.js'
import { STATUS_TEXTS } from '../../src/api/status-codes.js'
import { connect, type Account, type RemoteEmulator } from '../../src/client/connect.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import type { ScenarioDelay, ScenarioFault, ScenarioProject } from '../../src/contract/scenario.js'
import { FAULT_KINDS, type FaultKind } from '../../src/domain/fault.js'
import { memoryBounds } from '../../src/runtime/memory.js'
import { resetConnection } from '../../src/server/reset.js'
import { effort, share } from '../support/effort.js'
import { CHANGE_BILLING, emulate, SAMPLE } from '../support/emulator.js'
import { overtaken } from '../support/overtaken.js'
import { refusal } from '../support/refusal.js'
import { until } from '../support/until.js'

/** A client that sees everything: each byte that comes, in how many pieces, and how the connection ends. */
interface Wire {
  readonly socket: Socket
  readonly received: () => string
  readonly pieces: () => number
  /** `FIN`, or the code of the error. */
  readonly end: Promise<string>
  readonly isOpen: () => boolean
}

async function wire (url: string): Promise<Wire> {
  const { hostname, port } = new URL(url)
  const socket = openSocket(Number(port), hostname)
  let received = ''
  let pieces = 0
  let ended = false
  socket.on('data', chunk => {
    received += chunk.toString()
    pieces++
  })
  const end = new Promise<string>(resolve => {
    socket.on('end', () => resolve('FIN'))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code!))
  })
  end.then(() => { ended = true })
  await once(socket, 'connect')
  return { socket, received: () => received, pieces: () => pieces, end, isOpen: () => !ended }
}

/** A request as bytes. */
function http (body: unknown, { method = 'POST', path = CHANGE_BILLING, keepAlive = false } = {}): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return `${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${keepAlive ? '' : 'connection: close\r\n'}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}

interface Parsed { readonly status: number, readonly type: string | undefined, readonly announced: number, readonly body: string }

/** The HTTP answers in what was received, one after the other; the last one's body may be shorter than announced. */
function answersIn (received: string): Parsed[] {
  const answers: Parsed[] = []
  for (let rest = received; rest !== '';) {
    const head = rest.slice(0, rest.indexOf('\r\n\r\n'))
    const announced = Number(/^content-length: (\d+)$/im.exec(head)?.[1])
    const body = rest.slice(head.length + 4, head.length + 4 + announced)
    answers.push({ status: Number(head.split(' ')[1]), type: /^content-type: (.*)$/im.exec(head)?.[1], announced, body })
    rest = rest.slice(head.length + 4 + announced)
  }
  return answers
}

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

async function sandbox (control: RemoteEmulator, balance = '100'): Promise<Account> {
  return await control.createAccount({ balance, projects: [{ project_id: 1 }, { project_id: 2 }] })
}

const orderOf = ({ token }: Account, planId = 2, projectId: unknown = 1): object => ({ token, project_id: projectId, service: 1, plan_id: planId })

/** Sends one request and gives what the client saw of it. */
async function ask (url: string, bytes: string) {
  const client = await wire(url)
  client.socket.write(bytes)
  const end = await client.end
  return { end, text: client.received(), pieces: client.pieces(), answer: answersIn(client.received())[0] }
}

const post = (url: string, body: unknown) => ask(url, http(body))

/** What a request came to, as the journal shows it: the id of the fault that triggered on it. */
const faultsIn = (entries: readonly JournalEntry[]): Array<string | null> => entries.map(({ fault }) => fault && fault.id)

const SUCCESS = { status: 100, message: 'Success', old_billing_plan: '1', new_billing_plan: 2, amount_debited: '5', next_billing_date: '2020-07-16T23:59:59+00:00' }

/** What some kinds have of their own. */
const OWN_FIELDS: Partial<Record<FaultKind, string[]>> = { delay: ['delay'], http_error: ['http_status', 'body'], api_refusal: ['status'], slow_body: ['duration'] }

/** What a client sees of a fault: how the connection ends, and what came over it. */
interface Sight {
  readonly end: 'FIN' | 'ECONNRESET'
  readonly options?: Partial<ScenarioFault>
  /** The vendor's status in the journal; none where the client gets to see none. */
  readonly apiStatus?: number
  readonly sees: (t: Test, seen: Awaited<ReturnType<typeof ask>>) => void
}

const seesNothing = (t: Test, { text }: { text: string }): void => { t.equal(text, '', 'not a byte') }
const seesAll = (t: Test, { answer }: { answer: Parsed | undefined }): void => {
  t.equal(answer!.status, 200)
  t.same(JSON.parse(answer!.body), SUCCESS)
}

const SIGHTS: Record<FaultKind, Sight> = {
  connection_reset: { end: 'ECONNRESET', sees: seesNothing },
  empty_response: { end: 'FIN', sees: seesNothing },
  hang: { end: 'ECONNRESET', sees: seesNothing },
  truncated_body: {
    end: 'FIN',
    apiStatus: 100,
    sees (t, { answer }) {
      t.equal(answer!.announced, JSON.stringify(SUCCESS).length)
      t.ok(answer!.body.length > 0 && answer!.body.length < answer!.announced, `${answer!.body.length} of ${answer!.announced} bytes`)
      t.ok(JSON.stringify(SUCCESS).startsWith(answer!.body))
    }
  },
  malformed_json: {
    end: 'FIN',
    apiStatus: 100,
    sees (t, { answer }) {
      t.equal(answer!.status, 200)
      t.equal(answer!.body.length, answer!.announced, 'complete HTTP')
      t.notOk(isJson(answer!.body), answer!.body)
    }
  },
  slow_body: {
    end: 'FIN',
    options: { duration: 200 },
    apiStatus: 100,
    sees (t, seen) {
      t.ok(seen.pieces > 5, `${seen.pieces} pieces`)
      seesAll(t, seen)
    }
  },
  delay: { end: 'FIN', options: { delay: { fixed: 20 } }, apiStatus: 100, sees: seesAll },
  http_error: {
    end: 'FIN',
    sees (t, { answer }) { t.match(answer, { status: 500, type: 'text/html', body: '<html><body><h1>Internal Server Error</h1></body></html>' }) }
  },
  api_refusal: {
    end: 'FIN',
    options: { status: 403 },
    apiStatus: 403,
    sees (t, { answer }) { t.match(answer, { status: 200, type: 'application/json', body: '{"status":403,"message":"Insufficient Balance"}' }) }
  }
}

t.test('kinds of faults on the socket of a client', async t => {
  const { url, kept } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  const control = connect(url)

  t.same(Object.keys(SIGHTS).sort(), [...FAULT_KINDS].sort(), 'all of them are here')
  for (const when of ['before', 'after'] as const) {
    for (const [kind, { end, options, apiStatus = null, sees }] of Object.entries(SIGHTS) as Array<[FaultKind, Sight]>) {
      // A delay and a slow body let the whole answer come, which must then be true.
      const isCharged = when === 'after' || kind === 'delay' || kind === 'slow_body'

      t.test(`${kind} ${when} the decision ${isCharged ? 'charges the wallet' : 'leaves the wallet alone'}`, async t => {
        const account = await sandbox(control)
        const { id } = await account.fail({ kind, when, times: 1, ...options })
        const before = kept()
        const client = await wire(url)
        client.socket.write(http(orderOf(account)))
        const [entry] = await account.requests.wait()
        const after = kept()
        if (kind === 'hang') {
          t.ok(client.isOpen(), 'the client still waits')
          t.equal(client.received(), '')
          await account.reset()
        }
        t.equal(await client.end, end)
        sees(t, { end, text: client.received(), pieces: client.pieces(), answer: answersIn(client.received())[0] })

        t.match(entry, { fault: { id, kind, when, matched: 0 }, charged: isCharged, api_status: apiStatus, rule: null, account: account.name })
        if (['connection_reset', 'empty_response', 'hang'].includes(kind)) t.equal(entry!.response, null, 'the journal has no answer either')
        else t.type(entry!.response!.http_status, 'number')
        if (isCharged) {
          t.equal(after.ledger_entry!.length, before.ledger_entry!.length + 1)
          t.match(after.ledger_entry!.at(-1), { kind: 'plan-change', amount_mills: -5000, balance_mills: 95_000, plan_id: 2, request_id: entry!.id })
        } else {
          t.same(after, before, 'nothing that is kept has changed')
        }

        if (kind !== 'hang') {
          // The client tries once more, as clients do.
          const { answer } = await post(url, orderOf(account))
          t.equal((JSON.parse(answer!.body) as { status: number }).status, isCharged ? 410 : 100)
          const [, retried] = await account.requests.list()
          t.match(retried, { fault: null, rule: isCharged ? 'plan-must-differ' : null, charged: !isCharged })
          t.equal(retried!.lint.some(({ name }) => name === 'charged-retry'), isCharged)
          t.equal(await account.wallet.balance(), '95')
          t.same((await account.ledger()).map(({ amount }) => amount), ['100', '-5'])
        }
        t.ok((await control.audit()).ok)
      })
    }
  }

  t.test('common clients report faults by the usual error names', async t => {
    const account = await sandbox(control)
    const cases: Array<[FaultKind, string, string]> = [
      ['connection_reset', 'ECONNRESET', 'ECONNRESET'],
      ['empty_response', 'UND_ERR_SOCKET', 'ECONNRESET'],
      ['truncated_body', 'UND_ERR_SOCKET', 'ECONNRESET']
    ]
    for (const [kind, ofFetch, ofHttp] of cases) {
      await account.fail({ kind, times: 2 })
      const error = await fetch(url + CHANGE_BILLING, { method: 'POST', body: JSON.stringify(orderOf(account)) }).then(response => response.text()).catch((error: Error & { cause: { code: string } }) => error.cause.code)
      t.equal(error, ofFetch, `${kind}, fetch`)
      const code = await new Promise(resolve => {
        httpRequest(url + CHANGE_BILLING, { method: 'POST' }, response => {
          response.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
          response.on('end', () => resolve('complete'))
          response.resume()
        }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).end(JSON.stringify(orderOf(account)))
      })
      t.equal(code, ofHttp, `${kind}, node:http`)
    }
    t.equal(await account.wallet.balance(), '100')
  })

  t.test('an answer that is lost after the decision is booked like any other', async t => {
    const account = await sandbox(control, '4.999')
    await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
    t.equal((await post(url, orderOf(account))).end, 'ECONNRESET')
    const [entry] = await account.requests.list()
    t.match(entry, { rule: 'wallet-must-cover-price', charged: false, api_status: null, response: null })
    t.equal(await account.wallet.balance(), '4.999')
    t.ok((await control.audit()).ok)
  })
})

t.test('answers of faults', async t => {
  t.test('http_error answers with a status and a body you choose', async t => {
    const { url } = await emulate(t)
    const account = await sandbox(connect(url))
    for (const [status, body] of [[400, 'no'], [503, '<h1>Über</h1>'], [599, ''], [429, 'x'.repeat(65_536)]] as const) {
      await account.fail({ kind: 'http_error', http_status: status, body, times: 1 })
      const { answer } = await post(url, orderOf(account))
      t.match(answer, { status, type: 'text/html', announced: Buffer.byteLength(body) })
      t.equal(Buffer.byteLength(body) === body.length ? answer!.body : answer!.body.slice(0, body.length), body)
    }
  })

  const statuses = Object.keys(STATUS_TEXTS).map(Number).filter(status => status !== 100)

  t.test('api_refusal answers with the vendor\'s text for its status, in every dialect', async t => {
    const { url } = await emulate(t)
    const control = connect(url)
    let row = 0
    for (const types of ['sample', 'table'] as const) {
      for (const httpStatus of ['200', 'mapped'] as const) {
        const account = await control.createAccount({ balance: '100', projects: [{ project_id: 1 }], settings: { wire: { types, http_status: httpStatus, content_type: 'text/html' } } })
        const some = share(statuses, row++, 2)
        for (const status of some) {
          await account.fail({ kind: 'api_refusal', status, times: 1 })
          const { answer } = await post(url, orderOf(account))
          t.same(JSON.parse(answer!.body), { status, message: STATUS_TEXTS[status as 403] })
          t.equal(answer!.type, 'text/html; charset=UTF-8')
          if (httpStatus === '200') t.equal(answer!.status, 200)
          else t.ok(answer!.status >= 400 && answer!.status !== 500, `${status} is HTTP ${answer!.status}`)
        }
        t.same((await account.requests.list()).map(({ api_status: status }) => status), some)
      }
    }
    const account = await sandbox(control)
    await account.fail({ kind: 'api_refusal' })
    t.equal((await post(url, orderOf(account))).answer!.body, '{"status":101,"message":"Service Unavailable"}', '101 where no status is given')
  })

  t.test('truncated and slow answers have the dialect of the account', async t => {
    const { url } = await emulate(t, { wire: { types: 'table', content_type: 'text/html' } })
    const account = await sandbox(connect(url))
    for (const kind of ['truncated_body', 'malformed_json', 'slow_body'] as const) {
      await account.fail({ kind, times: 1, ...kind === 'slow_body' && { duration: 0 } })
      const { answer } = await post(url, orderOf(account))
      t.equal(answer!.type, 'text/html; charset=UTF-8')
      t.match(answer!.body, '"project_id":1')
    }
  })

  t.test('to HEAD, a truncated body is a head that announces it, and the end', async t => {
    const { url } = await emulate(t)
    await connect(url).fail({ kind: 'truncated_body', times: 1 })
    const { text, end } = await ask(url, `HEAD ${CHANGE_BILLING} HTTP/1.1\r\nhost: x\r\n\r\n`)
    t.match(text, /^HTTP\/1\.1 200 OK\r\n.*content-length: 85\r\n.*\r\n\r\n$/s)
    t.equal(end, 'FIN')
  })
})

t.test('delays', async t => {
  const { url } = await emulate(t)
  const control = connect(url)

  const longer = (delay: object, times: number): ScenarioDelay =>
    JSON.parse(JSON.stringify(delay), (key, value) => typeof value === 'number' && key !== 'sigma' ? times * value : value)
  for (const delay of [{ fixed: 300 }, { uniform: [290, 310] }, { lognormal: { median: 300, sigma: 0.01 } }] as const) {
    for (const when of ['before', 'after'] as const) {
      t.test(`the delay ${JSON.stringify(delay)} ${when} the decision does not delay later requests`, async t => {
        const { account, slow, quick, balance } = await overtaken(async times => {
          const account = await sandbox(control)
          await account.fail({ kind: 'delay', when, times: 1, delay: longer(delay, times), project_id: 1 })
          let isOver = false
          const slow = post(url, orderOf(account, 2, 1)).finally(() => { isOver = true })
          await until(async () => (await account.faults())[0]!.triggered === 1)
          const quick = await post(url, orderOf(account, 2, 2))
          const balance = await account.wallet.balance()
          return isOver ? undefined : { account, slow, quick, balance }
        })
        t.match(quick.answer!.body, '"status":100')
        t.equal(balance, when === 'before' ? '95' : '90', `${when} it is decided on`)
        t.match((await slow).answer!.body, '"status":100')
        const entries = await account.requests.list()
        t.same(entries.map(({ fault }) => fault?.kind), when === 'before' ? [undefined, 'delay'] : ['delay', undefined], 'in the order of the decisions')
        t.equal(await account.wallet.balance(), '90')
        t.ok((await control.audit()).ok)
      })
    }
  }

  t.test('a delay takes a second by default', async t => {
    const account = await sandbox(control)
    t.match(await account.fail({ kind: 'delay' }), { kind: 'delay', when: 'before', skip: 0, probability: 1, seed: 1, delay: { fixed: 1000 }, matched: 0, triggered: 0, struck: 0 })
  })
})

t.test('matching requests to faults', async t => {
  const { url } = await emulate(t)
  const control = connect(url)
  const [one, other] = await control.createAccounts([{ name: 'one', projects: [{ project_id: 1 }, { project_id: 2 }] }, { name: 'other', projects: [{ project_id: 1 }] }]) as [Account, Account]

  const cases: Array<[string, Partial<ScenarioFault>, unknown, boolean]> = [
    ['a request of the account', { account: 'one' }, orderOf(one), true],
    ['a request of another account', { account: 'one' }, orderOf(other), false],
    ['a request with an unknown token', { account: 'one' }, { ...orderOf(one), token: 'x' }, false],
    ['a request of any account', {}, orderOf(other), true],
    ['a request with an unknown token', {}, { ...orderOf(one), token: 'x' }, true],
    ['a body that is not JSON', {}, '{', true],
    ['a body that is a list', {}, '[1]', true],
    ['a token that is not text', {}, { ...orderOf(one), token: ['one'] }, true],
    ['a body that is not JSON', { project_id: 1 }, '{', false],
    ['a request to the endpoint', { endpoint: 'change-billing' }, orderOf(one), true],
    ['a request for the project', { project_id: 1 }, orderOf(one), true],
    ['the project as a numeric string', { project_id: 1 }, orderOf(one, 2, '1'), true],
    ['the project with leading zeros, as the API reads it', { project_id: 1 }, orderOf(one, 2, '01'), true],
    ['another project', { project_id: 1 }, orderOf(one, 2, 2), false],
    ['a project that is no number: a space', { project_id: 1 }, orderOf(one, 2, ' 1'), false],
    ['a project that is no number: hexadecimal', { project_id: 1 }, orderOf(one, 2, '0x1'), false],
    ['a project that is no number: a list', { project_id: 1 }, orderOf(one, 2, [1]), false],
    ['a project that is no number: true', { project_id: 1 }, orderOf(one, 2, true), false],
    ['a project that is no number: an empty text', { project_id: 1 }, orderOf(one, 2, ''), false],
    ['a request for the plan', { plan_id: 3 }, orderOf(one, 3), true],
    ['the plan as a numeric string', { plan_id: 3 }, { ...orderOf(one), plan_id: '3' }, true],
    ['another plan', { plan_id: 3 }, orderOf(one, 2), false],
    ['a request that matches all of it', { account: 'one', endpoint: 'change-billing', project_id: 1, plan_id: 3 }, orderOf(one, 3), true],
    ['a request that matches all but the plan', { account: 'one', endpoint: 'change-billing', project_id: 1, plan_id: 3 }, orderOf(one, 4), false]
  ]
  for (const [name, fields, body, expected] of cases) {
    t.test(`a fault for ${JSON.stringify(fields)} ${expected ? 'triggers' : 'does not trigger'} on ${name}`, async t => {
      await control.fail({ kind: 'http_error', http_status: 418, ...fields })
      t.equal((await post(url, body)).answer!.status, expected ? 418 : 200)
      t.same((await control.faults()).map(({ matched, triggered }) => [matched, triggered]), [expected ? [1, 1] : [0, 0]])
      await control.clearFaults()
    })
  }

  t.test('a fault triggers neither on unknown paths nor on what is not HTTP', async t => {
    await control.fail({ kind: 'hang' })
    t.equal((await ask(url, http(orderOf(one), { path: '/app/api/v2/pm/change-billin' }))).answer!.status, 404)
    t.match((await ask(url, 'garbage\r\n\r\n')).text, /^HTTP\/1\.1 400 /)
    await control.clearFaults()
  })

  t.test('a fault triggers on requests with a wrong method, too', async t => {
    for (const [row, method] of ['GET', 'HEAD', 'PUT', 'DELETE'].entries()) {
      for (const [kind, { options, end }] of share(Object.entries(SIGHTS) as Array<[FaultKind, Sight]>, row, 2)) {
        const { id } = await control.fail({ kind, when: 'after', times: 1, ...options })
        const client = await wire(url)
        client.socket.write(http('', { method }))
        const [entry] = await control.requests.wait({ fault: id })
        t.match(entry, { rule: 'method-must-be-post', charged: false, method })
        if (kind === 'hang') await control.reset().then(async () => await control.createAccounts([{ name: 'one' }, { name: 'other' }]))
        t.equal(await client.end, end, `${method} ${kind}`)
      }
    }
    await control.clearFaults()
  })
})

t.test('a fault never triggers on the control API', async t => {
  const { url } = await emulate(t)
  const control = connect(url)
  for (const kind of FAULT_KINDS) for (const when of ['before', 'after'] as const) await control.fail({ kind, when })
  for (const path of ['/health', '/state', '/accounts', '/clock', '/settings', '/faults', '/requests', '/audit', '/openapi.json', '/assumptions', '/plans']) {
    t.equal((await ask(url, http('', { method: 'GET', path: `/__admin${path}` }))).answer!.status, 200, path)
  }
  t.ok((await control.faults()).every(({ matched }) => matched === 0))
})

t.test('counting how often a fault triggers', async t => {
  const { url } = await emulate(t, { seed: 7 })
  const control = connect(url)

  /** Sends requests that are refused anyway, and returns the fault that triggered on each. */
  async function strikesOf (account: Account, requests: number): Promise<Array<string | null>> {
    await account.requests.clear()
    for (let count = 0; count < requests; count++) await fetch(url + CHANGE_BILLING, { method: 'POST', body: JSON.stringify(orderOf(account, 99)) }).then(response => response.text())
    return faultsIn(await account.requests.list())
  }

  t.test('a fault triggers at most times times, after skip requests', async t => {
    const account = await sandbox(control)
    const { id } = await account.fail({ kind: 'api_refusal', skip: 2, times: 3 })
    t.same(await strikesOf(account, 7), [null, null, id, id, id, null, null])
    t.same((await account.requests.list()).map(({ fault }) => fault?.matched), [undefined, undefined, 2, 3, 4, undefined, undefined])
    t.match((await account.faults())[0], { matched: 7, triggered: 3, skip: 2, times: 3 })
  })

  t.test('a fault with a probability triggers alike for the same seed, and differently for another', async t => {
    const account = await sandbox(control)
    const sequences: string[] = []
    for (const seed of [1, 1, 2]) {
      const { id } = await account.fail({ kind: 'api_refusal', probability: 0.5, seed })
      sequences.push((await strikesOf(account, 20)).map(struck => struck === id ? '!' : '.').join(''))
      // Which request it was in the fault's own count is in the journal, so that a decision can be looked up.
      t.same((await account.requests.list()).flatMap(({ fault }) => fault === null ? [] : [fault.matched]), [...sequences.at(-1)!].flatMap((mark, index) => mark === '!' ? [index] : []))
      await account.clearFaults()
    }
    const [first, again, other] = sequences
    t.equal(again, first)
    t.not(other, first)
    t.match(first, /!/)
    t.match(first, /\./)

    t.equal((await account.fail({ kind: 'api_refusal', probability: 0.5 })).seed, 7, 'the emulator\'s seed where a fault has none of its own')
  })

  t.test('a fault with the probability 0 never triggers, with 1 always', async t => {
    const account = await sandbox(control)
    await account.fail({ kind: 'api_refusal', probability: 0 })
    t.same(await strikesOf(account, 5), [null, null, null, null, null])
    const { id } = await account.fail({ kind: 'api_refusal', probability: 1 })
    t.same(await strikesOf(account, 2), [id, id])
  })

  t.test('a fault that is saved and loaded continues where it was', async t => {
    const account = await control.createAccount({ name: 'moved' })
    await account.fail({ kind: 'api_refusal', probability: 0.5, seed: 3 })
    const whole = (await strikesOf(account, 30)).map(Boolean)
    await account.clearFaults()
    await account.fail({ kind: 'api_refusal', probability: 0.5, seed: 3 })
    const firstHalf = (await strikesOf(account, 15)).map(Boolean)
    await control.load(await control.state())
    const secondHalf = (await strikesOf(account, 15)).map(Boolean)
    t.same([...firstHalf, ...secondHalf], whole)
    await control.reset()
  })

  t.test('a fault counts up to what a state may say, and stays there', async t => {
    const account = await control.createAccount({ name: 'counted' })
    await account.fail({ kind: 'api_refusal', matched: 999_999_999, triggered: 999_999_999 })
    const { id } = (await account.faults())[0]!
    t.same(await strikesOf(account, 3), [id, id, id])
    t.match(await account.faults(), [{ matched: 1_000_000_000, triggered: 1_000_000_000 }])
    await control.load(await control.state())
    await control.reset()
  })

  t.test('a fault with a ttl disappears when it is over', async t => {
    const account = await sandbox(control)
    const { id, ttl } = await account.fail({ kind: 'api_refusal', ttl: '1h' })
    t.match(ttl, /^3[56]\d{5}ms$/)
    t.same(await strikesOf(account, 1), [id])
    await account.clearFaults()
    await account.fail({ kind: 'api_refusal', ttl: '30ms' })
    await until(async () => (await account.faults()).length === 0)
    t.same(await strikesOf(account, 1), [null])
    const { id: ended } = await account.fail({ kind: 'api_refusal', ttl: '0ms' })
    t.same(await strikesOf(account, 1), [null], 'at once where it has no time')
    t.same(await account.faults(), [])
    const response = await fetch(`${url}/__admin/faults/${ended}`, { method: 'DELETE' })
    t.equal(response.status, 404)
    t.match(await response.json(), { detail: `there is no fault "${ended}"`, advice: /disappears when its ttl is over/ })
  })

  t.test('the first of several matching faults triggers', async t => {
    const account = await sandbox(control)
    const first = await account.fail({ kind: 'api_refusal', skip: 1, times: 2 })
    const second = await control.fail({ kind: 'http_error', times: 2 })
    const third = await account.fail({ kind: 'malformed_json' })
    t.same(await strikesOf(account, 6), [second.id, first.id, first.id, second.id, third.id, third.id])
    const counts = (await control.faults()).filter(({ id }) => [first.id, second.id, third.id].includes(id)).map(({ matched, triggered }) => [matched, triggered])
    t.same(counts, [[6, 2], [4, 2], [2, 2]], 'one that does not get a turn does not count the request')
    await control.clearFaults()
  })
})

t.test('adding and removing faults', async t => {
  const { url, ask: call } = await emulate(t)
  const control = connect(url)
  const [one, other] = await control.createAccounts([{ name: 'one' }, { name: 'other' }]) as [Account, Account]
  const admin = async (method: string, path: string, body?: unknown) => {
    const { http: status, body: answer } = await call(`/__admin${path}`, { method, ...body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } })
    return { status, answer: answer as Record<string, unknown> & { errors: Array<{ pointer: string, expected: string }> } }
  }

  t.test('DELETE /faults removes one fault, those of an account, or all', async t => {
    const shared = await control.fail({ kind: 'hang' })
    const ones = [await one.fail({ kind: 'hang' }), await control.fail({ kind: 'delay', account: 'one' })]
    const others = await other.fail({ kind: 'hang' })
    const ids = async (faults: Promise<readonly { id: string }[]>) => (await faults).map(({ id }) => id)
    t.same(await ids(control.faults()), [shared.id, ones[0]!.id, ones[1]!.id, others.id])
    t.same(await ids(one.faults()), [ones[0]!.id, ones[1]!.id], 'an account shows its own')

    t.equal((await admin('DELETE', `/accounts/other/faults/${ones[0]!.id}`)).status, 404, 'not by another account')
    t.equal((await admin('DELETE', `/accounts/other/faults/${shared.id}`)).status, 404, 'nor the world\'s by an account')
    t.equal((await admin('DELETE', `/accounts/one/faults/${ones[0]!.id}`)).status, 204)
    t.equal((await admin('DELETE', `/accounts/one/faults/${ones[0]!.id}`)).status, 404, 'not twice')
    t.equal((await admin('DELETE', `/faults/${ones[1]!.id}`)).status, 204)
    t.same(await ids(control.faults()), [shared.id, others.id])

    await one.fail({ kind: 'hang' })
    await one.clearFaults()
    t.same(await ids(control.faults()), [shared.id, others.id], 'an account clears its own')
    t.equal((await admin('DELETE', `/faults/${shared.id}`)).status, 204)
    t.same(await ids(control.faults()), [others.id])
    await control.clearFaults()
    t.same(await control.faults(), [])
    t.not((await one.fail({ kind: 'hang' })).id, shared.id, 'no id is given twice')
  })

  t.test('resetting or removing an account removes its faults', async t => {
    await one.fail({ kind: 'hang' })
    await one.reset()
    t.same(await one.faults(), [])
    const gone = await control.createAccount({ name: 'gone' })
    await gone.fail({ kind: 'hang' })
    await gone.remove()
    t.same(await control.faults(), [])
    t.equal((await admin('GET', '/accounts/gone/faults')).status, 404)
    t.equal((await admin('POST', '/accounts/gone/faults', { kind: 'hang' })).status, 404)
    t.equal((await admin('DELETE', '/accounts/gone/faults')).status, 404)
  })

  t.test('POST /faults refuses more than a thousand faults', async t => {
    const { accounts: _accounts, ...world } = await control.state()
    await control.load({ ...world, faults: Array.from({ length: 1000 }, () => ({ kind: 'delay' as const, probability: 0 })) })
    const { status, answer } = await admin('POST', '/faults', { kind: 'hang' })
    t.equal(status, 409)
    t.match(answer, { detail: 'at most 1000 faults can be active at a time', advice: /DELETE \/__admin\/faults/ })
    t.match((await post(url, { token: 'x' })).answer!.body, '"status":401', 'and requests are answered all the same')
    await control.reset()
  })

  t.test('the bodies of all faults together are bounded, and count in a snapshot', async t => {
    const { faults: maxBytes } = memoryBounds()
    const body = 'x'.repeat(65_536)
    await control.load({ faults: Array.from({ length: maxBytes / (2 * body.length) }, () => ({ kind: 'http_error' as const, body })) })
    const { status, answer } = await admin('POST', '/faults', { kind: 'http_error', body: 'x' })
    t.equal(status, 409)
    t.match(answer, { detail: `the bodies of all faults together would have more than ${maxBytes / 2} characters`, advice: /DELETE \/__admin\/faults/ })
    await control.reset()
    t.ok((await control.snapshots()).at(-1)!.bytes > maxBytes)
    await control.fail({ kind: 'http_error', body })
    await control.reset()
  })

  t.test('POST /faults refuses an invalid fault and adds none', async t => {
    await control.createAccounts([{ name: 'one' }])
    const cases: Array<[string, unknown, string, RegExp]> = [
      ['/faults', {}, '/kind', /one of delay, http_error/],
      ['/faults', { kind: 'reset' }, '/kind', /connection_reset/],
      ['/faults', { kind: 'hang', when: 'during' }, '/when', /before, after/],
      ['/faults', { kind: 'hang', times: 0 }, '/times', /leave it out for no limit/],
      ['/faults', { kind: 'hang', skip: -1 }, '/skip', /whole number from 0/],
      ['/faults', { kind: 'hang', probability: 1.01 }, '/probability', /from 0 to 1/],
      ['/faults', { kind: 'hang', probability: '0.5' }, '/probability', /from 0 to 1/],
      ['/faults', { kind: 'hang', seed: 0x1_0000_0000 }, '/seed', /4294967295/],
      ['/faults', { kind: 'hang', ttl: '10' }, '/ttl', /500ms/],
      ['/faults', { kind: 'hang', project_id: '1' }, '/project_id', /whole number/],
      ['/faults', { kind: 'delay', delay: 200 }, '/delay', /\{"fixed":200\}/],
      ['/faults', { kind: 'delay', delay: {} }, '/delay', /one of/],
      ['/faults', { kind: 'delay', delay: { fixed: 1, uniform: [1, 2] } }, '/delay', /one of/],
      ['/faults', { kind: 'delay', delay: { fixed: 600_001 } }, '/delay/fixed', /600000/],
      ['/faults', { kind: 'delay', delay: { uniform: [1] } }, '/delay/uniform', /two numbers/],
      ['/faults', { kind: 'delay', delay: { uniform: [5, 1] } }, '/delay/uniform', /^the minimum first, then the maximum$/],
      ['/faults', { kind: 'delay', delay: { lognormal: { median: 1 } } }, '/delay/lognormal/sigma', /0 to 10/],
      ['/faults', { kind: 'http_error', http_status: 200 }, '/http_status', /400 to 599/],
      ['/faults', { kind: 'http_error', body: 'x'.repeat(65_537) }, '/body', /65536/],
      ['/faults', { kind: 'api_refusal', status: 100 }, '/status', /101/],
      ['/faults', { kind: 'slow_body', duration: -1 }, '/duration', /milliseconds/],
      ['/faults', { kind: 'hang', triggered: 1, struck: 2 }, '/triggered', /the same number as struck, its former name/],
      ['/faults', { kind: 'hang', planid: 1 }, '/planid', /plan_id\?/],
      ['/faults', [{ kind: 'hang' }], '', /a fault/],
      ['/faults', { kind: 'hang', endpoint: 'change-biling' }, '/endpoint', /one of change-billing/],
      ['/faults', { kind: 'hang', endpoint: 'x' }, '/endpoint', /one of change-billing/],
      ['/accounts/one/faults', { kind: 'hang', account: 'other' }, '/account', /one/],
      // Fields that another kind has: they would do nothing, and something else would happen than was meant.
      ...FAULT_KINDS.flatMap(kind => Object.entries({ delay: { fixed: 1 }, http_status: 503, body: '', status: 403, duration: 0 })
        .filter(([field]) => !(OWN_FIELDS[kind] ?? []).includes(field))
        .map(([field, value]): [string, unknown, string, RegExp] =>
          ['/faults', { kind, [field]: value }, `/${field}`, new RegExp(`^nothing, as only \\w+ has it; ${kind} has ${OWN_FIELDS[kind]?.join(' and ') ?? 'no field of its own'}$`)]))
    ]
    for (const [path, body, pointer, expected] of cases) {
      const { status, answer } = await admin('POST', path, body)
      t.equal(status, 400, JSON.stringify(body).slice(0, 80))
      t.equal(answer.errors[0]!.pointer, pointer)
      t.match(answer.errors[0]!.expected, expected)
      t.type(answer.advice, 'string')
    }
    t.match((await admin('POST', '/faults', { kind: 'hang', endpoint: 'change-biling' })).answer.detail, /; did you mean change-billing\?$/)
    const nobody = await admin('POST', '/faults', { kind: 'hang', account: 'on' })
    t.equal(nobody.status, 404)
    t.match(nobody.answer, { detail: 'there is no account "on"; did you mean "one"?' })
    t.same(await control.faults(), [])
    t.equal((await admin('POST', '/accounts/one/faults', { kind: 'hang', account: 'one' })).status, 201, 'an account may be named twice')
  })

  t.test('POST /faults accepts triggered under its former name struck, and GET /faults shows both', async t => {
    for (const given of [{ triggered: 2 }, { struck: 2 }, { triggered: 2, struck: 2 }]) {
      const { id } = await one.fail({ kind: 'hang', matched: 3, ...given })
      t.match((await one.faults()).find(fault => fault.id === id), { matched: 3, triggered: 2, struck: 2 })
    }
    const { errors } = await refusal(one.fail({ kind: 'hang', triggered: 1, struck: 2 }))
    t.same(errors, [
      { pointer: '/triggered', found: '1', expected: 'the same number as struck, its former name' },
      { pointer: '/struck', found: '2', expected: 'the same number as triggered' }
    ])
    await one.clearFaults()
  })

  t.test('GET /faults shows the fields of each kind', async t => {
    const shown = async (fault: ScenarioFault) => await one.fail(fault)
    t.match(await shown({ kind: 'http_error', http_status: 502, body: 'x' }), { http_status: 502, body: 'x' })
    t.match(await shown({ kind: 'api_refusal', status: 408 }), { status: 408 })
    t.match(await shown({ kind: 'slow_body', duration: 5 }), { duration: 5 })
    t.match(await shown({ kind: 'delay', delay: { uniform: [1, 2] } }), { delay: { uniform: [1, 2] } })
  })
})

t.test('faults on a connection that is kept', async t => {
  const { url } = await emulate(t)
  const control = connect(url)
  const keeps = (kind: FaultKind): boolean => !['connection_reset', 'empty_response', 'hang', 'truncated_body'].includes(kind)

  for (const [kind, { options, end }] of Object.entries(SIGHTS) as Array<[FaultKind, Sight]>) {
    for (const when of ['before', 'after'] as const) {
      t.test(`${kind} ${when} the decision on the first of two pipelined requests: the second is ${keeps(kind) ? 'answered' : 'never decided on'}`, async t => {
        const account = await sandbox(control)
        await account.fail({ kind, when, times: 1, ...options })
        const client = await wire(url)
        client.socket.write(http(orderOf(account, 2, 1), { keepAlive: true }) + http(orderOf(account, 2, 2)))
        const expected = keeps(kind) ? [kind, undefined] : [kind]
        const entries = await account.requests.wait({ count: expected.length })
        t.same(entries.map(({ fault }) => fault?.kind), expected)
        if (kind === 'hang') {
          t.ok(client.isOpen())
          t.equal(client.received(), '')
          await account.reset()
        }
        t.equal(await client.end, keeps(kind) ? 'FIN' : end)
        const answers = answersIn(client.received())
        if (keeps(kind)) {
          t.equal(answers.length, 2)
          t.equal(answers[1]!.body, JSON.stringify({ ...SUCCESS, new_billing_plan: 2 }), 'the second answer is whole and comes second')
        } else {
          t.ok(answers.length <= 1)
          t.notOk(answers.some(({ body }) => isJson(body)))
          t.equal(await account.requests.count(), kind === 'hang' ? 0 : 1)
        }
        t.ok((await control.audit()).ok)
      })
    }
    t.test(`${kind} on the second of two pipelined requests, the first delayed, breaks nothing`, async t => {
      const account = await sandbox(control)
      await account.fail({ kind: 'delay', times: 1, delay: { fixed: 40 } })
      await account.fail({ kind, times: 1, ...options })
      const client = await wire(url)
      client.socket.write(http(orderOf(account, 2, 1), { keepAlive: true }) + http(orderOf(account, 2, 2)))
      await account.requests.wait({ count: 2 })
      if (kind === 'hang') await account.reset()
      t.match(await client.end, /^(FIN|ECONNRESET)$/)
      if (keeps(kind)) t.equal(answersIn(client.received()).length, 2)
      t.ok((await control.audit()).ok)
    })
    if (!keeps(kind)) continue
    t.test(`a request after ${kind} is answered over the same connection`, async t => {
      const account = await sandbox(control)
      await account.fail({ kind, times: 1, ...options })
      const client = await wire(url)
      client.socket.write(http(orderOf(account, 2, 1), { keepAlive: true }))
      await until(() => answersIn(client.received()).some(({ announced, body }) => announced === Buffer.byteLength(body)))
      t.ok(client.isOpen())
      client.socket.write(http(orderOf(account, 2, 2)))
      t.equal(await client.end, 'FIN')
      t.match(answersIn(client.received())[1]!.body, '"status":100')
      t.ok((await control.audit()).ok)
    })
  }

  t.test('a dozen pipelined requests are aborted together when the first hangs', async t => {
    const account = await sandbox(control)
    await account.fail({ kind: 'hang' })
    const client = await wire(url)
    client.socket.write(http(orderOf(account), { keepAlive: true }).repeat(12))
    await account.requests.wait()
    t.ok(client.isOpen())
    t.equal((await account.faults())[0]!.matched, 1, 'and only that one has been asked')
    await account.reset()
    t.equal(await client.end, 'ECONNRESET')
    t.equal(client.received(), '')
    t.strictSame(await account.requests.list(), [])
  })
})

t.test('clients that disconnect', async t => {
  const { url } = await emulate(t)
  const control = connect(url)

  /** Sends a request and goes as soon as the fault has triggered. */
  async function goes (account: Account, fault: ScenarioFault): Promise<void> {
    await account.fail({ ...fault, times: 1 })
    const client = await wire(url)
    client.socket.write(http(orderOf(account)))
    await until(async () => (await account.faults())[0]!.triggered === 1)
    client.socket.destroy()
  }

  for (const when of ['before', 'after'] as const) {
    t.test(`a client that disconnects during a delay ${when} the decision is charged, and again when it retries with another plan`, async t => {
      const account = await sandbox(control)
      await goes(account, { kind: 'delay', when, delay: { fixed: 60 } })
      const [entry] = await account.requests.wait()
      t.match(entry, { charged: true, rule: null, api_status: 100, fault: { kind: 'delay', when } })
      t.equal(await account.wallet.balance(), '95', 'nobody got to know')
      t.match((await post(url, orderOf(account, 3))).answer!.body, '"status":100')
      t.same((await account.ledger()).map(({ amount }) => amount), ['100', '-5', '-10'])
      t.ok((await control.audit()).ok)
    })
  }

  t.test('a client that disconnects during a delay before the decision is still known by its address', async t => {
    const account = await control.createAccount({ projects: [{ project_id: 1, api_tokens: [{ token: 'local', ip: '127.0.0.1' }] }] })
    await account.fail({ kind: 'delay', delay: { fixed: 60 }, times: 1 })
    const client = await wire(url)
    client.socket.write(http({ token: 'local' }, { path: `${BASE_PATH}/check-balance` }))
    await until(async () => (await account.faults())[0]!.triggered === 1)
    client.socket.destroy()
    t.match(await account.requests.wait(), [{ endpoint: 'check-balance', rule: null, api_status: 100 }])
  })

  for (const kind of ['slow_body', 'hang', 'truncated_body', 'empty_response'] as const) {
    t.test(`a client that disconnects during ${kind} leaves nothing behind`, async t => {
      const account = await sandbox(control)
      await goes(account, { kind, when: 'after', ...kind === 'slow_body' && { duration: 600_000 } })
      const [entry] = await account.requests.wait()
      t.match(entry, { charged: true, fault: { kind } })
      t.match((await post(url, orderOf(account, 3))).answer!.body, '"status":100')
      t.ok((await control.audit()).ok)
    })
  }

  t.test('a client that disconnects before it hangs leaves nothing for a reset to abort', async t => {
    const account = await sandbox(control)
    await account.fail({ kind: 'hang' })
    for (let count = 0; count < 20; count++) {
      const client = await wire(url)
      client.socket.write(http(orderOf(account)), () => resetConnection(client.socket))
    }
    t.equal((await post(url, { token: 'x' })).answer!.status, 200)
    await account.reset()
    t.ok((await control.audit()).ok)
  })
})

/** What of a fault lasts, so that something can be broken off; ten minutes, which no test waits for. */
const LASTING: Array<[string, ScenarioFault]> = [
  ['a delay before the decision', { kind: 'delay', when: 'before', delay: { fixed: 600_000 } }],
  ['a delay after the decision', { kind: 'delay', when: 'after', delay: { fixed: 600_000 } }],
  ['a slow body', { kind: 'slow_body', duration: 600_000 }],
  ['an answer that hangs', { kind: 'hang' }]
]

t.test('aborting open requests', async t => {
  /** Starts a request, and comes back when the fault has triggered. */
  async function underWay (url: string, account: Account): Promise<Wire> {
    const client = await wire(url)
    client.socket.write(http(orderOf(account)))
    await until(async () => (await account.faults())[0]!.triggered === 1)
    return client
  }

  for (const [name, fault] of LASTING) {
    t.test(`stopping the emulator aborts ${name}`, async t => {
      const { url, stop } = await emulate(t)
      const account = await sandbox(connect(url))
      await account.fail(fault)
      const client = await underWay(url, account)
      await stop()
      t.equal(await client.end, 'ECONNRESET')
    })

    t.test(`POST /reset aborts ${name} and leaves no trace in the journal`, async t => {
      const { url } = await emulate(t)
      const control = connect(url)
      const account = await sandbox(control)
      await account.fail(fault)
      const client = await underWay(url, account)
      await control.reset()
      t.equal(await client.end, 'ECONNRESET')
      t.equal(await control.requests.count(), 0)
      t.same(await control.faults(), [])
      t.ok((await control.audit()).ok)
    })

    t.test(`resetting or removing an account aborts ${name} of that account alone`, async t => {
      const { url } = await emulate(t)
      const control = connect(url)
      const [mine, theirs] = [await sandbox(control), await sandbox(control)]
      await mine.fail(fault)
      await theirs.fail(fault)
      const [client, other] = [await underWay(url, mine), await underWay(url, theirs)]
      await mine.reset()
      t.equal(await client.end, 'ECONNRESET')
      t.ok(other.isOpen(), 'the other account\'s client still waits')
      await theirs.remove()
      t.equal(await other.end, 'ECONNRESET', 'until its account is removed')
      t.equal(await mine.wallet.balance(), '100')
      t.ok((await control.audit()).ok)
    })
  }

  t.test('POST /reset aborts a request whose body has not arrived yet', async t => {
    const { url } = await emulate(t)
    const control = connect(url)
    const client = await wire(url)
    const [head, body] = http(SAMPLE).split('\r\n\r\n') as [string, string]
    client.socket.write(`${head}\r\nexpect: 100-continue\r\n\r\n`)
    await until(() => client.received().startsWith('HTTP/1.1 100 '))
    await control.reset()
    client.socket.write(body)
    t.equal(await client.end, 'ECONNRESET')
    t.equal(await control.requests.count(), 0)
    t.equal(await (await control.account('demo')).wallet.balance(), '100')
    t.ok((await control.audit()).ok)
  })

  t.test('POST /reset aborts a delayed request at the moment of its commit', async t => {
    const { url } = await emulate(t)
    const control = connect(url)
    for (let round = 0; round < 10; round++) {
      const account = await sandbox(control)
      await account.fail({ kind: 'delay', when: 'after', delay: { fixed: 600_000 } })
      const [client, resetting] = [await wire(url), await wire(url)]
      // Both are read in the same turn: the reset commits what the first request is waiting for, and breaks everything off.
      client.socket.write(http(orderOf(account)))
      resetting.socket.write(http('', { path: '/__admin/reset' }))
      t.equal(await client.end, 'ECONNRESET', 'at once, and not when the delay is over')
      t.equal(await resetting.end, 'FIN')
      t.equal(await control.requests.count(), 0)
      t.same((await control.accounts()).map(({ name }) => name), ['demo'])
      t.ok((await control.audit()).ok)
    }
  })

  t.test('POST /reset aborts requests for large lists that wait for their turn', async t => {
    const { url } = await emulate(t, { scenario: { accounts: [{ token: 'master', projects: manyTokens(50) }] } })
    const control = connect(url)
    const [resetting, ...clients] = await Promise.all(Array.from({ length: 41 }, async () => {
      const client = await wire(url)
      // Accepted, and ready to be read.
      client.socket.write(http('', { method: 'GET', path: '/__admin/health', keepAlive: true }))
      await once(client.socket, 'data')
      return client
    })) as [Wire, ...Wire[]]
    for (const { socket } of clients) socket.write(http({ token: 'master', project_id: 0 }, { path: `${BASE_PATH}/pm/get-projects` }))
    resetting.socket.write(http('', { path: '/__admin/reset' }))
    const ends = await Promise.all(clients.map(({ end }) => end))
    t.ok(ends.includes('ECONNRESET'), ends.join())
    t.equal(await resetting.end, 'FIN')
    t.equal(await control.requests.count(), 0, 'none is of the world after it')
    const { timeline } = await control.case()
    t.equal(timeline.at(-1)!.step, 'control', 'nor comes behind the reset')
  })
})

/** Projects of which each takes 24 kB of an answer. */
function manyTokens (count: number): ScenarioProject[] {
  return Array.from({ length: count }, (_, index) => ({ project_id: index + 1, api_tokens: Array.from({ length: 500 }, () => ({})) }))
}

t.test('faults at every endpoint', async t => {
  const { url, kept } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  const control = connect(url)
  const account = await control.createAccount({ token: 'master', balance: '100', projects: [{ project_id: 1, api_tokens: [{ token: 'its-own' }] }] })
  const send = async (path: string, body: object) => await ask(url, http({ token: 'master', ...body }, { path: BASE_PATH + path }))

  t.test('a fault for an endpoint triggers there and nowhere else', async t => {
    for (const [row, { name }] of ENDPOINTS.entries()) {
      await control.fail({ kind: 'http_error', http_status: 418, endpoint: name })
      for (const { name: other, path } of effort(ENDPOINTS.filter((_, index) => index === row || index === (row + 3) % ENDPOINTS.length), ENDPOINTS)) t.equal((await send(path, { token: 'nobody' })).answer!.status, other === name ? 418 : 200, `${name}: ${other}`)
      t.match(await control.faults(), [{ matched: 1, triggered: 1 }])
      await control.clearFaults()
    }
  })

  t.test('a fault for an account triggers on the tokens of its projects, too', async t => {
    await account.fail({ kind: 'http_error', http_status: 418 })
    t.equal((await send('/check-balance', { token: 'its-own' })).answer!.status, 418)
    t.equal((await send('/check-balance', { token: 'nobody' })).answer!.status, 200)
    await control.clearFaults()
  })

  t.test('a fault for a plan triggers on create-project with that plan', async t => {
    const before = kept()
    await control.fail({ kind: 'http_error', http_status: 418, plan_id: 3 })
    for (const [body, isStruck] of [[{ billing_plan: 3 }, true], [{ billing_plan: '3' }, true], [{ plan_id: 3 }, true], [{ billing_plan: 99 }, false], [{ billing_plan: [3] }, false], [{ service: 3 }, false]] as const) {
      t.equal((await send('/pm/create-project', body)).answer!.status, isStruck ? 418 : 200, JSON.stringify(body))
    }
    await control.clearFaults()
    t.same(kept(), before)
  })

  /** What each endpoint that changes something makes of a request, and what a client finds afterwards. */
  const changes: ReadonlyArray<[path: string, body: object, found: RegExp]> = [
    ['/pm/create-project', { project_name: 'new', billing_plan: 2 }, /"project_name":"new"/],
    ['/pm/create-api-token', { project_id: 1, ip_whitelist: ['192.0.2.1'] }, /"ip":"192\.0\.2\.1"/],
    ['/pm/set-webhook', { project_id: 1, global_webhook: 'https://example.com/' }, /"global_webhook":"https:\/\/example\.com\/"/],
    ['/pm/manage-api-token', { project_id: 1, api_token: 'its-own', action: 3 }, /^((?!its-own).)*$/]
  ]
  for (const [path, body, found] of changes) {
    t.test(`${path} changes nothing when lost before the decision, and everything when lost after it`, async t => {
      for (const when of ['before', 'after'] as const) {
        const before = kept()
        await account.fail({ kind: 'connection_reset', when, times: 1 })
        t.equal((await send(path, body)).end, 'ECONNRESET')
        if (when === 'before') t.same(kept(), before)
        const { answer } = await send('/pm/get-projects', { project_id: 0 })
        t.equal(found.test(answer!.body), when === 'after', when)
      }
    })
  }

  t.test('create-project charges a project whose answer was lost, and creates another when the client retries', async t => {
    t.equal(await account.wallet.balance(), '95')
    t.match((await send('/pm/create-project', { project_name: 'new', billing_plan: 2 })).answer!.body, '"project_id":"3"')
    t.equal(await account.wallet.balance(), '90')
    const [lost, , again] = await account.requests.list({ endpoint: 'create-project', plan_id: 2 })
    t.match(lost, { fault: { when: 'before' }, charged: false })
    t.match(again, { charged: true, lint: [{ name: 'charged-retry' }] })
    t.same((await account.ledger()).map(({ amount, project_id: projectId }) => [amount, projectId]), [['100', null], ['-5', 2], ['-5', 3]])
    t.ok((await control.audit()).ok)
  })

  t.test('read-only endpoints change nothing under any fault', async t => {
    const before = kept()
    for (const [row, path] of ['/pm/get-projects', '/pm/fetch-balance', '/check-balance'].entries()) {
      const { text } = await send(path, { project_id: 0 })
      for (const when of ['before', 'after'] as const) {
        for (const kind of share(['delay', 'slow_body', 'malformed_json', 'truncated_body', 'empty_response', 'connection_reset'] as const, row, 3)) {
          await account.fail({ kind, when, times: 1, ...kind === 'slow_body' && { duration: 20 }, ...kind === 'delay' && { delay: { fixed: 5 } } })
          const { end, answer } = await send(path, { project_id: 0 })
          t.equal(end, SIGHTS[kind].end, `${path}, ${kind} ${when}`)
          const body = answersIn(text)[0]!.body
          if (kind === 'delay' || kind === 'slow_body') t.equal(answer!.body, body)
          else t.not(answer?.body, body)
          t.match((await account.requests.list({ limit: 1 }))[0], { rule: null, charged: false, fault: { kind, when } })
        }
      }
    }
    t.same(kept(), before)
  })
})
