import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { becomes, idsOf, inBrowser, textsOf, type Opened } from '../support/browser.js'
import { raw } from '../support/emulator.js'

/** The part of an element that scrolling needs. */
interface Scrolled { scrollTop: number }

/** Counts the elements that the page adds or changes from now on. It is the measure of smoothness here: a time would depend on the machine. */
async function countRendered (page: Page): Promise<() => Promise<number>> {
  await page.evaluate(`{
    window.rendered = 0
    const sizeOf = node => 1 + (node.querySelectorAll?.('*').length ?? 0)
    const count = ({ addedNodes }) => { window.rendered += addedNodes.length === 0 ? 1 : [...addedNodes].reduce((sum, node) => sum + sizeOf(node), 0) }
    new MutationObserver(records => records.forEach(count)).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
  }`)
  return async () => await page.evaluate<number>('window.rendered')
}

/** Fills the journal as fast as possible: with all requests at once, on one connection. */
async function fill ({ emulator }: Pick<Opened, 'emulator'>, count: number): Promise<void> {
  const head = 'POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n'
  await raw(emulator.url, `${`${head}\r\n{}`.repeat(count - 1)}${head}connection: close\r\n\r\n{}`, 600_000)
}

const REQUESTS = 1000

inBrowser(`of ${REQUESTS} requests the console draws only the visible ones`, {}, async (t, { page, emulator, open }) => {
  await fill({ emulator }, REQUESTS)
  await open('/?view=requests')
  await page.getByText(`${REQUESTS.toLocaleString('en')} requests`, { exact: true }).waitFor()
  const drawn = (): Promise<number> => page.locator('.row').count()
  t.ok(await drawn() < 60, `${await drawn()} rows are drawn`)
  t.equal((await idsOf({ page }))[0], `1-${REQUESTS}`)
  const rows = page.getByRole('listbox')
  const scroll = (top: number): Promise<unknown> => rows.evaluate((box: Scrolled, top: number) => { box.scrollTop = top }, top)
  await scroll(10_000_000)
  await becomes(t, async () => (await idsOf({ page })).at(-1), '1-1', 'the oldest is at the end')
  t.ok(await drawn() < 60)
  const last = page.locator('#row-1-1')
  t.ok((await last.boundingBox())!.y + 52 <= (await rows.boundingBox())!.y + (await rows.boundingBox())!.height + 1, 'the last row is fully visible')

  t.comment('scrolling and filtering')
  const rendered = await countRendered(page)
  for (let step = 0; step < 20; step++) {
    await scroll(step * 2.5 * REQUESTS)
    t.ok(await drawn() > 10)
  }
  t.ok(await rendered() < 10_000, `twenty scrolls render ${await rendered()} elements, not the whole list`)
  await page.getByLabel('Text').fill(`1-${REQUESTS - 223}`)
  await becomes(t, () => idsOf({ page }), [`1-${REQUESTS - 223}`])
})

inBrowser('requests that arrive while the console reads the journal are listed once', {}, async (t, { page, emulator, control, open }) => {
  await fill({ emulator }, 1500)
  // Some arrive before each page of the journal is read, and some before the console gets it.
  await page.route(/__admin\/requests\?limit=1000/, async route => {
    await fill({ emulator }, 50)
    const response = await route.fetch()
    await fill({ emulator }, 50)
    await route.fulfill({ response })
  })
  await open('/?view=requests')
  await becomes(t, () => page.locator('.count').innerText(), '1,700 requests', 'two pages are read')
  t.equal(await control.requests.count(), 1700)
})

inBrowser('the visible rows stay in place when requests arrive', {}, async (t, { page, emulator, open }) => {
  await fill({ emulator }, 200)
  await open('/?view=requests')
  await page.getByText('200 requests', { exact: true }).waitFor()
  await page.evaluate('window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(({ value }) => { window.shift += value })).observe({ type: "layout-shift", buffered: false })')
  const rows = page.getByRole('listbox')
  await rows.evaluate((box: Scrolled) => { box.scrollTop = 3000 })
  const before = await placeOf(t, { page }, '1-140')
  await fill({ emulator }, 100)
  await page.getByText('300 requests', { exact: true }).waitFor()
  t.same(await placeOf(t, { page }, '1-140'), before, 'a row stays where it was')
  await page.getByRole('button', { name: '↑ 100 newer requests' }).click()
  await becomes(t, async () => (await idsOf({ page }))[0], '1-300', 'the newer ones are a click away')
  await becomes(t, () => page.getByRole('button', { name: /newer/ }).count(), 0)

  t.comment('at the top the newest are shown, and an open request stays')
  const place = await placeOf(t, { page }, '1-299')
  await page.locator('.row').nth(1).click()
  const detail = page.getByRole('article', { name: 'Request 1-299' })
  await detail.waitFor()
  t.equal(await placeOf(t, { page }, '1-299'), place, 'the row that is opened stays under the pointer')
  const box = await detail.boundingBox()
  await fill({ emulator }, 100)
  await becomes(t, async () => (await idsOf({ page }))[0], '1-400')
  t.same(await detail.boundingBox(), box)
  t.ok(await page.evaluate<number>('window.shift') < 0.02, `the page shifted by ${await page.evaluate('window.shift')}`)
})

async function placeOf (t: Test, { page }: Pick<Opened, 'page'>, id: string): Promise<number> {
  const row = page.locator(`#row-${id}`)
  await row.waitFor()
  const box = await row.boundingBox()
  t.ok(box)
  return box!.y
}

inBrowser('the console says of a change that it can\'t be undone or done again where the state before is too large to keep', {}, async (t, { page, control, open }) => {
  const projects = Array.from({ length: 5000 }, (_, index) => ({ project_id: index + 1, subscriptions: [{ service: 1 as const, plan_id: 2 }] }))
  const { clock } = await control.createAccount({ name: 'large', balance: '1000000', projects })
  await open('/?account=large')
  await page.getByRole('button', { name: 'Travel in time' }).click()
  await page.getByRole('button', { name: 'Next billing date' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Move the clock' }).click()
  const bar = page.locator('.undo')
  await bar.getByRole('button', { name: 'Undo' }).click()
  await becomes(t, () => textsOf(bar), ['Undone. It can\'t be done again: the state before was too large to keep. ×'])

  await clock.advance('P1M')
  await clock.advance('P1D')
  await page.getByRole('button', { name: '+1 hour' }).click()
  await becomes(t, () => textsOf(bar), ['The clock was moved. It can\'t be undone: the state before was too large to keep. ×'])
  await bar.getByRole('button', { name: 'Dismiss' }).click()
  await becomes(t, () => textsOf(bar), [''])
})

inBrowser('the console stays usable with two thousand accounts, and five thousand projects in one', {}, async (t, { page, emulator, control, open }) => {
  await control.createAccounts(Array.from({ length: 2000 }, (_, index) => ({ name: `account ${String(index).padStart(4, '0')}`, balance: String(index), projects: [{ project_id: 1 }] })))
  const large = await control.createAccount({ name: 'large', token: 'large', balance: '100', projects: Array.from({ length: 5000 }, (_, index) => ({ project_id: index + 1, project_name: `project ${index + 1}` })) })
  await open('/')
  await becomes(t, () => page.locator('.accounts .heading .quiet').innerText(), '2,003')
  t.ok(await page.locator('*').count() < 5000, `${await page.locator('*').count()} elements`)
  await page.getByText('Showing the first 60 of 2,003 accounts').waitFor()
  await page.getByLabel('Find an account').fill('1999')
  await page.getByRole('link', { name: 'account 1999' }).click()
  await becomes(t, () => textsOf(page.locator('.card header')), ['account 1999 1,999.000 USD'])
  await page.getByLabel('Find an account').fill('LARGE')
  await page.getByRole('link', { name: 'large 100.000' }).click()
  await page.getByText('Showing the first 200 of 5,000 projects').waitFor()
  await page.getByLabel('Find a project').fill('project 4999')
  await becomes(t, () => textsOf(page.locator('tbody .name')), ['project 4999'])

  // A hidden page does not refresh by itself: only what the requests cause is counted.
  await page.evaluate('Object.defineProperty(document, "hidden", { value: true })')
  const readAgain: string[] = []
  page.on('request', request => { readAgain.push(new URL(request.url()).pathname) })
  // What was due to be refreshed before is read, however long that takes.
  for (let usd = 101; usd === 101 || readAgain.includes('/__admin/accounts'); usd++) {
    readAgain.length = 0
    await large.wallet.set(String(usd))
    await becomes(t, () => textsOf(page.locator('.card .amount')), [`${usd}.000 USD`])
  }
  const rendered = await countRendered(page)
  await large.wallet.set('100')
  for (let request = 0; request < 10; request++) await emulator.change({ token: 'large', project_id: 4999, service: 1, plan_id: 2 + request % 2 })
  await becomes(t, () => textsOf(page.locator('tbody .plan')), ['3 Phone Automation Medium'])
  await becomes(t, () => textsOf(page.locator('.card .amount')), ['25.000 USD'])
  t.ok(readAgain.includes('/__admin/accounts/large'))
  t.notOk(readAgain.includes('/__admin/accounts'), 'the other accounts are not read again')

  await page.getByRole('link', { name: 'Money' }).click()
  const form = page.getByRole('region', { name: 'Change a project' })
  await form.getByLabel('Project').fill('5001')
  await form.getByText('found "5001", expected the ID of one of the account\'s projects').waitFor()
  t.equal(await form.getByLabel('Status').count(), 0)
  await form.getByLabel('Project').fill('5000')
  await form.getByLabel('Status').selectOption('Expired')
  await becomes(t, async () => (await large.state()).projects![4999]!.project_status, 'Expired')
  await becomes(t, () => textsOf(form.locator('.badge')), ['Expired'])
  t.ok(await rendered() < 2000, `the changes render ${await rendered()} elements, not the whole lists`)
})
