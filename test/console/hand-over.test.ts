import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { BASE_PATH, ENDPOINTS } from '../../src/api/index.js'
import { becomes, inBrowser, textsOf } from '../support/browser.js'
import { SAMPLE, SAMPLE_ANSWER } from '../support/emulator.js'

const answer = async (page: Page): Promise<unknown> => JSON.parse(await page.getByLabel('Answer body').innerText())

inBrowser('the documented sample gets the documented answer, in either dialect', { start: { scenario: 'default', clock: 'frozen:2020-06-16T12:00:00Z' } }, async (t, { page, emulator, control, open }) => {
  await open('/?view=try')
  const body = page.getByLabel('Body', { exact: true })
  await body.waitFor()
  t.same(JSON.parse(await body.inputValue()), SAMPLE)
  t.equal(await page.getByLabel('Endpoint').inputValue(), `${BASE_PATH}/pm/change-billing`)
  await page.getByText('Nothing sent yet.').waitFor()
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByLabel('Answer body').waitFor()
  t.same(await answer(page), JSON.parse(SAMPLE_ANSWER))
  t.match(await page.getByRole('region', { name: 'Answer', exact: true }).innerText(), /HTTP 200 in [\d.]+ ms\s+content-type\s+application\/json/)

  await page.getByLabel('Dialect of demo').selectOption('table')
  await becomes(t, async () => (await control.settings.get()).wire?.types, 'sample', 'the world keeps its own')
  await becomes(t, async () => (await (await control.account('demo')).settings.get()).wire?.types, 'table')
  await body.fill(JSON.stringify({ ...SAMPLE, plan_id: 3 }))
  await page.getByRole('button', { name: 'Send' }).click()
  await becomes(t, () => answer(page), { status: 100, message: 'Success', project_id: 5786, old_billing_plan: '2', new_billing_plan: '3', amount_debited: 10, next_billing_date: '2020-07-16T23:59:59+00:00' })

  await body.fill('{"token":')
  await page.getByRole('button', { name: 'Send' }).click()
  await becomes(t, async () => (await answer(page) as { status: number }).status, 410, 'it is sent as it stands, right or wrong')
  await page.getByLabel('Dialect of demo').selectOption('sample')
  await becomes(t, async () => (await (await control.account('demo')).settings.get()).wire?.types, 'sample')
  t.match(await emulator.last(), { request: { body: '{"token":' } })
})

inBrowser('every endpoint has a sample whose fields are valid', {}, async (t, { page, emulator, open }) => {
  await open('/?view=try&account=other')
  const endpoint = page.getByLabel('Endpoint')
  await endpoint.waitFor()
  t.same((await textsOf(endpoint.locator('option'))).sort(), ENDPOINTS.map(({ path, provenance: known }) => `${BASE_PATH}${path}${known === 'assumed' ? ' (assumed)' : ''}`).sort())
  for (const { path, name } of ENDPOINTS) {
    await endpoint.selectOption(BASE_PATH + path)
    const before = Number((await emulator.last())?.id.slice(2) ?? 0)
    await page.getByRole('button', { name: 'Send' }).click()
    await becomes(t, async () => (await emulator.last())?.id, `1-${before + 1}`)
    const { endpoint: reached, account, rule } = await emulator.last()
    t.same({ reached, account }, { reached: name, account: 'other' })
    // Whether there is a token to be managed by then, is not the sample's fault.
    if (name !== 'manage-api-token' || rule !== 'api-token-must-exist') t.equal(rule, null, name)
  }
  const shown = JSON.parse(await page.getByLabel('Body', { exact: true }).inputValue()) as object
  t.same(shown, { token: 'other-token' })
})

inBrowser('an answer that does not come is told, and so is one that takes its time', {}, async (t, { page, control, open }) => {
  await open('/?view=try&account=demo')
  const send = page.getByRole('button', { name: 'Send' })
  for (const kind of ['connection_reset', 'empty_response', 'truncated_body'] as const) {
    await control.fail({ kind, when: 'before' })
    await send.click()
    await page.getByText('No answer came, or only a part of one: the connection was closed.').waitFor()
    await control.clearFaults()
    await send.click()
    await page.getByLabel('Answer body').waitFor()
    t.equal(await page.getByText('No answer came').count(), 0, kind)
  }
  t.comment('a browser that finds a connection broken that had worked sends the request again by itself')
  await control.fail({ kind: 'hang', times: 1 })
  await send.click()
  await page.getByText('Waiting for the answer…').waitFor()
  await page.evaluate(`fetch('${BASE_PATH}/pm/change-billing', { method: 'POST', body: '{}' }).then(response => response.text())`)
  // Those before may be among them, where the page has not heard of them yet when it sends.
  await page.getByText(/It arrived [2-9] times: a browser sends a request again by itself/).waitFor()
  await control.reset()
  await becomes(t, () => page.getByText('Waiting for the answer…').count(), 0, 'a reset ends it')
  await control.fail({ kind: 'http_error', http_status: 502, body: '<h1>Bad <i>Gateway</i></h1>', when: 'before', times: 1 })
  await send.click()
  await becomes(t, () => page.getByLabel('Answer body').innerText(), '<h1>Bad <i>Gateway</i></h1>', 'it is shown as text')
  await page.getByText('HTTP 502').waitFor()
})

inBrowser('what is being written is not lost when the world changes', {}, async (t, { page, control, open }) => {
  await open('/?view=try')
  const body = page.getByLabel('Body', { exact: true })
  await control.load({ accounts: [{ name: 'new', token: 'new-token', projects: [{ project_id: 7 }] }] })
  await becomes(t, async () => JSON.parse(await body.inputValue()), { token: 'new-token', project_id: 7, service: 1, plan_id: 2 }, 'a sample that nobody has touched follows the world')
  await body.fill('{"mine":1}')
  await control.reset()
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls .name')), ['demo', 'other'])
  t.equal(await body.inputValue(), '{"mine":1}')
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'other' }).click()
  await becomes(t, async () => JSON.parse(await body.inputValue()), { token: 'other-token', project_id: 1, service: 1, plan_id: 2 }, 'until another account is chosen')
})

/** Drops a file on the page, as a hand would. */
async function drop (page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(`(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)})); return data })()`)
  await page.dispatchEvent('main', 'dragover', { dataTransfer })
  await page.getByText('Drop the file to load it').waitFor()
  await page.dispatchEvent('main', 'drop', { dataTransfer })
}

inBrowser('the world is saved as a file, and loaded again from where it was dropped or chosen', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change({ token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 })
  await control.fail({ kind: 'hang', plan_id: 9, times: 3 })
  await control.clock.advance('P1D')
  const state = await control.state()
  await open('/?view=files')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the world' }).click()])
  t.equal(download.suggestedFilename(), 'world.json')
  const text = readFileSync(await download.path(), 'utf8')
  t.same(JSON.parse(text), state)
  await page.getByText('Saved world.json.').waitFor()

  await control.reset()
  t.notSame(await control.state(), state)
  await page.locator('input[type=file]').setInputFiles({ name: 'chosen.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  await page.getByText('Loaded chosen.json.').waitFor()
  t.same(await control.state(), state, 'chosen')
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls .amount')), ['95.000', '1,234.500'])

  await control.reset()
  await page.getByRole('link', { name: 'Requests' }).click()
  await drop(page, 'dropped.json', text)
  await page.getByText('Loaded dropped.json.').waitFor()
  t.equal(new URL(page.url()).search, '?view=files')
  t.same(await control.state(), state, 'dropped')
  t.equal(await page.getByText('Drop the file to load it').count(), 0)

  t.comment('the same file once more')
  await control.reset()
  await page.locator('input[type=file]').setInputFiles({ name: 'chosen.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  await page.getByText('Loaded chosen.json.').waitFor()
  t.same(await control.state(), state)
})

inBrowser('an account is saved with its requests, and both are there again where the file is loaded', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change({ token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 })
  await emulator.change({ token: 'other-token', project_id: 1, service: 1, plan_id: 2 })
  await open('/?view=files&account=demo')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save demo with its requests' }).click()])
  t.equal(download.suggestedFilename(), 'demo.json')
  const text = readFileSync(await download.path(), 'utf8')
  t.match(JSON.parse(text), { accounts: [{ name: 'demo', balance: '95' }], requests: [{ id: '1-1', account: 'demo' }] })
  t.equal((JSON.parse(text) as { accounts: unknown[] }).accounts.length, 1)
  await control.reset()
  await drop(page, 'demo.json', text)
  await page.getByText('Loaded demo.json.').waitFor()
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls li')), ['demo 95.000'])
  await page.getByRole('link', { name: 'Money' }).click()
  await page.getByRole('link', { name: '1-1' }).click()
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()
  await becomes(t, () => textsOf(page.getByRole('region', { name: 'What it changed' }).locator('p')), ['Wallet: -5.000 USD for project 5786 on plan 2; it held 95.000 USD then.', 'Project 5786: plan 1 → 2, until 2020-07-16 23:59:59'])
  t.equal(await page.locator('.row').count(), 1)
})

inBrowser('a file that is no scenario says what is wrong, and changes nothing', {}, async (t, { page, control, open }) => {
  const state = await control.state()
  await open('/')
  const note = page.locator('main [role=alert]')
  const wrong: ReadonlyArray<readonly [name: string, text: string, says: RegExp]> = [
    ['broken.json', '{"accounts":[', /^broken\.json is not JSON: .* nothing has been changed$/],
    ['empty.json', '', /^empty\.json is not JSON/],
    ['picture.png', '\u0000PNG', /^picture\.png is not JSON/],
    ['flawed.json', '{"accounts":[{"balance":4.99}]}', /is wrong at \/accounts\/0\/balance: found 4\.99, expected an amount in USD/],
    ['twice-flawed.json', '{"accounts":[{"balance":4.99,"name":"<b>"}],"clok":{}}', /\/clok: found an unknown key, expected .*\/accounts\/0\/balance: found 4\.99/]
  ]
  for (const [name, text, says] of wrong) {
    await drop(page, name, text)
    await becomes(t, async () => says.test((await textsOf(note)).join(' ')), true, `${name}: ${(await textsOf(note)).join(' ')}`)
    t.same(await control.state(), state)
  }
  await drop(page, 'right.json', '{}')
  await page.getByText('Loaded right.json.').waitFor()
  t.equal(await note.count(), 0)
})

inBrowser('bundled scenarios are loaded, and all or one account is reset, after a question', {}, async (t, { page, control, open }) => {
  const names = async (): Promise<string[]> => (await control.accounts()).map(({ name }) => name)
  await open('/?view=files')
  await page.getByRole('button', { name: 'Load edge-cases' }).click()
  await page.getByRole('dialog').getByText('The bundled scenario edge-cases takes the place of the world. What is not saved is lost.').waitFor()
  await page.getByRole('button', { name: 'Leave it' }).click()
  t.same(await names(), ['demo', 'other'])
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Load edge-cases', 'the focus goes back to where it was')
  await page.getByRole('button', { name: 'Load edge-cases' }).click()
  await page.getByRole('button', { name: 'Load it' }).click()
  await page.getByText('Loaded edge-cases.').waitFor()
  t.ok((await names()).length > 10)
  await page.getByRole('button', { name: 'Load default' }).click()
  await page.getByRole('button', { name: 'Load it' }).click()
  await page.getByText('Loaded default.').waitFor()
  t.same(await names(), ['demo'])

  await page.getByRole('button', { name: 'Reset everything' }).click()
  await page.keyboard.press('Escape')
  await becomes(t, () => page.getByRole('dialog').count(), 0)
  t.same(await names(), ['demo'])
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset everything' }).click()
  await page.getByText('All of it is as it was at the start.').waitFor()
  t.same(await names(), ['demo', 'other'])

  const [demo, other] = await control.accounts()
  for (const { wallet } of [demo!, other!]) await wallet.set('1')
  await open('/?view=files&account=demo')
  await page.getByRole('button', { name: 'Reset demo' }).click()
  await page.getByRole('button', { name: 'Leave it' }).click()
  t.equal(await demo!.wallet.balance(), '1')
  await page.getByRole('button', { name: 'Reset demo' }).click()
  await page.getByRole('button', { name: 'Reset the account' }).click()
  await page.getByText('demo is as it was made.').waitFor()
  t.same([await demo!.wallet.balance(), await other!.wallet.balance()], ['100', '1'])
})
