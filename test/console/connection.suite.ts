import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { connect } from '../../src/client/connect.js'
import { becomes, CHANGE, inBrowser, pauseClock, textsOf, WORLD } from '../support/browser.js'
import { emulate } from '../support/emulator.js'

inBrowser('the console tells that the connection is lost, and shows a new emulator as soon as there is one', {}, async (t, { page, emulator, open }) => {
  await open('/?view=files')
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('button', { name: 'Undo' }).waitFor()
  await page.getByRole('link', { name: 'Requests' }).click()
  await emulator.change(CHANGE)
  await becomes(t, () => page.locator('.row').count(), 1)
  await emulator.stop()
  await page.getByText('Connection lost. Reconnecting…').waitFor()
  await becomes(t, () => page.locator('.row').count(), 1, 'the last state is still shown')
  await page.getByRole('link', { name: 'Files' }).click()
  await page.getByRole('button', { name: 'Save the world' }).click()
  await page.getByText('the emulator can\'t be reached').waitFor()

  const next = await emulate(t, { port: Number(new URL(emulator.url).port), scenario: { accounts: [{ name: 'newcomer', token: 'new', balance: '7', projects: [{ project_id: 1 }] }] } })
  await connect(next.url).reset()
  await page.getByText('live', { exact: true }).waitFor()
  await becomes(t, () => page.getByText('the emulator can\'t be reached').count(), 0, 'it can be')
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls li')), ['newcomer 7.000'])
  await becomes(t, () => page.getByRole('button', { name: 'Undo' }).count(), 0, 'the new emulator\'s snapshot of the same name is another')
  await page.getByRole('link', { name: 'Requests' }).click()
  await page.getByText('No requests yet.').waitFor()
  await next.change({ ...CHANGE, token: 'new', project_id: 1 })
  await becomes(t, () => page.locator('.row').count(), 1, 'the new emulator\'s events arrive')
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls li')), ['newcomer 2.000'])
})

inBrowser('every event arrives, whatever characters a client sends', {}, async (t, { page, emulator, open }) => {
  await open('/?view=requests')
  for (const [index, character] of ['\u2028', '\u2029', '\u0085', '\r\n\r\n', '\n\nevent: reset', '\ufeff', '\ud800'].entries()) {
    await emulator.change({ ...CHANGE, note: `a${character}b` })
    await becomes(t, () => page.locator('.row').count(), index + 1, JSON.stringify(character))
  }
})

inBrowser('two emulators that share an origin behind a proxy share no events', { context: {} }, async (t, { page, emulator }) => {
  const other = await emulate(t, { scenario: WORLD })
  const proxy = createServer((request, response) => {
    const [, name, path = '/'] = /^\/(\w+)(\/.*)$/.exec(request.url!) ?? []
    const sent = send((name === 'other' ? other.url : emulator.url) + path, { method: request.method!, headers: request.headers }, answer => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.on('error', () => { response.destroy() }).pipe(response)
    })
    request.pipe(sent.on('error', () => { response.destroy() }))
    response.on('close', () => { sent.destroy() })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    proxy.close()
    proxy.closeAllConnections()
  })
  const tabs: Page[] = []
  for (const name of ['one', 'other']) {
    const tab = await page.context().newPage()
    await tab.goto(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/${name}/?view=requests`)
    await tab.getByText('live', { exact: true }).waitFor()
    tabs.push(tab)
  }
  await emulator.change(CHANGE)
  await other.change({ ...CHANGE, plan_id: 3 })
  await other.change({ ...CHANGE, plan_id: 4 })
  await becomes(t, () => tabs[1]!.locator('.row').count(), 2)
  await becomes(t, () => tabs[0]!.locator('.row').count(), 1)
})

inBrowser('the console reconnects after a connection has gone silent', { context: {} }, async (t, { page, emulator, open }) => {
  await page.clock.install()
  await open('/')
  const again = page.waitForRequest(/\/__admin\/events$/)
  // Paused, the page can't reconnect before its message has been seen.
  await pauseClock(page)
  await page.clock.fastForward(41_000)
  await page.getByText('Connection lost. Reconnecting…').waitFor()
  await page.clock.resume()
  await again
  await page.getByText('live', { exact: true }).waitFor()
  await emulator.change(CHANGE)
  await becomes(t, async () => (await textsOf(page.locator('.card header')))[0], 'demo 95.000 USD')
})

inBrowser('the console asks for the admin token, and keeps it in its tab only', { start: { adminToken: 'right token' }, context: {} }, async (t, { page, emulator, control, openAnother }) => {
  const prompt = page.getByLabel('Admin token')
  const isFocused = async (): Promise<boolean> => await page.evaluate<boolean>('document.activeElement.id === "admin-token"')
  const isAskedOn = async (other: Page): Promise<void> => {
    await other.goto(emulator.url)
    await other.getByLabel('Admin token').waitFor()
    t.notMatch(await other.locator('body').innerText(), /demo|live/)
  }
  await isAskedOn(page)
  await page.getByText('It is kept in this tab only.').waitFor()
  t.ok(await isFocused(), 'the token can be typed at once')
  for (const wrong of ['wrong', 'tökén→', '-']) {
    await page.keyboard.type(wrong)
    t.equal(await prompt.inputValue(), wrong, 'in place of the one before')
    await page.getByRole('button', { name: 'Open the console' }).click()
    await page.getByText('Wrong token.').waitFor()
    t.equal(await prompt.getAttribute('aria-invalid'), 'true')
    t.ok(await isFocused(), 'and another one')
    t.same(await page.evaluate('({ ...sessionStorage })'), {}, 'a wrong token is not kept')
  }
  await page.evaluate(`(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['{}'], 'world.json'))
    window.isTaken = !document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }))
  })()`)
  t.equal(await page.evaluate('isTaken'), true, 'the browser does not open a file that is dropped')
  await prompt.fill(' right token ')
  await page.getByRole('button', { name: 'Open the console' }).click()
  await page.getByText('live', { exact: true }).waitFor()
  t.same([new URL(page.url()).search, await page.locator('[role=alert], dialog').count()], ['', 0], 'nor does the console once it may')
  await emulator.change(CHANGE)
  await becomes(t, async () => (await textsOf(page.locator('.card header')))[0], 'demo 95.000 USD', 'events arrive with the token')
  await page.reload()
  await page.getByText('live', { exact: true }).waitFor()
  t.same(await page.evaluate('[Object.values(sessionStorage), { ...localStorage }, document.cookie, location.href]'), [['right token'], {}, '', `${emulator.url}/`])
  await isAskedOn(await page.context().newPage())
  await isAskedOn(await openAnother())

  await emulator.stop()
  await page.getByText('Connection lost').waitFor()
  const { stop } = await emulate(t, { port: Number(new URL(emulator.url).port), adminToken: 'another' })
  await prompt.waitFor()
  t.same(await page.evaluate('({ ...sessionStorage })'), {}, 'a token that is no longer valid is removed')
  await t.rejects(control.audit())

  await stop()
  await emulate(t, { port: Number(new URL(emulator.url).port) })
  await page.evaluate('dispatchEvent(new Event("focus"))')
  await page.getByText('live', { exact: true }).waitFor()
})

inBrowser('the console says why it shows nothing if it is not let in', { provoked: /a request to/ }, async (t, { page, emulator }) => {
  await page.goto(emulator.url.replace('127.0.0.1', 'emulator.example.test'))
  await becomes(t, () => textsOf(page.getByRole('alert')), ['the control API is not served under the name "emulator.example.test" use localhost, or start the emulator with --allow-host and this name'])
  t.equal(await page.getByText('Connection lost').count(), 1)

  t.comment('a proxy in between has its own words')
  await page.route('**/__admin/events', route => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }))
  await page.goto(emulator.url)
  await becomes(t, () => textsOf(page.getByRole('alert')), [`the server at ${emulator.url} is not an emulator; it answered: <h1>Bad Gateway</h1> Something between this page and the emulator has answered, such as a proxy. Look there, or try again once the emulator is up.`])
  await page.unroute('**/__admin/events')
  await page.getByText('live', { exact: true }).waitFor()
  await becomes(t, () => page.getByRole('alert').count(), 0)
})

inBrowser('where the browser lets pages store nothing, the console works, and asks for the token whenever it is loaded', { start: { adminToken: 'right token' }, context: {} }, async (_t, { page, emulator }) => {
  await page.addInitScript('Object.defineProperty(window, "sessionStorage", { get () { throw new DOMException("denied", "SecurityError") } })')
  await page.goto(emulator.url)
  for (const token of ['wrong', 'right token']) {
    await page.getByLabel('Admin token').fill(token)
    await page.getByRole('button', { name: 'Open the console' }).click()
    if (token === 'wrong') await page.getByText('Wrong token.').waitFor()
  }
  await page.getByText('live', { exact: true }).waitFor()
  await page.getByText('web shop').waitFor()
  await page.reload()
  await page.getByLabel('Admin token').waitFor()
})
