import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import type { Case, CaseRequest } from '../../src/contract/case.js'
import { exportCase, FORMATS, type Format } from '../../src/export/export.js'
import { audit } from '../support/axe.js'
import { becomes, CHANGE, inBrowser, textsOf, type Opened } from '../support/browser.js'
import { effort, share } from '../support/effort.js'

/** Clicks on what starts a download, and gives its name and text. */
async function downloaded (page: Page, button: Locator): Promise<{ readonly name: string, readonly text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') }
}

async function choose (page: Page, name: string, text: string): Promise<void> {
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })
}

/** Lets something happen: a purchase, a fault that hides the next one, a month, and a refusal. */
async function live ({ emulator, control }: Pick<Opened, 'emulator' | 'control'>): Promise<void> {
  const demo = await control.account('demo')
  await emulator.change(CHANGE)
  await demo.fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await emulator.change({ ...CHANGE, plan_id: 4 }).catch(() => {})
  await demo.clock.advance('P1M')
  await emulator.change({ ...CHANGE, plan_id: 6 })
}

async function caseOf ({ emulator }: Pick<Opened, 'emulator'>, query = '?account=demo'): Promise<Case> {
  return (await emulator.ask(`/__admin/case${query}`, {})).body as unknown as Case
}

const button = (page: Page, name: string): Locator => page.getByRole('main').getByRole('button', { name, exact: true })

inBrowser('the console saves a case, shows it, and loads its start and its end', {}, async (t, opened) => {
  const { page, emulator, control, open } = opened
  await live(opened)
  await open('/?view=requests&account=demo')
  const saved = await downloaded(page, button(page, 'Save case'))
  t.match(saved.name, /^demo-case-\d{4}-\d\d-\d\d-\d{6}\.json$/)
  const given = JSON.parse(saved.text) as Case
  t.same(given.timeline, (await caseOf(opened)).timeline)
  await page.getByText(`Saved ${saved.name}.`).waitFor()
  await page.getByRole('link', { name: 'Files' }).click()
  t.match(JSON.parse((await downloaded(page, button(page, 'Save case'))).text), { account: 'demo' })

  t.comment('opening it changes nothing')
  const before = [await control.state(), await control.snapshots(), (await caseOf(opened)).timeline]
  await choose(page, saved.name, saved.text)
  await becomes(t, () => textsOf(page.locator('.case h2')), ['Case of demo', 'What happened'])
  t.equal(new URL(page.url()).search, '?view=case&account=demo')
  await page.getByText('3 requests, 2 calls of the control API, from ').waitFor()
  t.same(await textsOf(page.locator('.steps > li > details > summary')), [
    '1 2020-06-16 12:00:00 100 change-billing demo',
    '2 2020-06-16 12:00:00 control POST /accounts/demo/faults demo',
    '3 2020-06-16 12:00:00 no answer change-billing demo',
    '4 2020-06-16 12:00:00 control POST /accounts/demo/clock/advance demo',
    '5 2020-07-16 12:00:00 403 change-billing demo'
  ])
  await page.locator('.steps > li > details > summary').first().click()
  for (const [label, text] of [['Request', '"plan_id":2'], ['Answer', '"status": 100'], ['Booked', '"amount": "-5"']] as const) {
    t.match(await page.getByLabel(label, { exact: true }).innerText(), text)
  }
  await page.locator('.steps > li > details > summary').nth(2).click()
  await page.getByText('No answer.').waitFor()
  t.same([await control.state(), await control.snapshots(), (await caseOf(opened)).timeline], before)

  t.comment('its start and its end')
  await button(page, 'Load its start').click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  t.same(await control.state(), before[0])
  await button(page, 'Load its start').click()
  await page.getByRole('button', { name: 'Replace the world' }).click()
  await page.getByRole('main').getByText('Loaded the start of the case of demo.').waitFor()
  t.same([await (await control.account('demo')).wallet.balance(), (await control.accounts()).length], ['100', 1])
  await button(page, 'Load its end').click()
  await page.getByRole('button', { name: 'Replace the world' }).click()
  await page.getByRole('main').getByText('Loaded the end of the case of demo.').waitFor()
  t.same(await (await control.account('demo')).ledger(), given.end.scenario.accounts![0]!.ledger)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Undone.').waitFor()
  t.equal(await page.getByText('Loaded the end').count(), 0, 'that is not so any more')
  t.equal(await (await control.account('demo')).wallet.balance(), '100')

  t.comment('it stays until it is closed; then there is that of the world as it is')
  await page.getByRole('link', { name: 'Money' }).click()
  await page.getByRole('link', { name: 'Case' }).click()
  await button(page, 'Close').click()
  await emulator.change({ ...CHANGE, token: 'token-of-demo' })
  await page.getByRole('link', { name: 'The world' }).click()
  await button(page, 'Look at it').click()
  await becomes(t, () => textsOf(page.locator('.case h2').first()), ['Case of the world'])
})

inBrowser('the console replays a case, and shows what differs side by side', {}, async (t, opened) => {
  const { page, control, open } = opened
  await live(opened)
  const given = await caseOf(opened)
  const before = [await control.state(), await control.snapshots(), (await caseOf(opened)).timeline]
  await open('/?view=case')
  await choose(page, 'demo.json', JSON.stringify(given))
  await button(page, 'Replay').click()
  await becomes(t, () => textsOf(page.locator('.case h2').nth(1)), ['✓ Equal'])
  await page.getByRole('status').getByText('Replayed: equal.').waitFor()
  await page.getByText('3 requests sent again in a world like that at the start. Every answer and the world at the end are as in the case.').waitFor()

  t.comment('a case that was edited')
  const last = given.timeline[4] as CaseRequest
  const response = { ...last.request.response!, body: { ...last.request.response!.body as object, message: 'Something else' } }
  const [account] = given.end.scenario.accounts!
  const edited: Case = {
    ...given,
    timeline: [...given.timeline.slice(0, 4), { ...last, request: { ...last.request, response } }],
    end: { ...given.end, scenario: { ...given.end.scenario, accounts: [{ ...account!, settings: { strict: true } }] } }
  }
  await choose(page, 'demo.json', JSON.stringify(edited))
  await becomes(t, () => page.getByText('✓ Equal').count(), 0, 'the result is not that of the file as it was before')
  await choose(page, 'edited.json', JSON.stringify(edited))
  await page.getByText('edited.json').waitFor()
  await button(page, 'Replay').click()
  await page.locator('.differences li').first().waitFor()
  await page.getByRole('status').getByText(/^Replayed: \d difference/).waitFor()
  const [received] = await textsOf(page.locator('.differences li').first().locator('pre mark'))
  t.match(received, 'Something else')
  t.same(await textsOf(page.locator('.differences li h3').first()), ['Step 5: change-billing'])
  t.same(await textsOf(page.locator('.differences li h3').last()), ['The world at the end'])
  t.match(await textsOf(page.locator('.differences code')), ['/received/body'])
  await page.setViewportSize({ width: 1280, height: 500 })
  await page.locator('.differences h3 button').first().click()
  await page.getByLabel('Request', { exact: true }).waitFor()
  t.match(await page.evaluate('document.activeElement.textContent'), /^5/)
  await becomes(t, () => page.evaluate('(({ top, bottom }) => bottom <= innerHeight || top < 80)(document.querySelector(".steps details[open]").getBoundingClientRect())'), true, 'the step is to be seen, not its first line alone')

  t.comment('what is no case, or can not be replayed')
  await choose(page, 'bad.json', JSON.stringify({ ...given, seed: -1 }))
  await becomes(t, async () => (await textsOf(page.locator('main [role=alert]')))[0]?.includes('/seed'), true)
  await page.getByText('edited.json').waitFor()
  await choose(page, 'cut.json', JSON.stringify({ ...given, incomplete: 'the beginning is gone' }))
  await page.getByText('It can\'t be replayed: the beginning is gone.').waitFor()
  t.equal(await button(page, 'Replay').isDisabled(), true)
  t.equal(await button(page, 'Load its end').isEnabled(), true)
  t.same([await control.state(), await control.snapshots(), (await caseOf(opened)).timeline], before)
})

inBrowser('the console exports what is shown in every format, and only an archive of what has no beginning', {}, async (t, opened) => {
  const { page, open } = opened
  await live(opened)
  const given = await caseOf(opened)
  const scripts: string[] = []
  page.on('request', request => { if (request.resourceType() === 'script') scripts.push(new URL(request.url()).pathname) })
  await open('/?view=case')
  await choose(page, 'demo.json', JSON.stringify(given))
  const menu = page.locator('.menu')
  const exported = async (nth: number): Promise<{ readonly name: string, readonly text: string }> => {
    await menu.locator('summary').click()
    return await downloaded(page, menu.getByRole('button').nth(nth))
  }
  t.same(scripts, ['/__console/console.js'])
  for (const [nth, format] of share([...(Object.keys(FORMATS) as Format[]).entries()], 0, 3)) {
    const { file, text } = exportCase(given, format)
    t.same(await exported(nth), { name: file, text }, format)
    await page.getByText(`Exported ${file}.`).waitFor()
  }
  t.same(scripts, ['/__console/console.js', '/__console/exporter.js'], 'the exporter is loaded once, when it is needed')
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Export as …')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  t.equal(await menu.getByRole('button').first().isVisible(), false)

  await choose(page, 'cut.json', JSON.stringify({ ...given, incomplete: 'the beginning is gone' }))
  // The menu of the file before goes with it.
  await page.getByText('It can\'t be replayed: the beginning is gone.').waitFor()
  await menu.locator('summary').click()
  await menu.getByRole('button', { name: 'Test for Vitest' }).click()
  await becomes(t, () => textsOf(page.locator('main [role=alert]')), ['The case can\'t become a test: the beginning is gone Its requests can be exported as an HTTP archive (HAR).'])
  t.match((await exported(Object.keys(FORMATS).indexOf('har'))).name, /\.har$/)

  t.comment('the account that is chosen, as it is now')
  await page.getByRole('link', { name: 'demo' }).click()
  await page.getByRole('link', { name: 'Requests' }).click()
  t.same((await exported(0)).text, exportCase(given, 'node-test').text)

  t.comment('from a request on: of what happened here, and of a case that was opened')
  const { request: { id } } = given.timeline[2] as CaseRequest
  const rest = await caseOf(opened, `?account=demo&from=${id}`)
  await open(`/?view=requests&account=demo&request=${id}`)
  t.same((JSON.parse((await downloaded(page, button(page, 'Save case from here'))).text) as Case).timeline, rest.timeline)
  const exportedFromHere = async (): Promise<string> => {
    await page.getByText('Export from here as …').click()
    return (await downloaded(page, button(page, 'Shell script with curl'))).text
  }
  t.equal(await exportedFromHere(), exportCase(rest, 'sh').text)
  await page.getByRole('link', { name: 'Case' }).click()
  await choose(page, 'demo.json', JSON.stringify(given))
  await page.locator('.steps > li > details > summary').nth(2).click()
  t.equal(await exportedFromHere(), exportCase(rest, 'sh').text)
})

const HOSTILE = '</pre><script>alert(1)</script><img src=x onerror=alert(1)>\u202egpj.\u0000'

/** A case with the text in every place where the format takes any text. */
function hostileCase (given: Case, steps: number): Case {
  const [first] = given.timeline.filter((step): step is CaseRequest => step.step === 'request')
  const request = { ...first!.request, rule: null, endpoint: null, path: `/${encodeURIComponent(HOSTILE)}`, assumptions: [], request: { headers: {}, body: HOSTILE, text: HOSTILE }, response: { ...first!.request.response!, body: HOSTILE } }
  const events = { step: 'events' as const, events: [{ account: HOSTILE, at: '2020-06-16T12:00:00Z', event: 'deleted' as const }], total: 1 }
  const removal = { step: 'removal' as const, at: given.start.at, account: HOSTILE }
  return {
    ...given,
    account: HOSTILE,
    emulator: HOSTILE,
    incomplete: HOSTILE,
    timeline: [events, removal, ...Array.from({ length: steps - 2 }, () => ({ ...first!, request }))]
  }
}

inBrowser('a case of whatever text and size is accessible, runs nothing, and never scrolls sideways', {}, async (t, opened) => {
  const { page, open } = opened
  page.on('dialog', dialog => { t.fail(`a script says ${dialog.message()}`) })
  await live(opened)
  const given = await caseOf(opened)
  await open('/?view=case')
  await audit(t, page, 'no case')
  await choose(page, `${HOSTILE.slice(6, 31)}.json`, JSON.stringify(hostileCase(given, 250)))
  await becomes(t, () => page.locator('.steps > li').count(), 100)
  await page.getByRole('button', { name: 'Later' }).click()
  await page.getByRole('button', { name: 'Later' }).click()
  await page.getByText('Steps 201 to 250 of 250').waitFor()
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Later', 'the focus stays, also at the end')
  t.equal(await button(page, 'Later').getAttribute('aria-disabled'), 'true')
  await page.keyboard.press('Enter')
  await page.getByText('Steps 201 to 250 of 250').waitFor()
  await page.locator('.steps > li > details > summary').first().click()
  await page.getByRole('button', { name: 'Earlier' }).click()
  await page.getByRole('button', { name: 'Earlier' }).click()
  for (const nth of [0, 1, 2]) await page.locator('.steps > li > details > summary').nth(nth).click()
  await page.getByLabel('Answer', { exact: true }).waitFor()
  await page.locator('.menu summary').click()
  await audit(t, page, 'hostile texts')
  for (const width of effort([320], [320, 1280])) {
    await page.setViewportSize({ width, height: 860 })
    await becomes(t, () => page.evaluate('document.documentElement.scrollWidth'), width, `${width} pixels wide`)
  }
  t.same(await page.evaluate('[document.querySelectorAll("main script, main img, main iframe, main link").length, document.scripts.length]'), [0, 1])
})
