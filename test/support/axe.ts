import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { effort } from './effort.js'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation { readonly id: string, readonly impact: string, readonly nodes: ReadonlyArray<{ readonly html: string, readonly failureSummary: string }> }

/**
 * Fails on everything that axe considers serious or critical: by all rules in light, in dark by those about colours. What is in `light`
 * only has the colours of what is audited in both; `npm run prove` audits it in both as well.
 */
export async function audit (t: Test, page: Page, what: string, tried: 'light' | 'both' = 'both'): Promise<void> {
  if (!await page.evaluate('"axe" in window')) await page.evaluate(AXE)
  for (const [colorScheme, only] of [['dark', { runOnly: ['color-contrast'] }], ['light', {}]] as const) {
    if (colorScheme === 'dark' && effort(tried, 'both') === 'light') continue
    await page.emulateMedia({ colorScheme })
    const options = JSON.stringify({ resultTypes: ['violations'], ...only })
    const violations = await page.evaluate<Violation[]>(`axe.run(document, ${options}).then(({ violations }) => violations)`)
    const bad = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
    t.same(bad.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)), [], `${what}, in ${colorScheme}`)
  }
}
