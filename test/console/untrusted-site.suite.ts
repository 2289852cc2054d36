import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Response } from 'playwright-core'
import { BASE_PATH } from '../../src/api/index.js'
import { inBrowser, WORLD, type Opened } from '../support/browser.js'
import { share } from '../support/effort.js'
import { until } from '../support/raw-http.js'

/** Says that it ran before the page counts as loaded, and reads everything if it may. */
const RUN = "document.title='ran';with(new XMLHttpRequest){open('GET','/__admin/state',false);send();document.title=responseText}"
const SCRIPTS = `<svg onload="${RUN}"></svg><script>${RUN}</script><img src=x onerror="${RUN}">`
/** Without quotes, which the text of a refusal escapes: the site gives the script as the name of its window. */
const NAMED = '<svg onload=eval(name)>'

const HTML = { wire: { content_type: 'text/html' } } as const
const PROJECTS = [{ project_id: 5786, project_name: NAMED, notes: SCRIPTS, subscriptions: [{ service: 1 as const, plan_id: 1 }] }]
const PROVOKED = /a request to http:\/\/localhost|sandboxed|Content Security Policy|Refused to|Failed to load|frame-ancestors|net::ERR_BLOCKED/

/** Requests that a form of another site can send, each answered with text of the request or of the world. */
const FORMS: ReadonlyArray<readonly [what: string, path: string, name: string, value: string]> = [
  ['a body that is no object', '/pm/change-billing', `"${NAMED}`, '"'],
  ['an unknown field', '/pm/change-billing', `{"token":"demo-token","${NAMED}`, '":1}'],
  ['a duplicate key', '/pm/change-billing', `{"${NAMED}":1,"${NAMED}":2,"`, '":1}'],
  ['a value of the wrong kind', '/pm/change-billing', '{"token":"demo-token","x', `":1,"project_id":5786,"service":"${NAMED}","plan_id":2}`],
  ['names of projects', '/pm/get-projects', '{"token":"demo-token","project_id":0,"x', '":1}'],
  ['an unknown path', `/${NAMED}`, NAMED, ''],
  ['a path of the control API', `/../../../__admin/${NAMED}`, NAMED, ''],
  ['the console', '/../../..', NAMED, '']
]

function page (content: string): string {
  return `data:text/html,${encodeURIComponent(`<!doctype html><title>another site</title><script>window.name=${JSON.stringify(RUN)}</script>${content}`)}`
}

function text (value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
}

/** What a script of the page under attack would have left behind. */
async function traces ({ page }: Pick<Opened, 'page'>): Promise<string> {
  await page.waitForLoadState('load')
  return await page.title()
}

inBrowser('a form of another site gets its text back as HTML, which runs nothing', {
  start: { ...HTML, scenario: { ...WORLD, accounts: [{ ...WORLD.accounts[0]!, projects: PROJECTS }] } },
  provoked: PROVOKED
}, async (t, opened) => {
  const { page: tab, emulator, control } = opened
  const submit = async ([what, path, name, value]: typeof FORMS[number]): Promise<void> => {
    const action = new URL(emulator.url + BASE_PATH + path).href
    await tab.goto(page(`<form method=post enctype=text/plain action="${text(action)}"><input name="${text(name)}" value="${text(value)}"></form>`))
    await Promise.all([tab.waitForURL(url => url.origin === emulator.url), tab.evaluate('document.forms[0].submit()')])
    t.equal(await traces(opened), '', what)
  }
  for (const form of FORMS) await submit(form)
  const quoted = (await control.requests.list()).filter(({ response }) => JSON.stringify(response).includes(NAMED))
  t.equal(quoted.length, 4, 'half of the answers have the text in them')

  for (const kind of ['http_error', 'slow_body', 'malformed_json'] as const) {
    await control.fail({ kind, times: 1, ...kind === 'http_error' && { body: SCRIPTS }, ...kind === 'slow_body' && { duration: 1 } })
    await submit([`under ${kind}`, ...FORMS[1]!.slice(1)] as unknown as typeof FORMS[number])
  }
})

inBrowser('no answer of any path runs what it quotes, nor is it shown in a frame', { start: HTML, provoked: PROVOKED }, async (t, opened) => {
  const { page: tab, emulator, control } = opened
  await control.load({ ...WORLD, accounts: [{ name: NAMED, token: 'demo-token', projects: PROJECTS }] })
  await control.fail({ kind: 'http_error', account: NAMED, plan_id: 9, body: SCRIPTS })
  await emulator.change({ token: 'demo-token', [SCRIPTS]: 1 })
  const name = encodeURIComponent(NAMED)
  const paths = ['/__admin/state', '/__admin/accounts', `/__admin/accounts/${name}`, '/__admin/requests', '/__admin/requests/1-1', '/__admin/faults', `/__admin/${NAMED}`,
    `/__admin/requests?limit=${name}`, '/__admin/openapi.json', '/__admin/health', `${BASE_PATH}/pm/change-billing?${NAMED}`, `/${NAMED}`, '/%zz', '/__admin/%zz']
  for (const path of paths) {
    await tab.goto(emulator.url + path)
    t.equal(await traces(opened), '', path)
  }
  const site = createServer((_request, response) => { response.setHeader('content-type', 'text/html').end('<!doctype html><iframe></iframe>') })
  await new Promise<void>(resolve => { site.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => site.close())
  for (const path of share([...paths, '/'], 0, 3)) {
    await tab.goto(`http://localhost:${(site.address() as AddressInfo).port}/`)
    await Promise.all([
      tab.waitForEvent('framenavigated', frame => frame.parentFrame() !== null),
      tab.evaluate(`document.querySelector('iframe').src = ${JSON.stringify(emulator.url + path)}`)
    ])
    t.equal(tab.frames()[1]!.url(), 'chrome-error://chromewebdata/', `a frame of ${path}`)
  }
})

inBrowser('what a page of another site lets the browser load in advance is refused', { provoked: /./ }, async (t, { page: tab, emulator }) => {
  const site = createServer((_request, response) => { response.setHeader('content-type', 'text/html').end('<!doctype html>') })
  await new Promise<void>(resolve => { site.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => site.close())
  const url = `${emulator.url}/__admin/state`
  const seen: number[] = []
  const see = (response: Response): void => { if (response.url() === url) seen.push(response.status()) }
  tab.context().on('response', see)
  t.teardown(() => tab.context().off('response', see))
  for (const [how, name] of [['prefetch', 'localhost'], ['prerender', '127.0.0.1']] as const) {
    seen.length = 0
    await tab.goto(`http://${name}:${(site.address() as AddressInfo).port}/`)
    const rules = JSON.stringify({ [how]: [{ source: 'list', urls: [url] }] })
    await tab.evaluate(`document.head.append(Object.assign(document.createElement('script'), { type: 'speculationrules', text: ${JSON.stringify(rules)} }))`)
    await until(() => seen.length > 0)
    t.same(seen, [403], `${how} from ${name}`)
  }
})

/** A name of this machine that a browser does not trust like the loopback, and so gives fewer headers. */
const address = Object.values(networkInterfaces()).flatMap(found => found ?? []).find(({ family, internal }) => family === 'IPv4' && !internal)?.address

if (address !== undefined) {
  inBrowser('under an allowed name the console works, and pages of another site get nothing', { start: { host: '0.0.0.0', allowHost: address }, provoked: /./ }, async (t, { page: tab, emulator }) => {
    const url = emulator.url.replace('127.0.0.1', address)
    await tab.goto(url)
    await tab.getByText('live', { exact: true }).waitFor()
    await tab.getByText('web shop').first().waitFor()

    const attempts = ['<img src=URL>', '<script src=URL></script>', '<link rel=stylesheet href=URL>', '<iframe src=URL></iframe>', '<video src=URL></video>',
      '<script>fetch("URL",{mode:"no-cors",headers:{accept:"application/json"}}).catch(()=>{})</script>', '<meta http-equiv=refresh content="0;url=URL">']
    const seen: Array<number | string> = []
    tab.on('response', response => { if (response.url().includes('/__admin/')) seen.push(response.status()) })
    tab.on('requestfailed', request => { if (request.url().includes('/__admin/')) seen.push(request.failure()!.errorText) })
    for (const [row, policy] of ['unsafe-url', 'no-referrer'].entries()) {
      for (const attempt of share(attempts, row, 2)) {
        seen.length = 0
        await tab.route('http://another.example/', async route => {
          await route.fulfill({ contentType: 'text/html', body: `<!doctype html><meta name=referrer content=${policy}>${attempt.replace('URL', `${url}/__admin/state`)}` })
        })
        await tab.goto('http://another.example/')
        await until(() => seen.length > 0)
        t.notOk(seen.includes(200), `${attempt} with ${policy}: ${seen.join()}`)
        await tab.unroute('http://another.example/')
      }
    }
  })
}
