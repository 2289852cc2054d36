// Hand-written doubles of three calls, as a test suite without the emulator would have them: right enough for one test.
import { createRequire } from 'node:module'

const require = createRequire(new URL('../proofs/package.json', import.meta.url))

/** The base URL of the doubles without a server: nothing listens there. */
export const ORIGIN = 'http://picky.double.test'

/** One account with a wallet and a project, and a list of what was asked of it. */
function double () {
  let mills = 100_000
  let plan = '1'
  const requests = []
  const answers = {
    'change-billing' ({ plan_id: to }) {
      if (mills < 5000) return { status: 403, message: 'Insufficient Balance' }
      mills -= 5000
      const from = plan
      plan = String(to)
      return { status: 100, message: 'Success', old_billing_plan: from, new_billing_plan: to, amount_debited: '5', next_billing_date: '2020-07-16T23:59:59+00:00' }
    },
    'get-projects': ({ project_id: id }) => ({ status: 100, message: 'Success', project_status: 'Active', project_id: String(id), project_name: `project ${id}` }),
    'fetch-balance': () => ({ balance: mills / 1000, status: 100, message: 'Success' })
  }
  return {
    answer (name, body) {
      const answer = body.token === 'double' ? answers[name](body) : { status: 401, message: 'Invalid Token' }
      requests.push({ name, api_status: answer.status })
      return answer
    },
    summary: async () => ({ balance: String(mills / 1000), requests })
  }
}

const NAMES = ['change-billing', 'get-projects', 'fetch-balance']

const accountOf = ({ summary }, remove, url = ORIGIN) => ({ url, token: 'double', summary, remove })

/** Each opens a library for a turn, and gives the account of a test, and what closes the library. */
export const DOUBLES = {
  async msw () {
    const { http, HttpResponse } = require('msw')
    const server = require('msw/node').setupServer()
    server.listen({ onUnhandledRequest: 'error' })
    return {
      async account () {
        const state = double()
        server.use(...NAMES.map(name => http.post(`${ORIGIN}/app/api/v2/pm/${name}`, async ({ request }) => HttpResponse.json(state.answer(name, await request.json())))))
        return accountOf(state, async () => server.resetHandlers())
      },
      close: async () => server.close()
    }
  },
  async mockAgent () {
    const { MockAgent, getGlobalDispatcher, setGlobalDispatcher } = require('undici')
    const before = getGlobalDispatcher()
    return {
      async account () {
        const state = double()
        const agent = new MockAgent()
        agent.disableNetConnect()
        setGlobalDispatcher(agent)
        const pool = agent.get(ORIGIN)
        for (const name of NAMES) {
          pool.intercept({ path: `/app/api/v2/pm/${name}`, method: 'POST' }).reply(({ body }) => ({
            statusCode: 200,
            data: JSON.stringify(state.answer(name, JSON.parse(body))),
            responseOptions: { headers: { 'content-type': 'application/json' } }
          }))
        }
        return accountOf(state, async () => {
          agent.assertNoPendingInterceptors()
          setGlobalDispatcher(before)
          await agent.close()
        })
      },
      close: async () => {}
    }
  },
  async nock () {
    const nock = require('nock')
    if (!nock.isActive()) nock.activate()
    return {
      async account () {
        const state = double()
        const scope = nock(ORIGIN)
        for (const name of NAMES) scope.post(`/app/api/v2/pm/${name}`).reply(200, (_path, body) => state.answer(name, body))
        return accountOf(state, async () => {
          scope.done()
          nock.cleanAll()
        })
      },
      async close () { nock.restore() }
    }
  },
  /** A server, which is reset after each test. */
  async mockttp () {
    const server = require('mockttp').getLocal()
    await server.start()
    return { account: () => accountOn(server, async () => server.reset()), close: () => server.stop() }
  },
  /** The same, started for each test, as its guide has it. */
  async mockttpEach () {
    const server = require('mockttp').getLocal()
    return {
      async account () {
        await server.start()
        return await accountOn(server, () => server.stop())
      },
      close: async () => {}
    }
  }
}

async function accountOn (server, remove) {
  const state = double()
  for (const name of NAMES) {
    await server.forPost(`/app/api/v2/pm/${name}`).thenCallback(async request => ({ statusCode: 200, json: state.answer(name, await request.body.getJson()) }))
  }
  return accountOf(state, remove, server.url)
}
