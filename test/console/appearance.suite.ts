import { becomes, CHANGE, furnish, inBrowser, VIEWS, waitForFurnished } from '../support/browser.js'
import { effort, share } from '../support/effort.js'

/** Scrolls to each control in turn, and gives those that are covered or outside the screen. */
const UNREACHABLE = `[...document.querySelectorAll('main a, main button, main input, main select, main textarea, nav a, nav input')].filter(each => {
  if (!each.checkVisibility() || each.disabled || each.type === 'file') return false
  each.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
  const { left, right, top, bottom } = each.getBoundingClientRect()
  const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
  return left < 0 || right > innerWidth || !(each.contains(there) || each.closest('label')?.contains(there))
}).map(each => each.outerHTML)`

inBrowser('on a narrow screen every control of the console is within reach, and nothing scrolls sideways', { context: { viewport: { width: 390, height: 844 } } }, async (t, { page, emulator, control, open, show }) => {
  await furnish({ emulator, control })
  await open()
  await page.getByRole('button', { name: 'Travel in time' }).click()
  for (const path of [...VIEWS.flatMap((view, row) => share([`/?view=${view}`, `/?view=${view}&account=demo`], row, 2)), '/?view=money&account=demo', '/?request=1-1']) {
    await show(path)
    if (path === '/?view=money&account=demo') await waitForFurnished({ page }, 'money')
    if (path.includes('view=requests')) await page.locator('.row').first().waitFor()
    for (const width of effort([320], [390, 320])) {
      await page.setViewportSize({ width, height: 844 })
      // The chart takes its new width with the next frame.
      await becomes(t, () => page.evaluate('document.documentElement.scrollWidth'), width, `${path} at ${width}`)
      await becomes(t, () => page.evaluate(UNREACHABLE), [], `${path} at ${width}`)
    }
  }
  for (const width of [320, 390, 800]) {
    await page.setViewportSize({ width, height: 844 })
    await becomes(t, () => page.locator('nav.views a').evaluateAll(links => links.filter(link => link.getBoundingClientRect().right > link.parentElement!.getBoundingClientRect().right).length), 0, `all views are to be seen, ${width} pixels wide`)
  }
  await page.setViewportSize({ width: 320, height: 844 })
  await (await control.account('demo')).wallet.set('999999999999.999')
  await show('/?view=money&account=demo')
  await becomes(t, () => page.locator('.balance').innerText().then(text => text.startsWith('999,999,999,999.999')), true)
  await becomes(t, () => page.evaluate('document.documentElement.scrollWidth'), 320, 'the largest balance')
  await show('/?view=requests')
  await page.locator('.row').nth(1).click()
  await page.getByRole('article').waitFor()
  t.notOk(await page.locator('.list').isVisible(), 'an open request takes the place of the list')
  await page.getByRole('button', { name: 'Close' }).click()
  t.ok(await page.locator('.list').isVisible())
})

inBrowser('the colours of the console follow the system\'s preference, also while it is open', {}, async (t, { page, control, emulator, open }) => {
  await furnish({ emulator, control })
  await open('/?view=money&account=demo')
  await waitForFurnished({ page }, 'money')
  const colors = (): Promise<unknown> => page.evaluate('["body", ".time", ".now", ".api"].map(place => { const style = getComputedStyle(document.querySelector(place)); return [style.color, style.backgroundColor] })')
  const pixels = (): Promise<string> => page.evaluate('document.querySelector(".chart canvas").toDataURL()')
  const [light, lightPixels] = [await colors(), await pixels()]
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await colors()
  t.notSame(dark, light)
  t.match(JSON.stringify(light), 'rgb(245, 246, 248)')
  t.match(JSON.stringify(dark), 'rgb(18, 21, 27)')
  await becomes(t, async () => await pixels() !== lightPixels, true, 'the chart follows as well')
})

inBrowser('where the system sets the colours, what is chosen still looks different', {}, async (t, { page, control, emulator, open, show }) => {
  await furnish({ emulator, control })
  await page.emulateMedia({ forcedColors: 'active' })
  await open('/?view=requests&account=demo')
  await page.getByRole('button', { name: 'Travel in time' }).click()
  await page.locator('.row').nth(1).click()
  await page.getByRole('article').waitFor()
  // The background, and the line below, of what is chosen and of all that is not.
  const looks = (chosen: string, others: string): Promise<unknown> => page.evaluate(`[${JSON.stringify(chosen)}, ${JSON.stringify(others)}].map(each => [...new Set([...document.querySelectorAll(each)]
    .map(element => { const { color, backgroundColor, borderBottomColor } = getComputedStyle(element); return [color, backgroundColor, element.matches('.views a') ? borderBottomColor : ''].join() }))])`)
  const kinds = [
    ['.views a[aria-current]', '.views a:not([aria-current])'],
    ['.accounts li a[aria-current]', '.accounts li a:not([aria-current])'],
    ['.travel [aria-pressed=true]', '.travel [aria-pressed=false]'],
    ['.row[aria-selected=true]', '.row:not([aria-selected=true])']
  ] as const
  for (const [chosen, others] of kinds) {
    const [one, other] = await looks(chosen, others) as [string[], string[]]
    t.same([one.length, other.length], [1, 1], chosen)
    t.not(one[0], other[0], `${chosen}: ${one.join()} ${other.join()}`)
  }
  await show('/?view=overview')
  t.equal(await page.evaluate('getComputedStyle(document.querySelector(".views a:not([aria-current])")).borderBottomColor'), await page.evaluate('(() => { document.body.append(Object.assign(document.createElement("i"), { id: "canvas" })); document.querySelector("#canvas").style.color = "Canvas"; return getComputedStyle(document.querySelector("#canvas")).color })()'), 'no line below a view that is not shown')
})

inBrowser('in a window as low as that of a page at 400 %, rows of the requests are to be seen and opened', { context: { viewport: { width: 320, height: 256 } } }, async (t, { page, emulator, open }) => {
  for (let number = 0; number < 9; number++) await emulator.change({ ...CHANGE, plan_id: 99 })
  await open('/?view=requests')
  await page.locator('.row').nth(1).waitFor()
  // A scrollbar may take some of the width.
  for (const [width, height] of [[320, 256], [308, 256], [640, 400], [640, 900]] as const) {
    await page.setViewportSize({ width, height })
    await becomes(t, () => page.locator('.rows').evaluate<boolean, { clientHeight: number }>(({ clientHeight }) => clientHeight >= 3 * 52), true, `${width} × ${height}`)
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
    await page.locator('.row').nth(1).click()
    await page.getByRole('article').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
  }
  t.equal(await page.evaluate('document.documentElement.translate'), false, 'a browser that translated the page would keep its numbers from changing')
})

inBrowser('tables take the width of their card, and the names of plans are to be read', { context: { viewport: { width: 1280, height: 860 } } }, async (t, { page, control, emulator, open, show }) => {
  await furnish({ emulator, control })
  await open('/?view=money&account=demo')
  await waitForFurnished({ page }, 'money')
  const wide = (): Promise<boolean[]> => page.locator('.scroll').evaluateAll<boolean[], { clientWidth: number, parentElement: { clientWidth: number } }>(all => all.map(({ clientWidth, parentElement }) => clientWidth > 0.95 * parentElement.clientWidth))
  t.same(await wide(), [true, true], 'the ledger and the history')
  t.ok((await page.getByLabel('Plan, Phone Automation').boundingBox())!.width > 200)
  await show('/?view=overview&account=demo')
  await waitForFurnished({ page }, 'overview')
  t.same(await wide(), [true], 'the projects')
})
