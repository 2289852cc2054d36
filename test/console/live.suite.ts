import { becomes, CHANGE, idsOf, inBrowser, textsOf, VIEWS } from '../support/browser.js'

inBrowser('the overview of the console shows every account with its balance and its projects', {}, async (t, { page, open }) => {
  await open()
  t.same(await textsOf(page.locator('.card header')), ['demo 100.000 USD', 'other 1,234.500 USD'])
  const other = page.getByRole('region', { name: 'Projects of other' })
  t.same(await textsOf(other.getByRole('columnheader')), ['Project', 'Name', 'Service', 'Plan', 'Status', 'Next billing'])
  t.same(await textsOf(other.getByRole('row')), [
    'Project Name Service Plan Status Next billing',
    '1 help desk Phone Automation 3 Phone Automation Medium Active 2020-07-16',
    'WhatsApp Official 7 Medium WhatsApp Official Account 2020-07-16',
    '2 old Phone Automation 1 Pay As You Go Expired –'
  ])
  t.same(await textsOf(page.getByRole('navigation', { name: 'Accounts' }).getByRole('listitem')), ['The world', 'demo 100.000', 'other 1,234.500'])

  t.comment('one account alone')
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'other' }).click()
  t.equal(new URL(page.url()).search, '?account=other')
  await becomes(t, () => textsOf(page.locator('.card h2')), ['other'])
})

inBrowser('the console shows every change at once, without loading the page again', {}, async (t, { page, emulator, control, open }) => {
  await open()
  await page.evaluate('window.isTheSamePage = true')
  const cards = (): Promise<string[]> => textsOf(page.locator('.card header'))
  await emulator.change(CHANGE)
  await becomes(t, cards, ['demo 95.000 USD', 'other 1,234.500 USD'], 'a plan was bought')
  t.same(await textsOf(page.getByRole('region', { name: 'Projects of demo' }).locator('tbody tr')), ['5786 web shop Phone Automation 2 Phone Automation Small Active 2020-07-16'])
  const other = await control.account('other')
  await other.wallet.credit('0.001')
  await becomes(t, cards, ['demo 95.000 USD', 'other 1,234.501 USD'], 'a wallet was topped up')
  await other.setProject(2, { project_name: 'old', project_status: 'Delete' })
  await becomes(t, () => textsOf(page.locator('.status-delete')), ['Delete'], 'a project was set')
  await control.plans.change([{ plan_id: 2, name: 'Tiny' }])
  await becomes(t, async () => (await textsOf(page.locator('tbody tr')))[0], '5786 web shop Phone Automation 2 Tiny Active 2020-07-16', 'the plan table was changed')
  await control.createAccount({ name: 'third', balance: '3' })
  await becomes(t, cards, ['demo 95.000 USD', 'other 1,234.501 USD', 'third 3.000 USD'], 'an account was created')
  await (await control.account('demo')).reset()
  await becomes(t, cards, ['demo 100.000 USD', 'other 1,234.501 USD', 'third 3.000 USD'], 'an account was reset')
  await other.remove()
  await becomes(t, cards, ['demo 100.000 USD', 'third 3.000 USD'], 'an account was removed')
  await control.clock.advance('P2Y')
  await becomes(t, () => page.locator('.now time').innerText(), '2022-06-16 12:00:00', 'the clock was moved')
  await control.reset()
  await becomes(t, cards, ['demo 100.000 USD', 'other 1,234.500 USD'], 'everything was reset')
  t.equal(await page.evaluate('window.isTheSamePage'), true)
})

inBrowser('a moved clock is shown at once, and does not wait for all accounts to be read again', {}, async (t, { page, control, open }) => {
  await open()
  let release = (): void => {}
  const held = new Promise<void>(resolve => { release = resolve })
  await page.route(/__admin\/accounts$/, async route => {
    await held
    await route.continue()
  })
  await control.clock.advance('P1D')
  await becomes(t, () => page.locator('.now time').innerText(), '2020-06-17 12:00:00')
  await (await control.account('demo')).clock.freeze('2021-01-01')
  await control.clock.advance('P1D')
  await becomes(t, () => page.locator('.now time').innerText(), '2020-06-18 12:00:00', 'the clock of an account is not that of the world')
  release()
  await page.getByText('its own clock').first().waitFor()
})

inBrowser('an account that was removed is not mistaken for the world', {}, async (t, { page, open, show }) => {
  await open()
  for (const view of VIEWS) {
    await show(`/?view=${view}&account=gone`)
    await page.getByText('There is no account gone.').waitFor()
    t.equal(await page.getByRole('button', { name: /Reset|Add fault|Travel in time|Send|Save/ }).count(), 0, view)
  }
  await page.getByRole('link', { name: 'Show the world' }).click()
  await page.getByRole('button', { name: 'Travel in time' }).waitFor()
  await open()
})

// On a page that is not secure, a hidden tab lets its connection go at once.
inBrowser('who comes back to the console finds the place where they were, and what has happened since', { start: { allowHost: 'emulator.example.test' }, context: {}, provoked: /a request to/ }, async (t, { page, emulator, control }) => {
  for (let number = 0; number < 30; number++) await emulator.change({ ...CHANGE, plan_id: 99 })
  await emulator.change({ ...CHANGE, token: 'other-token', project_id: 7 })
  await page.goto(`${emulator.url.replace('127.0.0.1', 'emulator.example.test')}/?view=requests&request=1-5`)
  await page.getByRole('article', { name: 'Request 1-5' }).waitFor()
  await page.locator('article summary').getByText('headers').first().click()
  await page.locator('.detail').evaluate<void, { scrollTop: number }>(detail => { detail.scrollTop = 100 })
  await page.evaluate('globalThis.place = ["article", ".rows", "article details"].map(each => document.querySelector(each))')
  const turn = (hidden: boolean): Promise<void> => page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }), document.dispatchEvent(new Event('visibilitychange')), undefined`)
  const placeNow = (): Promise<unknown> => page.evaluate('[...place.map(each => each.isConnected), document.querySelector(".detail").scrollTop, document.querySelector("article details[open] summary").textContent]')
  const before = await placeNow()
  t.match(before, [true, true, true, 100])
  const scrolled = await page.locator('.rows').evaluate<number, { scrollTop: number }>(rows => rows.scrollTop)
  t.ok(scrolled > 0)

  await turn(true)
  await page.getByText('connecting…').waitFor()
  await emulator.change({ ...CHANGE, plan_id: 98 })
  await turn(false)
  await becomes(t, () => page.locator('.count').innerText(), '32 requests')
  t.same(await placeNow(), before)
  t.equal(await page.locator('.rows').evaluate<number, { scrollTop: number }>(rows => rows.scrollTop), scrolled + 52, 'the new row is above')

  t.comment('what happens while the journal is read again')
  await turn(true)
  await page.getByText('connecting…').waitFor()
  let release = (): void => {}
  const released = new Promise<void>(resolve => { release = resolve })
  const asked = page.waitForRequest(/\/__admin\/requests\?limit=1000/)
  await page.route('**/__admin/requests?limit=1000', async route => {
    // Node.js does not know the name.
    const response = await route.fetch({ url: route.request().url().replace('emulator.example.test', '127.0.0.1') })
    await released
    await route.fulfill({ response })
  })
  await turn(false)
  await asked
  await page.getByText('live', { exact: true }).waitFor()
  await emulator.change(CHANGE)
  await becomes(t, () => page.locator('.count').innerText(), '33 requests')
  await (await control.account('other')).reset()
  await becomes(t, () => page.locator('.count').innerText(), '32 requests')
  const read = page.waitForResponse(/\/__admin\/requests\?limit=1000/)
  release()
  await read
  await emulator.change({ ...CHANGE, plan_id: 97 })
  await becomes(t, () => page.locator('.count').innerText(), '33 requests')
  t.same(await placeNow(), before)
  await page.getByLabel('Text').fill('"api_status":100')
  await becomes(t, () => idsOf({ page }), ['1-33'])
  t.equal(await page.locator('.count').innerText(), '1 of 33 requests')
})

inBrowser('a request that moves on while it is pressed is the one that opens', {}, async (t, { page, emulator, open }) => {
  await emulator.change(CHANGE)
  await open('/?view=requests')
  const box = (await page.locator('.row').boundingBox())!
  await page.mouse.move(box.x + 100, box.y + 20)
  await page.mouse.down()
  await emulator.change({ ...CHANGE, plan_id: 3 })
  await becomes(t, () => idsOf({ page }), ['1-2', '1-1'])
  await page.mouse.up()
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()

  t.comment('what a program presses without a pointer opens, too; what is dragged over does not')
  await page.locator('#row-1-2').dispatchEvent('click')
  await page.getByRole('article', { name: 'Request 1-2' }).waitFor()
  const row = (await page.locator('#row-1-1').boundingBox())!
  await page.mouse.move(row.x + 100, row.y + 20)
  await page.mouse.down()
  await page.mouse.move(row.x + 160, row.y + 20)
  await page.mouse.up()
  t.equal(await page.getByRole('article').getAttribute('aria-label'), 'Request 1-2')
  await page.locator('#row-1-1').click()
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()

  t.comment('also after a press that came to nothing, as one that scrolled the list')
  const other = (await page.locator('#row-1-2').boundingBox())!
  await page.mouse.move(other.x + 100, other.y + 20)
  await page.mouse.down()
  await page.mouse.move(5, 5)
  await page.mouse.up()
  await page.locator('#row-1-2').dispatchEvent('click')
  await page.getByRole('article', { name: 'Request 1-2' }).waitFor()
})
