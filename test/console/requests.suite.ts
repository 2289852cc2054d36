import { becomes, CHANGE, idsOf, inBrowser, textsOf, type Opened } from '../support/browser.js'
import { effort } from '../support/effort.js'
import { CHANGE_BILLING } from '../support/emulator.js'

/** The rows of the journal that are drawn, each from left to right. */
const rowsOf = ({ page }: Pick<Opened, 'page'>): Promise<string[]> => textsOf(page.locator('.row'))

inBrowser('the console lists requests newest first, with their outcome, fault, assumptions and lints', {}, async (t, { page, emulator, control, open }) => {
  await open('/?view=requests')
  await page.getByText('No requests yet.').waitFor()
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
    `HTTP 503 change-billing demo http_error 2 assumptions 2 lints ${at}`,
    `no answer change-billing demo charged connection_reset 2 assumptions ${at}`,
    `410 /app/api/v2/pm/nothing no account path-must-be-known ${at}`,
    `403 change-billing demo wallet-must-cover-price 2 assumptions 2 lints ${at}`,
    `401 change-billing no account token-must-be-known ${at}`,
    `410 change-billing demo plan-must-differ 1 assumption 1 lint ${at}`,
    `100 change-billing demo charged ${at}`
  ])
  t.equal(await page.locator('.count').innerText(), '7 requests')
})

inBrowser('requests that leave the journal disappear from the console', { context: {} }, async (t, { page, emulator, control, open }) => {
  await page.clock.install()
  const [streams, refused]: [string[], string[]] = [[], []]
  page.on('request', request => { if (request.url().endsWith('/__admin/events')) streams.push(request.url()) })
  page.on('response', response => { if (response.status() >= 400) refused.push(response.url()) })
  await open('/?view=requests')
  const ids = () => idsOf({ page })
  for (const plan of [2, 3, 2, 9]) await emulator.change({ ...CHANGE, plan_id: plan })
  await emulator.change({ ...CHANGE, token: 'other-token', project_id: 1 })
  await becomes(t, ids, ['1-5', '1-4', '1-3', '1-2', '1-1'])
  await control.requests.clear({ rule: 'plan-must-belong-to-service' })
  await page.clock.fastForward(10_000)
  await becomes(t, ids, ['1-5', '1-3', '1-2', '1-1'], 'one in the middle was removed')
  await control.requests.clear({ text: '"old_billing_plan":"1"' })
  await page.clock.fastForward(10_000)
  await becomes(t, ids, ['1-5', '1-3', '1-2'], 'the oldest was removed')
  t.same([refused, streams.length], [[], 1], 'the console asks for nothing that is refused, and keeps its connection')
  await (await control.account('demo')).remove()
  await becomes(t, ids, ['1-5'], 'an account was removed')
  await emulator.change(CHANGE)
  await becomes(t, ids, ['1-6', '1-5'])
  await control.reset()
  await becomes(t, ids, [], 'everything was reset')
  t.equal(await page.locator('.count').innerText(), '0 requests')
})

inBrowser('an open request shows what was sent and answered, what it changed, and why', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change({ ...CHANGE, extra: '<b>' }, { 'content-type': 'application/json', 'x-mine': 'yes' })
  await (await control.account('demo')).fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await emulator.change({ ...CHANGE, plan_id: 3 }).catch(() => {})
  await emulator.change(CHANGE)
  await open('/?view=requests')
  const detail = page.locator('.detail')
  const part = (name: string) => detail.getByRole('region', { name })

  await becomes(t, () => idsOf({ page }), ['1-3', '1-2', '1-1'])
  await page.locator('.row').nth(2).click()
  t.equal(new URL(page.url()).search, '?view=requests&request=1-1')
  t.match(await textsOf(detail.locator('dl.facts')), [/Request 1-1 Account demo Emulated time 2020-06-16 12:00:00 Took [\d.]+ ms, at .* UTC Outcome answered: the whole response was sent Decided by no rule was broken/])
  await becomes(t, () => textsOf(part('What it changed').locator('p')), ['Wallet: -5.000 USD for project 5786 on plan 2; balance afterwards 95.000 USD.', 'Project 5786, Phone Automation: plan 1 → plan 2 until 2020-07-16 23:59:59'])
  t.same(JSON.parse(await part('Request body').innerText()), { ...CHANGE, token: '[redacted]', extra: '<b>' })
  t.same(JSON.parse(await part('Answer body').innerText()), { status: 100, message: 'Success', old_billing_plan: '1', new_billing_plan: 2, amount_debited: '5', next_billing_date: '2020-07-16T23:59:59+00:00' })
  t.same(await textsOf(detail.locator('.lints li')), ['unknown-field: extra is not a field of change-billing'])
  for (const headers of await detail.locator('details:not(.menu) > summary').all()) await headers.click()
  t.match(await textsOf(detail.locator('.headers')), [/x-mine yes/, /content-type application\/json/])

  await page.locator('.row').nth(1).click()
  await becomes(t, () => textsOf(part('What it changed').locator('p')), ['Wallet: -10.000 USD for project 5786 on plan 3; balance afterwards 85.000 USD.', 'Project 5786, Phone Automation: plan 2 until 2020-07-16 23:59:59 → plan 3 until 2020-07-16 23:59:59', 'The customer was charged, but the client does not know.'])
  t.match(await textsOf(detail.locator('dl.facts')), [/Decided by no rule was broken; the fault decided the answer .*Fault connection_reset, after everything was booked/])
  t.equal(await part('Answer as sent').locator('p').innerText(), 'None: the client got no answer.')

  await page.locator('.row').first().click()
  await becomes(t, () => textsOf(part('What it changed').locator('p')), ['Wallet: -5.000 USD for project 5786 on plan 2; balance afterwards 80.000 USD.', 'Project 5786, Phone Automation: plan 3 until 2020-07-16 23:59:59 → plan 2 until 2020-07-16 23:59:59'])
  await detail.getByRole('button', { name: 'Close' }).click()
  t.equal(await detail.count(), 0)
  await page.goBack()
  await page.getByRole('article', { name: 'Request 1-3' }).waitFor()
  await page.goBack()
  await page.getByRole('article', { name: 'Request 1-2' }).waitFor()
})

inBrowser('the console says for each kind of request what it changed', {}, async (t, { page, emulator, control, open, show }) => {
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
    ['Project 5786: 2 API tokens added.'],
    ['An API token of project 5786 was disabled.'],
    ['Wallet: -5.000 USD for project 5787 on plan 2; balance afterwards 95.000 USD.', 'Project 5787 was created, on plan 2.'],
    ['Project 5788 was created, on plan 1.'],
    ['Project 5786: global_webhook set.'],
    ['Project 5786: no webhook set.'],
    ['Nothing: this endpoint only reads.'],
    ['Nothing: the request was refused.'],
    ['Nothing: the fault triggered before the request was processed.'],
    ['A project was created, on plan 1.']
  ]
  await open()
  for (const [index, texts] of expected.entries()) {
    await show(`/?request=1-${index + 1}`)
    await becomes(t, () => textsOf(page.getByRole('region', { name: 'What it changed' }).locator('p')), texts)
  }
})

const OVERDUE = {
  clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' },
  accounts: [{
    name: 'demo',
    token: CHANGE.token,
    balance: '5',
    projects: [{ project_id: CHANGE.project_id, subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-05-10T23:59:59Z' }] }]
  }]
} as const

inBrowser('an open request tells what time had brought before it', { start: { scenario: OVERDUE } }, async (t, { page, emulator, open }) => {
  await emulator.change({ ...CHANGE, plan_id: 3 })
  await open('/?request=1-1')
  const changes = page.getByRole('region', { name: 'What it changed' })
  await becomes(t, () => textsOf(changes.locator('p')), ['Nothing: the request was refused.'])
  t.same(await textsOf(changes.locator('li')), [
    '2020-05-10 23:59:59: project 5786 renewed, plan 2; 5.000 USD debited, balance 0.000 USD',
    '2020-06-10 23:59:59: project 5786 expired, plan 2; balance-too-low: price 5.000 USD, balance 0.000 USD'
  ])
})

inBrowser('what becomes of a request is shown as it happens, and a filter finds charges without an answer', {}, async (t, { page, emulator, control, open }) => {
  await open('/?view=requests')
  await emulator.change(CHANGE)
  await (await control.account('demo')).fail({ kind: 'hang', when: 'after', times: 1 })
  const left = new AbortController()
  const gaveUp = fetch(emulator.url + CHANGE_BILLING, { method: 'POST', body: JSON.stringify({ ...CHANGE, plan_id: 3 }), signal: left.signal }).catch(() => {})
  await becomes(t, () => textsOf(page.locator('.row > .badge')), ['under way', '100'])
  await page.locator('.row').first().click()
  const detail = page.locator('.detail')
  await becomes(t, () => textsOf(detail.getByRole('region', { name: 'Answer as sent' }).locator('p')), ['None: the client waits for one.'])
  left.abort()
  await gaveUp
  await becomes(t, () => textsOf(page.locator('.row > .badge')), ['client gone', '100'])
  t.match(await textsOf(detail.locator('dl.facts')), [/Outcome client gone: it closed its connection before/])
  await detail.getByText('The customer was charged, but the client does not know.').waitFor()
  await (await control.account('demo')).fail({ kind: 'truncated_body', when: 'before', times: 1 })
  await emulator.change({ ...CHANGE, plan_id: 4 }).catch(() => {})
  await becomes(t, () => textsOf(page.locator('.row > .badge')), ['cut off', 'client gone', '100'])
  await page.locator('.row').first().click()
  await detail.getByText('The client did not get all of it.').waitFor()
  for (const [outcome, ids] of [['charged-unanswered', ['1-2']], ['cut', ['1-3']], ['answered', ['1-1']], ['', ['1-3', '1-2', '1-1']]] as const) {
    await page.getByLabel('Outcome').selectOption(outcome)
    await becomes(t, () => idsOf({ page }), [...ids], outcome)
  }
})

inBrowser('the filters of the requests are in the URL, which shows the same when loaded again', {}, async (t, { page, emulator, open, show }) => {
  await emulator.change(CHANGE)
  await emulator.change({ ...CHANGE, token: 'other-token', project_id: 1 })
  await emulator.post('/check-balance', { token: 'demo-token' })
  await emulator.change({ ...CHANGE, plan_id: 99 })
  await emulator.post('/pm/nothing', { needle: 'In The Haystack' })
  await open('/?view=requests')
  const search = (): string => new URL(page.url()).search
  const shows = async (ids: string[], query: string, what: string): Promise<void> => {
    await becomes(t, () => idsOf({ page }), ids, what)
    t.equal(search(), query, what)
    // These have each part of the URL once.
    if (effort(!/request=|text=plan|endpoint=null/.test(query), false)) return
    await page.reload()
    await becomes(t, () => idsOf({ page }), ids, `${what}, loaded again`)
  }
  await shows(['1-5', '1-4', '1-3', '1-2', '1-1'], '?view=requests', 'no filter')
  await page.getByLabel('Endpoint').selectOption('change-billing')
  await shows(['1-4', '1-2', '1-1'], '?view=requests&endpoint=change-billing', 'an endpoint')
  await page.getByLabel('Status').selectOption('100')
  await shows(['1-2', '1-1'], '?view=requests&endpoint=change-billing&status=100', 'a status as well')
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'demo' }).click()
  await shows(['1-1'], '?view=requests&account=demo&endpoint=change-billing&status=100', 'an account as well')
  t.equal(await page.locator('.count').innerText(), '1 of 5 requests')
  await page.locator('.row').click()
  await shows(['1-1'], '?view=requests&account=demo&request=1-1&endpoint=change-billing&status=100', 'an open request')
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()
  await page.goBack()
  await becomes(t, () => page.getByRole('article').count(), 0, 'going back closes it')
  await page.goBack()
  await becomes(t, () => idsOf({ page }), ['1-2', '1-1'], 'going back leaves the account')
  await page.goForward()
  await becomes(t, () => idsOf({ page }), ['1-1'])
  await page.getByLabel('Status').selectOption('')
  await page.getByLabel('Endpoint').selectOption('null')
  await page.getByText('No requests match.').waitFor()
  await page.getByRole('link', { name: 'The world' }).click()
  await shows(['1-5'], '?view=requests&endpoint=null', 'requests that reached no endpoint')
  await page.getByLabel('Endpoint').selectOption('')
  await page.getByLabel('Text').fill('in the hay')
  await shows(['1-5'], '?view=requests&text=in+the+hay', 'a text in any case')
  await page.getByLabel('Text').fill('plan_id":99')
  await shows(['1-4'], '?view=requests&text=plan_id%22%3A99', 'a text of the JSON')
  await page.getByLabel('Text').fill('')
  await shows(['1-5', '1-4', '1-3', '1-2', '1-1'], '?view=requests', 'no filter again')

  t.comment('a link to something that does not exist')
  await show('/?view=requests&status=408&endpoint=elsewhere')
  await page.getByText('No requests match.').waitFor()
  t.equal(await page.getByLabel('Status').inputValue(), '408')
  t.equal(await page.getByLabel('Endpoint').inputValue(), 'elsewhere')
  await show('/?request=7-7')
  await page.getByText('There is no request 7-7 in the journal.').waitFor()
})

inBrowser('the text filter finds whatever a request is shown as', {}, async (t, { page, emulator, open }) => {
  await emulator.change(CHANGE)
  await emulator.change({ ...CHANGE, plan_id: 6, notes: 'say "hi" in C:\\temp\nand leave' })
  await open('/?view=requests&request=1-2')
  const shown = (await page.getByLabel('Request body').innerText()).split('\n').map(line => line.trim()).filter(line => line.length > 1)
  t.ok(shown.includes('"plan_id": 6,'), shown.join())
  const texts = ['"plan_id": 6,', shown.at(-1)!, 'say "hi"', 'C:\\TEMP', '{"token":"[redacted]","project_id":5786,"service":1,"plan_id":6', 'the wallet holds 95 USD']
  for (const text of texts) {
    await page.getByLabel('Text').fill(text)
    await becomes(t, () => idsOf({ page }), ['1-2'], text)
  }
  for (const time of await page.locator('.row time').allInnerTexts()) {
    await page.getByLabel('Text').fill(time)
    await becomes(t, () => idsOf({ page }), ['1-2', '1-1'], time)
  }
})

inBrowser('the menu of exports closes by Escape or a press elsewhere, and the request around it stays', {}, async (t, { page, emulator, open }) => {
  await emulator.change(CHANGE)
  await open('/?view=requests&request=1-1')
  const article = page.getByRole('article')
  const menu = article.locator('summary').getByText('Export from here as …')
  const item = article.getByRole('button', { name: 'Test for Vitest' })
  for (const leave of [() => page.keyboard.press('Escape'), () => article.getByText('Decided by').click()]) {
    await menu.click()
    await item.waitFor()
    await leave()
    await item.waitFor({ state: 'hidden' })
    t.equal(await article.count(), 1)
  }
  await menu.focus()
  await page.keyboard.press('Escape')
  await becomes(t, () => article.count(), 0, 'without an open menu, Escape closes the request')
})
