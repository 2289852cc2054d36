import type { Page } from 'playwright-core'
import { becomes, CHANGE, inBrowser, textsOf } from '../support/browser.js'

inBrowser('eight tabs of the console share one event stream, and pass it on when the one that reads it is closed', { context: {} }, async (t, { page, emulator, open }) => {
  await open()
  const streams: Page[] = []
  const pages = [page]
  const context = page.context()
  const balance = async (tab: Page): Promise<string | undefined> => (await textsOf(tab.locator('.card header')))[0]
  context.on('request', request => {
    if (request.url().endsWith('/__admin/events')) streams.push(request.frame().page())
  })
  for (let number = 2; number <= 8; number++) {
    const tab = await context.newPage()
    pages.push(tab)
    await tab.goto(emulator.url)
    await tab.getByText('live', { exact: true }).waitFor()
  }
  t.equal(streams.length, 0, 'the first one reads it')
  await emulator.change(CHANGE)
  for (const [index, tab] of pages.entries()) await becomes(t, () => balance(tab), 'demo 95.000 USD', `tab ${index + 1} shows the change`)

  await page.close()
  await becomes(t, () => streams.length, 1, 'another one has taken over')
  await emulator.change({ ...CHANGE, plan_id: 3 })
  for (const [index, tab] of pages.slice(1).entries()) await becomes(t, () => balance(tab), 'demo 85.000 USD', `tab ${index + 2} shows the next change`)

  const [reader] = streams
  const others = pages.filter(tab => tab !== page && tab !== reader)
  t.comment('a tab that is hidden for long lets it go, and reads everything again when it is seen')
  const isHidden = async (tab: Page, hidden: boolean): Promise<void> => {
    await tab.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`)
  }
  await isHidden(reader!, true)
  await becomes(t, () => streams.length, 2, 'and another one takes over')
  await emulator.change({ ...CHANGE, plan_id: 4 })
  for (const tab of others) await becomes(t, () => balance(tab), 'demo 70.000 USD')
  t.equal(await balance(reader!), 'demo 85.000 USD')
  await isHidden(reader!, false)
  await becomes(t, () => balance(reader!), 'demo 70.000 USD')
  t.equal(streams.length, 2)
})

inBrowser('tabs that were opened in the background leave the connections to the one that is seen, also on a page that is not secure', { start: { allowHost: 'emulator.example.test' }, context: {}, provoked: /a request to/ }, async (t, { page, emulator }) => {
  const url = emulator.url.replace('127.0.0.1', 'emulator.example.test')
  const context = page.context()
  const streams: Page[] = []
  context.on('request', request => {
    if (request.url().endsWith('/__admin/events')) streams.push(request.frame().page())
  })
  const tabs: Page[] = []
  for (let number = 0; number < 8; number++) {
    const tab = await context.newPage()
    tabs.push(tab)
    await tab.addInitScript('Object.defineProperty(document, "hidden", { value: true, configurable: true })')
    await tab.goto(url)
    await tab.getByText('Picky Assist').waitFor()
  }
  await page.goto(url)
  await page.getByText('live', { exact: true }).waitFor()
  t.notOk(await page.evaluate('"locks" in navigator'), 'they can\'t share one')
  t.same(streams, [page])
  const [tab] = tabs
  await tab!.evaluate('Object.defineProperty(document, "hidden", { value: false, configurable: true }), document.dispatchEvent(new Event("visibilitychange"))')
  await tab!.getByText('live', { exact: true }).waitFor()
  await emulator.change(CHANGE)
  for (const seen of [page, tab!]) await becomes(t, async () => (await textsOf(seen.locator('.card header')))[0], 'demo 95.000 USD')

  t.comment('tabs that are opened one after the other, each of which hides the one before')
  for (const next of tabs.slice(1)) {
    await next.evaluate('Object.defineProperty(document, "hidden", { value: false, configurable: true }), document.dispatchEvent(new Event("visibilitychange"))')
    await next.getByText('live', { exact: true }).waitFor()
    await next.evaluate('Object.defineProperty(document, "hidden", { value: true, configurable: true }), document.dispatchEvent(new Event("visibilitychange"))')
    await next.getByText('connecting…').waitFor()
  }
})
