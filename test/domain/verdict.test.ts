import t from 'tap'
import { compareBooks, totalOf, type AccountBooks, type Charge, type Difference, type Holding } from '../../src/domain/account-books.js'
import { steadyIn, withoutDrawn } from '../../src/domain/drawn.js'
import { differenceIn, differenceText, verdictOf, type Ending, type RunKind } from '../../src/domain/verdict.js'
import { VERDICTS, type Verdict } from '../../src/domain/verdicts.js'

function bought (planId: number, mills: number, more: Partial<Charge> = {}): Charge {
  return { kind: 'plan-change', mills, projectId: 7, planId, requestId: '1-1', ...more }
}

function holding (projectId: number, more: Partial<Holding> = {}): Holding {
  return { projectId, name: 'shop', status: 'Active', plans: [2], apiTokens: 0, details: {}, ...more }
}

function books (account: string, charges: Charge[], projects: Holding[] = [holding(7)]): AccountBooks {
  return { account, isNamed: false, charges, projects }
}

function named (account: string, charges: Charge[], projects?: Holding[]): AccountBooks {
  return { ...books(account, charges, projects), isNamed: true }
}

const FIVE = bought(2, 5000)
const TEN = bought(3, 10_000)

t.test('the books of a run are compared account by account', async t => {
  const cases: Array<[string, AccountBooks[], AccountBooks[], string, string]> = [
    ['nothing in either', [], [], 'same', ''],
    ['the same charges', [books('a', [FIVE])], [books('a', [FIVE])], 'same', ''],
    ['the same charges, by another request', [books('a', [FIVE])], [books('a', [bought(2, 5000, { requestId: '1-9' })])], 'same', ''],
    ['the same charges in another order', [books('a', [FIVE, TEN])], [books('a', [TEN, FIVE])], 'same', ''],
    ['a charge twice', [books('a', [FIVE])], [books('a', [FIVE, FIVE])], 'more',
      'a: 5 USD for plan 2 of project 7 was charged in addition'],
    ['a renewal in addition', [books('a', [FIVE])], [books('a', [FIVE, bought(2, 5000, { kind: 'renewal', requestId: null })])], 'more',
      'a: 5 USD for a renewal of plan 2 of project 7 was charged in addition'],
    ['a dearer plan', [books('a', [FIVE])], [books('a', [TEN])], 'more',
      'a: 10 USD for plan 3 of project 7 was charged; 5 USD for plan 2 of project 7 was not charged'],
    ['one mill more', [books('a', [FIVE])], [books('a', [bought(2, 5001)])], 'more',
      'a: 5.001 USD for plan 2 of project 7 was charged; 5 USD for plan 2 of project 7 was not charged'],
    ['one mill less', [books('a', [FIVE])], [books('a', [bought(2, 4999)])], 'less',
      'a: 4.999 USD for plan 2 of project 7 was charged; 5 USD for plan 2 of project 7 was not charged'],
    ['no charge', [books('a', [FIVE])], [books('a', [])], 'less', 'a: 5 USD for plan 2 of project 7 was not charged'],
    ['one of two charges', [books('a', [FIVE, FIVE])], [books('a', [FIVE])], 'less', 'a: 5 USD for plan 2 of project 7 was not charged'],
    ['the same amount for another project', [books('a', [FIVE])], [books('a', [bought(2, 5000, { projectId: 8 })])], 'other',
      'a: 5 USD for plan 2 of project 8 was charged; 5 USD for plan 2 of project 7 was not charged'],
    ['another status', [books('a', [])], [books('a', [], [holding(7, { status: 'Expired' })])], 'other',
      'a: project 7 is Expired on plan 2, and in the reference Active on plan 2'],
    ['a project without a plan', [books('a', [])], [books('a', [], [holding(7, { plans: [] })])], 'other',
      'a: project 7 is Active without a plan, and in the reference Active on plan 2'],
    ['another plan of one service', [books('a', [], [holding(7, { plans: [2, 6] })])], [books('a', [], [holding(7, { plans: [2, 7] })])], 'other',
      'a: project 7 is Active on plan 2 and 7, and in the reference Active on plan 2 and 6'],
    ['one API token', [books('a', [])], [books('a', [], [holding(7, { apiTokens: 1 })])], 'other',
      'a: project 7 is Active on plan 2 with 1 API token, and in the reference Active on plan 2'],
    ['a second API token', [books('a', [], [holding(7, { apiTokens: 1 })])], [books('a', [], [holding(7, { apiTokens: 2 })])], 'other',
      'a: project 7 is Active on plan 2 with 2 API tokens, and in the reference Active on plan 2 with 1 API token'],
    ['a project in addition', [books('a', [])], [books('a', [], [holding(7), holding(8)])], 'other',
      'a: project 8 is Active on plan 2, and in the reference missing'],
    ['a project that is missing', [books('a', [], [holding(7), holding(8)])], [books('a', [])], 'other',
      'a: project 8 is missing, and in the reference Active on plan 2'],
    ['an account in addition, charged', [], [books('a', [FIVE], [])], 'more', 'a: 5 USD for plan 2 of project 7 was charged in addition'],
    ['an account in addition, charged nothing', [books('a', [FIVE])], [books('b', []), books('a', [FIVE])], 'same', ''],
    ['an account in addition, charged one mill', [], [books('a', [bought(2, 1)], [])], 'more', 'a: 0.001 USD for plan 2 of project 7 was charged in addition'],
    ['an account that is missing', [books('a', [FIVE], [])], [], 'less', 'a: 5 USD for plan 2 of project 7 was not charged'],
    ['more for one account and less for another', [books('a', [FIVE]), books('b', [TEN])], [books('a', [FIVE, FIVE]), books('b', [])], 'more',
      'a: 5 USD for plan 2 of project 7 was charged in addition; b: 10 USD for plan 3 of project 7 was not charged'],
    ['less for one account and something else for another', [books('a', [FIVE]), books('b', [], [])], [books('a', []), books('b', [], [holding(9)])], 'less',
      'a: 5 USD for plan 2 of project 7 was not charged; b: project 9 is Active on plan 2, and in the reference missing']
  ]
  for (const [name, reference, run, kind, says] of cases) {
    const difference = compareBooks(reference, run)
    t.equal(difference.kind, kind, name)
    t.equal(differenceText(difference), says, `${name}, in words`)
  }
})

t.test('accounts are paired by what they were charged where names were drawn', async t => {
  t.equal(compareBooks([books('one', [FIVE]), books('two', [TEN])], [books('one', [TEN]), books('two', [FIVE])]).kind, 'same',
    'two accounts that got each other\'s names are the same')
  t.same(compareBooks([books('a', [FIVE]), books('a', [TEN])], [books('a', [TEN]), books('a', [FIVE, FIVE])]).accounts.map(({ more }) => more), [[FIVE]],
    'an account that was made twice under its name')
  t.match(compareBooks([books('a', [FIVE]), books('b', [TEN])], [books('c', [FIVE]), books('b', [TEN, TEN])]).accounts, [{ account: 'b', more: [TEN] }],
    'the same books under another name, and a difference under the same')
  t.match(compareBooks([books('a', [FIVE]), books('b', [TEN])], [books('b', []), books('c', [FIVE, FIVE])]).accounts,
    [{ account: 'b', more: [], less: [TEN] }, { account: 'c', more: [FIVE], less: [] }], 'by name before the others in order')
  t.same(compareBooks([books('a', [FIVE])], [books('a', [FIVE, TEN])]).accounts[0]!.mills, { reference: 5000, run: 15_000 }, 'with both totals')
})

t.test('accounts are paired by their names where those tell whose books they are', async t => {
  const shops = (count: number): AccountBooks => named('one', Array.from({ length: count }, (_, index) => bought(2, 5000, { projectId: 1 + index })), Array.from({ length: count }, (_, index) => holding(1 + index)))
  const colours = named('two', [bought(2, 5000, { projectId: 1 }), bought(2, 5000, { projectId: 2 })], [holding(1, { name: 'red' }), holding(2, { name: 'blue' })])
  const shop = (account: string, name: string | null): AccountBooks => named(account, [FIVE], [holding(7, { name })])
  const withHook = (account: string, hook: string): AccountBooks => named(account, [FIVE], [holding(7, { details: { 'global webhook': hook } })])
  const withMain = (account: string, name: string | null): AccountBooks => named(account, [FIVE], [holding(1, { name: 'main', plans: [] }), holding(7, { name })])
  const unnamed = (...all: AccountBooks[]): AccountBooks[] => all.map(account => ({ ...account, isNamed: false }))
  const cases: Array<[string, AccountBooks[], AccountBooks[], string, string[]]> = [
    ['the wrong customer is charged', [named('a', [FIVE]), named('b', [], [holding(7, { plans: [] })])], [named('a', [], [holding(7, { plans: [] })]), named('b', [FIVE])], 'more', ['a', 'b']],
    ['names that tell nothing', [books('a', [FIVE]), books('b', [TEN])], [books('a', [TEN]), books('b', [FIVE])], 'same', []],
    ['one buys twice what another one would have bought later', [shops(1), colours], [shops(2)], 'more', ['one', 'two']],
    ['the same where names tell nothing, but those of projects do', unnamed(shops(1), colours), unnamed(shops(2)), 'more', ['one', 'two']],
    ['the same where names are drawn', unnamed(shops(1), colours), unnamed({ ...shops(2), account: 'x' }), 'more', ['x', 'two']],
    ['the same where nothing has a name that tells something', unnamed(named('one', [FIVE], [holding(7, { name: null })]), named('two', [TEN], [holding(7, { name: null })])),
      unnamed(named('x', [TEN], [holding(7, { name: null })])), 'less', ['one']],
    ['one that is left of each, whose names tell nothing', unnamed(named('one', [FIVE], [holding(7, { name: null })])), unnamed(named('x', [FIVE, FIVE], [holding(7, { name: null })])), 'more', ['x']],
    ['one that is made again, each time with its own books', [named('a', [FIVE]), named('a', [TEN]), named('b', [TEN])], [named('a', [TEN]), named('b', [TEN]), named('a', [FIVE])], 'same', []],
    ['one that is made again, and then charged twice', [named('a', [FIVE]), named('a', [TEN])], [named('a', [FIVE]), named('a', [TEN, TEN])], 'more', ['a']],
    ['names that tell nothing, nor do those of projects', [books('v', [FIVE], [holding(7, { name: 'A' })]), books('w', [TEN], [holding(7, { name: 'B' })])],
      [books('x', [TEN], [holding(7, { name: 'C' })]), books('y', [FIVE], [holding(7, { name: 'D' })])], 'same', []],
    ['a test that is tried again with another account', [named('test 0', [FIVE])], [named('test 0', []), books('test 1', [FIVE])], 'same', []],
    ['a test that is tried again after it was charged', [named('test 0', [FIVE])], [named('test 0', [FIVE]), books('test 1', [FIVE])], 'more', ['test 1']],
    ['a test that is tried again, and buys something else', [named('test 0', [FIVE])], [named('test 0', []), books('test 1', [TEN])], 'more', ['test 0', 'test 1']],
    ['counted names of tests, of which the first is tried again', [shop('c1', 'bakery'), shop('c2', 'florist'), shop('c3', 'garage')],
      [named('c1', [], []), shop('c2', 'bakery'), shop('c3', 'florist'), { ...shop('c4', 'garage'), isNamed: false }], 'same', []],
    ['the same, and it is charged at each attempt', [shop('c1', 'bakery'), shop('c2', 'florist')], [shop('c1', 'bakery'), shop('c2', 'bakery'), { ...shop('c3', 'florist'), isNamed: false }], 'more', ['c2']],
    ['names of accounts and projects by the attempt', [shop('bakery 0', 'bakery 0'), shop('florist 0', 'florist 0')],
      [named('bakery 0', [], []), { ...shop('bakery 1', null), isNamed: false }, shop('florist 0', 'florist 0')], 'same', []],
    ['names of projects by the attempt, and accounts that come with a project', unnamed(withMain('one', 'bakery 0'), withMain('two', 'florist 0')),
      unnamed(named('one', [], [holding(1, { name: 'main', plans: [] })]), withMain('two', null), withMain('three', 'florist 0')), 'same', []],
    ['the wrong customer is charged beside accounts whose names are drawn', [shop('a', 'new'), named('b', [], []), books('x', [FIVE])], [named('a', [], []), shop('b', 'new'), books('y', [FIVE])], 'more', ['a', 'b']],
    ['names by the attempt, where a later test is left out', [shop('bakery 0', 'bakery 0'), shop('florist 0', 'florist 0'), named('garage 0', [TEN], [holding(7, { name: 'garage 0' })])],
      [named('bakery 0', [], []), { ...shop('bakery 1', null), isNamed: false }, named('florist 0', [], []), { ...shop('florist 1', null), isNamed: false }], 'less', ['bakery 0']],
    ['drawn names, known by those of projects', unnamed(shop('x', 'A'), shop('y', 'B')), unnamed(named('p', [FIVE, FIVE], [holding(7, { name: 'B' })])), 'more', ['p', 'x']],
    ['drawn names, and charges in another order', unnamed(named('x', [FIVE, TEN]), named('y', [TEN, FIVE, FIVE])), unnamed(named('p', [FIVE, FIVE, TEN]), named('q', [TEN, FIVE])), 'same', []],
    ['drawn names, and other webhooks', unnamed(withHook('x', 'one'), withHook('y', 'two')), unnamed(withHook('p', 'two'), withHook('q', 'one')), 'same', []],
    ['drawn names, and counted ones of projects', unnamed(named('x', [bought(2, 5000, { projectId: 7 }), bought(2, 5000, { projectId: 8 })], [holding(7, { name: 'n1' }), holding(8, { name: 'n3' })]), named('y', [TEN], [holding(7, { name: 'n2' })])),
      unnamed(named('p', [TEN], [holding(7, { name: 'n1' })]), named('q', [bought(2, 5000, { projectId: 7 }), bought(2, 5000, { projectId: 8 })], [holding(7, { name: 'n2' }), holding(8, { name: 'n3' })])), 'same', []],
    ['one under a name that the reference lacks', [named('a', [FIVE])], [books('c', [FIVE])], 'same', []]
  ]
  for (const [name, reference, run, kind, accounts] of cases) {
    const difference = compareBooks(reference, run)
    t.equal(difference.kind, kind, name)
    t.same(difference.accounts.map(({ account }) => account), accounts, name)
  }
})

t.test('projects are compared by their names where both have them', async t => {
  const on = (projectId: number, planId: number, name: string | null, more: Partial<Holding> = {}): [Charge, Holding] =>
    [bought(planId, 1000 * planId, { projectId }), holding(projectId, { name, plans: [planId], ...more })]
  const of = (...projects: Array<[Charge, Holding]>): AccountBooks[] => [books('a', projects.map(([charge]) => charge), projects.map(([, project]) => project))]
  const free = (...names: string[]): AccountBooks[] => [books('a', [], names.map((name, index) => holding(7 + index, { name })))]
  const cases: Array<[string, AccountBooks[], AccountBooks[], string, string]> = [
    ['created in another order', of(on(7, 2, 'A'), on(8, 3, 'B')), of(on(7, 3, 'B'), on(8, 2, 'A')), 'same', ''],
    ['three that change places', of(on(7, 2, 'A'), on(8, 3, 'B'), on(9, 4, 'C')), of(on(7, 3, 'B'), on(8, 4, 'C'), on(9, 2, 'A')), 'same', ''],
    ['names that tell nothing', of(on(7, 2, null), on(8, 3, null)), of(on(7, 3, null), on(8, 2, null)), 'same', ''],
    ['several of one name, of which one has kept its number', of(on(7, 2, 'A'), on(8, 3, 'A'), on(9, 4, 'B')), of(on(7, 4, 'B'), on(8, 3, 'A'), on(9, 2, 'A')), 'same', ''],
    ['several of one name that change places', of(on(7, 2, 'A'), on(8, 3, 'A')), of(on(7, 3, 'A'), on(8, 2, 'A')), 'same', ''],
    ['names that tell nothing, of which one was bought', [books('a', [bought(2, 5000, { projectId: 7 })], [holding(7, { name: null }), holding(8, { name: null })])],
      [books('a', [bought(2, 5000, { projectId: 8 })], [holding(7, { name: null }), holding(8, { name: null })])], 'same', ''],
    ['names that tell nothing, and other plans', of(on(7, 2, null), on(8, 3, null)), of(on(7, 2, null), on(8, 2, null)), 'less',
      'a: 2 USD for plan 2 of project 8 was charged; 3 USD for plan 3 of project 8 was not charged'],
    ['a name that counts attempts', of(on(7, 2, 'A'), on(8, 3, 'B')), of(on(7, 2, 'B'), on(8, 3, null)), 'same', ''],
    ['one that got what belongs to another one', of(on(7, 2, 'A'), on(8, 3, 'B')), of(on(7, 2, 'B'), on(8, 3, 'A')), 'other',
      'a: project 7 has the name of project 8 in the reference, and not what belongs to that; project 8 has the name of project 7 in the reference, and not what belongs to that'],
    ['one that is bought twice in place of another', of(on(7, 2, 'A'), on(8, 2, 'B')), of(on(7, 2, 'A'), on(8, 2, 'A')), 'more',
      'a: 2 USD for plan 2 of project 8 was charged in addition'],
    ['one that is bought twice in place of two others', of(on(7, 2, 'A'), on(8, 2, 'B'), on(9, 3, 'C')), of(on(7, 2, 'A'), on(8, 2, 'A')), 'more',
      'a: 2 USD for plan 2 of project 8 was charged in addition'],
    ['one that is bought twice, and charged in addition', of(on(7, 2, 'A'), on(8, 2, 'B')), of(on(7, 2, 'A'), on(8, 2, 'A'), on(9, 2, 'B')), 'more',
      'a: 2 USD for plan 2 of project 9 was charged in addition'],
    ['several of one name', of(on(7, 2, 'A'), on(8, 2, 'A')), of(on(7, 2, 'A'), on(8, 2, 'A')), 'same', ''],
    ['created twice for nothing in place of another', free('A', 'B'), free('A', 'A'), 'other', 'a: project 8 has the name of project 7'],
    ['created twice for nothing, and then bought', of(on(7, 2, 'A')), [books('a', [bought(2, 2000, { projectId: 8 })], [holding(7, { name: 'A', plans: [1] }), holding(8, { name: 'A' })])], 'other',
      'a: project 7 has the name of project 8'],
    ['created twice for nothing, and another one bought', of(on(7, 2, 'A'), on(8, 3, 'B')),
      [books('a', [bought(2, 2000, { projectId: 7 }), bought(3, 3000, { projectId: 9 })], [holding(7, { name: 'A' }), holding(8, { name: 'A', plans: [1] }), holding(9, { name: 'B', plans: [3] })])], 'other',
      'a: project 8 has the name of project 7'],
    ['created twice for nothing, and another one not bought', of(on(7, 2, 'A'), on(8, 3, 'B')),
      [books('a', [bought(2, 2000, { projectId: 7 })], [holding(7, { name: 'A' }), holding(8, { name: 'A', plans: [1] }), holding(9, { name: 'B', plans: [1] })])], 'less',
      'a: 3 USD for plan 3 of project 8 was not charged'],
    ['created twice for nothing', free('A'), free('A', 'A'), 'other', 'a: project 8 is Active on plan 2, and in the reference missing'],
    ['one that the reference lacks, with the number of one that moved', free('A', 'B'), [books('a', [], [holding(7, { name: 'B' }), holding(8, { name: null }), holding(9, { name: 'A' })])], 'other',
      'a: project 9 is Active on plan 2, and in the reference missing'],
    ['another webhook', of(on(7, 2, 'A', { details: { 'global webhook': 'x' } })), of(on(7, 2, 'A', { details: { 'global webhook': 'y' } })), 'other',
      'a: project 7 has another global webhook than in the reference'],
    ['a webhook that is not set', of(on(7, 2, 'A', { details: { 'global webhook': 'x' } })), of(on(7, 2, 'A')), 'other',
      'a: project 7 has another global webhook than in the reference'],
    ['a webhook that tells nothing', of(on(7, 2, 'A')), of(on(7, 2, 'A', { details: { 'global webhook': 'y' } })), 'same', ''],
    ['webhooks that moved with their projects', of(on(7, 2, 'A', { details: { 'global webhook': 'x' } }), on(8, 2, 'B')), of(on(7, 2, 'B'), on(8, 2, 'A', { details: { 'global webhook': 'x' } })), 'same', '']
  ]
  for (const [name, reference, run, kind, says] of cases) {
    const difference = compareBooks(reference, run)
    t.equal(difference.kind, kind, name)
    t.equal(differenceText(difference), says, `${name}, in words`)
  }
})

t.test('what a client draws is what the runs of the reference do not have equally often', async t => {
  const run = (...projects: Array<[string, string]>): AccountBooks[] => [books('a', [], projects.map(([name, hook], index) => holding(7 + index, { name, details: { hook } })))]
  const left = (...runs: AccountBooks[][]): unknown => withoutDrawn(runs[0]!, steadyIn(runs))[0]!.projects.map(({ name, details }) => [name, details.hook])
  t.same(left(run(['A', 'x'], ['B', ''])), [['A', 'x'], ['B', '']], 'nothing can be told from one run')
  t.same(left(run(['A', 'x'], ['B', '']), run(['A', 'y'], ['C', ''])), [['A', undefined], [null, '']])
  t.same(left(run(['A', ''], ['B', '']), run(['B', ''], ['A', ''])), [['A', ''], ['B', '']], 'in any order')
  t.same(left(run(['A', ''], ['A', '']), run(['A', ''], ['B', ''])), [[null, ''], [null, '']], 'or a name is drawn from few')
  t.same(left(run(['A', '']), run(['A', '']), run(['B', ''])), [[null, '']], 'in all runs')
  t.same(left(run(['A', '']), []), [[null, undefined]])
  const bookedFor = (...charges: Charge[]): AccountBooks[] => [books('a', charges, [holding(7, { name: 'A' }), holding(8, { name: 'B' })])]
  t.same(left(bookedFor(FIVE, bought(2, 5000, { projectId: 8 })), bookedFor(FIVE)), [['A', undefined], [null, undefined]], 'a name that is counted is booked otherwise each time')
})

t.test('the name of an account tells whose books they are where each run of the reference books the same under it', async t => {
  const isNamed = (...runs: AccountBooks[][]): boolean[] => withoutDrawn(runs[0]!, steadyIn(runs)).map(account => account.isNamed)
  const both = (one: string, two: string): AccountBooks[] => [named(one, [FIVE, TEN], [holding(7), holding(8, { plans: [3] })]), named(two, [TEN])]
  t.same(isNamed(both('a', 'b')), [true, true], 'nothing can be told from one run')
  t.same(isNamed(both('a', 'b'), both('a', 'b').reverse()), [true, true], 'in any order')
  t.same(isNamed(both('a', 'b'), [named('a', [bought(3, 10_000, { projectId: 8 }), bought(2, 5000, { projectId: 9 })], [holding(8, { name: 'x', plans: [3] }), holding(9)]), named('b', [TEN])]), [true, true], 'whatever the order, the numbers and the names of its projects')
  t.same(isNamed(both('a', 'b'), both('b', 'a')), [false, false], 'counted by tests that run side by side')
  t.same(isNamed(both('a', 'b'), both('a', 'c')), [true, false], 'drawn')
  t.same(isNamed(both('a', 'b'), [named('a', [FIVE], [holding(7), holding(8, { plans: [3] })]), named('b', [TEN])]), [false, true], 'charged otherwise')
  t.same(isNamed(both('a', 'b'), [named('a', [FIVE, TEN], [holding(7), holding(8)]), named('b', [TEN])]), [false, true], 'or with other plans')
  t.same(isNamed([named('a', [FIVE]), named('a', [TEN])], [named('a', [TEN]), named('a', [FIVE])]), [true, true], 'made again, in any order')
  t.same(isNamed([books('account-1', [FIVE])], [books('account-1', [FIVE])]), [false], 'a generated one tells nothing')
})

t.test('charges add up', async t => {
  t.equal(totalOf([]), 0)
  t.equal(totalOf([FIVE, TEN]), 15_000)
})

t.test('the verdict on a run', async t => {
  const table: Array<[Parameters<typeof verdictOf>[0], Ending, Verdict, Verdict]> = [
    // books, ending, and the verdict where the faulty call had not charged, and where it had
    ['same', 'success', 'recovered', 'recovered'],
    ['same', 'failure', 'failed', 'charged-but-failed'],
    ['same', 'timeout', 'hung', 'hung'],
    ['same', 'signal', 'crashed', 'crashed'],
    ['more', 'success', 'double-charge', 'double-charge'],
    ['more', 'failure', 'double-charge', 'double-charge'],
    ['more', 'timeout', 'double-charge', 'double-charge'],
    ['more', 'signal', 'double-charge', 'double-charge'],
    ['less', 'success', 'false-success', 'false-success'],
    ['less', 'failure', 'failed-cleanly', 'charged-but-failed'],
    ['less', 'timeout', 'hung', 'hung'],
    ['less', 'signal', 'crashed', 'crashed'],
    ['other', 'success', 'false-success', 'false-success'],
    ['other', 'failure', 'failed', 'charged-but-failed'],
    ['other', 'timeout', 'hung', 'hung'],
    ['other', 'signal', 'crashed', 'crashed']
  ]
  for (const [difference, ending, uncharged, charged] of table) {
    t.equal(verdictOf(difference, { ending, isReached: true, hasCharged: false }), uncharged, `${difference}, ${ending}`)
    t.equal(verdictOf(difference, { ending, isReached: true, hasCharged: true }), charged, `${difference}, ${ending}, charged`)
    t.equal(verdictOf(difference, { ending, isReached: false, hasCharged: false }), 'not-reached', `${difference}, ${ending}, not reached`)
  }
})

t.test('what a verdict means', async t => {
  const marks = Object.fromEntries(Object.entries(VERDICTS).map(([name, { mark }]) => [name, mark]))
  t.same(marks, {
    recovered: 'pass',
    failed: 'pass',
    'failed-cleanly': 'pass',
    'charged-but-failed': 'warning',
    'double-charge': 'failure',
    'false-success': 'failure',
    hung: 'failure',
    crashed: 'failure',
    'not-reached': 'none'
  })
  for (const [name, { says }] of Object.entries(VERDICTS)) t.match(says, /^(the command|customers|a signal|the run) .* /, name)
})

t.test('where the rules are read otherwise, only what a command buys is compared', async t => {
  const renewal = bought(2, 5000, { kind: 'renewal', requestId: null })
  const other = bought(2, 5000, { projectId: 8 })
  const cases: Array<[string, Charge[], Charge[], Record<RunKind, string>]> = [
    ['the same', [FIVE], [FIVE], { fault: 'same', dialect: 'same', question: 'same', instant: 'same' }],
    ['another price', [FIVE], [bought(2, 3000)], { fault: 'less', dialect: 'less', question: 'same', instant: 'same' }],
    ['a higher price', [FIVE], [bought(2, 9000)], { fault: 'more', dialect: 'more', question: 'same', instant: 'same' }],
    ['the same plan twice', [FIVE], [FIVE, FIVE], { fault: 'more', dialect: 'more', question: 'more', instant: 'more' }],
    ['the same plan twice, at another price', [FIVE], [bought(2, 1000), bought(2, 2000)], { fault: 'less', dialect: 'less', question: 'more', instant: 'more' }],
    ['three times instead of twice', [FIVE, FIVE], [FIVE, FIVE, FIVE], { fault: 'more', dialect: 'more', question: 'more', instant: 'more' }],
    ['a plan that the reference does not buy', [], [FIVE], { fault: 'more', dialect: 'more', question: 'same', instant: 'same' }],
    ['a plan for another project', [FIVE], [FIVE, other], { fault: 'more', dialect: 'more', question: 'same', instant: 'same' }],
    ['another plan for the project', [FIVE], [FIVE, TEN], { fault: 'more', dialect: 'more', question: 'same', instant: 'same' }],
    ['one more renewal', [FIVE], [FIVE, renewal], { fault: 'more', dialect: 'more', question: 'same', instant: 'same' }],
    ['a renewal less', [FIVE, renewal], [FIVE], { fault: 'less', dialect: 'less', question: 'same', instant: 'same' }],
    ['a renewal more often', [FIVE, renewal], [FIVE, renewal, renewal], { fault: 'more', dialect: 'more', question: 'same', instant: 'same' }],
    ['no purchase', [FIVE], [], { fault: 'less', dialect: 'less', question: 'same', instant: 'less' }],
    ['a renewal in place of a purchase', [FIVE], [renewal], { fault: 'other', dialect: 'other', question: 'same', instant: 'less' }]
  ]
  for (const [name, reference, run, kinds] of cases) {
    for (const [kind, expected] of Object.entries(kinds)) {
      t.equal(differenceIn(kind as RunKind, [books('a', reference)], [books('a', run)]).kind, expected, `${name}: ${kind}`)
    }
  }
  t.equal(differenceIn('question', [books('a', [FIVE]), books('b', [FIVE])], [books('a', [FIVE, FIVE]), books('b', [])]).kind, 'same',
    'bought twice by one account and not by the other is as often')
  t.equal(differenceIn('question', [books('a', [], [holding(7)])], [books('a', [], [])]).kind, 'same', 'what a customer has may differ')
  const left: Array<[string, AccountBooks[], AccountBooks[], Difference['kind']]> = [
    ['a plan that was not bought, and that the project is not on', [books('a', [FIVE])], [books('a', [], [holding(7, { plans: [1] })])], 'less'],
    ['a plan that was not bought, in place of another one', [books('a', [FIVE])], [books('a', [TEN], [holding(7, { plans: [3] })])], 'same'],
    ['a plan that was not bought, where another account buys the same', [books('a', [FIVE]), books('b', [FIVE])], [books('a', [FIVE]), books('b', [], [holding(7, { plans: [1] })])], 'less'],
    ['a plan that was not bought, as the project is on it', [books('a', [FIVE])], [books('a', [])], 'same'],
    ['a plan that the project is on in neither', [books('a', [FIVE], [holding(7, { plans: [1] })])], [books('a', [], [holding(7, { plans: [1] })])], 'same'],
    ['a plan that was bought and lapsed', [books('a', [FIVE])], [books('a', [FIVE], [holding(7, { plans: [1] })])], 'same'],
    ['a project that was not created', [books('a', [FIVE])], [books('a', [], [])], 'less'],
    ['a project whose number another one has', [books('a', [FIVE], [holding(7, { name: 'A' }), holding(8, { name: 'B', plans: [3] })])], [books('a', [], [holding(7, { name: 'B', plans: [3] })])], 'less'],
    ['a plan that was bought and lapsed, and one that was needless', [books('a', [FIVE, other], [holding(7), holding(8)])], [books('a', [FIVE], [holding(7, { plans: [1] }), holding(8)])], 'same'],
    ['a plan that was bought in another account, too', [books('a', [], [holding(7, { plans: [1] })]), books('b', [FIVE])], [books('a', [FIVE]), books('b', [FIVE])], 'same'],
    ['a plan that was bought in another account instead', [books('a', [FIVE]), books('b', [], [holding(7, { plans: [1] })])], [books('a', [], [holding(7, { plans: [1] })]), books('b', [FIVE])], 'same'],
    ['a plan that was bought again, and in another account not', [books('a', [FIVE]), books('b', [FIVE]), books('c', [TEN])], [books('a', [FIVE, FIVE]), books('b', []), books('c', [])], 'same']
  ]
  for (const [name, before, after, expected] of left) t.equal(differenceIn('question', before, after).kind, expected, name)
  const twice = (...names: Array<string | null>): AccountBooks[] => [books('a', [FIVE, FIVE], names.map((name, index) => holding(7 + index, { name })))]
  const once = (...names: string[]): AccountBooks[] => [books('a', [FIVE], names.map((name, index) => holding(7 + index, { name })))]
  const numbered: Array<[string, AccountBooks[], AccountBooks[], Difference['kind']]> = [
    ['the same project', once('A', 'B'), twice('A'), 'more'],
    ['a project that has the number of another one', once('A', 'B'), twice('B'), 'same'],
    ['a project whose name the reference lacks', once('A', 'B'), twice('C'), 'more'],
    ['a project whose name is drawn', once('A', 'B'), twice(null), 'more'],
    ['projects of one name', once('A', 'A'), twice('A'), 'more'],
    ['one in place of another of its name, which has the number of a third', [books('a', [bought(2, 5000, { projectId: 8 })], [holding(7, { name: 'A', plans: [4] }), holding(8, { name: 'B' })])],
      [books('a', [8, 9].map(projectId => bought(2, 5000, { projectId })), [holding(7, { name: 'A', plans: [4], status: 'Delete' }), holding(8, { name: 'A' }), holding(9, { name: 'B' })])], 'same'],
    ['a project that is removed', once('A'), twice(), 'more']
  ]
  for (const kind of ['question', 'instant'] as const) for (const [name, before, after, expected] of numbered) t.equal(differenceIn(kind, before, after).kind, expected, `${kind}: ${name}`)
  t.match(differenceIn('question', [books('a', [FIVE])], [books('a', [bought(2, 3000)])]).accounts, [{ account: 'a' }], 'and is still said')
})
