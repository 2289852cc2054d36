import t from 'tap'
import { collectAliases } from '../../src/case/aliases.js'
import { derivedTokens, searchIn, type DerivedToken } from '../../src/case/derived-tokens.js'
import { deriveApiToken } from '../../src/world/generated.js'

/** Candidates, and how many of them were derived. */
function counted (candidates: Iterable<DerivedToken>) {
  let count = 0
  function * all (): Iterable<DerivedToken> {
    for (const candidate of candidates) {
      count++
      yield candidate
    }
  }
  return { all: all(), count: () => count }
}

t.test('each candidate is derived once, however many tokens are looked for, and none before it is needed', async t => {
  const { all, count } = counted(derivedTokens('master', [1, 2, 3], 100))
  const find = searchIn(all, { left: Infinity })
  t.strictSame(find(deriveApiToken('master', 1, 2)), { token: deriveApiToken('master', 1, 2), projectId: 1, index: 2 })
  t.equal(count(), 3)
  for (let number = 0; number < 50; number++) t.equal(find(deriveApiToken('another', number, 0)), undefined)
  t.match(find(deriveApiToken('master', 3, 99)), { projectId: 3, index: 99 })
  t.equal(count(), 300)
})

t.test('what can be no derived token costs nothing', async t => {
  const { all, count } = counted(derivedTokens('master', [1], 10))
  const find = searchIn(all, { left: Infinity })
  for (const token of ['', 'by hand', 'F'.repeat(40), 'f'.repeat(39), 'f'.repeat(41)]) t.equal(find(token), undefined)
  t.equal(count(), 0)
})

t.test('looking for one token, and for all, has its bound', async t => {
  const { all, count } = counted(derivedTokens('master', [1], 9000))
  const budget = { left: 7000 }
  const find = searchIn(all, budget)
  const unknown = 'f'.repeat(40)
  find(unknown)
  t.equal(count(), 4000)
  for (let times = 0; times < 3; times++) find(unknown)
  t.equal(count(), 7000)
  t.equal(budget.left, 0)
  t.equal(find(deriveApiToken('master', 1, 7000)), undefined)
})

t.test('tokens that nothing derives have their aliases, however many a project has', async t => {
  const { addScenario, addRequest, aliases } = collectAliases()
  const tokens = Array.from({ length: 500 }, (_, index) => ({ token: `by-hand-${index}-7f21` }))
  addScenario({ accounts: [{ name: 'demo', token: 'S3cret-of-demo-7f21', projects: [{ project_id: 1, api_tokens: tokens }] }] })
  addRequest('demo', JSON.stringify({ token: 'f'.repeat(40) }))
  const { in: replaced } = aliases()
  t.equal(replaced({ token: tokens.at(-1)!.token }).token, 'token-of-demo-1-500')
  t.equal(replaced({ token: 'f'.repeat(40) }).token, 'token-of-demo-2')
})
