import t from 'tap'
import { chargedLines } from '../../src/cli/charged.js'
import type { AccountBooks, Charge } from '../../src/domain/account-books.js'

const charge = (mills: number, kind: Charge['kind'] = 'plan-change'): Charge => ({ kind, mills, projectId: 1, planId: 2, requestId: null })
const books = (account: string, ...charges: Charge[]): AccountBooks => ({ account, isNamed: true, charges, projects: [] })

t.test('what was charged since is listed, account by account, with the sum of more than one', async t => {
  t.strictSame(chargedLines([books('a', charge(5000))], [books('a', charge(5000))]), ['no account was charged'])
  t.strictSame(chargedLines([], []), ['no account was charged'])
  t.strictSame(chargedLines([], [books('a', charge(5000))]), ['a was charged 5 USD for plan 2 of project 1'])
  t.strictSame(chargedLines([books('a', charge(5000)), books('b')], [books('a', charge(5000), charge(5000)), books('b', charge(250, 'renewal'))]), [
    'a was charged 5 USD for plan 2 of project 1',
    'b was charged 0.25 USD for a renewal of plan 2 of project 1',
    '5.25 USD in all'
  ])
})

t.test('what an account was charged before it was reset counts, and what it began with does not', async t => {
  const began = books('a', charge(1000))
  t.strictSame(chargedLines([began], [books('a', charge(1000), charge(5000)), began]), ['a was charged 5 USD for plan 2 of project 1'])
})

t.test('ten charges are listed, and more are counted', async t => {
  const lines = (count: number): string[] => chargedLines([], [books('a', ...Array.from({ length: count }, () => charge(1000)))])
  t.equal(lines(10).length, 11)
  t.equal(lines(10).at(-1), '10 USD in all')
  t.equal(lines(11).length, 11)
  t.equal(lines(11).at(-1), 'and 1 more charge, 11 USD in all')
  t.equal(lines(5000).at(-1), 'and 4990 more charges, 5000 USD in all')
})
