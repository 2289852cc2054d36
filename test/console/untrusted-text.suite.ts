import { becomes, inBrowser, textsOf, VIEWS, WORLD } from '../support/browser.js'
import { effort } from '../support/effort.js'

const NASTY = ['<img src=x onerror=window.ran=1>', '"><script>window.ran=1</script>', '\u202Eright to left\u202D \u0645\u0631\u062D\u0628\u0627', 'W'.repeat(200), '\'; alert(1); //', 'two\nlines\tand\u0000nothing', '{{7*7}} <%= 7*7 %> %s', '/../..?a=b&c#d']

/** Names of which no view is left out: markup, and with more effort a long word. */
const EVERYWHERE = new Set(effort([NASTY[0]], [NASTY[0], NASTY[3]]))

inBrowser('the console shows names and fields as text, never runs them, and keeps its layout', {}, async (t, { page, emulator, control, open, show }) => {
  const accounts = NASTY.map((name, index) => ({ name, token: `token-${index}`, balance: '999999999999.999', projects: [{ project_id: 9007199254740991, project_name: name, notes: name }] }))
  await control.load({ ...WORLD, accounts })
  for (const [index, name] of NASTY.entries()) {
    await emulator.change({ token: `token-${index}`, project_id: 9007199254740991, service: 1, plan_id: 2, [name]: name }, { 'content-type': 'text/plain', 'x-nasty': encodeURI(name) })
    await control.fail({ kind: 'hang', account: name, plan_id: 9 })
  }
  await emulator.post(`/${encodeURIComponent(NASTY[0]!)}`, NASTY[0])
  const isHarmless = async (what: string): Promise<void> => {
    for (const width of effort([390], [390, 1280])) {
      await page.setViewportSize({ width, height: 860 })
      await becomes(t, () => page.evaluate('document.documentElement.scrollWidth'), width, `${what} does not scroll sideways at ${width}`)
    }
    t.same(await page.evaluate('[window.ran ?? "nothing ran", document.images.length, document.scripts.length]'), ['nothing ran', 1, 1], what)
  }
  await open()
  for (const [index, name] of NASTY.entries()) {
    await show(`/?account=${encodeURIComponent(name)}`)
    for (const [nth, view] of VIEWS.entries()) {
      // Every name in two views, and every view with at least two names; but what could run or widen a page in all of them.
      if (effort(!EVERYWHERE.has(name) && (nth + index) % 3 !== 0, false)) continue
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link').nth(nth).click()
      t.equal(await page.locator('.accounts [aria-current] .name').textContent(), name, `${view} ${index}`)
      if (view === 'requests') {
        await page.locator('.row').click()
        for (const summary of await page.locator('details:not(.menu) > summary').all()) await summary.click()
        t.match(JSON.parse(await page.getByLabel('Request body').innerText()), { [name]: name }, `${view} ${index}`)
      }
      await isHarmless(`${view} ${index}`)
    }
  }
  const nasty = encodeURIComponent(NASTY[0]!)
  await open('/?view=requests&endpoint=null')
  await becomes(t, async () => (await textsOf(page.locator('.row .what')))[0], `/app/api/v2/${nasty} no account`)
  const long = `Z${`${'\u0301'.repeat(999)}1`.repeat(5)}`
  await emulator.post('/long', long)
  await page.locator('.row', { hasText: '/long' }).click()
  const body = page.getByLabel('Request body')
  t.equal(await body.textContent(), long, 'a body that is one long run is shown whole')
  t.equal(await body.locator('.piece').count(), 3, 'in pieces that a browser lays out at once')
  await isHarmless('one long run')
  await page.goto(`${emulator.url}/?view=${nasty}&account=${nasty}x&request=${nasty}&text=${nasty}&status=${nasty}&endpoint=${nasty}`)
  await page.getByText(`There is no account ${NASTY[0]}x.`).waitFor()
  await page.getByText(`There is no request ${NASTY[0]} in the journal.`).waitFor()
  await isHarmless('a forged URL')
})
