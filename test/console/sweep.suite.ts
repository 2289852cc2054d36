import type { Page } from 'playwright-core'
import type { SweepReport } from '../../src/contract/sweep-report.js'
import { audit } from '../support/axe.js'
import { becomes, CHANGE, inBrowser, textsOf } from '../support/browser.js'
import { effort, share } from '../support/effort.js'
import { HOSTILE, hostileReport, largeReport, sweepReport, sweepResult } from '../support/sweep-report.js'

/** Chooses a file in the view that is open. */
async function choose (page: Page, report: unknown, name = 'report.json'): Promise<void> {
  const buffer = Buffer.from(typeof report === 'string' ? report : JSON.stringify(report))
  await page.locator('input[type=file]').first().setInputFiles({ name, mimeType: 'application/json', buffer })
}

const UNMET = { reference: { ...largeReport(1).reference, unmet: ['demo: the fault fault-1 (hang) never triggered'] } }

inBrowser('the console shows the report of a sweep: findings, the matrix, and the run behind each cell', {}, async (t, { page, control, open }) => {
  const before = [await control.state(), await control.snapshots()]
  await open('/?view=files')
  await choose(page, largeReport(9, { says: 'it was charged twice', output: 'the output' }))
  await becomes(t, () => textsOf(page.locator('.sweep h2').first()), ['9 failures: charges too much at 1 call'])
  t.equal(new URL(page.url()).search, '?view=sweep')
  await page.getByText('165 runs; 9 calls, 45 USD charged in the reference').waitFor()
  t.same((await textsOf(page.locator('.findings li'))).map(text => text.split(' it was')[0]), ['✗ double-charge call 8, change-billing of project 5793 to plan 2', '⚠ charged-but-failed call 1, change-billing of project 5786 to plan 2'])
  t.same([await page.locator('.matrix tbody tr').count(), await page.locator('.matrix tbody td').count()], [9, 9 * 18])

  t.comment('by mouse')
  const heading = page.locator('.run h2')
  await page.getByRole('button', { name: 'double-charge: call 8, hang after', exact: true }).click()
  await becomes(t, () => textsOf(heading), ['✗ double-charge change-billing.5793.2.1/hang.after'])
  t.same(await textsOf(page.locator('.matrix [aria-selected=true]')), ['✗'])
  await page.locator('.run').getByText('it was charged twice').waitFor()
  await page.locator('.run summary').click()
  t.equal(await page.getByLabel('Output of the command').innerText(), 'the output')
  await page.getByRole('button', { name: 'wire/types=table' }).click()
  await becomes(t, () => textsOf(heading), ['✓ recovered wire/types=table'])
  await page.getByRole('listitem').getByRole('button', { name: 'hang after', exact: true }).last().click()
  await becomes(t, () => textsOf(heading), ['⚠ charged-but-failed change-billing.5786.2.1/hang.after'])

  t.comment('by keyboard: the table is one stop, and the arrow keys lead through it')
  await page.getByRole('button', { name: 'Close the run' }).click()
  t.equal(await page.evaluate('document.activeElement.textContent'), 'hang after', 'the focus returns to where it came from')
  t.equal(await page.locator('.matrix [tabindex="0"]').count(), 1)
  await page.locator('.matrix [tabindex="0"]').focus()
  const moves: ReadonlyArray<readonly [key: string, at: string]> = [
    ['ArrowLeft', 'recovered: call 8, hang before'], ['ArrowRight', 'double-charge: call 8, hang after'],
    ['ArrowUp', 'recovered: call 7, hang after'], ['ArrowDown', 'double-charge: call 8, hang after'],
    ['ArrowDown', 'recovered: call 9, hang after'], ['ArrowDown', 'recovered: call 9, hang after']
  ]
  for (const [key, at] of moves) {
    await page.keyboard.press(key)
    t.equal(await page.evaluate('document.activeElement.getAttribute("aria-label")'), at, key)
  }
  await page.keyboard.press('Enter')
  await heading.waitFor()

  t.comment('another report is one stop as well, wherever the keyboard was in the one before')
  await choose(page, largeReport(2))
  await becomes(t, () => page.locator('.matrix tbody tr').count(), 2)
  t.equal(await page.locator('.matrix [tabindex="0"]').getAttribute('aria-label'), 'recovered: call 1, delay before')
  await page.locator('.matrix [tabindex="0"]').focus()
  await page.keyboard.press('ArrowDown')
  t.equal(await page.evaluate('document.activeElement.getAttribute("aria-label")'), 'recovered: call 2, delay before')
  await page.keyboard.press('Enter')
  await heading.waitFor()

  t.comment('it stays until it is closed, whatever else is looked at, and the world has not been touched')
  await page.getByRole('link', { name: 'Money' }).click()
  await page.getByRole('link', { name: 'Sweep' }).click()
  await heading.waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByText('Drop the JSON report of a sweep').waitFor()
  t.same([await control.state(), await control.snapshots()], before)

  t.comment('what is no report is refused where it was chosen; a scenario is loaded as everywhere')
  await choose(page, { ...largeReport(1), version: 2 }, 'new.json')
  await becomes(t, () => textsOf(page.locator('main [role=alert]')), ['new.json is of version 2, which only a newer emulator reads; this one reads version 1 Nothing was changed.'])
  t.equal(new URL(page.url()).search, '?view=sweep')
  await choose(page, sweepReport([], UNMET))
  await becomes(t, () => textsOf(page.locator('.sweep h2')), ['No failure found'])
  await page.getByText('demo: the fault fault-1 (hang) never triggered').waitFor()
  await choose(page, '{}', 'world.json')
  await page.getByRole('button', { name: 'Replace the world' }).click()
  await page.getByRole('main').getByText('Loaded world.json.').waitFor()
  t.equal(new URL(page.url()).search, '?view=files')
})

inBrowser('the case of a run opens from the report, if its file came with it or is chosen there', {}, async (t, { page, emulator, open }) => {
  await emulator.change(CHANGE)
  const given = (await emulator.ask('/__admin/case?account=demo', {})).body
  const result = { verdict: 'double-charge', mark: 'failure', fault: { kind: 'hang', when: 'after' } } as const
  const report = sweepReport([
    sweepResult({ ...result, id: 'one', case: 'one.json' }), sweepResult({ ...result, id: 'other', call: 2, number: 2, case: 'other.json' }), sweepResult({ id: 'right', call: 3, number: 3 })
  ], { reference: { ...largeReport(3).reference } })
  const files = (...given: Array<[name: string, value: unknown]>) =>
    given.map(([name, value]) => ({ name, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(value)) }))
  const cell = (call: number) => page.getByRole('gridcell').getByRole('button', { name: `call ${call}, hang after` })
  await open('/?view=sweep')
  await page.locator('input[type=file]').setInputFiles(files(['one.json', given], ['report.json', report]))
  await cell(1).click()
  await page.getByRole('button', { name: 'Open its case' }).click()
  await becomes(t, () => textsOf(page.locator('.case h2').first()), ['Case of demo'])
  await page.getByText('one.json').waitFor()

  await page.getByRole('link', { name: 'Sweep' }).click()
  await cell(2).click()
  await page.getByText('Its case is other.json in the folder of --save-dir.').waitFor()
  await page.locator('.run input[type=file]').setInputFiles(files(['other.json', given]))
  await page.locator('.case').getByText('other.json').waitFor()
  await page.getByRole('link', { name: 'Sweep' }).click()
  await page.locator('.run').getByRole('button', { name: 'Open its case' }).waitFor()
  await cell(3).click()
  await becomes(t, () => page.locator('.run .buttons').count(), 0)

  t.comment('what is dropped with a report, but is no case of its runs, is not passed over in silence')
  const alert = page.locator('.sweep [role=alert]')
  await page.locator('.report-head input[type=file]').setInputFiles(files(['shard-1.json', report], ['one.json', given], ['shard-2.json', report]))
  await becomes(t, () => textsOf(alert), ['shard-2.json was not opened: it is the case of no run of this report.'])
  await page.locator('.report-head input[type=file]').setInputFiles(files(['old.json', given], ['report.json', report], ['world.json', {}]))
  await becomes(t, () => textsOf(alert), ['old.json and 1 other file were not opened: they are cases of no run of this report.'])
  await page.locator('.report-head input[type=file]').setInputFiles(files(['one.json', given], ['report.json', report]))
  await becomes(t, () => alert.count(), 0)

  t.comment('what is opened and closed leaves the focus in the content')
  for (const press of [
    async () => { await page.locator('.report-head input[type=file]').focus(); await page.locator('.report-head input[type=file]').setInputFiles(files(['other report.json', report])) },
    async () => { await page.locator('.report-head').getByRole('button', { name: 'Close' }).focus(); await page.keyboard.press('Enter') }
  ]) {
    await press()
    await becomes(t, () => page.evaluate('document.activeElement.id'), 'main')
  }
  await page.locator('.sweep input[type=file]').setInputFiles(files(['report.json', report]))

  t.comment('of several files, one is a report')
  await page.locator('.report-head input[type=file]').setInputFiles(files(['one.json', given], ['other.json', given]))
  await becomes(t, () => textsOf(page.locator('main [role=alert]')), ['2 files at a time can\'t be opened Open one, or the report of a sweep with the cases of its runs.'])
})

inBrowser('the command that shows a run again is copied, unless a terminal would act on it', { context: { permissions: ['clipboard-read', 'clipboard-write'] } }, async (t, { page, open }) => {
  await open('/?view=sweep')
  const reproduce = 'picky-emulator run --fault kind=hang -- sh -c \'echo "a b"\''
  await choose(page, sweepReport([sweepResult({ verdict: 'hung', reproduce }), sweepResult({ number: 2, verdict: 'crashed', reproduce: 'echo safe\u001b[8m; rm x' })]))
  await page.getByRole('button', { name: 'Copy the command that shows hung' }).click()
  await page.getByText('Copied.').waitFor()
  t.equal(await page.evaluate('navigator.clipboard.readText()'), reproduce)
  t.equal(await page.getByRole('button', { name: 'Copy the command' }).count(), 1)
  await page.getByText('characters that a terminal acts on').waitFor()
  await page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })')
  await page.getByRole('button', { name: 'Copy the command that shows hung' }).click()
  t.equal(await page.getByLabel('command', { exact: true }).inputValue(), reproduce)
})

inBrowser('a report of whatever text and size is accessible, runs nothing, and never scrolls sideways', {}, async (t, { page, open }) => {
  page.on('dialog', dialog => { t.fail(`a script says ${dialog.message()}`) })
  const hostile = hostileReport()
  // An amount is checked: it can't be any text.
  const harmless: SweepReport = { ...hostile, reference: { ...hostile.reference, charged: '1' }, results: hostile.results.map(result => ({ ...result, charged: '1' })) }
  const reports: Record<string, SweepReport> = {
    'hostile text': harmless,
    '12 calls': largeReport(12),
    'nothing wrong': sweepReport([sweepResult({ call: null, fault: null, kind: 'dialect', id: 'wire/types=table' })], { command: null })
  }
  await open('/?view=sweep')
  await audit(t, page, 'no report')
  for (const [name, report] of share(Object.entries(reports), 0, 3)) {
    await choose(page, report, `${name}${HOSTILE.slice(0, 25)}.json`)
    await page.getByText(`${name}<script>`).waitFor()
    await page.locator(report.results.length > 1 ? '.matrix td button' : '.whole-runs button').first().click()
    await page.locator('.run').waitFor()
    for (const width of effort([320], [320, 390, 768, 1280])) {
      await page.setViewportSize({ width, height: 860 })
      await becomes(t, () => page.evaluate('document.documentElement.scrollWidth'), width, `${name}, ${width} pixels wide`)
    }
    await audit(t, page, name)
    t.same(await page.evaluate('[document.querySelectorAll("main script, main img, main iframe, main link").length, document.scripts.length]'), [0, 1], name)
  }
  const many = largeReport(400, { verdict: 'hung', mark: 'failure' })
  await choose(page, many)
  await becomes(t, () => page.locator('.matrix tbody tr').count(), 277)
  await page.getByRole('button', { name: 'Show more (123 other calls left)' }).click()
  await becomes(t, () => page.locator('.matrix tbody tr').count(), 400)
  t.equal(await page.locator('.findings li').count(), 50)
  await page.getByRole('button', { name: 'Show more (350 others left)' }).click()
  await becomes(t, () => page.locator('.findings li').count(), 100)
})
