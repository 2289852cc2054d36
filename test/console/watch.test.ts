import { becomes, inBrowser, textsOf, type Opened } from '../support/browser.js'
import { CHANGE_BILLING } from '../support/emulator.js'

const CHANGE = { token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 }

inBrowser('the overview shows every account with its balance and its projects', {}, async (t, { page }) => {
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
  t.same(await textsOf(page.locator('.card h2')), ['other'])
})

inBrowser('what changes is shown at once, without loading the page again', {}, async (t, { page, emulator, control }) => {
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
  await becomes(t, cards, ['demo 95.000 USD', 'other 1,234.501 USD', 'third 3.000 USD'], 'an account was made')
  await (await control.account('demo')).reset()
  await becomes(t, cards, ['demo 100.000 USD', 'other 1,234.501 USD', 'third 3.000 USD'], 'an account was reset')
  await other.remove()
  await becomes(t, cards, ['demo 100.000 USD', 'third 3.000 USD'], 'an account was removed')
  await control.clock.advance('P2Y')
  await becomes(t, () => page.locator('.now time').innerText(), '2022-06-16 12:00:00', 'the clock was moved')
  await control.reset()
  await becomes(t, cards, ['demo 100.000 USD', 'other 1,234.500 USD'], 'all was reset')
  t.equal(await page.evaluate('window.isTheSamePage'), true)
})

inBrowser('the clock and the switch-off are told in plain words', {}, async (t, { page, control }) => {
  const told = (): Promise<string[]> => textsOf(page.locator('.time-line > *:not(button)'))
  t.same(await told(), ['2020-06-16 12:00:00 UTC the world\'s clock, frozen', 'The API is enabled for another 959 days'])
  await control.clock.jump('disabled-1s')
  await becomes(t, told, ['2023-01-31 23:59:59 UTC the world\'s clock, frozen', 'The API is enabled for another 1 second'])
  await control.clock.jump('disabled')
  await becomes(t, told, ['2023-02-01 00:00:00 UTC the world\'s clock, frozen', 'The API has been disabled for less than a second'])
  await control.settings.change({ cutoff: 'never' })
  await becomes(t, async () => (await told())[1], 'The API is enabled, and never switched off')
  await control.settings.change({ cutoff: null })
  const account = await control.account('demo')
  await account.clock.freeze('2021-01-01')
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'demo' }).click()
  await becomes(t, told, ['2021-01-01 00:00:00 UTC a clock of demo\'s own, frozen', 'The API is enabled for another 761 days'])
  await account.clock.release()
  await becomes(t, async () => (await told())[0], '2023-02-01 00:00:00 UTC follows the world\'s clock, frozen')

  t.comment('a clock that runs goes on before the eyes, as fast as time goes')
  await control.clock.run('2020-01-01')
  const seconds = async (): Promise<number> => Date.parse((await page.locator('.now time').getAttribute('datetime'))!) - Date.parse('2020-01-01')
  await becomes(t, async () => await seconds() > 0 && await seconds() < 5000, true)
  const before = await seconds()
  const began = Date.now()
  await becomes(t, async () => await seconds() >= before + 1000, true)
  t.ok(Math.abs((await seconds()) - before - (Date.now() - began)) < 700, 'it neither jumps nor lags')
})

inBrowser('an account that has gone is not taken for the world', {}, async (t, { page, open }) => {
  for (const view of ['overview', 'money', 'faults', 'try', 'files', 'requests']) {
    await page.goto(new URL(`/?view=${view}&account=gone`, page.url()).href)
    await page.getByText('There is no account gone.').waitFor()
    t.equal(await page.getByRole('button', { name: /Reset|Arm it|Travel in time|Send|Save/ }).count(), 0, view)
  }
  await page.getByRole('link', { name: 'Show the world' }).click()
  await page.getByRole('button', { name: 'Travel in time' }).waitFor()
  await open()
})

/** The rows of the journal that are drawn, as they are read from left to right. */
const rowsOf = ({ page }: Pick<Opened, 'page'>): Promise<string[]> => textsOf(page.locator('.row'))

inBrowser('requests arrive newest first, with what there is to know of them', {}, async (t, { page, emulator, control, open }) => {
  await open('/?view=requests')
  await page.getByText('No request yet.').waitFor()
  const rows = async (): Promise<string[]> => (await rowsOf({ page })).map(row => row.replace(/[\d.]+ ms$/, 'ms'))
  const at = '2020-06-16 12:00:00 ms'
  await emulator.change(CHANGE)
  await becomes(t, rows, [`100 change-billing demo charged ${at}`])
  await emulator.change(CHANGE)
  await emulator.change({ ...CHANGE, token: 'nobody' })
  await emulator.change({ ...CHANGE, project_id: '5786', plan_id: 6 }, { 'content-type': 'text/plain' })
  await emulator.post('/pm/nothing', {})
  await (await control.account('demo')).fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await emulator.change({ ...CHANGE, plan_id: 3 }).catch(() => {})
  await control.fail({ kind: 'http_error', http_status: 503, when: 'before', times: 1 })
  await emulator.ask(CHANGE_BILLING, { method: 'POST', body: JSON.stringify(CHANGE) }).catch(() => {})
  await becomes(t, rows, [
    `HTTP 503 change-billing demo http_error 1 assumed 2 lint ${at}`,
    `no answer change-billing demo charged connection_reset 1 assumed ${at}`,
    `410 /app/api/v2/pm/nothing nobody path-must-be-known ${at}`,
    `403 change-billing demo wallet-must-cover-price 1 assumed 2 lint ${at}`,
    `401 change-billing nobody token-must-be-known ${at}`,
    `410 change-billing demo plan-must-differ 1 assumed 1 lint ${at}`,
    `100 change-billing demo charged ${at}`
  ])
  t.equal(await page.locator('.count').innerText(), '7 requests')
})

inBrowser('what is taken out of the journal goes', { isLocked: true }, async (t, { page, emulator, control, open }) => {
  await page.clock.install()
  await open('/?view=requests')
  const ids = (): Promise<string[]> => page.locator('.row').evaluateAll<string[], { id: string }>(rows => rows.map(({ id }) => id.slice(4)))
  for (const plan of [2, 3, 2, 9]) await emulator.change({ ...CHANGE, plan_id: plan })
  await emulator.change({ ...CHANGE, token: 'other-token', project_id: 1 })
  await becomes(t, ids, ['1-5', '1-4', '1-3', '1-2', '1-1'])
  await control.requests.clear({ rule: 'plan-must-belong-to-service' })
  await page.clock.fastForward(10_000)
  await becomes(t, ids, ['1-5', '1-3', '1-2', '1-1'], 'one in the middle')
  await control.requests.clear({ text: '"old_billing_plan":"1"' })
  await page.clock.fastForward(10_000)
  await becomes(t, ids, ['1-5', '1-3', '1-2'], 'the oldest')
  await (await control.account('demo')).remove()
  await becomes(t, ids, ['1-5'], 'those of an account that is removed')
  await emulator.change(CHANGE)
  await becomes(t, ids, ['1-6', '1-5'])
  await control.reset()
  await becomes(t, ids, [], 'all of them')
  t.equal(await page.locator('.count').innerText(), '0 requests')
})

inBrowser('a request shows all of it: as it was sent, what it changed, and why', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change({ ...CHANGE, extra: '<b>' }, { 'content-type': 'application/json', 'x-mine': 'yes' })
  await (await control.account('demo')).fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await emulator.change({ ...CHANGE, plan_id: 3 }).catch(() => {})
  await emulator.change(CHANGE)
  await open('/?view=requests')
  const detail = page.locator('.detail')
  const part = (name: string) => detail.getByRole('region', { name })

  await page.locator('.row').nth(2).click()
  t.equal(new URL(page.url()).search, '?view=requests&request=1-1')
  t.match(await textsOf(detail.locator('dl.facts')), [/Request 1-1 Account demo Emulated time 2020-06-16 12:00:00 Took [\d.]+ ms, at .* UTC Decided by no rule was broken/])
  await becomes(t, () => textsOf(part('What it changed').locator('p')), ['Wallet: -5.000 USD for project 5786 on plan 2; it held 95.000 USD then.', 'Project 5786: plan 1 → 2, until 2020-07-16 23:59:59'])
  t.same(JSON.parse(await part('Request body').innerText()), { ...CHANGE, token: '[redacted]', extra: '<b>' })
  t.same(JSON.parse(await part('Answer body').innerText()), { status: 100, message: 'Success', old_billing_plan: '1', new_billing_plan: 2, amount_debited: '5', next_billing_date: '2020-07-16T23:59:59+00:00' })
  t.same(await textsOf(detail.locator('.lints li')), ['unknown-field: extra is not a field of change-billing'])
  for (const headers of await detail.locator('summary').all()) await headers.click()
  t.match(await textsOf(detail.locator('.headers')), [/x-mine yes/, /content-type application\/json/])

  await page.locator('.row').nth(1).click()
  await becomes(t, () => textsOf(part('What it changed').locator('p')), ['Wallet: -10.000 USD for project 5786 on plan 3; it held 85.000 USD then.', 'Project 5786: plan 3', 'The customer was charged, and the client does not know.'])
  t.match(await textsOf(detail.locator('dl.facts')), [/Decided by no rule was broken; the fault decided what the client got .*Fault connection_reset, after all of it was booked/])
  t.equal(await part('Answer as sent').locator('p').innerText(), 'None: the client was left without one.')

  await page.locator('.row').first().click()
  await becomes(t, () => textsOf(part('What it changed').locator('p')), ['Wallet: -5.000 USD for project 5786 on plan 2; it held 80.000 USD then.', 'Project 5786: plan 3 → 2, until 2020-07-16 23:59:59'])
  await detail.getByRole('button', { name: 'Close' }).click()
  t.equal(await detail.count(), 0)
  await page.goBack()
  await page.getByRole('article', { name: 'Request 1-3' }).waitFor()
  await page.goBack()
  await page.getByRole('article', { name: 'Request 1-2' }).waitFor()
})

inBrowser('each kind of request says what it changed', {}, async (t, { page, emulator, control, open }) => {
  const token = 'demo-token'
  const made = (await emulator.post('/pm/create-api-token', { token, project_id: 5786, ip_whitelist: ['192.0.2.1', '192.0.2.2'] })).body.api_token as Array<{ token: string }>
  await emulator.post('/pm/manage-api-token', { token, project_id: 5786, api_token: made[0]!.token, action: 1 })
  await emulator.post('/pm/create-project', { token, project_name: 'new', billing_plan: 2 })
  await emulator.post('/pm/create-project', { token })
  await emulator.post('/pm/set-webhook', { token, project_id: 5786, global_webhook: 'https://example.com/', notes: 'x' })
  await emulator.post('/pm/set-webhook', { token, project_id: 5786 })
  await emulator.post('/pm/get-projects', { token, project_id: 0 })
  await emulator.post('/pm/get-projects', { token: 'nobody' })
  await control.fail({ kind: 'connection_reset', when: 'before', times: 1 })
  await emulator.post('/pm/create-project', { token }).catch(() => {})
  await control.fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await emulator.post('/pm/create-project', { token }).catch(() => {})
  const expected = [
    ['Project 5786 has 2 API tokens more.'],
    ['An API token of project 5786 was disabled.'],
    ['Wallet: -5.000 USD for project 5787 on plan 2; it held 95.000 USD then.', 'Project 5787 was made, on plan 2.'],
    ['Project 5788 was made, on plan 1.'],
    ['Project 5786: global_webhook set.'],
    ['Project 5786: no webhook set.'],
    ['Nothing: it only reads.'],
    ['Nothing: it was refused.'],
    ['Nothing: the fault struck before it was decided on.'],
    ['A project was made, on plan 1.']
  ]
  for (const [index, texts] of expected.entries()) {
    await open(`/?request=1-${index + 1}`)
    await becomes(t, () => textsOf(page.getByRole('region', { name: 'What it changed' }).locator('p')), texts)
  }
})
