import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import { becomes, inBrowser, textsOf, WORLD, type Opened } from '../support/browser.js'
import { emulate } from '../support/emulator.js'

const CHANGE = { token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 }

const VIEWS = ['overview', 'requests', 'money', 'faults', 'try', 'files']

/** A world with something in every view, and its requests. */
async function furnish ({ emulator, control }: Pick<Opened, 'emulator' | 'control'>): Promise<void> {
  await emulator.change({ ...CHANGE, extra: 1 }, { 'content-type': 'text/plain' })
  await emulator.change({ ...CHANGE, plan_id: 6 })
  await emulator.change({ ...CHANGE, plan_id: 3 })
  await control.fail({ kind: 'http_error', times: 1 })
  await emulator.change(CHANGE).catch(() => {})
  await control.fail({ kind: 'hang', plan_id: 9, account: 'demo', times: 3 })
}

/** Brings everything that can be clicked before the eyes; gives what can't be reached there. */
const UNREACHABLE = `[...document.querySelectorAll('main a, main button, main input, main select, main textarea, nav a, nav input')].filter(each => {
  if (!each.checkVisibility() || each.disabled || each.type === 'file') return false
  each.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
  const { left, right, top, bottom } = each.getBoundingClientRect()
  const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
  return left < 0 || right > innerWidth || !(each.contains(there) || each.closest('label')?.contains(there))
}).map(each => each.outerHTML)`

inBrowser('on a narrow screen nothing is out of reach, and nothing scrolls sideways', { context: { viewport: { width: 390, height: 844 } } }, async (t, { page, emulator, control, open }) => {
  await furnish({ emulator, control })
  for (const path of [...VIEWS.flatMap(view => [`/?view=${view}`, `/?view=${view}&account=demo`]), '/?request=1-1']) {
    await open(path)
    await page.getByRole('button', { name: 'Travel in time' }).click()
    if (path.includes('view=requests')) await page.locator('.row').first().waitFor()
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 })
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), width, `${path} at ${width}`)
      t.same(await page.evaluate(UNREACHABLE), [], `${path} at ${width}`)
    }
  }
  await open('/?view=requests')
  await page.locator('.row').nth(1).click()
  await page.getByRole('article').waitFor()
  t.notOk(await page.locator('.list').isVisible(), 'an open request takes the place of the list')
  await page.getByRole('button', { name: 'Close' }).click()
  t.ok(await page.locator('.list').isVisible())
})

inBrowser('its colours follow the system\'s preference, also while it is open', {}, async (t, { page, control, emulator, open }) => {
  await furnish({ emulator, control })
  await open('/?view=money&account=demo')
  const colors = (): Promise<unknown> => page.evaluate('["body", ".time", ".now", ".api"].map(place => { const style = getComputedStyle(document.querySelector(place)); return [style.color, style.backgroundColor] })')
  const pixels = (): Promise<string> => page.evaluate('document.querySelector(".chart canvas")?.toDataURL()')
  const [light, lightPixels] = [await colors(), await pixels()]
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await colors()
  t.notSame(dark, light)
  t.match(JSON.stringify(light), 'rgb(245, 246, 248)')
  t.match(JSON.stringify(dark), 'rgb(18, 21, 27)')
  await becomes(t, async () => await pixels() !== lightPixels, true, 'the chart as well')
})

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation { readonly id: string, readonly impact: string, readonly nodes: ReadonlyArray<{ readonly html: string, readonly failureSummary: string }> }

/** What axe finds that is serious or critical. */
async function audit (t: Test, page: Page, what: string): Promise<void> {
  await page.evaluate(AXE)
  const violations = await page.evaluate<Violation[]>('axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)')
  const bad = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
  t.same(bad, [], what)
}

for (const colorScheme of ['light', 'dark'] as const) {
  inBrowser(`axe finds nothing serious in any view, in ${colorScheme}`, { context: { colorScheme } }, async (t, { page, emulator, control, open }) => {
    await furnish({ emulator, control })
    for (const view of VIEWS) {
      await open(`/?view=${view}&account=demo`)
      await page.getByRole('button', { name: 'Travel in time' }).click()
      if (view === 'requests') await page.locator('.row').nth(1).click()
      if (view === 'money') await page.getByLabel('Set to').fill('x').then(() => page.keyboard.press('Enter')).then(() => page.getByText('found "x"').waitFor())
      if (view === 'try') await page.getByRole('button', { name: 'Send' }).click().then(() => page.getByLabel('Answer body').waitFor())
      await audit(t, page, view)
    }
    await page.getByRole('button', { name: 'Reset everything' }).click()
    await audit(t, page, 'a question')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'The switch-off', exact: true }).click()
    await page.locator('.journey').waitFor()
    await audit(t, page, 'after the switch-off')
    await open('/?view=money')
    await audit(t, page, 'no account chosen')
    await control.load({ accounts: [] })
    for (const view of VIEWS) {
      await page.goto(`${emulator.url}/?view=${view}`)
      await page.getByText('live', { exact: true }).waitFor()
      await audit(t, page, `${view} of an empty world`)
    }
    await emulator.stop()
    await page.getByText('The connection is lost').waitFor()
    await audit(t, page, 'a lost connection')
    await emulate(t, { port: Number(new URL(emulator.url).port), adminToken: 'x' })
    await page.getByRole('button', { name: 'Open the console' }).waitFor()
    await page.getByLabel('The token').fill('y')
    await page.keyboard.press('Enter')
    await page.getByText('That is not the one.').waitFor()
    await audit(t, page, 'the question for the token')
  })
}

const NASTY = ['<img src=x onerror=window.ran=1>', '"><script>window.ran=1</script>', '\u202Eright to left\u202D \u0645\u0631\u062D\u0628\u0627', 'W'.repeat(200), '\'; alert(1); //', 'two\nlines\tand\u0000nothing', '{{7*7}} <%= 7*7 %> %s', '/../..?a=b&c#d']

inBrowser('whatever stands in names and fields is text, never run, and leaves everything in its place', {}, async (t, { page, emulator, control, open }) => {
  const accounts = NASTY.map((name, index) => ({ name, token: `token-${index}`, balance: '999999999999.999', projects: [{ project_id: 9007199254740991, project_name: name, notes: name }] }))
  await control.load({ ...WORLD, accounts })
  for (const [index, name] of NASTY.entries()) {
    await emulator.change({ token: `token-${index}`, project_id: 9007199254740991, service: 1, plan_id: 2, [name]: name }, { 'content-type': 'text/plain', 'x-nasty': encodeURI(name) })
    await control.fail({ kind: 'hang', account: name, plan_id: 9 })
  }
  await emulator.post(`/${encodeURIComponent(NASTY[0]!)}`, NASTY[0])
  const isHarmless = async (what: string): Promise<void> => {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 860 })
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), width, `${what} does not scroll sideways at ${width}`)
    }
    t.same(await page.evaluate('[window.ran ?? "nothing ran", document.images.length, document.scripts.length]'), ['nothing ran', 1, 1], what)
    await page.setViewportSize({ width: 1280, height: 860 })
  }
  for (const [index, name] of NASTY.entries()) {
    for (const view of VIEWS) {
      await open(`/?view=${view}&account=${encodeURIComponent(name)}`)
      t.equal(await page.locator('.accounts [aria-current] .name').textContent(), name, `${view} ${index}`)
      if (view === 'requests') {
        await page.locator('.row').click()
        for (const summary of await page.locator('summary').all()) await summary.click()
        t.match(JSON.parse(await page.getByLabel('Request body').innerText()), { [name]: name }, `${view} ${index}`)
      }
      await isHarmless(`${view} ${index}`)
    }
  }
  const nasty = encodeURIComponent(NASTY[0]!)
  await open('/?view=requests&endpoint=null')
  await becomes(t, async () => (await textsOf(page.locator('.row .what')))[0], `/app/api/v2/${nasty} nobody`)
  await page.goto(`${emulator.url}/?view=${nasty}&account=${nasty}x&request=${nasty}&text=${nasty}&status=${nasty}&endpoint=${nasty}`)
  await page.getByText(`There is no account ${NASTY[0]}x.`).waitFor()
  await page.getByText(`There is no request ${NASTY[0]} in the journal.`).waitFor()
  await isHarmless('an address made up by somebody')
})

inBrowser('two thousand accounts, and one with five thousand projects, stay usable', {}, async (t, { page, emulator, open }) => {
  const control = connect(emulator.url)
  await control.createAccounts(Array.from({ length: 2000 }, (_, index) => ({ name: `account ${String(index).padStart(4, '0')}`, balance: String(index), projects: [{ project_id: 1 }] })))
  const large = await control.createAccount({ name: 'large', token: 'large', balance: '100', projects: Array.from({ length: 5000 }, (_, index) => ({ project_id: index + 1, project_name: `project ${index + 1}` })) })
  await open('/')
  await becomes(t, () => page.locator('.accounts .heading .quiet').innerText(), '2,003')
  t.ok(await page.locator('*').count() < 5000, `${await page.locator('*').count()} elements`)
  await page.getByText('These are the first 60 of 2,003 accounts').waitFor()
  await page.getByLabel('Find an account').fill('1999')
  await page.getByRole('link', { name: 'account 1999' }).click()
  await becomes(t, () => textsOf(page.locator('.card header')), ['account 1999 1,999.000 USD'])
  await page.getByLabel('Find an account').fill('LARGE')
  await page.getByRole('link', { name: 'large 100.000' }).click()
  await page.getByText('These are the first 200 of 5,000 projects').waitFor()
  await page.getByLabel('Find a project').fill('project 4999')
  await becomes(t, () => textsOf(page.locator('tbody .name')), ['project 4999'])

  await page.evaluate('window.long = []; new PerformanceObserver(list => window.long.push(...list.getEntries().map(({ duration }) => Math.round(duration)))).observe({ entryTypes: ["longtask"] })')
  const readAgain: string[] = []
  page.on('request', request => { readAgain.push(new URL(request.url()).pathname) })
  for (let request = 0; request < 10; request++) await emulator.change({ token: 'large', project_id: 4999, service: 1, plan_id: 2 + request % 2 })
  await becomes(t, () => textsOf(page.locator('tbody .plan')), ['3 Phone Automation Medium'])
  await becomes(t, () => textsOf(page.locator('.card .amount')), ['25.000 USD'])
  t.ok(readAgain.includes('/__admin/accounts/large'))
  t.ok(readAgain.filter(path => path === '/__admin/accounts').length <= 1, 'not all accounts are read again for each of them')

  await page.getByRole('link', { name: 'Money' }).click()
  const form = page.getByRole('region', { name: 'Set a project' })
  await form.getByLabel('Project').fill('5001')
  await form.getByText('found "5001", expected the id of a project of this account').waitFor()
  t.equal(await form.getByLabel('Status').count(), 0)
  await form.getByLabel('Project').fill('5000')
  await form.getByLabel('Status').selectOption('Expired')
  await becomes(t, async () => (await large.state()).projects![4999]!.project_status, 'Expired')
  await becomes(t, () => textsOf(form.locator('.badge')), ['Expired'])
  const long = (await page.evaluate<number[]>('window.long')).filter(ms => ms > 400)
  t.same(long, [], 'nothing held the page up for long')
})
