import type { FaultState } from '../../src/contract/control.js'
import type { FaultKind } from '../../src/domain/fault.js'
import { becomes, inBrowser, textsOf } from '../support/browser.js'
import { share } from '../support/effort.js'

/** For each kind of fault: the fields to fill in, the fault that results, and what the console says that it means. */
const FAULTS: Readonly<Record<FaultKind, readonly [fields: Readonly<Record<string, string>>, added: Partial<FaultState>, before: RegExp, after: RegExp]>> = {
  delay: [{ 'Delay in ms': '250' }, { delay: { fixed: 250 } }, /Everything is booked, and the answer is true/, /Everything is booked, and the answer is true/],
  http_error: [{ 'HTTP status': '503' }, { http_status: 503 }, /Nothing is booked/, /The customer is charged, but the client believes that the request failed/],
  api_refusal: [{ 'API status': '403' }, { status: 403 }, /Nothing is booked/, /The customer is charged, but the client is told that the request was refused/],
  connection_reset: [{}, {}, /Nothing is booked/, /The customer is charged, but the client gets no answer/],
  empty_response: [{}, {}, /Nothing is booked/, /The customer is charged, but the client gets no answer/],
  hang: [{}, {}, /Nothing is booked/, /The customer is charged, but the client gets no answer/],
  truncated_body: [{}, {}, /Nothing is booked/, /The customer is charged, but the client gets only part of the answer/],
  malformed_json: [{}, {}, /Nothing is booked/, /The customer is charged, but the client can't read the answer/],
  slow_body: [{ 'Duration in ms': '900' }, { duration: 900 }, /Everything is booked, and the answer is true/, /Everything is booked, and the answer is true/]
}

inBrowser('each kind of fault can be added in the console, which says what it means', {}, async (t, { page, control, open }) => {
  await open('/?view=faults&account=demo')
  for (const [kind, [fields, added, before, after]] of share(Object.entries(FAULTS), 0, 3)) {
    await page.getByRole('radio', { name: new RegExp(`^${kind}`) }).check()
    await page.getByRole('radio', { name: 'after everything is booked' }).check()
    t.match(await page.locator('.meaning').innerText(), after, kind)
    await page.getByRole('radio', { name: 'before the request is processed' }).check()
    t.match(await page.locator('.meaning').innerText(), before, kind)
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value)
    await page.getByRole('button', { name: 'Add fault' }).click()
    await becomes(t, async () => (await control.faults()).map(fault => fault.kind), [kind])
    t.match(await control.faults(), [{ kind, when: 'before', account: 'demo', times: 1, probability: 1, skip: 0, triggered: 0, ...added }], kind)
    await becomes(t, () => textsOf(page.locator('.active-faults .fault')), [kind])
    await page.getByRole('button', { name: `Remove ${kind}` }).click()
    await becomes(t, async () => (await control.faults()).length, 0)
    await page.getByText('None. Every request gets its regular answer.').waitFor()
  }
})

inBrowser('the console shows what each fault applies to, and how often it has triggered', {}, async (t, { page, emulator, control, open }) => {
  await open('/?view=faults')
  const fill = async (fields: Readonly<Record<string, string>>): Promise<void> => {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value)
    await page.getByRole('button', { name: 'Add fault' }).click()
  }
  await page.getByRole('radio', { name: /^malformed_json/ }).check()
  await page.getByLabel('Endpoint').selectOption('check-balance')
  await fill({ Times: '2', 'Skip first': '1', Probability: '1.0' })
  await page.getByLabel('Endpoint').selectOption('change-billing')
  await fill({ Times: '', 'Skip first': '', Project: '5786', Probability: '0.5' })
  const active = (): Promise<string[]> => textsOf(page.locator('.active-faults li > div'))
  await becomes(t, active, [
    'malformed_json after · all accounts check-balance, skips the first 1 Triggered 0 of 2',
    'malformed_json after · all accounts change-billing, project 5786, probability 0.5 Triggered 0 times'
  ])
  t.equal(await page.getByRole('navigation', { name: 'Views' }).locator('.badge').innerText(), '2')
  const balance = () => emulator.post('/check-balance', { token: 'demo-token' }).then(() => 'whole', () => 'broken')
  t.same([await balance(), await balance()], ['whole', 'broken'])
  await becomes(t, async () => (await active())[0], 'malformed_json after · all accounts check-balance, skips the first 1 Triggered 1 of 2')
  t.same([await balance(), await balance()], ['broken', 'whole'])
  await becomes(t, async () => (await active())[0], 'malformed_json after · all accounts check-balance, skips the first 1 Triggered 2 of 2; used up')
  await becomes(t, () => page.getByRole('navigation', { name: 'Views' }).locator('.badge').innerText(), '1')

  t.comment('an account lists the faults of all accounts and its own')
  await (await control.account('other')).fail({ kind: 'hang', plan_id: 9 })
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'other' }).click()
  await becomes(t, async () => (await active()).length, 3)
  t.equal((await active())[2], 'hang before · other all endpoints, plan 9 Triggered 0 times')
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'demo' }).click()
  await becomes(t, async () => (await active()).length, 2)
})

inBrowser('a wrong value of a fault is reported beside its field', {}, async (t, { page, control, open }) => {
  await open('/?view=faults')
  const wrong: ReadonlyArray<readonly [kind: string, label: string, value: string, says: string]> = [
    ['hang', 'Times', '0', 'found 0, expected a whole number from 1 to 1000000000; leave it out for no limit'],
    ['hang', 'Times', 'twice', 'found "twice", expected a whole number from 1 to 1000000000; leave it out for no limit'],
    ['hang', 'Times', 'Infinity', 'found "Infinity", expected a whole number from 1 to 1000000000; leave it out for no limit'],
    ['hang', 'Project', '9007199254740993', 'found "9007199254740993", expected a whole number from 0 to 9007199254740991'],
    ['hang', 'Probability', '2', 'found 2, expected a number from 0 to 1'],
    ['hang', 'Project', 'x', 'found "x", expected a whole number from 0 to 9007199254740991'],
    ['hang', 'Skip first', '-1', 'found -1, expected a whole number from 0 to 1000000000'],
    ['delay', 'Delay in ms', '-1', 'found -1, expected a number of milliseconds from 0 to 600000'],
    ['slow_body', 'Duration in ms', 'long', 'found "long", expected a number of milliseconds from 0 to 600000'],
    ['http_error', 'HTTP status', '200', 'found 200, expected an HTTP status from 400 to 599'],
    ['api_refusal', 'API status', '100', 'found 100, expected one of 101, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410']
  ]
  for (const [kind, label, value, says] of wrong) {
    const field = page.getByLabel(label, { exact: true })
    await page.getByRole('radio', { name: new RegExp(`^${kind}`) }).check()
    const right = await field.inputValue()
    await field.fill(value)
    await page.getByRole('button', { name: 'Add fault' }).click()
    await becomes(t, () => page.locator('main [role=alert]').allInnerTexts(), [says], `${label} ${value}`)
    t.equal(await page.locator(`#${await field.getAttribute('aria-describedby')}`).innerText(), says)
    t.equal(await field.getAttribute('aria-invalid'), 'true')
    await field.fill(right)
    await becomes(t, () => page.locator('[role=alert]').count(), 0)
  }
  t.same(await control.faults(), [])

  t.comment('what was entered stays while another view or account is looked at')
  await page.getByLabel('Project', { exact: true }).fill('5786')
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'demo' }).click()
  await page.getByRole('link', { name: 'Faults' }).click()
  t.equal(await page.getByLabel('Project', { exact: true }).inputValue(), '5786')
  await page.getByRole('button', { name: 'Add fault' }).click()
  await becomes(t, async () => (await control.faults()).map(({ account, project_id: project }) => [account, project]), [['demo', 5786]])
})
