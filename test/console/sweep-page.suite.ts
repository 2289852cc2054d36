import { pageOf } from '../../src/sweep/html.js'
import { junitOf } from '../../src/sweep/junit.js'
import { audit } from '../support/axe.js'
import { becomes, inBrowser } from '../support/browser.js'
import { effort } from '../support/effort.js'
import { hostileReport, largeReport, sweepReport, sweepResult } from '../support/sweep-report.js'

const REPORTS = {
  'hostile text': hostileReport(),
  '12 calls': largeReport(12),
  'nothing wrong': sweepReport([sweepResult({ call: null, fault: null, kind: 'dialect', id: 'wire/types=table' })], { command: null })
}

inBrowser('the page of a sweep is accessible, runs nothing, and never scrolls sideways', {}, async (t, { page }) => {
  page.on('dialog', dialog => { t.fail(`a script says ${dialog.message()}`) })
  for (const [name, report] of Object.entries(REPORTS)) {
    await page.setContent(pageOf(report))
    for (const width of effort([390], [390, 768, 1280])) {
      await page.setViewportSize({ width, height: 860 })
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), width, `${name}, ${width} pixels wide`)
    }
    await audit(t, page, name)
    t.equal(await page.evaluate('document.querySelectorAll("script, img, iframe, link, base").length'), 0)
  }
})

inBrowser('a cell of the matrix leads to its run, and back, by the keyboard alone', {}, async (t, { page }) => {
  await page.setContent(pageOf(largeReport(9, { output: 'the output' })))
  const shown = (): Promise<string> => page.locator('article:visible h3').innerText({ timeout: 1000 }).catch(() => 'none')
  t.equal(await page.locator('article:visible').count(), 0)
  await page.getByRole('link', { name: 'double-charge: call 8, hang after' }).focus()
  await page.keyboard.press('Enter')
  await becomes(t, shown, '✗ double-charge change-billing.5793.2.1/hang.after')
  await page.keyboard.press('Tab')
  t.equal(await page.evaluate('document.activeElement.textContent'), 'What the command wrote')
  await page.keyboard.press('Enter')
  await page.getByText('the output', { exact: true }).locator('visible=true').waitFor()
  for (const name of ['the output', 'Back to the table']) {
    await page.keyboard.press('Tab')
    t.equal(await page.evaluate('document.activeElement.textContent'), name)
  }
  await page.keyboard.press('Enter')
  await becomes(t, () => page.evaluate('document.querySelector(":target").id'), 'call-8')
  await page.getByRole('listitem').getByRole('link', { name: 'hang after' }).last().click()
  await becomes(t, shown, '⚠ charged-but-failed change-billing.5786.2.1/hang.after')
})

inBrowser('a browser reads the JUnit file as XML, whatever text is in it', {}, async (t, { page }) => {
  for (const [name, report] of Object.entries(REPORTS)) {
    const read = `(xml => {
      const parsed = new DOMParser().parseFromString(xml, 'application/xml')
      return [parsed.querySelectorAll('parsererror').length, parsed.querySelectorAll('testcase').length]
    })(${JSON.stringify(junitOf(report))})`
    t.same(await page.evaluate(read), [0, report.results.length], name)
  }
})
