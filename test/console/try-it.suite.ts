import type { Page } from 'playwright-core'
import { BASE_PATH, ENDPOINTS } from '../../src/api/index.js'
import { becomes, inBrowser, textsOf } from '../support/browser.js'
import { SAMPLE, SAMPLE_ANSWER } from '../support/emulator.js'

const answer = async (page: Page): Promise<unknown> => JSON.parse(await page.getByLabel('Answer body').innerText())

inBrowser('"Try it" starts with the documented sample, which gets the documented answer in either dialect', { start: { scenario: 'default', clock: 'frozen:2020-06-16T12:00:00Z' } }, async (t, { page, emulator, control, open }) => {
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
  await becomes(t, async () => (await control.settings.get()).wire?.types, 'sample', 'the world\'s setting stays')
  await becomes(t, async () => (await (await control.account('demo')).settings.get()).wire?.types, 'table')
  await body.fill(JSON.stringify({ ...SAMPLE, plan_id: 3 }))
  await page.getByRole('button', { name: 'Send' }).click()
  await becomes(t, () => answer(page), { status: 100, message: 'Success', project_id: 5786, old_billing_plan: '2', new_billing_plan: '3', amount_debited: 10, next_billing_date: '2020-07-16T23:59:59+00:00' })

  await body.fill('{"token":')
  await page.getByRole('button', { name: 'Send' }).click()
  await becomes(t, async () => (await answer(page) as { status: number }).status, 410, 'it is sent as written, valid or not')
  await becomes(t, async () => {
    // Until the page has heard of the change to the other one, there is nothing to change back.
    await page.getByLabel('Dialect of demo').selectOption('sample')
    return (await (await control.account('demo')).settings.get()).wire?.types
  }, 'sample')
  t.match(await emulator.last(), { request: { body: '{"token":' } })
})

inBrowser('"Try it" has a valid sample for every endpoint', {}, async (t, { page, emulator, open }) => {
  await open('/?view=try&account=other')
  const endpoint = page.getByLabel('Endpoint')
  await endpoint.waitFor()
  t.same((await textsOf(endpoint.locator('option'))).sort(), [...ENDPOINTS.map(({ path, provenance: known }) => `${BASE_PATH}${path}${known === 'assumed' ? ' (assumed)' : ''}`), '/api/v2/check-balance'].sort())
  for (const { path, name } of ENDPOINTS) {
    await endpoint.selectOption(BASE_PATH + path)
    const before = Number((await emulator.last())?.id.slice(2) ?? 0)
    await page.getByRole('button', { name: 'Send' }).click()
    await becomes(t, async () => (await emulator.last())?.id, `1-${before + 1}`)
    const { endpoint: reached, account, rule } = await emulator.last()
    t.same({ reached, account }, { reached: name, account: 'other' })
    // There may be no token to manage yet.
    if (name !== 'manage-api-token' || rule !== 'api-token-must-exist') t.equal(rule, null, name)
  }
  const shown = JSON.parse(await page.getByLabel('Body', { exact: true }).inputValue()) as object
  t.same(shown, { token: 'other-token' })
})

inBrowser('"Try it" tells when there is no answer, or not yet', {}, async (t, { page, control, open }) => {
  await open('/?view=try&account=demo')
  const send = page.getByRole('button', { name: 'Send' })
  for (const kind of ['connection_reset', 'empty_response', 'truncated_body'] as const) {
    await control.fail({ kind, when: 'before' })
    await send.click()
    await page.getByText('No answer, or only part of one: the connection was closed.').waitFor()
    await control.clearFaults()
    await send.click()
    await page.getByLabel('Answer body').waitFor()
    t.equal(await page.getByText('No answer, or only part').count(), 0, kind)
  }
  t.comment('a browser resends a request by itself if a connection breaks that had worked before')
  await control.fail({ kind: 'connection_reset', when: 'before' })
  await send.click()
  await page.getByText('No answer, or only part of one: the connection was closed.').waitFor()
  await page.evaluate(`fetch('${BASE_PATH}/pm/change-billing', { method: 'POST', body: '{}' }).catch(() => {})`)
  // The browser may have resent each of the two.
  await page.getByText(/It arrived [2-9] times: a browser resends a request by itself/).waitFor()
  await control.clearFaults()

  await control.fail({ kind: 'hang', times: 1 })
  await send.click()
  await page.getByText('Waiting for the answer…').waitFor()
  await control.reset()
  await becomes(t, () => page.getByText('Waiting for the answer…').count(), 0, 'a reset ends the wait')
  await control.fail({ kind: 'http_error', http_status: 502, body: '<h1>Bad <i>Gateway</i></h1>', when: 'before', times: 1 })
  await send.click()
  await becomes(t, () => page.getByLabel('Answer body').innerText(), '<h1>Bad <i>Gateway</i></h1>', 'the answer is shown as text')
  await page.getByText('HTTP 502').waitFor()
})

inBrowser('requests that are never answered do not take all connections of the browser', {}, async (t, { page, control, open }) => {
  await open('/?view=try&account=demo')
  await control.fail({ kind: 'hang' })
  for (let sent = 1; sent <= 8; sent++) {
    await page.getByRole('button', { name: 'Send' }).click()
    await becomes(t, async () => (await control.requests.list()).length, sent)
  }
  await becomes(t, async () => (await control.requests.list()).filter(({ state }) => state === 'client-gone').length, 6, 'the oldest are given up')
  await page.getByText('Waiting for the answer…').waitFor()
  await page.getByRole('link', { name: 'Faults' }).click()
  await page.getByRole('button', { name: 'Remove' }).click()
  await becomes(t, async () => (await control.faults()).length, 0, 'and the console goes on')
})

inBrowser('an edited request is kept when the world changes, and while another account or request is looked at', {}, async (t, { page, control, open }) => {
  await open('/?view=try')
  const body = page.getByLabel('Body', { exact: true })
  await control.load({ accounts: [{ name: 'new', token: 'new-token', projects: [{ project_id: 7 }] }] })
  await becomes(t, async () => JSON.parse(await body.inputValue()), { token: 'new-token', project_id: 7, service: 1, plan_id: 2 }, 'an unedited sample follows the world')
  await body.fill('{"mine":1}')
  await control.reset()
  await becomes(t, () => textsOf(page.locator('.accounts .scrolls .name')), ['demo', 'other'])
  t.equal(await body.inputValue(), '{"mine":1}')
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'other' }).click()
  await becomes(t, async () => JSON.parse(await body.inputValue()), { token: 'other-token', project_id: 1, service: 1, plan_id: 2 }, 'another account starts a new one')
  const show = (name: string): Promise<void> => page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name }).click()
  await body.fill('{"other":2}')
  await show('The world')
  await becomes(t, () => body.inputValue(), '{"mine":1}', 'each account has its own')
  await show('other')
  await becomes(t, () => body.inputValue(), '{"other":2}')
  await page.getByLabel('Endpoint').selectOption(`${BASE_PATH}/pm/get-projects`)
  await becomes(t, async () => JSON.parse(await body.inputValue()), { token: 'other-token', project_id: 1 }, 'another endpoint starts over')
  await show('The world')
  await becomes(t, () => body.inputValue(), '{"mine":1}')
  await show('other')
  await becomes(t, async () => JSON.parse(await body.inputValue()), { token: 'other-token', project_id: 1, service: 1, plan_id: 2 }, 'what was written before is gone')
})

inBrowser('"Try it" takes a second request of its user, or of somebody with the same browser, for what it is', {}, async (t, { page, emulator, control, open, openAnother }) => {
  const send = page.getByRole('button', { name: 'Send' })
  const balance = (): Promise<string[]> => textsOf(page.locator('.accounts .scrolls .amount'))
  await open('/?view=try&account=demo')
  await send.dblclick()
  await page.getByLabel('Answer body').waitFor()
  await becomes(t, () => control.requests.count(), 2)
  await becomes(t, balance, ['95.000', '1,234.500'])
  const another = await openAnother()
  await another.goto(`${emulator.url}/?view=try&account=other`)
  await another.getByLabel('Body', { exact: true }).fill('{"token":"other-token","project_id":1,"service":1,"plan_id":2}')
  await another.getByRole('button', { name: 'Send' }).click()
  await becomes(t, balance, ['95.000', '1,229.500'])
  t.same(await page.getByText('It arrived').count(), 0)

  t.comment('a slow answer does not take the place of a newer one')
  await control.fail({ kind: 'hang', times: 1 })
  const body = page.getByLabel('Body', { exact: true })
  await body.fill('{"token":"demo-token"}')
  await send.click()
  await page.getByText('Waiting for the answer…').waitFor()
  await becomes(t, async () => (await emulator.last()).state, 'under-way')
  await body.fill('{"token":"nobody"}')
  await send.click()
  await page.getByLabel('Answer body').getByText('401').waitFor()
  await control.reset()
  await becomes(t, balance, ['100.000', '1,234.500'])
  t.equal(await page.getByLabel('Answer body').getByText('401').count(), 1)
})
