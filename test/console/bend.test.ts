import type { FaultState } from '../../src/contract/control.js'
import type { FaultKind } from '../../src/domain/fault.js'
import { becomes, inBrowser, textsOf } from '../support/browser.js'

const CHANGE = { token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 }

for (const [whose, path] of [['the world\'s', '/'], ['an account\'s', '/?account=other']] as const) {
  inBrowser(`${whose} clock is frozen, runs, steps and jumps, and what a jump did is listed`, {}, async (t, { page, control, open }) => {
    const account = await control.account('other')
    const clock = path === '/' ? control.clock : account.clock
    await open(path)
    await page.getByRole('button', { name: 'Travel in time' }).click()
    const press = async (name: string): Promise<void> => {
      await page.getByRole('button', { name, exact: true }).click()
      await page.locator('.journey').waitFor()
    }
    const steps: ReadonlyArray<readonly [button: string, now: string]> = [
      ['+1 hour', '2020-06-16T13:00:00Z'], ['+1 day', '2020-06-17T13:00:00Z'], ['−1 day', '2020-06-16T13:00:00Z'], ['−1 hour', '2020-06-16T12:00:00Z'],
      ['−1 month', '2020-05-16T12:00:00Z'], ['+1 month', '2020-06-16T12:00:00Z']
    ]
    for (const [button, now] of steps) {
      await press(button)
      await becomes(t, async () => (await clock.get()).now, now, button)
      await becomes(t, () => page.locator('.now time').getAttribute('datetime'), now, `${button} is shown`)
      t.equal(await page.locator('.journey').innerText(), `It is ${now.slice(0, 10)} ${now.slice(11, 19)} now. Nothing happened on the way.`)
    }
    await press('Next billing date')
    await becomes(t, async () => (await clock.get()).now, '2020-07-16T23:59:59Z')
    t.same(await textsOf(page.locator('.journey li')), [
      '2020-07-16 23:59:59 other: project 1 renewed plan 3 for 10.000 USD; the wallet holds 1,224.500 USD.',
      '2020-07-16 23:59:59 other: project 1 renewed plan 7 for 29.000 USD; the wallet holds 1,195.500 USD.'
    ])
    t.equal(await account.wallet.balance(), '1195.5')
    await account.wallet.set('5')
    await page.getByLabel('Go to').fill('2020-09-01')
    await press('Go')
    t.same(await textsOf(page.locator('.journey li')), ['2020-08-16 23:59:59 other: project 1 expired, plan 3 was not renewed.', '2020-08-30 23:59:59 other: project 1 was deleted.'])
    await press('1 second before the switch-off')
    await becomes(t, () => page.locator('.api').innerText(), 'The API is enabled for another 1 second')
    await press('The switch-off')
    t.same(await textsOf(page.locator('.journey li')), ['2023-02-01 00:00:00 The API was switched off.'])
    await becomes(t, () => page.locator('.api').innerText(), 'The API has been disabled for less than a second')
    t.match(await clock.get(), { now: '2023-02-01T00:00:00Z', api: 'disabled' })

    await page.getByLabel('Go to').fill('2021-05-05T10:00:00+02:00')
    await page.getByLabel('Go to').press('Enter')
    await becomes(t, async () => (await clock.get()).now, '2021-05-05T08:00:00Z')
    await becomes(t, () => textsOf(page.locator('.journey li')), ['2023-02-01 00:00:00 The API is switched on again.'])

    await press('Run')
    t.match(await clock.get(), { mode: 'running' })
    await becomes(t, () => page.getByRole('button', { name: 'Run' }).getAttribute('aria-pressed'), 'true')
    await press('Freeze')
    t.match(await clock.get(), { mode: 'frozen' })
    await press(path === '/' ? 'Back to the start' : 'Give it back to the world')
    t.match(await clock.get(), { mode: 'frozen', now: '2020-06-16T12:00:00Z' })
    t.equal((await account.state()).clock, undefined)
    if (path !== '/') await becomes(t, () => page.getByRole('button', { name: 'Give it back' }).isDisabled(), true)
  })
}

inBrowser('a jump that leads nowhere says so, and where a time can\'t be read it says that beside the field', {}, async (t, { page, control, open }) => {
  await open('/?account=demo')
  await page.getByRole('button', { name: 'Travel in time' }).click()
  const note = page.locator('.travel [role=alert]')
  await page.getByRole('button', { name: 'Next billing date' }).click()
  await becomes(t, () => textsOf(note), ['"next-billing" stands for no instant at present put a project on a paid plan first: next-billing is the end of the next billing cycle'])
  t.equal(await page.getByLabel('Go to').getAttribute('aria-invalid'), 'false')

  await page.getByLabel('Go to').fill('next year')
  await page.getByRole('button', { name: 'Go', exact: true }).click()
  await becomes(t, () => textsOf(note), ['found "next year", expected an instant such as "2023-01-31T23:59:59Z", or a named one: "disabled", "disabled-1s", "next-billing", "next-billing+1s"'])
  t.equal(await page.getByLabel('Go to').getAttribute('aria-invalid'), 'true')
  await page.getByLabel('Go to').fill('disabled')
  t.equal(await note.count(), 0, 'which goes when another one is written')
  t.match(await control.clock.get(), { now: '2020-06-16T12:00:00Z' }, 'nothing has moved')
  t.equal((await (await control.account('demo')).state()).clock, undefined)
})

inBrowser('the balance is drawn over time, and the ledger under it leads to the requests', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change(CHANGE)
  await control.clock.advance('P1M')
  await control.clock.advance('P1D')
  await emulator.change({ ...CHANGE, plan_id: 6 })
  await (await control.account('demo')).wallet.credit('10')
  await open('/?view=money&account=demo')
  t.equal(await page.locator('.balance').innerText(), '100.000 USD')
  t.same(await textsOf(page.getByRole('region', { name: 'Ledger entries' }).getByRole('row')), [
    'Emulated time Kind Amount Balance Project Plan Request',
    '2020-07-17 12:00:00 credit 10.000 100.000',
    '2020-07-16 23:59:59 renewal -5.000 90.000 5786 2',
    '2020-06-16 12:00:00 plan-change -5.000 95.000 5786 2 1-1',
    '2020-06-16 12:00:00 opening 100.000 100.000'
  ])
  t.match(await page.getByRole('img', { name: /^The balance from/ }).getAttribute('aria-label'), /4 bookings, 100\.000 USD at the end, 1 refusal\./)
  t.same(await textsOf(page.locator('.u-legend .u-series')), ['balance in USD', 'plan change', 'renewal', 'refused: wallet too low'])
  const colors = await page.locator('.chart canvas').evaluate((canvas: Canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const found = new Map<string, number>()
    for (let at = 0; at < data.length; at += 4) {
      const color = Array.from(data.slice(at, at + 3)).join()
      if (data[at + 3] === 255) found.set(color, (found.get(color) ?? 0) + 1)
    }
    return Object.fromEntries(found)
  })
  for (const [what, color] of [['the line and the plan change', '43,92,217'], ['the renewal', '23,113,63'], ['the refusal', '179,38,30']] as const) t.ok(colors[color]! >= 10, `${what}: ${colors[color]} pixels`)

  t.comment('what lies under the pointer is read out')
  const box = (await page.locator('.chart .u-over').boundingBox())!
  await page.mouse.move(box.x + 1, box.y + 50)
  await becomes(t, async () => /^2020-06-16 12:00:00 · .* USD$/.test(await page.locator('.reading').innerText()), true)

  await page.getByRole('link', { name: '1-1' }).click()
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()
  t.equal(new URL(page.url()).search, '?view=requests&account=demo&request=1-1')

  t.comment('a clock that went back')
  await control.clock.freeze('2020-01-01')
  await (await control.account('demo')).wallet.credit('1')
  await open('/?view=money&account=demo')
  await page.getByText('The clock has gone back since').waitFor()
  await open('/?view=money')
  await page.getByRole('main').getByRole('link', { name: 'demo' }).click()
  await page.getByRole('region', { name: 'Wallet' }).waitFor()
})

interface Canvas { readonly width: number, readonly height: number, readonly getContext: (kind: string) => { readonly getImageData: (...box: number[]) => { readonly data: Uint8ClampedArray } } }

inBrowser('a wallet is topped up and set, and a wrong amount says what is wrong beside the field', {}, async (t, { page, control, open }) => {
  const { wallet, ledger } = await control.account('demo')
  await open('/?view=money&account=demo')
  const credit = page.getByLabel('Top up by')
  const set = page.getByLabel('Set to')
  await credit.fill(' 0.001 ')
  await credit.press('Enter')
  await becomes(t, () => page.locator('.balance').innerText(), '100.001 USD')
  t.equal(await wallet.balance(), '100.001')
  await becomes(t, () => credit.inputValue(), '')
  await set.fill('4.99')
  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await becomes(t, () => page.locator('.balance').innerText(), '4.990 USD')
  t.same((await ledger()).map(({ kind, amount }) => [kind, amount]), [['opening', '100'], ['credit', '0.001'], ['adjustment', '-95.011']])

  const rows = [['five', '"five"'], ['-5', '"-5"'], ['1.2345', '"1.2345"'], ['1,5', '"1,5"'], ['1e3', '"1e3"']] as const
  for (const [field, button] of [[credit, 'Top up'], [set, 'Set']] as const) {
    for (const [amount, found] of rows) {
      await field.fill(amount)
      await page.getByRole('button', { name: button, exact: true }).click()
      await becomes(t, () => page.locator('.forms [role=alert]').allInnerTexts(), [`found ${found}, expected an amount in USD with at most three decimals, such as "4.99"`], amount)
      t.equal(await field.getAttribute('aria-invalid'), 'true')
      t.equal(await page.locator(`#${await field.getAttribute('aria-describedby')}`).innerText(), `found ${found}, expected an amount in USD with at most three decimals, such as "4.99"`)
      t.equal(await field.inputValue(), amount, 'what was written stays')
    }
    await field.fill('')
    t.equal(await page.locator('.forms [role=alert]').count(), 0)
  }
  await credit.fill('999999999999')
  await credit.press('Enter')
  await becomes(t, () => page.locator('.forms [role=alert]').allInnerTexts(), ['found "1000000000003.99", expected a balance of at most 999999999999.999'])
  t.equal(await wallet.balance(), '4.99')
})

inBrowser('a project is set to any plan and status, without a charge', {}, async (t, { page, control, open }) => {
  const account = await control.account('other')
  const project = async (id: number) => (await account.state()).projects!.find(({ project_id: each }) => each === id)!
  await open('/?view=money&account=other')
  const form = page.getByRole('region', { name: 'Set a project' })
  await form.getByLabel('Status').selectOption('Expired')
  await becomes(t, async () => (await project(1)).project_status, 'Expired')
  await becomes(t, () => textsOf(form.locator('.badge')), ['Expired'])
  await form.getByLabel('Status').selectOption('Active')
  await becomes(t, async () => (await project(1)).project_status, 'Active')
  await form.getByLabel('Plan, Phone Automation').selectOption('6')
  await becomes(t, async () => (await project(1)).subscriptions, [{ service: 1, plan_id: 6, next_billing_date: '2021-06-16T23:59:59Z' }, { service: 2, plan_id: 7, next_billing_date: '2020-07-16T23:59:59Z' }])
  await form.getByLabel('Plan, WhatsApp Official').selectOption('1')
  await becomes(t, async () => (await project(1)).subscriptions!.map(({ plan_id: plan }) => plan), [6, 1])
  await form.getByLabel('Project', { exact: true }).selectOption('2')
  await form.getByLabel('Plan, WhatsApp Official').selectOption('9')
  await becomes(t, async () => (await project(2)).subscriptions?.map(({ plan_id: plan }) => plan), [9])
  t.equal((await project(2)).project_name, 'old', 'all the rest of it stays')
  t.equal(await account.wallet.balance(), '1234.5')
})

/** What the form is to be filled in with for each kind, and what is armed by that. */
const FAULTS: Readonly<Record<FaultKind, readonly [fields: Readonly<Record<string, string>>, armed: Partial<FaultState>, before: RegExp, after: RegExp]>> = {
  delay: [{ 'Delay in ms': '250' }, { delay: { fixed: 250 } }, /All of it is booked/, /All of it is booked/],
  http_error: [{ 'HTTP status': '503' }, { http_status: 503 }, /Nothing is booked/, /The customer is charged, and the client takes it for failed/],
  api_refusal: [{ Status: '403' }, { status: 403 }, /Nothing is booked/, /The customer is charged, and the client is told that it was refused/],
  connection_reset: [{}, {}, /Nothing is booked/, /The customer is charged, and the answer is lost/],
  empty_response: [{}, {}, /Nothing is booked/, /The customer is charged, and the answer is lost/],
  hang: [{}, {}, /Nothing is booked/, /The customer is charged, and the answer is lost/],
  truncated_body: [{}, {}, /Nothing is booked/, /The customer is charged, and the answer is lost/],
  malformed_json: [{}, {}, /Nothing is booked/, /The customer is charged, and the answer is lost/],
  slow_body: [{ 'Duration in ms': '900' }, { duration: 900 }, /All of it is booked/, /All of it is booked/]
}

inBrowser('each kind of fault can be armed, and says what it means', {}, async (t, { page, control, open }) => {
  await open('/?view=faults&account=demo')
  for (const [kind, [fields, armed, before, after]] of Object.entries(FAULTS)) {
    await page.getByRole('radio', { name: new RegExp(`^${kind}`) }).check()
    await page.getByRole('radio', { name: 'after all of it is booked' }).check()
    t.match(await page.locator('.meaning').innerText(), after, kind)
    await page.getByRole('radio', { name: 'before it is decided on' }).check()
    t.match(await page.locator('.meaning').innerText(), before, kind)
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value)
    await page.getByRole('button', { name: 'Arm it' }).click()
    await becomes(t, async () => (await control.faults()).map(fault => fault.kind), [kind])
    t.match(await control.faults(), [{ kind, when: 'before', account: 'demo', times: 1, probability: 1, skip: 0, struck: 0, ...armed }], kind)
    await becomes(t, () => textsOf(page.locator('.armed .fault')), [kind])
    await page.getByRole('button', { name: `Remove ${kind}` }).click()
    await becomes(t, async () => (await control.faults()).length, 0)
    await page.getByText('None. Every request is answered as it should be.').waitFor()
  }
})

inBrowser('a fault shows whom it strikes, and how often it has', {}, async (t, { page, emulator, control, open }) => {
  await open('/?view=faults')
  const fill = async (fields: Readonly<Record<string, string>>): Promise<void> => {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value)
    await page.getByRole('button', { name: 'Arm it' }).click()
  }
  await page.getByRole('radio', { name: /^malformed_json/ }).check()
  await page.getByLabel('Endpoint').selectOption('check-balance')
  await fill({ Times: '2', 'Let pass first': '1', Probability: '1.0' })
  await page.getByLabel('Endpoint').selectOption('change-billing')
  await fill({ Times: '', 'Let pass first': '', Project: '5786', Probability: '0.5' })
  const armed = (): Promise<string[]> => textsOf(page.locator('.armed li > div'))
  await becomes(t, armed, [
    'malformed_json after · everybody check-balance, the first 1 pass It has struck 0 of 2 times.',
    'malformed_json after · everybody change-billing, project 5786, probability 0.5 It has struck 0 times.'
  ])
  t.equal(await page.getByRole('navigation', { name: 'Views' }).locator('.badge').innerText(), '2')
  const balance = () => emulator.post('/check-balance', { token: 'demo-token' }).then(() => 'whole', () => 'broken')
  t.same([await balance(), await balance()], ['whole', 'broken'])
  await becomes(t, async () => (await armed())[0], 'malformed_json after · everybody check-balance, the first 1 pass It has struck 1 of 2 times.')
  t.same([await balance(), await balance()], ['broken', 'whole'])
  await becomes(t, async () => (await armed())[0], 'malformed_json after · everybody check-balance, the first 1 pass It has struck 2 of 2 times, and is spent.')
  await becomes(t, () => page.getByRole('navigation', { name: 'Views' }).locator('.badge').innerText(), '1')

  t.comment('an account sees those of everybody and its own')
  await (await control.account('other')).fail({ kind: 'hang', plan_id: 9 })
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'other' }).click()
  await becomes(t, async () => (await armed()).length, 3)
  t.equal((await armed())[2], 'hang before · other every endpoint, plan 9 It has struck 0 times.')
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'demo' }).click()
  await becomes(t, async () => (await armed()).length, 2)
})

inBrowser('what is wrong with a fault is said beside its field', {}, async (t, { page, control, open }) => {
  await open('/?view=faults')
  const wrong: ReadonlyArray<readonly [kind: string, label: string, value: string, says: string]> = [
    ['hang', 'Times', '0', 'found 0, expected a whole number from 1 to 1000000000; leave it out for no limit'],
    ['hang', 'Times', 'twice', 'found "twice", expected a whole number from 1 to 1000000000; leave it out for no limit'],
    ['hang', 'Probability', '2', 'found 2, expected a number from 0 to 1'],
    ['hang', 'Project', 'x', 'found "x", expected a whole number from 1 to 9007199254740991'],
    ['hang', 'Let pass first', '-1', 'found -1, expected a whole number from 0'],
    ['delay', 'Delay in ms', '-1', 'found -1, expected a number of milliseconds from 0 to 600000'],
    ['slow_body', 'Duration in ms', 'long', 'found "long", expected a number of milliseconds from 0 to 600000'],
    ['http_error', 'HTTP status', '200', 'found 200, expected an HTTP status from 400 to 599'],
    ['api_refusal', 'Status', '100', 'found 100, expected one of 101, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410']
  ]
  for (const [kind, label, value, says] of wrong) {
    const field = page.getByLabel(label, { exact: true })
    await page.getByRole('radio', { name: new RegExp(`^${kind}`) }).check()
    const right = await field.inputValue()
    await field.fill(value)
    await page.getByRole('button', { name: 'Arm it' }).click()
    await becomes(t, () => page.locator('main [role=alert]').allInnerTexts(), [says], `${label} ${value}`)
    t.equal(await page.locator(`#${await field.getAttribute('aria-describedby')}`).innerText(), says)
    t.equal(await field.getAttribute('aria-invalid'), 'true')
    await field.fill(right)
    t.equal(await page.locator('[role=alert]').count(), 0)
  }
  t.same(await control.faults(), [])
})
