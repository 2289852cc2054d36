// A test's own process: every client at the vendor's address, alone and beside what else intercepts requests.
import axios from 'axios'
import got from 'got'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import nock from 'nock'
import nodeFetch from 'node-fetch'
import { request } from 'undici'

const { startEmulator } = await import(process.argv[2])
nock.restore() // It is active as soon as it is loaded.

const url = 'https://pickyassist.com/app/api/v2/pm/change-billing'
const body = '{ "token":"132321343dsfsdf", "project_id":5786, "service":1, "plan_id":2 }'
const clients = {
  fetch: async () => await (await fetch(url, { method: 'POST', body })).text(),
  https: async () => await new Promise((resolve, reject) => {
    https.request(url, { method: 'POST' }, response => { text(response).then(resolve, reject) }).on('error', reject).end(body)
  }),
  undici: async () => await (await request(url, { method: 'POST', body })).body.text(),
  axios: async () => (await axios.post(url, body, { responseType: 'text', transformResponse: answer => answer })).data,
  got: async () => await got.post(url, { body }).text(),
  'node-fetch': async () => await (await nodeFetch(url, { method: 'POST', body })).text()
}

const emulator = await startEmulator({ intercept: true })

async function expectAnswer (name, ask, expected = /^\{"status":100,.*"2020-07-16T23:59:59\+00:00"\}$/) {
  await emulator.reset()
  const answer = await ask()
  console.log(`${name}: ${expected.test(answer) ? 'as documented' : answer}`)
}

for (const [name, ask] of Object.entries(clients)) await expectAnswer(name, ask)

nock.activate()
nock.disableNetConnect()
nock.enableNetConnect(/^(127\.0\.0\.1|pickyassist\.com)/)
await expectAnswer('nock lets pass', clients.https)
nock('https://pickyassist.com').post(/.*/).reply(200, 'from nock')
await expectAnswer('nock answers', clients.https, /^from nock$/)
nock.cleanAll()
nock.restore()

const server = setupServer()
server.listen({ onUnhandledRequest: 'bypass' })
await expectAnswer('MSW lets pass', clients.fetch)
server.use(http.post(url, () => HttpResponse.text('from MSW')))
await expectAnswer('MSW answers', clients.fetch, /^from MSW$/)
server.close()

await emulator.stop()
const lookup = (_host, _options, callback) => { callback(new Error('looked up as any other name')) }
const error = await new Promise(resolve => { https.request(url, { lookup, agent: false }).on('error', resolve).end() })
console.log(`after stop: ${error.message === 'looked up as any other name' ? 'as documented' : error.message}`)
