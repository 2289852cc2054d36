import t from 'tap'
import { mergeChanges } from '../../src/scenario/settings.js'
import { instant, MACHINE_TIME, read, world } from '../support/scenario.js'

t.test('clocks and settings are read for the world and for an account alike', async t => {
  const settings = {
    wire: { types: 'table', http_status: 'mapped', content_type: 'text/html', message: 'bare' },
    assumptions: { 'same-plan': 'charge-again', 'disabled-time-zone': 'utc+14' },
    strict: true,
    cutoff: '2023-02-01'
  }
  const change = {
    wire: { types: 'table', httpStatus: 'mapped', contentType: 'text/html', message: 'bare' },
    assumptions: { 'same-plan': 'charge-again', 'disabled-time-zone': 'utc+14' },
    strict: true,
    cutoff: { kind: 'day', utcMidnight: instant('2023-02-01') }
  }
  const cases: ReadonlyArray<[given: object, clock: object | undefined, settings: object]> = [
    [{ settings }, undefined, change],
    [{ settings: {} }, undefined, {}],
    [{ settings: { strict: false } }, undefined, { strict: false }],
    [{ settings: { wire: {}, assumptions: {} } }, undefined, {}],
    [{ settings: { wire: { message: 'bare' } } }, undefined, { wire: { message: 'bare' } }],
    [{ settings: { cutoff: 'never' } }, undefined, { cutoff: { kind: 'never' } }],
    [{ settings: { cutoff: '2023-02-01T05:30:00+05:30' } }, undefined, { cutoff: { kind: 'instant', at: instant('2023-02-01') } }],
    [{ clock: { mode: 'system' } }, { mode: 'system' }, {}],
    [{ clock: { mode: 'frozen', at: '2023-01-31' } }, { mode: 'frozen', at: instant('2023-01-31') }, {}],
    [{ clock: { mode: 'running', at: '2023-01-31' } }, { mode: 'running', at: instant('2023-01-31'), since: MACHINE_TIME }, {}]
  ]
  for (const [given, clock, settings] of cases) {
    const ofWorld = read(given)
    t.strictSame([ofWorld.clock, ofWorld.settings], [clock ?? read({}).clock, settings], `the world: ${JSON.stringify(given)}`)
    const { account } = read(world(given)).accounts[0]!
    t.strictSame([account.clock, account.settings], [clock ?? null, settings], `an account: ${JSON.stringify(given)}`)
  }
})

t.test('merged settings keep what the upper ones leave open', async t => {
  t.strictSame(mergeChanges({}, {}), {})
  t.strictSame(mergeChanges({ strict: true }, {}), { strict: true })
  t.strictSame(mergeChanges({ wire: { types: 'table' } }, { assumptions: { 'same-plan': 'refuse' } }), { wire: { types: 'table' }, assumptions: { 'same-plan': 'refuse' } })
  t.strictSame(mergeChanges({ wire: { types: 'table' } }, { wire: { message: 'bare' } }), { wire: { types: 'table', message: 'bare' } })
})
