import type { Page } from 'playwright-core'
import { FAULTS } from '../../src/domain/fault.js'
import { audit } from '../support/axe.js'
import { becomes, CHANGE, furnish, idsOf, inBrowser, VIEWS, waitForFurnished, WORLD } from '../support/browser.js'
import { share } from '../support/effort.js'
import { emulate } from '../support/emulator.js'

inBrowser('axe finds no serious accessibility problem in any view of the console, in light and in dark', {}, async (t, { page, emulator, control, open, show }) => {
  await furnish({ emulator, control })
  await open()
  await page.getByRole('button', { name: 'Travel in time' }).click()
  for (const view of VIEWS) {
    await show(`/?view=${view}&account=demo`)
    await waitForFurnished({ page }, view)
    if (view === 'requests') await page.locator('.row').nth(1).click()
    if (view === 'money') await page.getByLabel('Set to').fill('x').then(() => page.keyboard.press('Enter')).then(() => page.getByText('found "x"').waitFor())
    if (view === 'try') await page.getByRole('button', { name: 'Send' }).click().then(() => page.getByLabel('Answer body').waitFor())
    await audit(t, page, view)
  }
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('dialog').waitFor()
  await audit(t, page, 'a confirmation')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Switch-off', exact: true }).click()
  await page.getByRole('button', { name: 'Move the clock' }).click()
  await page.locator('.journey').waitFor()
  await audit(t, page, 'after the switch-off')
  await show('/?view=money')
  await page.getByRole('main').getByRole('link', { name: 'demo' }).waitFor()
  await audit(t, page, 'no account chosen', 'light')
  await control.load({ accounts: [] })
  await becomes(t, () => page.locator('.accounts .scrolls li').count(), 0)
  for (const view of share(VIEWS, 0, 4)) {
    await show(`/?view=${view}`)
    await audit(t, page, `${view} of an empty world`, 'light')
  }
  await emulator.stop()
  await page.getByText('Connection lost').waitFor()
  await audit(t, page, 'a lost connection')
  await emulate(t, { port: Number(new URL(emulator.url).port), adminToken: 'x' })
  await page.getByRole('button', { name: 'Open the console' }).waitFor()
  await page.getByLabel('Admin token').fill('y')
  await page.keyboard.press('Enter')
  await page.getByText('Wrong token.').waitFor()
  await audit(t, page, 'the prompt for the token')
})

/** The name of the focused element. */
const focused = (page: Page): Promise<string> => page.evaluate('(element => element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent)(document.activeElement)')

/** Presses Tab until an element has the focus. */
async function tabTo (page: Page, name: string): Promise<void> {
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press('Tab')
    if (await focused(page) === name) return
  }
  throw new Error(`Tab does not lead to ${name}`)
}

inBrowser('everything in the console can be done with the keyboard alone', {}, async (t, { page, emulator, control, open }) => {
  await open()
  await page.keyboard.press('Tab')
  t.equal(await focused(page), 'Skip to content')
  const order: string[] = []
  for (let step = 0; step < 16; step++) {
    await page.keyboard.press('Tab')
    order.push(await focused(page))
  }
  t.same(order, ['The world', 'demo100.000', 'other1,234.500', 'Travel in time', 'Overview', 'Requests', 'Money', 'Faults', 'Try it', 'Sweep', 'Case', 'Files', 'demo', 'Projects of demo', 'other', 'Projects of other'], 'Tab follows the reading order')
  t.ok(await page.evaluate('document.activeElement.matches(":focus-visible") && getComputedStyle(document.activeElement).outlineStyle !== "none"'), 'the focus is visible')

  t.comment('time')
  await open('/')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await becomes(t, () => page.evaluate('document.activeElement.id'), 'main', 'the accounts can be skipped')
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
  await tabTo(page, `connection_reset${FAULTS.connection_reset.says}`)
  await page.keyboard.press('ArrowDown')
  await tabTo(page, ' after everything is booked')
  await page.keyboard.press('ArrowUp')
  await tabTo(page, 'Add fault')
  await page.keyboard.press('Enter')
  await becomes(t, async () => (await control.faults()).map(({ kind, when }) => `${kind} ${when}`), ['empty_response before'])
  await page.locator('.active-faults').waitFor()
  await tabTo(page, 'Remove empty_response, fault-1')
  await page.keyboard.press('Enter')
  await becomes(t, async () => (await control.faults()).length, 0)
  await page.locator('.active-faults').waitFor({ state: 'detached' })
  t.equal(await page.evaluate('document.activeElement.ariaLabel'), 'Active faults', 'the focus stays where the fault was')

  t.comment('requests')
  for (const plan of [2, 3, 4, 5]) await emulator.change({ ...CHANGE, plan_id: plan })
  await open('/?view=requests')
  await becomes(t, () => idsOf({ page }), ['1-4', '1-3', '1-2', '1-1'])
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

  t.comment('an account far down the list')
  await control.load({ ...WORLD, accounts: [...WORLD.accounts, ...Array.from({ length: 100 }, (_, number) => ({ name: `account-${number}`, token: `token-${number}` }))] })
  await open('/?account=account-99')
  const isShown = 'document.querySelector(".accounts .scrolls").scrollTop > 0 && document.querySelector(".accounts [aria-current]").getBoundingClientRect().bottom <= innerHeight'
  await becomes(t, () => page.evaluate(isShown), true, 'it is shown')
  await page.keyboard.press('Tab')
  t.equal(await focused(page), 'Skip to content')
})

inBrowser('on a narrow screen the keyboard focus moves into an opened request and back to its row', { context: { viewport: { width: 800, height: 800 } } }, async (t, { page, emulator, open }) => {
  for (const plan of [2, 3, 4]) await emulator.change({ ...CHANGE, plan_id: plan })
  await open('/?view=requests')
  await becomes(t, () => idsOf({ page }), ['1-3', '1-2', '1-1'])
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

/** Where the focused element is not to be seen: what covers it, at its middle and near two corners. */
const COVERED = `(element => {
  const { left, right, top, bottom } = element.getBoundingClientRect()
  const found = [[(left + right) / 2, (top + bottom) / 2], [left + 2, top + 2], [right - 2, bottom - 2]].map(([x, y]) => document.elementFromPoint(x, y))
  const isSeen = element === document.body || found.some(there => there !== null && (element.contains(there) || there.contains(element) || there.closest('label')?.contains(element)))
  return isSeen || found[0] === null ? [] : [element.outerHTML + ' is below ' + found[0].outerHTML]
})(document.activeElement)`

inBrowser('the offer to undo covers nothing that the Tab key leads to, also on a screen at 400 %, and its words stay whole', { context: { viewport: { width: 320, height: 215 } } }, async (t, { page, open, show }) => {
  await open('/?view=files')
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset everything' }).click()
  const undo = page.locator('.undo').getByRole('button', { name: 'Undo' })
  await undo.waitFor()
  t.ok(await undo.evaluate<boolean, { scrollWidth: number, clientWidth: number, offsetHeight: number }>(({ scrollWidth, clientWidth, offsetHeight }) => scrollWidth <= clientWidth && offsetHeight < 40), 'Undo is in one line')
  t.comment('however long a name it quotes')
  await page.locator('input[type=file]').setInputFiles({ name: `${'long '.repeat(40)}.json`, mimeType: 'application/json', buffer: Buffer.from('{"accounts":[{"name":"demo"}]}') })
  await page.getByRole('dialog').getByRole('button', { name: 'Replace the world' }).click()
  await page.locator('.undo').getByText('Loaded long').waitFor()
  for (const view of ['files', 'faults', 'overview'] as const) {
    await show(`/?view=${view}`)
    await page.evaluate('document.activeElement.blur(), scrollTo(0, 0)')
    const covered: string[] = []
    for (let step = 0; step < 40; step++) {
      await page.keyboard.press('Tab')
      covered.push(...await page.evaluate<string[]>(COVERED))
    }
    t.same(covered, [], view)
  }
})

inBrowser('what is opened and closed in the console leaves the focus in the content', {}, async (t, { page, open }) => {
  const isInContent = async (): Promise<boolean> => await page.evaluate('document.activeElement.id === "main"')
  await open('/?view=case')
  for (const name of ['Look at it', 'Close']) {
    await tabTo(page, name)
    await page.keyboard.press('Enter')
    await becomes(t, isInContent, true, name)
  }
  await open('/?view=files')
  await tabTo(page, 'Load edge-cases')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await tabTo(page, 'Replace the world')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Dismiss' }).waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Redo' }).waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).focus()
  await page.keyboard.press('Enter')
  await becomes(t, isInContent, true, 'Dismiss')
})
