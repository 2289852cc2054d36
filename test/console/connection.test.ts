import type { Page } from 'playwright-core'
import { becomes, inBrowser, textsOf } from '../support/browser.js'
import { emulate } from '../support/emulator.js'

const CHANGE = { token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 }

inBrowser('a lost connection is told, and a new emulator is shown as soon as there is one', {}, async (t, { page, emulator, open }) => {
  await open('/?view=requests')
  await emulator.change(CHANGE)
  await becomes(t, () => page.locator('.row').count(), 1)
  await emulator.stop()
  await page.getByText('The connection is lost. Trying again…').waitFor()
  await becomes(t, () => page.locator('.row').count(), 1, 'what was known is still shown')
  await page.getByRole('link', { name: 'Files' }).click()
  await page.getByRole('button', { name: 'Save the world' }).click()
  await page.getByText('the emulator can\'t be reached').waitFor()

  const next = await emulate(t, { port: Number(new URL(emulator.url).port), scenario: { accounts: [{ name: 'newcomer', token: 'new', balance: '7', projects: [{ project_id: 1 }] }] } })
  await page.getByText('live', { exact: true }).waitFor()
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls li')), ['newcomer 7.000'])
  await page.getByRole('link', { name: 'Requests' }).click()
  await page.getByText('No request yet.').waitFor()
  await next.change({ ...CHANGE, token: 'new', project_id: 1 })
  await becomes(t, () => page.locator('.row').count(), 1, 'and is heard')
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls li')), ['newcomer 2.000'])
})

inBrowser('a connection that has gone silent is made anew', { isLocked: true }, async (t, { page, emulator, open }) => {
  await page.clock.install()
  await open('/')
  const again = page.waitForRequest(/\/__admin\/events$/)
  await page.clock.fastForward(41_000)
  await page.getByText('The connection is lost. Trying again…').waitFor()
  await again
  await page.getByText('live', { exact: true }).waitFor()
  await emulator.change(CHANGE)
  await becomes(t, async () => (await textsOf(page.locator('.card header')))[0], 'demo 95.000 USD')
})

inBrowser('with an admin token it asks for it, and keeps it for the tab alone', { start: { adminToken: 'right token' }, isLocked: true }, async (t, { page, emulator, control, openAnother }) => {
  const prompt = page.getByLabel('The token that the emulator was started with')
  const isAskedOn = async (other: Page): Promise<void> => {
    await other.goto(emulator.url)
    await other.getByLabel('The token that the emulator was started with').waitFor()
    t.notMatch(await other.locator('body').innerText(), /demo|live/)
  }
  await isAskedOn(page)
  await page.getByText('It is kept for this tab alone.').waitFor()
  for (const wrong of ['wrong', 'tökén→', '-']) {
    await prompt.fill(wrong)
    await prompt.press('Enter')
    await page.getByText('That is not the one.').waitFor()
    t.equal(await prompt.getAttribute('aria-invalid'), 'true')
    t.same(await page.evaluate('({ ...sessionStorage })'), {}, 'a wrong one is not kept')
  }
  await prompt.fill(' right token ')
  await page.getByRole('button', { name: 'Open the console' }).click()
  await page.getByText('live', { exact: true }).waitFor()
  await emulator.change(CHANGE)
  await becomes(t, async () => (await textsOf(page.locator('.card header')))[0], 'demo 95.000 USD', 'what happens is heard with it')
  await page.reload()
  await page.getByText('live', { exact: true }).waitFor()
  t.same(await page.evaluate('[Object.values(sessionStorage), { ...localStorage }, document.cookie, location.href]'), [['right token'], {}, '', `${emulator.url}/`])
  await isAskedOn(await page.context().newPage())
  await isAskedOn(await openAnother())

  await emulator.stop()
  await page.getByText('The connection is lost').waitFor()
  await emulate(t, { port: Number(new URL(emulator.url).port), adminToken: 'another' })
  await prompt.waitFor()
  t.same(await page.evaluate('({ ...sessionStorage })'), {}, 'one that holds no more is forgotten')
  await t.rejects(control.audit())
})

/** The name of what has the focus. */
const focused = (page: Page): Promise<string> => page.evaluate('(element => element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent)(document.activeElement)')

/** Presses the tabulator until something has the focus. */
async function tabTo (page: Page, name: string): Promise<void> {
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press('Tab')
    if (await focused(page) === name) return
  }
  throw new Error(`the tabulator does not lead to ${name}`)
}

inBrowser('all of it can be done with the keyboard alone', {}, async (t, { page, emulator, control, open }) => {
  await page.keyboard.press('Tab')
  t.equal(await focused(page), 'To the content')
  const order: string[] = []
  for (let step = 0; step < 14; step++) {
    await page.keyboard.press('Tab')
    order.push(await focused(page))
  }
  t.same(order, ['The world', 'demo100.000', 'other1,234.500', 'Travel in time', 'Overview', 'Requests', 'Money', 'Faults', 'Try it', 'Files', 'demo', 'Projects of demo', 'other', 'Projects of other'], 'in the order in which it is read')
  t.ok(await page.evaluate('document.activeElement.matches(":focus-visible") && getComputedStyle(document.activeElement).outlineStyle !== "none"'), 'what has the focus can be seen')

  t.comment('time')
  await open('/')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  t.equal(await page.evaluate('document.activeElement.id'), 'main', 'the accounts can be passed over')
  await tabTo(page, 'Travel in time')
  await page.keyboard.press('Enter')
  await tabTo(page, '+1 day')
  await page.keyboard.press('Space')
  await becomes(t, async () => (await control.clock.get()).now, '2020-06-17T12:00:00Z')
  await tabTo(page, 'Go to')
  await page.keyboard.type('2020-06-16T12:00:00Z')
  await page.keyboard.press('Enter')
  await becomes(t, async () => (await control.clock.get()).now, '2020-06-16T12:00:00Z')

  t.comment('a fault')
  await tabTo(page, 'Faults')
  await page.keyboard.press('Enter')
  await tabTo(page, 'connection_resetThe connection is reset (TCP RST) instead of an answer.')
  await page.keyboard.press('ArrowDown')
  await tabTo(page, ' after all of it is booked')
  await page.keyboard.press('ArrowUp')
  await tabTo(page, 'Arm it')
  await page.keyboard.press('Enter')
  await becomes(t, async () => (await control.faults()).map(({ kind, when }) => `${kind} ${when}`), ['empty_response before'])
  await page.locator('.armed').waitFor()
  await tabTo(page, 'Remove empty_response, fault-1')
  await page.keyboard.press('Enter')
  await becomes(t, async () => (await control.faults()).length, 0)

  t.comment('requests')
  for (const plan of [2, 3, 4, 5]) await emulator.change({ ...CHANGE, plan_id: plan })
  await open('/?view=requests')
  await tabTo(page, 'Requests, newest first')
  const active = (): Promise<string> => page.evaluate('document.activeElement.getAttribute("aria-activedescendant") + " " + (document.querySelector("article")?.getAttribute("aria-label") ?? "")')
  const keys: ReadonlyArray<readonly [key: string, active: string]> = [
    ['ArrowUp', 'row-1-4 '], ['ArrowDown', 'row-1-3 '], ['ArrowDown', 'row-1-2 '], ['Enter', 'row-1-2 Request 1-2'], ['ArrowDown', 'row-1-1 Request 1-1'], ['ArrowDown', 'row-1-1 Request 1-1'],
    ['Home', 'row-1-4 Request 1-4'], ['End', 'row-1-1 Request 1-1'], ['PageUp', 'row-1-4 Request 1-4'], ['PageDown', 'row-1-1 Request 1-1'], ['Escape', 'row-1-1 '], ['Home', 'row-1-4 '], ['Space', 'row-1-4 Request 1-4']
  ]
  for (const [key, expected] of keys) {
    await page.keyboard.press(key)
    await becomes(t, active, expected, key)
  }
  await tabTo(page, 'Edit and send')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Body')
  await page.keyboard.press('Tab')
  t.equal(await focused(page), 'Send')
  await page.keyboard.press('Enter')
  await page.getByLabel('Answer body').waitFor()
  t.equal(await control.requests.count(), 5)
})

inBrowser('on a narrow screen the keyboard goes into an open request and back to its row', { context: { viewport: { width: 800, height: 800 } } }, async (t, { page, emulator, open }) => {
  for (const plan of [2, 3, 4]) await emulator.change({ ...CHANGE, plan_id: plan })
  await open('/?view=requests')
  await page.getByRole('listbox').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('article', { name: 'Request 1-2' }).waitFor()
  await tabTo(page, 'Close')
  await page.keyboard.press('Enter')
  await becomes(t, () => focused(page), 'Requests, newest first')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()
  await page.keyboard.press('Escape')
  await becomes(t, () => focused(page), 'Requests, newest first')
})
