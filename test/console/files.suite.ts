import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { becomes, CHANGE, inBrowser, textsOf } from '../support/browser.js'

/** Confirms that a file replaces the world. */
async function confirm (page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Replace the world' }).click()
}

/** Drops a file on the page. */
async function drop (page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(`(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)})); return data })()`)
  await page.dispatchEvent('main', 'dragover', { dataTransfer })
  await page.getByText('Drop the file to open it').waitFor()
  await page.dispatchEvent('main', 'drop', { dataTransfer })
}

inBrowser('the console saves the world as a file, and loads it again when the file is chosen or dropped', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change(CHANGE)
  await control.fail({ kind: 'hang', plan_id: 9, times: 3 })
  await control.clock.advance('P1D')
  const state = await control.state()
  await open('/?view=files')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the world' }).click()])
  t.equal(download.suggestedFilename(), 'world.json')
  const text = readFileSync(await download.path(), 'utf8')
  t.equal(text, `${JSON.stringify(state, null, 2)}\n`)
  await page.getByText('Saved world.json.').waitFor()

  await control.reset()
  t.notSame(await control.state(), state)
  await page.locator('input[type=file]').setInputFiles({ name: 'chosen.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  await confirm(page)
  await page.getByRole('main').getByText('Loaded chosen.json.').waitFor()
  t.same(await control.state(), state, 'chosen')
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls .amount')), ['95.000', '1,234.500'])

  await control.reset()
  await page.getByRole('link', { name: 'Requests' }).click()
  await drop(page, 'dropped.json', text)
  await confirm(page)
  await page.getByRole('main').getByText('Loaded dropped.json.').waitFor()
  t.equal(new URL(page.url()).search, '?view=files')
  t.same(await control.state(), state, 'dropped')
  t.equal(await page.getByText('Drop the file to open it').count(), 0)

  t.comment('the same file once more')
  await control.reset()
  await page.locator('input[type=file]').setInputFiles({ name: 'chosen.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  await confirm(page)
  await page.getByRole('main').getByText('Loaded chosen.json.').waitFor()
  t.same(await control.state(), state)
})

inBrowser('the file of an account whose name has no letters of a file\'s is none that a command takes for an option', {}, async (t, { page, control, open }) => {
  await control.createAccount({ name: '--\u0645' })
  await open(`/?view=files&account=${encodeURIComponent('--\u0645')}`)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /with its requests$/ }).click()])
  t.equal(download.suggestedFilename(), 'account.json')
})

inBrowser('the console saves a large world in no more bytes than the control API takes for it', {}, async (t, { page, control, open }) => {
  await control.createAccounts(Array.from({ length: 12_000 }, (_, index) => ({ name: `account ${index}` })))
  await open('/?view=files')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the world' }).click()])
  const text = readFileSync(await download.path(), 'utf8')
  t.ok(text.length > 1_048_576, `${text.length} characters`)
  t.equal(text, JSON.stringify(await control.state()))
})

inBrowser('the console saves an account with its requests, and restores both from the file', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change(CHANGE)
  await emulator.change({ token: 'other-token', project_id: 1, service: 1, plan_id: 2 })
  await open('/?view=files&account=demo')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save demo with its requests' }).click()])
  t.equal(download.suggestedFilename(), 'demo.json')
  const text = readFileSync(await download.path(), 'utf8')
  t.match(JSON.parse(text), { accounts: [{ name: 'demo', balance: '95' }], requests: [{ id: '1-1', account: 'demo' }] })
  t.equal((JSON.parse(text) as { accounts: unknown[] }).accounts.length, 1)
  await control.reset()
  await drop(page, 'demo.json', text)
  await confirm(page)
  await page.getByRole('main').getByText('Loaded demo.json.').waitFor()
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls li')), ['demo 95.000'])
  await page.getByRole('link', { name: 'Money' }).click()
  await page.getByRole('link', { name: '1-1' }).click()
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()
  await becomes(t, () => textsOf(page.getByRole('region', { name: 'What it changed' }).locator('p')), ['Wallet: -5.000 USD for project 5786 on plan 2; balance afterwards 95.000 USD.', 'Project 5786, Phone Automation: plan 1 → plan 2 until 2020-07-16 23:59:59'])
  await becomes(t, () => page.locator('.row').count(), 1)
})

inBrowser('a file that is not a scenario is refused with the reason, and changes nothing', {}, async (t, { page, control, open }) => {
  const state = await control.state()
  await open('/')
  const note = page.locator('main [role=alert]')
  const wrong: ReadonlyArray<readonly [name: string, text: string, says: RegExp]> = [
    ['broken.json', '{"accounts":[', /^broken\.json is not JSON: .* Nothing was changed\.$/],
    ['empty.json', '', /^empty\.json is not JSON/],
    ['picture.png', '\u0000PNG', /^picture\.png is not JSON/],
    ['wrong.json', '{"accounts":[{"balance":4.99}]}', /is wrong at \/accounts\/0\/balance: found 4\.99, expected an amount in USD/],
    ['wrong-twice.json', '{"accounts":[{"balance":4.99,"name":"<b>"}],"clok":{}}', /\/clok: found an unknown key, expected .*\/accounts\/0\/balance: found 4\.99/]
  ]
  for (const [name, text, says] of wrong) {
    await drop(page, name, text)
    await becomes(t, async () => says.test((await textsOf(note)).join(' ')), true, `${name}: ${(await textsOf(note)).join(' ')}`)
    t.same(await control.state(), state)
  }
  await drop(page, 'right.json', '{}')
  await confirm(page)
  await page.getByRole('main').getByText('Loaded right.json.').waitFor()
  await becomes(t, () => note.count(), 0)
})

inBrowser('what has changed while the console asks is asked again, once, and requests alone are not', {}, async (t, { page, emulator, control, open }) => {
  const dialog = page.getByRole('dialog')
  const question = (): Promise<string[]> => textsOf(dialog.locator('#question'))
  const reset = dialog.getByRole('button', { name: 'Reset everything' })
  await open('/?view=files')
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await becomes(t, question, ['This removes 2 accounts and 3 projects, and brings 2 accounts and 3 projects.'])
  await control.createAccount({ name: 'new', projects: [{ project_id: 9 }] })
  await reset.click()
  await becomes(t, question, ['Meanwhile, this has changed. This removes 3 accounts and 4 projects, and brings 2 accounts and 3 projects.'])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  t.equal((await control.accounts()).length, 3, 'nothing was done')
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Reset everything', 'the focus returns to the button')

  t.comment('changed twice, it is done after the second question')
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await becomes(t, question, ['This removes 3 accounts and 4 projects, and brings 2 accounts and 3 projects.'])
  await control.createAccount({ name: 'newer' })
  await reset.click()
  await becomes(t, question, ['Meanwhile, this has changed. This removes 4 accounts and 4 projects, and brings 2 accounts and 3 projects.'])
  await control.createAccount({ name: 'newest' })
  await reset.click()
  await becomes(t, async () => (await control.accounts()).length, 2)

  t.comment('a request on the way')
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await dialog.waitFor()
  await emulator.change({ ...CHANGE, plan_id: 999 })
  await reset.click()
  await becomes(t, () => control.requests.count(), 0)

  t.comment('nothing is lost any more')
  await control.load({ accounts: [] })
  await emulator.change(CHANGE)
  await page.locator('input[type=file]').setInputFiles({ name: 'world.json', mimeType: 'application/json', buffer: Buffer.from('{}') })
  await becomes(t, question, ['This removes 1 request.'])
  await control.requests.clear()
  await page.getByRole('button', { name: 'Replace the world' }).click()
  await page.getByRole('main').getByText('Loaded world.json.').waitFor()
})

inBrowser('what is said of a file shows characters that no reader would see, of its name and of its text', {}, async (t, { page, open }) => {
  await open('/?view=files')
  await drop(page, 'gro\u202enosj.json', '{"accounts":[{"name":"a\u202eb"}]}')
  await confirm(page)
  await page.getByRole('main').getByText('Loaded gro\\u202enosj.json.').waitFor()
  await becomes(t, () => textsOf(page.locator('.undo')), ['Loaded gro\\u202enosj.json. Undo ×'])
  const wrong: ReadonlyArray<readonly [text: string, says: string]> = [
    ['{"clo\u2066ck":1}', '/clo\\u2066ck: found an unknown key'],
    ['{"accounts":[{"balance":"1\u202e"}]}', '/accounts/0/balance: found "1\\u202e", expected'],
    ['{"a\u202e":1,"b\u2067":2}', '/b\\u2067: found an unknown key']
  ]
  for (const [text, says] of wrong) {
    await drop(page, 'wrong.json', text)
    await becomes(t, async () => (await textsOf(page.locator('main [role=alert]'))).join(' ').replace('is wrong at ', '').includes(says), true, says)
  }
  t.notMatch((await textsOf(page.locator('main [role=alert], .undo'))).join(), /[\u202e\u2066\u2067]/)
})

inBrowser('loading a bundled scenario and resetting say first what is lost, and can be undone', {}, async (t, { page, control, open }) => {
  const names = async (): Promise<string[]> => (await control.accounts()).map(({ name }) => name)
  await open('/?view=files')
  await page.getByRole('button', { name: 'Load edge-cases' }).click()
  await page.getByRole('dialog').getByText(/^This removes 2 accounts and 3 projects, and brings \d+ accounts and \d+ projects\.$/).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  t.same(await names(), ['demo', 'other'])
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Load edge-cases', 'the focus returns to the button')
  await page.getByRole('button', { name: 'Load edge-cases' }).click()
  await page.getByRole('button', { name: 'Replace the world' }).click()
  await page.getByRole('main').getByText('Loaded edge-cases.').waitFor()
  t.ok((await names()).length > 10)
  await page.getByRole('button', { name: 'Load default' }).click()
  await page.getByRole('button', { name: 'Replace the world' }).click()
  await page.getByRole('main').getByText('Loaded default.').waitFor()
  t.same(await names(), ['demo'])

  await page.getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await becomes(t, () => page.getByRole('dialog').count(), 0)
  t.same(await names(), ['demo'])
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('main').getByText('Everything has been reset.').waitFor()
  t.same(await names(), ['demo', 'other'])

  t.comment('undo and redo, also after another view was opened')
  await page.getByRole('link', { name: 'Money' }).click()
  const bar = page.locator('.undo')
  t.same(await textsOf(bar), ['Everything has been reset. Undo ×'])
  await bar.getByRole('button', { name: 'Undo' }).press('Enter')
  await becomes(t, () => textsOf(bar), ['Undone. Redo ×'])
  await becomes(t, async () => await page.evaluate('document.activeElement.innerText'), 'Redo', 'the focus stays where it was')
  t.same(await names(), ['demo'])
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls .name')), ['demo'])
  await bar.getByRole('button', { name: 'Redo' }).click()
  await becomes(t, () => textsOf(bar), ['Done again. Undo ×'])
  t.same(await names(), ['demo', 'other'])
  for (let number = 0; number < 10; number++) await control.reset()
  await bar.getByRole('button', { name: 'Undo' }).click()
  await becomes(t, async () => /^there is no snapshot "snapshot-\d+" GET/.test((await textsOf(bar))[0]!), true, 'one that has made way')
  await bar.getByRole('button', { name: 'Dismiss' }).click()
  await becomes(t, () => textsOf(bar), [''])

  t.comment('nothing is asked where nothing is lost')
  await control.load({})
  await open('/?view=files')
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('main').getByText('Everything has been reset.').waitFor()

  const [demo, other] = await control.accounts()
  for (const { wallet } of [demo!, other!]) await wallet.set('1')
  await open('/?view=files&account=demo')
  await page.getByRole('button', { name: 'Reset demo' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  t.equal(await demo!.wallet.balance(), '1')
  await page.getByRole('button', { name: 'Reset demo' }).click()
  await page.getByRole('button', { name: 'Reset the account' }).click()
  await page.getByRole('main').getByText('demo has been reset.').waitFor()
  t.same([await demo!.wallet.balance(), await other!.wallet.balance()], ['100', '1'])
})

inBrowser('undo and redo ask before they take back what has been changed since, and nothing where nothing was', {}, async (t, { page, emulator, control, open }) => {
  const bar = page.locator('.undo')
  const dialog = page.getByRole('dialog')
  const asked = async (): Promise<string[]> => {
    await dialog.waitFor()
    return await textsOf(dialog.locator('p'))
  }
  const { wallet } = await control.account('demo')
  await open('/')
  await page.getByRole('button', { name: 'Travel in time' }).click()
  await page.getByRole('button', { name: '+1 day' }).click()
  await bar.getByText('The clock was moved.').waitFor()
  await control.createAccount({ name: 'bees', projects: [{}] })
  await wallet.credit('400')
  await emulator.change({ token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 })

  await bar.getByRole('button', { name: 'Undo' }).click()
  t.same(await asked(), [
    'Since then, 2 calls and 1 request changed something: this takes that back as well.', 'This removes 3 accounts and 4 projects, and brings 2 accounts and 3 projects.'
  ])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await becomes(t, () => dialog.count(), 0)
  t.equal(await wallet.balance(), '495', 'nothing was undone')
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Undo', 'the focus returns to the button')

  t.comment('more requests make no new question, but another call does')
  await bar.getByRole('button', { name: 'Undo' }).click()
  await dialog.waitFor()
  await wallet.credit('1')
  await dialog.getByRole('button', { name: 'Undo' }).click()
  await dialog.getByText('Meanwhile, this has changed.').waitFor()
  t.match((await asked())[1], /^Since then, 3 calls and 1 request /)
  await emulator.change({ token: 'demo-token', project_id: 5786, service: 1, plan_id: 3 })
  await dialog.getByRole('button', { name: 'Undo' }).click()
  await bar.getByText('Undone.').waitFor()
  t.same([await wallet.balance(), (await control.accounts()).length], ['100', 2])

  t.comment('redo')
  await bar.getByRole('button', { name: 'Redo' }).click()
  await bar.getByText('Done again.').waitFor()
  t.equal((await control.accounts()).length, 3)
  await bar.getByRole('button', { name: 'Undo' }).click()
  await bar.getByText('Undone.').waitFor()
  await emulator.change({ token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 })
  await bar.getByRole('button', { name: 'Redo' }).click()
  t.match((await asked())[0], 'Since then, 1 request changed something: this takes that back as well.')
  await dialog.getByRole('button', { name: 'Redo' }).click()
  await bar.getByText('Done again.').waitFor()
})

inBrowser('an undo that got no answer is still offered, and one whose snapshot is gone is not', {}, async (t, { page, control, open }) => {
  const { wallet } = await control.account('demo')
  const undo = page.locator('.undo').getByRole('button', { name: 'Undo' })
  const alert = page.locator('.undo').getByRole('alert')
  await wallet.credit('7')
  await open('/?view=files')
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset everything' }).click()
  await undo.waitFor()
  await page.route('**/__admin/undo', route => route.abort())
  await undo.click()
  await alert.getByText('the emulator can\'t be reached').waitFor()
  await page.unroute('**/__admin/undo')
  await undo.click()
  await becomes(t, () => wallet.balance(), '107')
  await page.getByText('Undone.').waitFor()
  t.equal(await alert.count(), 0)

  while ((await control.snapshots()).some(({ before }) => before.includes('/undo'))) await control.clock.advance('PT1H')
  await page.locator('.undo').getByRole('button', { name: 'Redo' }).click()
  await alert.getByText('there is no snapshot').waitFor()
  t.equal(await page.locator('.undo').getByRole('button', { name: 'Redo' }).count(), 0)
})
