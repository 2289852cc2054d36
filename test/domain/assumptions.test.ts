import t from 'tap'
import { assume, ASSUMPTION_NAMES, assumptionLog, DEFAULT_CHOICES, namesIn, relyOn, restingAlsoOn, restingOn, restingOnAll } from '../../src/domain/assumptions.js'
import { leftIn } from '../../src/domain/left-in.js'

t.test('a decision depends on the choices that it asked for, and on what the state rests on that it found', async t => {
  const log = assumptionLog({ ...DEFAULT_CHOICES, 'same-plan': 'charge-again' })
  t.same(namesIn(log), [])
  t.equal(assume(log, 'same-plan'), 'charge-again')
  t.equal(assume(log, 'expired-project'), 'refuse')
  t.equal(assume(log, 'same-plan'), 'charge-again')
  t.same(namesIn(log), ['same-plan', 'expired-project'], 'each once')
  relyOn(log, undefined)
  relyOn(log, ['auto-renew', 'same-plan'])
  t.same(namesIn(log), ['same-plan', 'expired-project', 'auto-renew'], 'each once')
  t.same([...log.used], ['same-plan', 'expired-project'], 'apart from each other')
})

t.test('names are merged in the order of the registry', async t => {
  t.same(restingOn(), undefined)
  t.same(restingOn(undefined, []), undefined, 'none')
  t.same(restingOn(['deletion', 'auto-renew'], undefined, new Set(['auto-renew', 'same-plan'] as const)), ['same-plan', 'auto-renew', 'deletion'])
})

t.test('names that add nothing to a list leave the very list, so that renewals of years share it', async t => {
  const names = restingOn(['auto-renew', 'same-plan'])!
  t.equal(restingAlsoOn(names, ['same-plan', 'auto-renew']), names)
  t.equal(restingAlsoOn(names, []), names)
  t.same(restingAlsoOn(names, ['same-plan', 'deletion', 'auto-renew']), ['same-plan', 'auto-renew', 'deletion'])
  t.same(restingAlsoOn(undefined, new Set(['auto-renew', 'same-plan'] as const)), ['same-plan', 'auto-renew'])
  t.equal(restingAlsoOn(undefined, []), undefined, 'none')
  t.equal(restingAlsoOn(undefined, ['deletion']), restingAlsoOn(undefined, ['deletion']), 'and so share those of a single name')
  t.same(restingAlsoOn(restingAlsoOn(undefined, ['deletion']), ['auto-renew']), ['auto-renew', 'deletion'])
  t.same(restingAlsoOn(undefined, ['deletion']), ['deletion'], 'to which nothing is added in place')
  const log = assumptionLog(DEFAULT_CHOICES)
  t.equal(restingOnAll(log), undefined)
  relyOn(log, names)
  t.equal(restingOnAll(log), names)
  relyOn(log, restingOn(['same-plan']))
  assume(log, 'auto-renew')
  t.equal(restingOnAll(log), names)
  relyOn(log, restingOn(['deletion']))
  assume(log, 'expired-project')
  t.same(restingOnAll(log), ['same-plan', 'auto-renew', 'expired-project', 'deletion'])
})

t.test('a request leaves its choices behind where they still show, and what it found nowhere', async t => {
  const parts = ['wallet', 'subscription', 'status'] as const
  const expected: Record<string, readonly string[]> = {
    'same-plan': ['wallet', 'subscription'],
    'price-between-paid-plans': ['wallet'],
    'month-length': ['subscription'],
    'disabled-time-zone': ['wallet', 'subscription'],
    'expired-project': ['wallet', 'subscription', 'status'],
    'pay-as-you-go-service': ['subscription'],
    'plan-prices': ['wallet']
  }
  for (const name of ASSUMPTION_NAMES) {
    const log = assumptionLog(DEFAULT_CHOICES)
    relyOn(log, [name])
    t.same(parts.filter(part => leftIn(part, log) !== undefined), [], `${name} found`)
    assume(log, name)
    t.same(parts.filter(part => leftIn(part, log) !== undefined), expected[name] ?? [], name)
  }
  const log = assumptionLog(DEFAULT_CHOICES)
  for (const name of ['expired-project', 'month-length', 'unknown-project-status'] as const) assume(log, name)
  t.same(parts.map(part => leftIn(part, log)), [['expired-project'], ['month-length', 'expired-project'], ['expired-project']])
})
