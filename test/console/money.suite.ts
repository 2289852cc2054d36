import { becomes, CHANGE, inBrowser, textsOf } from '../support/browser.js'

inBrowser('the console draws the balance over time, and its ledger links to the requests', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change(CHANGE)
  await control.clock.advance('P1M')
  await control.clock.advance('P1D')
  await emulator.change({ ...CHANGE, plan_id: 6 })
  await (await control.account('demo')).wallet.credit('10')
  await open('/?view=money&account=demo')
  t.equal(await page.locator('.balance').innerText(), '100.000 USD')
  await becomes(t, () => textsOf(page.getByRole('region', { name: 'Ledger entries' }).getByRole('row')), [
    'Emulated time Kind Amount Balance Project Plan Request',
    '2020-07-17 12:00:00 credit 10.000 100.000',
    '2020-07-16 23:59:59 renewal -5.000 90.000 5786 2',
    '2020-06-16 12:00:00 plan-change -5.000 95.000 5786 2 1-1',
    '2020-06-16 12:00:00 opening 100.000 100.000'
  ])
  await page.getByRole('img', { name: /^The balance since .*: 4 bookings, 100\.000 USD at the end, 1 refusal, 0 expired projects\./ }).waitFor()
  t.same(await textsOf(page.locator('.u-legend .u-series')), ['balance in USD', 'plan change', 'renewal', 'refused: balance too low', 'expired: not renewed'])
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

  t.comment('the point under the pointer is named')
  const box = (await page.locator('.chart .u-over').boundingBox())!
  await page.mouse.move(box.x + 1, box.y + 50)
  await becomes(t, async () => /^2020-06-16 12:00:00 · .* USD$/.test(await page.locator('.reading').innerText()), true)

  await page.getByRole('link', { name: '1-1' }).click()
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()
  t.equal(new URL(page.url()).search, '?view=requests&account=demo&request=1-1')

  t.comment('what time did is told with its numbers')
  await page.goBack()
  const events = page.getByRole('region', { name: 'Events of the history' }).getByRole('row')
  await becomes(t, () => textsOf(events), [
    'Emulated time Event What happened',
    '2020-07-16 23:59:59 renewed project 5786 renewed plan 2 for 5.000 USD; balance afterwards 90.000 USD.',
    '2020-07-17 12:00:00 world-clock-moved the world\'s clock was moved from 2020-07-16 12:00:00, and stands still.',
    '2020-07-16 12:00:00 world-clock-moved the world\'s clock was moved from 2020-06-16 12:00:00, and stands still.'
  ])
  await (await control.account('demo')).wallet.set('4.999')
  await control.clock.jump('next-billing')
  await becomes(t, async () => (await textsOf(events))[1], '2020-08-16 23:59:59 expired project 5786 expired: plan 2 costs 5.000 USD, but the wallet held 4.999 USD.')
  await page.getByRole('img', { name: /1 refusal, 1 expired project\./ }).waitFor()
  await (await control.account('demo')).wallet.set('100')

  t.comment('a clock that was set back')
  await control.clock.freeze('2020-01-01')
  await (await control.account('demo')).wallet.credit('1')
  await open('/?view=money&account=demo')
  await page.getByText('The clock was set back in between').waitFor()
  await page.getByRole('img', { name: /^The balance since 2020-01-01 00:00:00: 7 bookings, 101\.000 USD at the end/ }).waitFor()
  const line = (await page.locator('.chart .u-over').boundingBox())!
  await page.mouse.move(line.x + line.width * 0.9, line.y + 50)
  await becomes(t, async () => /101\.000 USD$/.test(await page.locator('.reading').innerText()), true)
  await open('/?view=money')
  await page.getByRole('main').getByRole('link', { name: 'demo' }).click()
  await page.getByRole('region', { name: 'Wallet' }).waitFor()
})

inBrowser('the labels beside the balance have room for the largest one', { provoked: /willReadFrequently/ }, async (t, { page, control, open }) => {
  const { wallet } = await control.account('demo')
  for (const balance of ['10000000', '999999999999.999']) {
    await wallet.set(balance)
    await open('/?view=money&account=demo')
    const inkByColumn = async (): Promise<number[]> => await page.locator('.chart canvas').evaluate((canvas: Canvas) => {
      const ink = Array.from({ length: 70 }, () => 0)
      canvas.getContext('2d').getImageData(0, 0, ink.length, canvas.height).data.forEach((value, at) => { if (at % 4 === 3 && value > 0) ink[(at >> 2) % ink.length]!++ })
      return ink
    })
    await becomes(t, async () => (await inkByColumn()).some(ink => ink > 0), true, 'the labels are drawn')
    t.same((await inkByColumn()).slice(0, 2), [0, 0], `${balance}: nothing is cut at the edge`)
  }
})

interface Canvas { readonly width: number, readonly height: number, readonly getContext: (kind: string) => { readonly getImageData: (...box: number[]) => { readonly data: Uint8ClampedArray } } }

inBrowser('a wallet can be topped up and set in the console, and a wrong amount is reported beside its field', {}, async (t, { page, control, open }) => {
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
      await becomes(t, () => page.locator('.forms [role=alert]').allInnerTexts(), [`found ${found}, expected an amount in USD of at most 12 digits and 3 decimals, such as "4.99"`], amount)
      t.equal(await field.getAttribute('aria-invalid'), 'true')
      t.equal(await page.locator(`#${await field.getAttribute('aria-describedby')}`).innerText(), `found ${found}, expected an amount in USD of at most 12 digits and 3 decimals, such as "4.99"`)
      t.equal(await field.inputValue(), amount, 'the field keeps its text')
    }
    await field.fill('')
    t.equal(await page.locator('.forms [role=alert]').count(), 0)
  }
  await credit.fill('999999999999')
  await credit.press('Enter')
  await becomes(t, () => page.locator('.forms [role=alert]').allInnerTexts(), ['found "1000000000003.99", expected a balance of at most 999999999999.999'])
  t.equal(await wallet.balance(), '4.99')
})

inBrowser('a project can be put on any plan and status in the console, without a charge', {}, async (t, { page, control, open }) => {
  const account = await control.account('other')
  const project = async (id: number) => (await account.state()).projects!.find(({ project_id: each }) => each === id)!
  await open('/?view=money&account=other')
  const form = page.getByRole('region', { name: 'Change a project' })
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
  t.equal((await project(2)).project_name, 'old', 'the rest of the project stays')
  t.equal(await account.wallet.balance(), '1234.5')
})

inBrowser('arrow keys in a list of the console write nothing until Enter or leaving the list, and Escape gives up', {}, async (t, { page, control, open }) => {
  const statusOf = async (): Promise<string | undefined> => (await (await control.account('demo')).state()).projects![0]!.project_status
  await open('/?view=money&account=demo')
  const status = page.getByLabel('Status')
  await status.focus()
  for (let number = 0; number < 2; number++) await page.keyboard.press('ArrowDown')
  await page.getByText('Enter sets it').waitFor()
  t.equal(await status.inputValue(), 'Delete')
  await page.keyboard.press('Escape')
  t.equal(await status.inputValue(), 'Active')
  await page.keyboard.press('ArrowDown')
  await page.getByText('Enter sets it').waitFor()
  // As when the user turns to another window.
  await status.dispatchEvent('blur')
  t.strictSame([await statusOf(), await control.snapshots()], ['Active', []], 'nothing was written')
  t.equal(await page.getByText('Enter sets it').count(), 1)
  await page.keyboard.press('Enter')
  await becomes(t, statusOf, 'Expired')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Tab')
  await becomes(t, statusOf, 'Delete')
  await page.getByText('Project 5786 was changed.').waitFor()
  t.equal((await control.snapshots()).length, 2)
  await page.getByRole('button', { name: 'Undo' }).click()
  await becomes(t, statusOf, 'Expired')
  await becomes(t, () => status.inputValue(), 'Expired')
})

inBrowser('a change of a project in the console leaves what was changed elsewhere while it was asked about', {}, async (t, { page, control, open }) => {
  const account = await control.account('demo')
  await account.setProject(5786, { project_status: 'Expired', subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-06-10' }] })
  await open('/?view=money&account=demo')
  await page.getByLabel('Status').selectOption('Active')
  await becomes(t, () => textsOf(page.locator('dialog p')), ['This renews 1 plan for 5.000 USD.'])
  await account.changeProject(5786, { project_name: 'renamed', subscriptions: [{ service: 2, plan_id: 7, next_billing_date: '2020-07-10' }] })
  await page.getByRole('button', { name: 'Change the project' }).click()
  await becomes(t, async () => (await account.state()).projects, [{
    project_id: 5786,
    project_name: 'renamed',
    project_status: 'Active',
    status_rests_on: ['auto-renew'],
    subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-07-10T23:59:59Z', rests_on: ['auto-renew'] }, { service: 2, plan_id: 7, next_billing_date: '2020-07-10T00:00:00Z' }]
  }])
})

inBrowser('a project whose cycle ended long ago is revived in the console only when what that renews is confirmed', {}, async (t, { page, control, open }) => {
  const account = await control.account('demo')
  await account.setProject(5786, { project_status: 'Expired', subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-06-10' }] })
  await open('/?view=money&account=demo')
  const status = page.getByLabel('Status')
  for (const [button, balance] of [['Cancel', '100'], ['Change the project', '95']] as const) {
    await status.selectOption('Active')
    await becomes(t, () => textsOf(page.locator('dialog p')), ['This renews 1 plan for 5.000 USD.'])
    await page.getByRole('button', { name: button }).click()
    await becomes(t, () => account.wallet.balance(), balance)
    await becomes(t, () => status.inputValue(), button === 'Cancel' ? 'Expired' : 'Active')
  }
})

inBrowser('a project that was removed meanwhile gives its place in the form to no other', {}, async (t, { page, control, open }) => {
  const form = page.getByRole('region', { name: 'Change a project' })
  const project = form.getByLabel('Project', { exact: true })
  for (const chosen of ['2', '1']) {
    await open('/?view=money&account=other')
    await form.getByLabel('Status').waitFor()
    // The first one needs no choice.
    if (chosen === '2') await project.selectOption(chosen)
    await (await control.account('other')).removeProject(Number(chosen))
    await form.getByRole('alert').getByText(`Project ${chosen} has been removed. Choose another one.`).waitFor()
    t.equal(await project.inputValue(), chosen)
    t.equal(await form.getByLabel(/Status|Plan/).count(), 0, 'nothing can be changed by mistake')
    await project.selectOption(chosen === '2' ? '1' : '2')
    await form.getByLabel('Status').waitFor()
    t.equal(await form.getByRole('alert').count(), 0)
    await control.reset()
  }
})

inBrowser('the ledger is that of the new world, also if the account looks as it did', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change(CHANGE)
  await open('/?view=money&account=demo')
  const request = page.getByRole('region', { name: 'Ledger entries' }).getByRole('link')
  await becomes(t, () => textsOf(request), [(await emulator.last()).id])
  for (let time = 0; time < 3; time++) {
    await control.reset()
    await emulator.change(CHANGE)
    await becomes(t, () => textsOf(request), [(await emulator.last()).id])
  }
  await request.click()
  await page.getByRole('article').waitFor()
})

inBrowser('an amount that is being typed is kept while another view is looked at, until it is booked', {}, async (t, { page, control, open, show }) => {
  await open('/?view=money&account=demo')
  const [credit, set] = [page.getByLabel('Top up by'), page.getByLabel('Set to')]
  await credit.fill('7.5')
  await set.fill('five')
  await set.press('Enter')
  await page.locator('.forms [role=alert]').waitFor()
  for (const path of ['/?view=requests&account=demo', '/?view=money&account=other']) {
    await show(path)
    if (path.includes('other')) t.same([await credit.inputValue(), await set.inputValue()], ['', ''], 'it is for this account')
    await show('/?view=money&account=demo')
    t.same([await credit.inputValue(), await set.inputValue()], ['7.5', 'five'], path)
  }
  await credit.press('Enter')
  await becomes(t, () => credit.inputValue(), '')
  t.equal(await (await control.account('demo')).wallet.balance(), '107.5')
  await show('/?view=requests&account=demo')
  await show('/?view=money&account=demo')
  t.same([await credit.inputValue(), await set.inputValue()], ['', 'five'])
})

inBrowser('a link of the ledger shows its request among the others, whatever they were filtered by before', {}, async (t, { page, emulator, open }) => {
  await emulator.change(CHANGE)
  await open('/?view=money&account=demo&endpoint=get-projects&status=410&outcome=refused&text=nothing')
  await page.getByRole('link', { name: '1-1' }).click()
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()
  t.equal(new URL(page.url()).search, '?view=requests&account=demo&request=1-1')
  await becomes(t, () => page.locator('.row').count(), 1)
})
