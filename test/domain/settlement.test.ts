import fc from 'fast-check'
import t from 'tap'
import type { LedgerEntry } from '../../src/domain/account.js'
import { DEFAULT_CHOICES, type Choices, type RestsOn } from '../../src/domain/assumptions.js'
import { audit } from '../../src/domain/audit.js'
import type { BillingEvent } from '../../src/domain/billing-events.js'
import { parseCutoff } from '../../src/domain/cutoff.js'
import { FIRST_INSTANT, instantText, LAST_CYCLE_END, LAST_INSTANT, parseInstant, type Instant } from '../../src/domain/clock.js'
import { usd, type Mills } from '../../src/domain/money.js'
import type { Plan, PlanTable, Service } from '../../src/domain/plan.js'
import { dueAt, KEPT_WHEN_EXPIRED, type ProjectBilling, type ProjectStatus, type Subscription } from '../../src/domain/project.js'
import { settle, type Settlement } from '../../src/domain/settlement.js'
import { DEFAULT_SETTINGS } from '../../src/domain/settings.js'
import { bundledPlans } from '../../src/scenario/bundled.js'

const PLANS: PlanTable = new Map(bundledPlans().map(plan => [plan.planId, plan]))
const GIFT: Plan = { planId: 2, name: 'a gift', service: 1, price: { mills: 0, cycle: 'month' } }
const GIVEN_AWAY: PlanTable = new Map(PLANS).set(2, GIFT)
/** The least that a plan can cost. */
const FOR_A_MILL: PlanTable = new Map(PLANS).set(2, { ...GIFT, price: { mills: 1, cycle: 'month' } })

const at = (text: string): Instant => parseInstant(text)!

/** A subscription whose cycle ends with a day, or at an instant. */
const on = (planId: number, until: string): Subscription =>
  ({ service: planId < 7 ? 1 : 2, planId, nextBillingAt: at(until.includes('T') ? until : `${until}T23:59:59Z`) })

const project = (projectId: number, ...subscriptions: Subscription[]): ProjectBilling => ({ projectId, status: 'Active', subscriptions })
const expired = (projectId: number, ...subscriptions: Subscription[]): ProjectBilling => ({ ...project(projectId, ...subscriptions), status: 'Expired' })
const gone = (projectId: number, ...subscriptions: Subscription[]): ProjectBilling => ({ ...project(projectId, ...subscriptions), status: 'Delete' })

interface Given {
  balance?: Mills
  projects: readonly ProjectBilling[]
  now: string
  choices?: Partial<Choices>
  plans?: PlanTable
  most?: number
}

function settled ({ balance = 100_000, projects, now, choices, plans = PLANS, most }: Given): Settlement {
  const before = structuredClone(projects)
  const settlement = settle({ name: 'demo', balanceMills: balance }, projects, plans, { ...DEFAULT_SETTINGS, assumptions: { ...DEFAULT_CHOICES, ...choices } }, at(now), most ?? Infinity)
  t.same(projects, before, 'what it was given is not changed')
  return settlement
}

/** Such as `2020-07-16T23:59:59Z renewed 1/1 on 2 for 5 of 100`. */
function shown (happening: BillingEvent): string {
  const { at, event, projectId } = happening
  const what = `${instantText(at)} ${event} ${projectId}`
  if (happening.event === 'deleted') return what
  const { service, planId } = happening
  return happening.event !== 'renewed' ? `${what}/${service} on ${planId}: ${happening.reason}, ${usd(happening.priceMills)} of ${usd(happening.balanceMills)}` : `${what}/${service} on ${planId} for ${usd(happening.priceMills)} leaves ${usd(happening.balanceMills)}`
}

/** A project without the names of what it rests on. */
const plain = ({ statusRestsOn: _, subscriptions, ...rest }: ProjectBilling): ProjectBilling =>
  ({ ...rest, subscriptions: subscriptions.map(({ restsOn: _, ...subscription }) => subscription) })

const END = '2020-07-16T23:59:59Z'
const ONE = project(1, on(2, '2020-07-16'))
const MANY = Array.from({ length: 12 }, (_none, index) => index + 1)

/** What is given, what happens, and how the projects that changed stand then. */
const CASES: Array<[string, Given, string[], ProjectBilling[]]> = [
  ['nothing one millisecond before a cycle ends', { projects: [ONE], now: '2020-07-16T23:59:58.999Z' }, [], []],
  ['a cycle that ends now is renewed', { projects: [ONE], now: END }, [`${END} renewed 1/1 on 2 for 5 leaves 95`], [project(1, on(2, '2020-08-16'))]],
  ['cycle after cycle, each at its end', { projects: [ONE], now: '2020-09-20' },
    [`${END} renewed 1/1 on 2 for 5 leaves 95`, '2020-08-16T23:59:59Z renewed 1/1 on 2 for 5 leaves 90', '2020-09-16T23:59:59Z renewed 1/1 on 2 for 5 leaves 85'], [project(1, on(2, '2020-10-16'))]],
  ['a year', { projects: [project(1, on(6, '2020-02-29'))], balance: 500_000, now: '2021-02-28T23:59:59Z' },
    ['2020-02-29T23:59:59Z renewed 1/1 on 6 for 250 leaves 250', '2021-02-28T23:59:59Z renewed 1/1 on 6 for 250 leaves 0'], [project(1, { ...on(6, '2022-02-28'), anchorDay: 29 })]],
  ['calendar months, from the day on which the last one ended', { projects: [project(1, on(2, '2020-01-31'))], now: '2020-03-30' },
    ['2020-01-31T23:59:59Z renewed 1/1 on 2 for 5 leaves 95', '2020-02-29T23:59:59Z renewed 1/1 on 2 for 5 leaves 90', '2020-03-29T23:59:59Z renewed 1/1 on 2 for 5 leaves 85'], [project(1, { ...on(2, '2020-04-29'), anchorDay: 31 })]],
  ['months of 30 days', { projects: [project(1, on(2, '2020-01-31'))], now: '2020-03-30', choices: { 'month-length': '30-days' } },
    ['2020-01-31T23:59:59Z renewed 1/1 on 2 for 5 leaves 95', '2020-03-01T23:59:59Z renewed 1/1 on 2 for 5 leaves 90'], [project(1, on(2, '2020-03-31'))]],
  ['a cycle that ends in the middle of a day, and the next one with a day', { projects: [project(1, on(2, '2020-07-16T10:00:00Z'))], now: '2020-07-16T10:00:00Z' },
    ['2020-07-16T10:00:00Z renewed 1/1 on 2 for 5 leaves 95'], [project(1, on(2, '2020-08-16'))]],
  ['all projects and services in the order in which they are due',
    { projects: [project(1, on(2, '2020-07-20'), on(7, '2020-07-10')), project(2, on(3, '2020-07-15')), project(3, on(2, '2020-08-01'))], now: '2020-07-31' },
    ['2020-07-10T23:59:59Z renewed 1/2 on 7 for 29 leaves 71', '2020-07-15T23:59:59Z renewed 2/1 on 3 for 10 leaves 61', '2020-07-20T23:59:59Z renewed 1/1 on 2 for 5 leaves 56'],
    [project(1, on(2, '2020-08-20'), on(7, '2020-08-10')), project(2, on(3, '2020-08-15'))]],
  ['those of one instant by their ids, and then by service', { projects: [3, 1, 2].map(id => project(id, on(2, '2020-07-16'), on(7, '2020-07-16'))), balance: 102_000, now: END },
    [1, 2, 3].flatMap((id, index) => [`${END} renewed ${id}/1 on 2 for 5 leaves ${97 - index * 34}`, `${END} renewed ${id}/2 on 7 for 29 leaves ${68 - index * 34}`]),
    [1, 2, 3].map(id => project(id, on(2, '2020-08-16'), on(7, '2020-08-16')))],
  ['a wallet that holds exactly the price', { projects: [ONE], balance: 5000, now: END }, [`${END} renewed 1/1 on 2 for 5 leaves 0`], [project(1, on(2, '2020-08-16'))]],
  ['a wallet that is one mill short', { projects: [ONE], balance: 4999, now: END }, [`${END} expired 1/1 on 2: balance-too-low, 5 of 4.999`], [expired(1, on(2, '2020-07-16'))]],
  ['a wallet that is emptied on the way', { projects: [ONE], balance: 9999, now: '2020-08-20' },
    [`${END} renewed 1/1 on 2 for 5 leaves 4.999`, '2020-08-16T23:59:59Z expired 1/1 on 2: balance-too-low, 5 of 4.999'], [expired(1, on(2, '2020-08-16'))]],
  ['a wallet that does for the first that is due, and not for the next', { projects: [project(1, on(2, '2020-07-17')), project(2, on(2, '2020-07-16'))], balance: 5000, now: '2020-07-18' },
    [`${END} renewed 2/1 on 2 for 5 leaves 0`, '2020-07-17T23:59:59Z expired 1/1 on 2: balance-too-low, 5 of 0'], [project(2, on(2, '2020-08-16')), expired(1, on(2, '2020-07-17'))]],
  ['a wallet that is too small for the first, and does for the next', { projects: [project(1, on(5, '2020-07-16')), project(2, on(2, '2020-07-16'))], balance: 24_999, now: END },
    [`${END} expired 1/1 on 5: balance-too-low, 25 of 24.999`, `${END} renewed 2/1 on 2 for 5 leaves 19.999`], [expired(1, on(5, '2020-07-16')), project(2, on(2, '2020-08-16'))]],
  ['a plan without a price, from an empty wallet', { projects: [ONE], plans: GIVEN_AWAY, balance: 0, now: END }, [`${END} renewed 1/1 on 2 for 0 leaves 0`], [project(1, on(2, '2020-08-16'))]],
  ['a plan for a single mill, which is booked', { projects: [ONE], plans: FOR_A_MILL, balance: 1, now: END }, [`${END} renewed 1/1 on 2 for 0.001 leaves 0`], [project(1, on(2, '2020-08-16'))]],
  ['no renewal by choice, however much the wallet holds', { projects: [ONE], choices: { 'auto-renew': 'off' }, now: END }, [`${END} expired 1/1 on 2: auto-renew-off, 5 of 100`], [expired(1, on(2, '2020-07-16'))]],
  ['no renewal by choice, also of a plan without a price', { projects: [ONE], plans: GIVEN_AWAY, choices: { 'auto-renew': 'off' }, now: END }, [`${END} expired 1/1 on 2: auto-renew-off, 0 of 100`], [expired(1, on(2, '2020-07-16'))]],
  ['no renewal by choice from a wallet that would not do, either', { projects: [ONE], balance: 4999, choices: { 'auto-renew': 'off' }, now: END }, [`${END} expired 1/1 on 2: balance-too-low, 5 of 4.999`], [expired(1, on(2, '2020-07-16'))]],
  ['no renewal by choice from a wallet that holds exactly the price', { projects: [ONE], balance: 5000, choices: { 'auto-renew': 'off' }, now: END }, [`${END} expired 1/1 on 2: auto-renew-off, 5 of 5`], [expired(1, on(2, '2020-07-16'))]],
  ['an expired project, one millisecond before it is deleted', { projects: [ONE], balance: 0, now: '2020-07-30T23:59:58.999Z' }, [`${END} expired 1/1 on 2: balance-too-low, 5 of 0`], [expired(1, on(2, '2020-07-16'))]],
  ['an expired project, 14 days later', { projects: [ONE], balance: 0, now: '2020-07-30T23:59:59Z' }, [`${END} expired 1/1 on 2: balance-too-low, 5 of 0`, '2020-07-30T23:59:59Z deleted 1'], [gone(1, on(2, '2020-07-16'))]],
  ['one that had expired before, one millisecond before it is deleted', { projects: [expired(1, on(2, '2020-07-16'))], now: '2020-07-30T23:59:58.999Z' }, [], []],
  ['one that had expired before, 14 days later', { projects: [expired(1, on(2, '2020-07-16'))], now: '2020-07-30T23:59:59Z' }, ['2020-07-30T23:59:59Z deleted 1'], [gone(1, on(2, '2020-07-16'))]],
  ['a service that can\'t be paid takes the other one with it', { projects: [project(1, on(2, '2020-07-20'), on(7, '2020-07-16'))], balance: 28_999, now: '2020-07-31' },
    [`${END} expired 1/2 on 7: balance-too-low, 29 of 28.999`, '2020-07-30T23:59:59Z deleted 1'], [gone(1, on(2, '2020-07-20'), on(7, '2020-07-16'))]],
  ['a service that can be paid, and in the same instant one that can\'t', { projects: [project(1, on(2, '2020-07-16'), on(7, '2020-07-16'))], balance: 5000, now: '2020-07-30T23:59:58Z' },
    [`${END} renewed 1/1 on 2 for 5 leaves 0`, `${END} expired 1/2 on 7: balance-too-low, 29 of 0`], [expired(1, on(2, '2020-08-16'), on(7, '2020-07-16'))]],
  ['only those of which something is due are touched', { projects: [ONE, project(2), project(3, { service: 1, planId: 1, nextBillingAt: null }), project(4, on(2, '2020-07-17')), expired(5), expired(6, on(2, '2020-07-10')), gone(7, on(2, '2020-07-01'))], now: END },
    [`${END} renewed 1/1 on 2 for 5 leaves 95`], [project(1, on(2, '2020-08-16'))]],
  ['a dozen projects, round after round', { projects: MANY.map(id => project(id, on(2, `2020-07-${9 + id}`))), balance: 180_000, now: '2020-09-30' },
    [7, 8, 9].flatMap((month, round) => MANY.map(id => `2020-0${month}-${String(9 + id).padStart(2, '0')}T23:59:59Z renewed ${id}/1 on 2 for 5 leaves ${175 - 5 * (round * 12 + id - 1)}`)),
    MANY.map(id => project(id, on(2, `2020-10-${9 + id}`)))],
  ['in the last year that there is', { projects: [project(1, on(6, '9998-12-31'))], balance: 250_000, now: instantText(LAST_INSTANT) }, ['9998-12-31T23:59:59Z renewed 1/1 on 6 for 250 leaves 0'],
    [project(1, { ...on(6, '9998-12-31'), nextBillingAt: LAST_CYCLE_END - 999 })]]
]

for (const [name, given, events, projects] of CASES) {
  t.test(name, async t => {
    const settlement = settled(given)
    t.same(settlement.events.map(shown), events)
    t.same(settlement.projects.map(plain), projects)
    t.ok(settlement.isComplete)
    t.ok(settlement.events.every(({ account }) => account === 'demo'))
    const paid = settlement.events.filter(happening => happening.event === 'renewed' && happening.priceMills > 0) as Array<BillingEvent & { event: 'renewed' }>
    t.same(settlement.entries, paid.map(({ at, projectId, planId, priceMills, balanceMills }) =>
      ({ at, kind: 'renewal', amountMills: -priceMills, balanceMills, projectId, planId, requestId: null })), 'what cost something is booked when it was due')
    t.equal(settlement.balanceMills, settlement.entries.at(-1)?.balanceMills ?? given.balance ?? 100_000)
  })
}

t.test('when something is due of a project', async t => {
  const cases: Array<[string, ProjectBilling, string | null]> = [
    ['never without a subscription', project(1), null],
    ['never on Pay As You Go', project(1, { service: 1, planId: 1, nextBillingAt: null }), null],
    ['at the end of its cycle', ONE, END],
    ['at the first end of two', project(1, on(2, '2020-07-20'), on(7, '2020-07-16')), END],
    ['at the one end beside Pay As You Go', project(1, { service: 1, planId: 1, nextBillingAt: null }, on(7, '2020-07-16')), END],
    ['14 days after it has expired', expired(1, on(2, '2020-07-16')), '2020-07-30T23:59:59Z'],
    ['14 days after the first of its services was not paid', expired(1, on(2, '2020-07-20'), on(7, '2020-07-16')), '2020-07-30T23:59:59Z'],
    ['never where it has expired without a cycle', expired(1), null],
    ['never once it is deleted', gone(1, on(2, '2020-07-16')), null]
  ]
  for (const [name, standing, expected] of cases) t.equal(dueAt(standing), expected && at(expected), name)
  t.equal(dueAt(project(1, { service: 1, planId: 2, nextBillingAt: FIRST_INSTANT })), FIRST_INSTANT, 'at the first instant that there is')
  t.equal(KEPT_WHEN_EXPIRED, 14 * 86_400_000)
})

t.test('more than is settled at once', async t => {
  const given = { projects: [ONE, project(2, on(2, '2020-07-17'))], now: '2020-08-16T23:59:59Z' }
  const all = settled(given)
  t.equal(all.events.length, 3)
  for (const most of [0, 1, 2]) {
    const some = settled({ ...given, most })
    t.notOk(some.isComplete, `${most}`)
    t.same(some.events, all.events.slice(0, most), 'the first of it')
    t.same(some.entries, all.entries.slice(0, most))
    t.equal(some.balanceMills, 100_000 - most * 5000)
  }
  t.same(settled({ ...given, most: 3 }), all, 'exactly as much as that is all of it')
  t.ok(settled({ ...given, now: '2020-07-01', most: 0 }).isComplete, 'and nothing is all of nothing')
})

t.test('a renewal that could not be is found in the books', async t => {
  const opening: LedgerEntry = { at: 0, kind: 'opening', amountMills: 5000, balanceMills: 5000, projectId: null, planId: null, requestId: null }
  const renewal: LedgerEntry = { at: 1, kind: 'renewal', amountMills: -5000, balanceMills: 0, projectId: 1, planId: 2, requestId: null }
  const found = (entry: LedgerEntry) => audit({ account: 'demo', balanceMills: entry.balanceMills, entries: [opening, entry] }).map(({ invariant }) => invariant)
  t.same(found(renewal), [])
  t.same(found({ ...renewal, projectId: null }), ['debit-has-plan-change'])
  t.same(found({ ...renewal, planId: null }), ['debit-has-plan-change'])
  t.same(found({ ...renewal, amountMills: 5000, balanceMills: 10_000 }), ['debit-has-plan-change'])
})

t.test('properties of every settlement', async t => {
  const instant = fc.integer({ min: at('2020-01-01'), max: at('2023-12-31') })
  // Few instants, so that many things are due at the same one.
  const end = fc.oneof(fc.constantFrom(at(END), at('2020-01-31T23:59:59Z'), at('2021-12-31T23:59:59Z')), instant)
  const subscription = (service: Service, ...planIds: number[]) => fc.record({ service: fc.constant(service), planId: fc.constantFrom(...planIds), nextBillingAt: end })
    .map(given => given.planId === 1 ? { ...given, nextBillingAt: null } : given)
  const standing = fc.record({
    projectId: fc.integer({ min: 1, max: 50 }),
    status: fc.constantFrom<ProjectStatus>('Active', 'Active', 'Active', 'Expired', 'Delete'),
    subscriptions: fc.tuple(fc.option(subscription(1, 1, 2, 3, 6)), fc.option(subscription(2, 7, 8))).map(pair => pair.filter(given => given !== null))
  })
  const world = fc.record({
    balance: fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.constantFrom(0, 4999, 5000, 29_000, 34_000)),
    projects: fc.uniqueArray(standing, { maxLength: 8, selector: ({ projectId }) => projectId }),
    choices: fc.record({
      'auto-renew': fc.constantFrom('on', 'on', 'on', 'off'),
      'month-length': fc.constantFrom('calendar', '30-days'),
      'billing-anchor': fc.constantFrom('drifts', 'keeps-day'),
      'unpaid-service': fc.constantFrom('expires-project', 'falls-back'),
      deletion: fc.constantFrom('after-14-days', 'after-14-days', 'never'),
      'renewal-after-switch-off': fc.constantFrom('continues', 'stops')
    }).map(given => ({ ...DEFAULT_CHOICES, ...given }) as Choices),
    plans: fc.constantFrom<PlanTable>(PLANS, PLANS, GIVEN_AWAY)
  })
  type Known = typeof world extends fc.Arbitrary<infer Given> ? Given & { restsOn?: RestsOn | undefined } : never
  const settledBy = ({ balance, restsOn, projects, plans, choices }: Known, now: Instant, most?: number): Settlement => settle({ name: 'any', balanceMills: balance, balanceRestsOn: restsOn }, projects, plans, { ...DEFAULT_SETTINGS, assumptions: choices }, now, most ?? Infinity)
  const after = (known: Known, { balanceMills, balanceRestsOn, projects }: Settlement): Known => {
    const changed = new Map(projects.map(standing => [standing.projectId, standing]))
    return { ...known, balance: balanceMills, restsOn: balanceRestsOn, projects: known.projects.map(standing => changed.get(standing.projectId) ?? standing) as Known['projects'] }
  }

  t.test('one jump is as many small steps, and as many small portions', async () => {
    fc.assert(fc.property(world, fc.array(instant, { maxLength: 12 }), instant, fc.integer({ min: 1, max: 5 }), (known, steps, now, most) => {
      const inOne = settledBy(known, now)
      const ends = { known: after(known, inOne), entries: inOne.entries, events: inOne.events }
      const stepwise = { known, entries: [] as LedgerEntry[], events: [] as BillingEvent[] }
      const add = (settlement: Settlement): void => {
        stepwise.known = after(stepwise.known, settlement)
        stepwise.entries.push(...settlement.entries)
        stepwise.events.push(...settlement.events)
      }
      for (const step of [...steps, now].filter(step => step <= now).sort((a, b) => a - b)) add(settledBy(stepwise.known, step))
      t.same(stepwise, ends)
      Object.assign(stepwise, { known, entries: [], events: [] })
      for (let isComplete = false; !isComplete;) {
        const settlement = settledBy(stepwise.known, now, most)
        add(settlement)
        isComplete = settlement.isComplete
      }
      t.same(stepwise, ends)
    }), { numRuns: 300 })
  })

  t.test('the books are in order, and only what happened has changed anything', async () => {
    fc.assert(fc.property(world, instant, (known, now) => {
      const { balanceMills, entries, projects, events } = settledBy(known, now)
      const opening: LedgerEntry = { at: 0, kind: 'opening', amountMills: known.balance, balanceMills: known.balance, projectId: null, planId: null, requestId: null }
      t.same(audit({ account: 'any', balanceMills, entries: [opening, ...entries] }), [])
      t.same(new Set(projects.map(({ projectId }) => projectId)), new Set(events.map(({ projectId }) => projectId)))
      t.ok(projects.every(standing => (dueAt(standing, known.choices.deletion === 'after-14-days') ?? Infinity) > now), 'nothing more is due')
      for (const { projectId, status, subscriptions } of projects) {
        const before = known.projects.find(known => known.projectId === projectId)!
        const lapsed = events.flatMap(happening => happening.event === 'lapsed' && happening.projectId === projectId ? [happening.service] : [])
        t.same(subscriptions.map(({ service, planId }) => [service, planId]), before.subscriptions.map(({ service, planId }) => [service, lapsed.includes(service) ? 1 : planId]), 'its plans are what they were, unless one has lapsed')
        if (before.status !== 'Active') t.same([status, subscriptions], ['Delete', before.subscriptions])
      }
    }))
  })

  t.test('what happens is in its order, and lies between', async () => {
    fc.assert(fc.property(world, instant, (known, now) => {
      const { events } = settledBy(known, now)
      const key = (happening: BillingEvent): number[] => [happening.at, happening.projectId, 'service' in happening ? happening.service : 0]
      const inOrder = [...events].sort((a, b) => key(a).map((part, index) => part - key(b)[index]!).find(difference => difference !== 0) ?? 0)
      t.same(events, inOrder)
      t.ok(events.every(({ at }) => at <= now))
    }))
  })

  t.test('nothing happens a second time, nor on the way back', async () => {
    fc.assert(fc.property(world, instant, instant, (known, one, other) => {
      const [earlier, later] = [Math.min(one, other), Math.max(one, other)]
      const then = after(known, settledBy(known, later))
      for (const now of [later, earlier]) t.same(settledBy(then, now), { balanceMills: then.balance, balanceRestsOn: then.restsOn, entries: [], projects: [], events: [], isComplete: true })
    }))
  })
})

t.test('what time changed keeps the names of the assumptions that it depends on', async t => {
  /** What the wallet, the status and the subscriptions of project 1 rest on afterwards. */
  const names = (given: Given & { wallet?: RestsOn, cutoff?: string }): Array<RestsOn | undefined> => {
    const { balance = 100_000, projects, now, choices, plans = PLANS, wallet, cutoff = '2023-02-01' } = given
    const settings = { assumptions: { ...DEFAULT_CHOICES, ...choices }, cutoff: parseCutoff(cutoff)! }
    const { balanceRestsOn, projects: [changed] } = settle({ name: 'demo', balanceMills: balance, balanceRestsOn: wallet }, projects, plans, settings, at(now), Infinity)
    return [balanceRestsOn, changed?.statusRestsOn, ...changed?.subscriptions.map(({ restsOn }) => restsOn) ?? []]
  }
  const off = { 'auto-renew': 'off' } as const
  const both = (until: string) => project(1, on(2, '2020-07-16'), on(7, until))
  const late = project(1, on(2, '2023-02-01T06:00:00Z'))
  const renewed: RestsOn = ['auto-renew']
  const rows: Array<[string, Parameters<typeof names>[0], Array<RestsOn | undefined>]> = [
    ['nothing that is due', { projects: [ONE], now: '2020-07-16', wallet: ['same-plan'] }, [['same-plan'], undefined]],
    ['a month of thirty days', { projects: [project(1, on(2, '2020-06-16'))], now: '2020-06-17' }, [renewed, renewed, renewed]],
    ['a month of 31 days', { projects: [ONE], now: END }, [renewed, renewed, ['month-length', 'auto-renew']]],
    ['an assumed price', { projects: [project(1, on(3, '2020-06-16'))], now: '2020-06-17' }, Array(3).fill(['auto-renew', 'plan-prices'])],
    ['a price that is not to be paid, from a wallet that rests on something', { projects: [project(1, on(2, '2020-06-16'))], plans: GIVEN_AWAY, wallet: ['same-plan'], now: '2020-06-17' }, [['same-plan'], renewed, renewed]],
    ['a price of a single mill from such a wallet', { projects: [project(1, on(2, '2020-06-16'))], plans: FOR_A_MILL, wallet: ['same-plan'], now: '2020-06-17' }, Array(3).fill(['same-plan', 'auto-renew'])],
    ['what the wallet, the status and the plan rested on', { projects: [{ ...project(1, { ...on(2, '2020-06-16'), restsOn: ['month-length'] }), statusRestsOn: ['expired-project'] }], wallet: ['same-plan'], now: '2020-06-17' },
      Array(3).fill(['same-plan', 'month-length', 'auto-renew', 'expired-project'])],
    ['a plan that is not renewed by choice, which leaves the money there', { projects: [ONE], now: END, choices: off }, [renewed, renewed, undefined]],
    ['one without a price', { projects: [ONE], plans: GIVEN_AWAY, now: END, choices: off }, [undefined, renewed, undefined]],
    ['one for a single mill', { projects: [ONE], plans: FOR_A_MILL, now: END, choices: off }, [renewed, renewed, undefined]],
    ['a wallet that could not have paid in any case', { projects: [ONE], now: END, balance: 4999, choices: off }, [undefined, undefined, undefined]],
    ['one that could not pay an assumed price', { projects: [project(1, on(3, '2020-07-16'))], now: END, balance: 9999, wallet: ['same-plan'] }, [['same-plan'], ['same-plan', 'plan-prices'], undefined]],
    ['an unpaid service beside a paid one', { projects: [both('2020-07-17')], now: END, balance: 4999 }, [undefined, ['unpaid-service'], undefined, undefined]],
    ['one beside another that ends with it', { projects: [both('2020-07-16')], now: END, balance: 4999 }, [undefined, ['unpaid-service'], undefined, undefined]],
    ['the second of two services, when the first has fallen back', { projects: [both('2020-07-16')], now: END, balance: 4999, choices: { 'unpaid-service': 'falls-back' } }, [undefined, ['unpaid-service', 'plan-prices'], ['unpaid-service'], undefined]],
    ['a service that falls back', { projects: [both('2020-07-17')], now: END, balance: 4999, choices: { 'unpaid-service': 'falls-back' } }, [undefined, ['unpaid-service'], ['unpaid-service'], undefined]],
    ['a deletion', { projects: [expired(1, { ...on(2, '2020-06-16'), restsOn: ['month-length'] })], now: '2020-07-01' }, [undefined, ['month-length', 'deletion'], ['month-length']]],
    ['a day that is kept', { projects: [project(1, { ...on(2, '2020-02-29'), anchorDay: 31 })], now: '2020-03-01', choices: { 'billing-anchor': 'keeps-day' } }, [renewed, renewed, ['month-length', 'auto-renew', 'billing-anchor']]],
    ['a day that is not', { projects: [project(1, { ...on(2, '2020-02-29'), anchorDay: 31 })], now: '2020-03-01' }, [renewed, renewed, ['month-length', 'auto-renew', 'billing-anchor']]],
    ['a day that means nothing to days', { projects: [project(1, { ...on(2, '2020-02-29'), anchorDay: 31 })], now: '2020-03-01', choices: { 'month-length': '30-days' } }, [renewed, renewed, ['month-length', 'auto-renew']]],
    ['a renewal after the switch-off', { projects: [late], now: '2023-02-02' }, [['auto-renew', 'renewal-after-switch-off'], ['auto-renew', 'renewal-after-switch-off'], ['month-length', 'auto-renew', 'renewal-after-switch-off']]],
    ['none after it, and when it was', { projects: [late], now: '2023-02-02', choices: { 'renewal-after-switch-off': 'stops' } }, [['disabled-time-zone', 'auto-renew', 'renewal-after-switch-off'], ['disabled-time-zone', 'auto-renew', 'renewal-after-switch-off'], undefined]],
    ['one that is not yet after it by its time zone', { projects: [late], now: '2023-02-02', choices: { 'renewal-after-switch-off': 'stops', 'disabled-time-zone': 'utc-12' } }, [['disabled-time-zone', 'auto-renew'], ['disabled-time-zone', 'auto-renew'], ['month-length', 'disabled-time-zone', 'auto-renew']]],
    ['one in the very instant', { projects: [late], now: '2023-02-02', choices: { 'renewal-after-switch-off': 'stops' }, cutoff: '2023-02-01T06:00:00Z' }, [['auto-renew', 'renewal-after-switch-off'], ['auto-renew', 'renewal-after-switch-off'], undefined]]
  ]
  for (const [name, given, expected] of rows) t.same(names(given), expected, name)
})

t.test('the choices that decide what time brings', async t => {
  const end = '2020-02-29'
  const cut = project(1, { ...on(2, end), anchorDay: 31 })
  const leap = project(1, on(6, '2020-02-29'))
  const two = project(1, on(2, '2020-07-16'), on(7, '2020-07-31'))
  const ended = expired(1, on(2, '2020-06-16'))
  const late = project(1, on(2, '2023-02-01'))
  const cases: Array<[string, Given, string[], ProjectBilling | undefined]> = [
    ['a day that drifts', { projects: [cut], now: '2020-05-01' }, ['2020-02-29T23:59:59Z renewed 1/1 on 2 for 5 leaves 95', '2020-03-29T23:59:59Z renewed 1/1 on 2 for 5 leaves 90', '2020-04-29T23:59:59Z renewed 1/1 on 2 for 5 leaves 85'],
      project(1, { ...on(2, '2020-05-29'), anchorDay: 31 })],
    ['a day that is kept', { projects: [cut], now: '2020-05-01', choices: { 'billing-anchor': 'keeps-day' } }, ['2020-02-29T23:59:59Z renewed 1/1 on 2 for 5 leaves 95', '2020-03-31T23:59:59Z renewed 1/1 on 2 for 5 leaves 90', '2020-04-30T23:59:59Z renewed 1/1 on 2 for 5 leaves 85'],
      project(1, on(2, '2020-05-31'))],
    ['February 29th, year after year', { projects: [leap], balance: 1_000_000, now: '2023-12-31', choices: { 'billing-anchor': 'keeps-day' } }, ['2020-02-29', '2021-02-28', '2022-02-28', '2023-02-28'].map((day, year) => `${day}T23:59:59Z renewed 1/1 on 6 for 250 leaves ${750 - 250 * year}`),
      project(1, on(6, '2024-02-29'))],
    ['a day of days', { projects: [cut], now: '2020-03-01', choices: { 'month-length': '30-days', 'billing-anchor': 'keeps-day' } }, ['2020-02-29T23:59:59Z renewed 1/1 on 2 for 5 leaves 95'], project(1, on(2, '2020-03-30'))],
    ['a service that falls back, beside the other that is still paid for', { projects: [two], balance: 4999, now: '2020-07-31T23:59:58.999Z', choices: { 'unpaid-service': 'falls-back' } }, [`${END} lapsed 1/1 on 2: balance-too-low, 5 of 4.999`],
      project(1, { service: 1, planId: 1, nextBillingAt: null }, on(7, '2020-07-31'))],
    ['a service that falls back, and the other that does not help any more', { projects: [two], balance: 4999, now: '2020-08-01', choices: { 'unpaid-service': 'falls-back' } }, [`${END} lapsed 1/1 on 2: balance-too-low, 5 of 4.999`, '2020-07-31T23:59:59Z expired 1/2 on 7: balance-too-low, 29 of 4.999'],
      expired(1, { service: 1, planId: 1, nextBillingAt: null }, on(7, '2020-07-31'))],
    ['an expired project that is never deleted', { projects: [ended], now: '2020-12-31', choices: { deletion: 'never' } }, [], undefined],
    ['one that expires and is never deleted', { projects: [ONE, project(2, on(2, '2020-09-01'))], now: '2020-08-31', balance: 0, choices: { deletion: 'never' } }, [`${END} expired 1/1 on 2: balance-too-low, 5 of 0`], expired(1, on(2, '2020-07-16'))],
    ['a renewal after the switch-off', { projects: [late], now: '2023-02-02' }, ['2023-02-01T23:59:59Z renewed 1/1 on 2 for 5 leaves 95'], project(1, on(2, '2023-03-01'))],
    ['none after it', { projects: [late], now: '2023-02-02', choices: { 'renewal-after-switch-off': 'stops' } }, ['2023-02-01T23:59:59Z expired 1/1 on 2: api-disabled, 5 of 100'], expired(1, on(2, '2023-02-01'))],
    ['one before it', { projects: [project(1, on(2, '2023-01-31'))], now: '2023-02-01', choices: { 'renewal-after-switch-off': 'stops' } }, ['2023-01-31T23:59:59Z renewed 1/1 on 2 for 5 leaves 95'], project(1, { ...on(2, '2023-02-28'), anchorDay: 31 })]
  ]
  for (const [name, given, events, changed] of cases) {
    const settlement = settled(given)
    t.same(settlement.events.map(shown), events, name)
    t.same(settlement.projects.map(plain)[0], changed, name)
    t.ok(settlement.isComplete, name)
  }
})
