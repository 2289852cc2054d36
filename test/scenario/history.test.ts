import t from 'tap'
import { instant, problemOf, read, world } from '../support/scenario.js'

const AT = '2020-07-16T23:59:59Z'
const renewed = { at: AT, event: 'renewed', project_id: 1, service: 1, plan_id: 2, amount: '5', balance: '95' }
const expired = { at: AT, event: 'expired', project_id: 1, service: 2, plan_id: 7, reason: 'balance-too-low', price: '29', balance: '28.999' }
const deleted = { at: AT, event: 'deleted', project_id: 1 }
const moved = { at: AT, event: 'clock-moved', from: '2020-06-16', mode: 'frozen' }
const movedWithWorld = { ...moved, event: 'world-clock-moved', mode: 'running' }

t.test('a history is read event by event', t => {
  const { accounts, history } = read({ ...world({ history: [moved, renewed, expired, deleted, movedWithWorld] }) as object, history: [moved] })
  const at = instant(AT)
  const move = { at, event: 'clock-moved', from: instant('2020-06-16'), mode: 'frozen' }
  t.strictSame(accounts[0]!.history, [
    move,
    { at, event: 'renewed', projectId: 1, service: 1, planId: 2, priceMills: 5000, balanceMills: 95_000 },
    { at, event: 'expired', projectId: 1, service: 2, planId: 7, reason: 'balance-too-low', priceMills: 29_000, balanceMills: 28_999 },
    { at, event: 'deleted', projectId: 1 },
    { ...move, event: 'world-clock-moved', mode: 'running' }
  ])
  t.strictSame(history, [move])
  t.strictSame(read(world({ history: [] })).accounts[0]!.history, [])
  t.end()
})

t.test('a wrong event is refused at its place', t => {
  const without = (event: object, key: string): object => Object.fromEntries(Object.entries(event).filter(([name]) => name !== key))
  const of = (event: object): unknown => world({ history: [deleted, event] })
  const there = '/accounts/0/history/1'
  const cases: ReadonlyArray<[name: string, given: unknown, pointer: string, found: string, expected: RegExp]> = [
    ...([[renewed, ['project_id', 'service', 'plan_id', 'amount', 'balance']], [expired, ['project_id', 'service', 'plan_id', 'reason', 'price', 'balance']], [deleted, ['project_id']], [moved, ['from', 'mode']], [movedWithWorld, ['from', 'mode']]] as const)
      .flatMap(([event, keys]) => keys.map((key): typeof cases[number] => [`${event.event} without ${key}`, of(without(event, key)), `${there}/${key}`, 'nothing', /./])),
    ['a price in a renewal', of({ ...renewed, price: '5' }), `${there}/price`, '"5"', /^no value: renewed has no price$/],
    ['an amount in an expiry', of({ ...expired, amount: '5' }), `${there}/amount`, '"5"', /^no value: expired has no amount$/],
    ['a project in a move', of({ ...moved, project_id: 5 }), `${there}/project_id`, '5', /^no value: clock-moved has no project_id$/],
    ['a move to no instant', of({ ...moved, at: 'x' }), `${there}/at`, '"x"', /ISO 8601/],
    ['a move from no instant', of({ ...moved, from: 'x' }), `${there}/from`, '"x"', /ISO 8601/],
    ['an unknown event', of({ ...moved, event: 'gone' }), `${there}/event`, '"gone"', /^one of renewed, expired, lapsed, deleted, clock-moved, world-clock-moved$/],
    ['an unknown reason', of({ ...expired, reason: 'why' }), `${there}/reason`, '"why"', /^one of balance-too-low, auto-renew-off, api-disabled$/],
    ['an unknown key', of({ ...deleted, why: 1 }), `${there}/why`, 'an unknown key', /^at, event, project_id/],
    ['more than a thousand events', world({ history: Array(1001).fill(deleted) }), '/accounts/0/history', '[{"at":"2020-07-16T23:59:59Z","event":"deleted","...', /^a list of at most 1000 events$/],
    ['an event of an account in the world\'s history', { history: [moved, deleted] }, '/history/1/event', '"deleted"', /^clock-moved, as the world's history has no other events$/],
    ['the copy of a move in the world\'s history', { history: [movedWithWorld] }, '/history/0/event', '"world-clock-moved"', /^clock-moved,/]
  ]
  for (const [name, given, pointer, found, expected] of cases) {
    const { issues } = problemOf(() => read(given))
    t.match(issues, [{ pointer, found, expected }], name)
    t.equal(issues.length, 1, name)
  }
  t.equal(read(world({ history: Array(1000).fill(deleted) })).accounts[0]!.history.length, 1000)
  t.end()
})
