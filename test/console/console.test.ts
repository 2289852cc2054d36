// All tests of the console: one process, one browser. A topic alone: npm run test:one -- test/console/console.test.ts --grep=/console.test/ --grep=/fault/
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { effort } from '../support/effort.js'
// These try less in npm test than they do in npm run prove, which leaves out those below.
import './accessibility.suite.js'
import './appearance.suite.js'
import './case.suite.js'
import './faults.suite.js'
import './proxies.suite.js'
import './requests.suite.js'
import './sweep-page.suite.js'
import './sweep.suite.js'
import './untrusted-site.suite.js'
import './untrusted-text.suite.js'

if (effort(true, false)) {
  await import('./case-words.suite.js')
  await import('./clock.suite.js')
  await import('./connection.suite.js')
  await import('./files.suite.js')
  await import('./format.suite.js')
  await import('./live.suite.js')
  await import('./money.suite.js')
  await import('./opened-file.suite.js')
  await import('./other-origin.suite.js')
  await import('./resend.suite.js')
  await import('./scale.suite.js')
  await import('./tabs.suite.js')
  await import('./try-it.suite.js')
}

t.test('every suite of the console is imported by its entry, and proved where it tries less', async t => {
  const suites = readdirSync(new URL('.', import.meta.url)).filter(file => file.endsWith('.suite.ts')).sort()
  const entry = readFileSync(new URL(import.meta.url), 'utf8')
  const imported = (line: RegExp): string[] => [...entry.matchAll(line)].map(([, name]) => `${name}.ts`)
  const proving = suites.filter(suite => readFileSync(new URL(suite, import.meta.url), 'utf8').includes('support/effort.js'))
  t.same(imported(/^import '\.\/(.*)\.js'$/gm), proving)
  t.same(imported(/^ {2}await import\('\.\/(.*)\.js'\)$/gm), suites.filter(suite => !proving.includes(suite)))
})
