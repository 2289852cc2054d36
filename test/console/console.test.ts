// All tests of the console: one process, one browser. A topic alone: npm run test:one -- test/console/console.test.ts --grep=/console.test/ --grep=/fault/
// Some suites try less than npm run prove does, which runs this file too because it names ../support/effort.js.
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import './accessibility.suite.js'
import './appearance.suite.js'
import './case-words.suite.js'
import './case.suite.js'
import './clock.suite.js'
import './connection.suite.js'
import './faults.suite.js'
import './files.suite.js'
import './format.suite.js'
import './live.suite.js'
import './money.suite.js'
import './opened-file.suite.js'
import './other-origin.suite.js'
import './proxies.suite.js'
import './requests.suite.js'
import './resend.suite.js'
import './scale.suite.js'
import './sweep-page.suite.js'
import './sweep.suite.js'
import './tabs.suite.js'
import './try-it.suite.js'
import './untrusted-site.suite.js'
import './untrusted-text.suite.js'

t.test('every suite of the console is imported by its entry', async t => {
  const suites = readdirSync(new URL('.', import.meta.url)).filter(file => file.endsWith('.suite.ts'))
  const imported = [...readFileSync(new URL(import.meta.url), 'utf8').matchAll(/^import '\.\/(.*)\.js'$/gm)].map(([, name]) => `${name}.ts`)
  t.same(imported, suites.sort())
})
