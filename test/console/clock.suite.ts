import { becomes, inBrowser, pauseClock, textsOf } from '../support/browser.js'

for (const [whose, path] of [['the world\'s', '/'], ['an account\'s', '/?account=other']] as const) {
  inBrowser(`in the console ${whose} clock can be frozen, run, stepped and moved, and the events on the way are listed`, {}, async (t, { page, control, open }) => {
    const account = await control.account('other')
    const clock = path === '/' ? control.clock : account.clock
    await open(path)
    await page.getByRole('button', { name: 'Travel in time' }).click()
    const press = async (name: string, asks: readonly string[] = []): Promise<void> => {
      await page.getByRole('button', { name, exact: true }).click()
      if (asks.length > 0) {
        await becomes(t, () => textsOf(page.locator('dialog p')), [...asks], name)
        await page.getByRole('dialog').getByRole('button', { name: 'Move the clock' }).click()
      }
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
      t.equal(await page.locator('.journey').innerText(), `It is now ${now.slice(0, 10)} ${now.slice(11, 19)}. Nothing happened on the way.`)
    }
    await press('Next billing date', ['This renews 2 plans for 39.000 USD.'])
    await becomes(t, async () => (await clock.get()).now, '2020-07-16T23:59:59Z')
    t.same(await textsOf(page.locator('.journey li')), [
      '2020-07-16 23:59:59 other: project 1 renewed plan 3 for 10.000 USD; balance afterwards 1,224.500 USD.',
      '2020-07-16 23:59:59 other: project 1 renewed plan 7 for 29.000 USD; balance afterwards 1,195.500 USD.'
    ])
    t.equal(await account.wallet.balance(), '1195.5')
    await account.wallet.set('5')
    await page.getByLabel('Go to').fill('2020-09-01')
    await press('Go', ['This lets 1 project expire and deletes 1 project.'])
    t.same(await textsOf(page.locator('.journey li')), ['2020-08-16 23:59:59 other: project 1 expired: plan 3 costs 10.000 USD, but the wallet held 5.000 USD.', '2020-08-30 23:59:59 other: project 1 was deleted.'])
    await press('1 second before switch-off')
    await becomes(t, () => page.locator('.api').innerText(), 'The API is enabled for another 1 second')
    await press('Switch-off')
    t.same(await textsOf(page.locator('.journey li')), ['2023-02-01 00:00:00 The API was switched off.'])
    await becomes(t, () => page.locator('.api').innerText(), 'The API has been disabled for less than a second')
    t.match(await clock.get(), { now: '2023-02-01T00:00:00Z', api: 'disabled' })

    await page.getByLabel('Go to').fill(path === '/' ? '2021-05-05 08:00:00' : '2021-05-05T10:00:00+02:00')
    await page.getByLabel('Go to').press('Enter')
    await becomes(t, async () => (await clock.get()).now, '2021-05-05T08:00:00Z')
    await becomes(t, () => textsOf(page.locator('.journey li')), ['2023-02-01 00:00:00 The API was switched on again.'])

    await press('Run')
    t.match(await clock.get(), { mode: 'running' })
    await becomes(t, () => page.getByRole('button', { name: 'Run' }).getAttribute('aria-pressed'), 'true')
    await press('Freeze')
    t.match(await clock.get(), { mode: 'frozen' })
    if (path === '/') await press('Back to the start', ['Only the clock goes back: 2 renewals for 39.000 USD, the expiry of 1 project and the deletion of 1 project after that time stay.'])
    else await press('Follow the world\'s clock')
    t.match(await clock.get(), { mode: 'frozen', now: '2020-06-16T12:00:00Z' })
    t.equal((await account.state()).clock, undefined)
    if (path !== '/') await becomes(t, () => page.getByRole('button', { name: 'Follow the world\'s clock' }).isDisabled(), true)
  })
}

inBrowser('what the console says of a change is gone once that is undone', {}, async (t, { page, open }) => {
  const undo = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Undone.').waitFor()
  }
  await open('/?view=files')
  await page.getByRole('button', { name: 'Travel in time' }).click()
  await page.getByRole('button', { name: '+1 month' }).click()
  await page.locator('.journey').waitFor()
  await undo()
  t.equal(await page.locator('.journey').count(), 0, 'a moved clock')

  const loaded = page.getByRole('main').getByText('Loaded ')
  await page.getByRole('button', { name: 'Load default' }).click()
  await page.getByRole('button', { name: 'Replace the world' }).click()
  await loaded.waitFor()
  await undo()
  t.equal(await loaded.count(), 0, 'a bundled world')
  await page.locator('input[type=file]').first().setInputFiles({ name: 'world.json', mimeType: 'application/json', buffer: Buffer.from('{"accounts":[]}') })
  await page.getByRole('button', { name: 'Replace the world' }).click()
  await loaded.waitFor()
  await undo()
  t.equal(await loaded.count(), 0, 'a file')
})

inBrowser('a jump that leads nowhere says so in the console, and an unreadable time says so beside its field', {}, async (t, { page, control, open }) => {
  await open('/?account=demo')
  await page.getByRole('button', { name: 'Travel in time' }).click()
  const note = page.locator('.travel [role=alert]')
  await page.getByRole('button', { name: 'Next billing date' }).click()
  await becomes(t, () => textsOf(note), ['"next-billing" stands for no instant at present: no project is on a paid plan put a project on a paid plan first: next-billing is the end of the next billing cycle'])
  t.equal(await page.getByLabel('Go to').getAttribute('aria-invalid'), 'false')

  await page.getByLabel('Go to').fill('next year')
  await page.getByRole('button', { name: 'Go', exact: true }).click()
  await becomes(t, () => textsOf(note), ['found "next year", expected an instant from 1970 to 9998 such as "2023-01-31T23:59:59Z", or a named one: "disabled", "disabled-1s", "next-billing", "next-billing+1s"'])
  t.equal(await page.getByLabel('Go to').getAttribute('aria-invalid'), 'true')
  await page.getByLabel('Go to').fill('disabled')
  t.equal(await note.count(), 0, 'the error goes when the field is edited')
  t.match(await control.clock.get(), { now: '2020-06-16T12:00:00Z' }, 'the clock has not moved')
  t.equal((await (await control.account('demo')).state()).clock, undefined)
})

inBrowser('the console shows the clock and the switch-off in plain words', {}, async (t, { page, control, open }) => {
  await open()
  const told = (): Promise<string[]> => textsOf(page.locator('.time-line > *:not(button)'))
  t.same(await told(), ['2020-06-16 12:00:00 UTC the world\'s clock, frozen', 'The API is enabled for another 959 days'])
  await control.clock.jump('disabled-1s')
  await becomes(t, told, ['2023-01-31 23:59:59 UTC the world\'s clock, frozen', 'The API is enabled for another 1 second'])
  await control.clock.jump('disabled')
  await becomes(t, told, ['2023-02-01 00:00:00 UTC the world\'s clock, frozen', 'The API has been disabled for less than a second'])
  await control.settings.change({ cutoff: 'never' })
  await becomes(t, async () => (await told())[1], 'The API is enabled and is never switched off')
  await control.settings.change({ cutoff: null })
  const account = await control.account('demo')
  await account.clock.freeze('2021-01-01')
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'demo' }).click()
  await becomes(t, told, ['2021-01-01 00:00:00 UTC its own clock, frozen', 'The API is enabled for another 761 days'])
  await account.clock.release()
  await becomes(t, async () => (await told())[0], '2023-02-01 00:00:00 UTC follows the world\'s clock, frozen')
})

inBrowser('a running clock goes on in the console as time does', { context: {} }, async (t, { page, control, open }) => {
  // The page gets a time that stands still unless the test moves it; hidden, it does not read the emulator's clock again.
  await page.clock.install()
  await open('/')
  await page.evaluate('Object.defineProperty(document, "hidden", { value: true })')
  await control.clock.run('2020-01-01')
  const shown = async (): Promise<number> => Date.parse((await page.locator('.now time').getAttribute('datetime'))!)
  await becomes(t, async () => await shown() < Date.parse('2020-06-01'), true)
  await pauseClock(page)
  for (const passed of [1000, 3000]) {
    // An answer about the clock that was under way when the page's time was stopped moves it once more, whenever it comes: again, then.
    await becomes(t, async () => {
      const before = await shown()
      await page.clock.runFor(passed)
      // It ticks four times a second.
      return Math.abs(await shown() - before - passed) <= 250
    }, true, `${passed} ms later`)
  }
})

inBrowser('a clock is frozen and run from the time that it has, though another be shown', {}, async (t, { page, control, open }) => {
  const { clock } = await control.account('demo')
  await open('/?account=demo')
  await page.getByRole('button', { name: 'Travel in time' }).click()
  // What the console reads of the account is kept from it.
  let release = (): void => {}
  const released = new Promise<void>(resolve => { release = resolve })
  await page.route('**/__admin/accounts/demo', async route => {
    await released
    await route.continue()
  })
  const asked = page.waitForRequest('**/__admin/accounts/demo')
  await clock.advance('P1M')
  await asked
  t.equal(await page.locator('.now time').innerText(), '2020-06-16 12:00:00')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await becomes(t, async () => (await clock.get()).mode, 'running')
  t.match((await clock.get()).now, /^2020-07-16/)
  release()
  await becomes(t, () => page.locator('.now time').innerText().then(time => time.slice(0, 10)), '2020-07-16')
})

inBrowser('a clock that goes back says what stays, also where something happens on the way', {}, async (t, { page, control, open }) => {
  await open()
  await control.clock.freeze('2023-02-02T00:00:00Z')
  await page.getByRole('button', { name: 'Travel in time' }).click()
  await becomes(t, () => page.locator('.now time').getAttribute('datetime'), '2023-02-02T00:00:00Z')
  await page.getByRole('button', { name: '−1 month' }).click()
  await becomes(t, () => textsOf(page.locator('.journey li')), ['2023-02-01 00:00:00 The API was switched on again.'])
  t.same(await textsOf(page.locator('.journey > p')), ['It is now 2023-01-02 00:00:00. 1 event on the way:', 'Only the clock goes back: 2 renewals for 39.000 USD after that time stay.'])
})
