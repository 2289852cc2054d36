import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Scenario } from '../../src/contract/scenario.js'
import type { StartOptions } from '../../src/contract/start-options.js'
import { settledBy } from '../../src/sweep/settled.js'

const WORLD: Scenario = { settings: { assumptions: { 'same-plan': 'charge-again' }, wire: { types: 'table', message: 'bare' } } }
const own = (...names: string[]) => ({ settings: { assumptions: Object.fromEntries(names.map(name => [name, name === 'auto-renew' ? 'off' : 'revive'])) } })

t.test('a question is settled by an option, by the scenario\'s world, or by each of its accounts', async t => {
  const file = join(t.testdir(), 'world.json')
  writeFileSync(file, JSON.stringify(WORLD))
  const rows: ReadonlyArray<readonly [what: string, options: StartOptions, questions: readonly string[], wire: object]> = [
    ['nothing', {}, [], {}],
    ['options', { assume: { 'month-length': '30-days' }, wire: { types: 'table' } }, ['month-length'], { types: 'table' }],
    ['a scenario', { scenario: WORLD }, ['same-plan'], { types: 'table', message: 'bare' }],
    ['a file', { scenario: file }, ['same-plan'], { types: 'table', message: 'bare' }],
    ['both, of which options win', { scenario: WORLD, assume: { 'same-plan': 'refuse', 'auto-renew': 'off' }, wire: { types: 'sample' } }, ['same-plan', 'auto-renew'], { types: 'sample', message: 'bare' }],
    ['its only account', { scenario: { accounts: [own('auto-renew')] } }, ['auto-renew'], {}],
    ['each of its accounts', { scenario: { accounts: [own('auto-renew', 'expired-project'), own('auto-renew')] } }, ['auto-renew'], {}],
    ['one of its accounts', { scenario: { accounts: [own('auto-renew'), {}] } }, [], {}],
    ['its world and its account', { scenario: { ...WORLD, accounts: [own('auto-renew')] } }, ['same-plan', 'auto-renew'], { types: 'table', message: 'bare' }]
  ]
  for (const [what, options, questions, wire] of rows) t.same(settledBy(options), { questions, wire, fixed: [] }, what)
})

t.test('where each run has an account, that one settles, not those of the scenario', async t => {
  const scenario = { accounts: [own('auto-renew')] }
  t.same(settledBy({ scenario }, {}), { questions: [], wire: {}, fixed: [] })
  t.same(settledBy({ scenario, wire: { types: 'sample', message: 'bare' } }, { settings: { ...own('expired-project').settings, wire: { types: 'table' } } }),
    { questions: ['expired-project'], wire: { types: 'table', message: 'bare' }, fixed: [] })
})

t.test('what each account of the scenario has of a dialect can\'t be varied', async t => {
  const [table, both] = [{ settings: { wire: { types: 'table' } } }, { settings: { wire: { message: 'bare', types: 'sample' } } }] as const
  for (const [accounts, fixed] of [[[table], ['types']], [[both, table], ['types']], [[both, {}], []], [[both, both], ['message', 'types']]] as const) {
    t.same(settledBy({ scenario: { accounts } }), { questions: [], wire: {}, fixed })
    t.same(settledBy({ scenario: { accounts } }, table), { questions: [], wire: { types: 'table' }, fixed: [] })
  }
})

t.test('a scenario that is wrong is told with its place', async t => {
  const file = join(t.testdir(), 'wrong.json')
  writeFileSync(file, '{"settings":\n{"wire":1}}')
  t.throws(() => settledBy({ scenario: file }), { name: 'Problem', message: /wrong\.json:2:9: the scenario is wrong at \/settings\/wire: found 1/ })
})
