import type { Test } from 'tap'
import { becomes, inBrowser, type Opened } from '../support/browser.js'
import { raw } from '../support/emulator.js'

/** The ids of the requests that are drawn. */
const idsOf = ({ page }: Pick<Opened, 'page'>): Promise<string[]> => page.locator('.row').evaluateAll<string[], { id: string }>(rows => rows.map(({ id }) => id.slice(4)))

/** As much of an element as scrolls. */
interface Scrolled { scrollTop: number }

/** Fills the journal in the fastest way: all requests at once, on one connection. */
async function fill ({ emulator }: Pick<Opened, 'emulator'>, count: number): Promise<void> {
  const head = 'POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n'
  await raw(emulator.url, `${`${head}\r\n{}`.repeat(count - 1)}${head}connection: close\r\n\r\n{}`, 30_000)
}

inBrowser('ten thousand requests stay smooth: only those are drawn that can be seen', {}, async (t, { page, emulator, open }) => {
  await fill({ emulator }, 10_000)
  await open('/?view=requests')
  await page.getByText('10,000 requests', { exact: true }).waitFor({ timeout: 20_000 })
  const drawn = (): Promise<number> => page.locator('.row').count()
  t.ok(await drawn() < 60, `${await drawn()} rows are drawn`)
  t.equal((await idsOf({ page }))[0], '1-10000')
  const rows = page.getByRole('listbox')
  const scroll = (top: number): Promise<unknown> => rows.evaluate((box: Scrolled, top: number) => { box.scrollTop = top }, top)
  await scroll(10_000_000)
  await becomes(t, async () => (await idsOf({ page })).at(-1), '1-1', 'the end is the oldest')
  t.ok(await drawn() < 60)
  const last = page.locator('#row-1-1')
  t.ok((await last.boundingBox())!.y + 52 <= (await rows.boundingBox())!.y + (await rows.boundingBox())!.height + 1, 'which can be seen whole')

  t.comment('scrolling and filtering')
  await page.evaluate('window.long = []; new PerformanceObserver(list => window.long.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ["longtask"] })')
  for (let step = 0; step < 20; step++) {
    await scroll(step * 25_000)
    t.ok(await drawn() > 10)
  }
  t.same((await page.evaluate<number[]>('window.long')).filter(ms => ms > 200), [], 'nothing held the page up for long')
  await page.getByLabel('Text').fill('1-7777')
  await becomes(t, () => idsOf({ page }), ['1-7777'])
})

inBrowser('requests that arrive while the journal is read are there once', {}, async (t, { page, emulator, open }) => {
  const trickle = async (): Promise<void> => { for (let sent = 0; sent < 1500; sent += 10) await fill({ emulator }, 10) }
  await Promise.all([trickle(), open('/?view=requests&text=nowhere')])
  await becomes(t, () => page.locator('.count').innerText(), '1,500 of 1,500 requests')
  await open('/?view=requests')
  await becomes(t, () => page.locator('.count').innerText(), '1,500 requests')
})

inBrowser('what is before the eyes stays there when requests arrive', {}, async (t, { page, emulator, open }) => {
  await fill({ emulator }, 200)
  await open('/?view=requests')
  await page.getByText('200 requests', { exact: true }).waitFor()
  await page.evaluate('window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(({ value }) => { window.shift += value })).observe({ type: "layout-shift", buffered: false })')
  const rows = page.getByRole('listbox')
  await rows.evaluate((box: Scrolled) => { box.scrollTop = 3000 })
  const before = await placeOf(t, { page }, '1-140')
  await fill({ emulator }, 100)
  await page.getByText('300 requests', { exact: true }).waitFor()
  t.same(await placeOf(t, { page }, '1-140'), before, 'a row that was read is where it was')
  await page.getByRole('button', { name: '↑ 100 newer requests' }).click()
  await becomes(t, async () => (await idsOf({ page }))[0], '1-300', 'the newer ones are a click away')
  await becomes(t, () => page.getByRole('button', { name: /newer/ }).count(), 0)

  t.comment('at the top the newest are shown, and an open request stays')
  await page.locator('.row').nth(1).click()
  const detail = page.getByRole('article', { name: 'Request 1-299' })
  const box = await detail.boundingBox()
  await fill({ emulator }, 100)
  await becomes(t, async () => (await idsOf({ page }))[0], '1-400')
  t.same(await detail.boundingBox(), box)
  t.ok(await page.evaluate<number>('window.shift') < 0.02, `the page shifted by ${await page.evaluate('window.shift')}`)
})

async function placeOf (t: Test, { page }: Pick<Opened, 'page'>, id: string): Promise<number> {
  const row = page.locator(`#row-${id}`)
  await row.waitFor()
  const box = await row.boundingBox()
  t.ok(box)
  return box!.y
}
