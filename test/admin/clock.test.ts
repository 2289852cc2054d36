import fc from 'fast-check'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { connect, type Account, type ClockControl } from '../../src/client/connect.js'
import type { ClockMoved, ClockState } from '../../src/contract/control.js'
import { createContext } from '../../src/runtime/context.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import { start } from '../../src/server/start.js'
import { openStore } from '../../src/store/index.js'
import { effort } from '../support/effort.js'
import { emulate, SAMPLE } from '../support/emulator.js'
import { refusal } from '../support/refusal.js'
import { worldFolder } from '../support/world-folder.js'
import { Database } from '../support/sqlite.js'

/** How long, in milliseconds, a clock that runs may have run while a test looked at it. */
const A_WHILE = 60_000

const isAbout = (shown: string, at: string): boolean => Date.parse(shown) - Date.parse(at) >= 0 && Date.parse(shown) - Date.parse(at) < A_WHILE

const eventsOf = ({ events }: ClockMoved): string[] => events.map(({ at, event, ...more }) => [at, event, ...Object.values(more)].join(' '))

t.test('clocks', async t => {
  const { url } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  const control = connect(url)
  const account = await control.createAccount({ name: 'own' })

  for (const [whose, clock] of [['the world\'s', control.clock], ['an account\'s', account.clock]] as Array<[string, ClockControl]>) {
    t.test(`${whose} clock can be frozen, run, follow the system, and be released`, async t => {
      t.same(await clock.freeze('2021-01-01T10:00:00+01:00'), { mode: 'frozen', at: '2021-01-01T09:00:00Z', now: '2021-01-01T09:00:00Z', api: 'enabled', events: [], total: 0 })
      t.same(await clock.get(), { mode: 'frozen', at: '2021-01-01T09:00:00Z', now: '2021-01-01T09:00:00Z', api: 'enabled' })

      const running = await clock.run('2021-01-01')
      t.match(running, { mode: 'running', at: '2021-01-01T00:00:00Z', api: 'enabled', events: [] })
      t.ok(isAbout(running.now, '2021-01-01'), running.now)
      t.ok(isAbout((await clock.get()).now, '2021-01-01'))

      const system = await clock.set({ mode: 'system' })
      t.ok(isAbout(system.now, new Date(Date.now() - 1000).toISOString()), system.now)
      t.equal(system.at, undefined)
      t.match(system, { mode: 'system', api: 'disabled', events: [{ at: '2023-02-01T00:00:00Z', event: 'api-disabled' }], total: 1 })

      t.match(await clock.release(), { mode: 'frozen', now: '2020-06-16T12:00:00Z', api: 'enabled', events: [{ event: 'api-enabled' }] })
      t.match(await clock.get(), { mode: 'frozen', at: '2020-06-16T12:00:00Z' })
    })

    t.test(`${whose} clock moves forwards and backwards and keeps its mode`, async t => {
      await clock.freeze('2020-01-31T12:00:00Z')
      const moves: Array<[string, string]> = [
        ['P1M', '2020-02-29T12:00:00Z'], ['-P1M', '2020-01-29T12:00:00Z'], ['PT0.001S', '2020-01-29T12:00:00.001Z'], ['-PT0.001S', '2020-01-29T12:00:00Z'],
        ['P1Y', '2021-01-29T12:00:00Z'], ['P0D', '2021-01-29T12:00:00Z'], ['-P1Y1DT12H', '2020-01-28T00:00:00Z']
      ]
      for (const [by, at] of moves) t.match(await clock.advance(by), { mode: 'frozen', at, now: at }, by)
      for (const to of ['2020-05-05', '2019-01-01T00:00:00.5Z', '1970-01-01', '9998-12-31T23:59:59.999Z']) {
        t.equal(Date.parse((await clock.jump(to)).now), Date.parse(to), to)
      }

      await clock.run('2020-01-01')
      const moved = await clock.advance('P1D')
      t.equal(moved.mode, 'running')
      t.ok(isAbout(moved.now, '2020-01-02'), moved.now)
      const back = await clock.jump('2019-12-31')
      t.equal(back.mode, 'running')
      t.ok(isAbout(back.now, '2019-12-31'), back.now)

      await clock.set({ mode: 'system' })
      const ahead = await clock.advance('P1D')
      t.equal(ahead.mode, 'running', 'the system\'s can\'t be moved: it runs on from there')
      t.ok(isAbout(ahead.now, new Date(Date.now() + 86_400_000 - 1000).toISOString()), ahead.now)
      await clock.release()
    })
  }

  t.test('an account\'s own clock is independent of the world\'s until it is removed', async t => {
    const [mine, theirs] = await control.createAccounts([{}, {}]) as [Account, Account]
    const times = async (): Promise<string[]> => (await Promise.all([control.clock, mine.clock, theirs.clock].map(clock => clock.get()))).map(({ now }) => now.slice(0, 10))
    await control.clock.freeze('2021-01-01')
    t.same(await times(), ['2021-01-01', '2021-01-01', '2021-01-01'])
    await mine.clock.advance('P1D')
    t.same(await times(), ['2021-01-01', '2021-01-02', '2021-01-01'], 'moving it sets it')
    await control.clock.jump('2022-01-01')
    t.same(await times(), ['2022-01-01', '2021-01-02', '2022-01-01'])
    t.same(await mine.clock.release(), { mode: 'frozen', at: '2022-01-01T00:00:00Z', now: '2022-01-01T00:00:00Z', api: 'enabled', events: [], total: 0 })
    await control.clock.jump('2020-01-01')
    t.same(await times(), ['2020-01-01', '2020-01-01', '2020-01-01'])
    t.same((await mine.state()).clock, undefined)
    await control.clock.release()
  })

  t.test('an invalid clock or move is refused, and no clock moves', async t => {
    const before = await control.state()
    const cases: Array<[string, string, unknown, number, string, RegExp]> = [
      ['PUT', '', undefined, 400, '', /a clock such as/],
      ['PUT', '', {}, 400, '/mode', /one of system, running, frozen/],
      ['PUT', '', { mode: 'stopped', at: '2021-01-01' }, 400, '/mode', /one of/],
      ['PUT', '', { mode: 'frozen' }, 400, '/at', /the instant that a frozen clock shows/],
      ['PUT', '', { mode: 'running' }, 400, '/at', /the instant that a running clock starts from/],
      ['PUT', '', { mode: 'system', at: '2021-01-01' }, 400, '/at', /no value/],
      ['PUT', '', { mode: 'frozen', at: 'now' }, 400, '/at', /ISO 8601/],
      ['PUT', '', { mode: 'frozen', at: '2021-01-01T00:00:00' }, 400, '/at', /with an offset/],
      ['PUT', '', { mode: 'frozen', at: '1969-12-31' }, 400, '/at', /1970 to 9998/],
      ['PUT', '', { mode: 'frozen', at: '9999-01-01' }, 400, '/at', /1970 to 9998/],
      ['PUT', '', { mode: 'frozen', at: '2021-01-01', since: 1 }, 400, '/since', /mode, at/],
      ['POST', '/advance', undefined, 400, '', /either/],
      ['POST', '/advance', {}, 400, '', /either \{"by":"P1M"\} or \{"to":"disabled"\}/],
      ['POST', '/advance', { by: 'P1D', to: 'disabled' }, 400, '', /either/],
      ['POST', '/advance', { by: 1000 }, 400, '/by', /ISO 8601 duration/],
      ['POST', '/advance', { by: '1h' }, 400, '/by', /ISO 8601 duration/],
      ['POST', '/advance', { by: 'P' }, 400, '/by', /backwards/],
      ['POST', '/advance', { by: '-P60Y' }, 400, '/by', /between the years 1970 and 9998/],
      ['POST', '/advance', { by: 'P9000Y' }, 400, '/by', /between the years 1970 and 9998/],
      ['POST', '/advance', { to: 'disable' }, 400, '/to', /next-billing/],
      ['POST', '/advance', { to: 'disabled-1' }, 400, '/to', /disabled-1s/],
      ['POST', '/advance', { to: 'disabled-PX' }, 400, '/to', /disabled-1s/],
      ['POST', '/advance', { to: '2021-02-30' }, 400, '/to', /an instant from 1970 to 9998 such as/],
      ['POST', '/advance', { to: '' }, 400, '/to', /an instant from 1970 to 9998 such as/],
      ['POST', '/advance', { to: 'disabled-P60Y' }, 400, '/to', /between the years 1970 and 9998/],
      ['POST', '/advance', { to: 'disabled+P9000Y' }, 400, '/to', /between the years 1970 and 9998/],
      ['POST', '/advance', { to: 'next-billing' }, 409, '/to', /the name of an instant that exists, which it does not while no project is on a paid plan/],
      ['POST', '/advance', { to: 'next-billing+1s' }, 409, '/to', /the name of an instant that exists, which it does not while no project is on a paid plan/]
    ]
    for (const path of ['', '/accounts/own']) {
      for (const [method, rest, body, status, pointer, expected] of cases) {
        const response = await fetch(`${url}/__admin${path}/clock${rest}`, { method, ...body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } })
        const problem = await response.json() as { advice: string, errors: Array<{ pointer: string, expected: string }> }
        t.equal(response.status, status, `${method} ${path}/clock${rest} ${JSON.stringify(body)}`)
        t.equal(problem.errors[0]!.pointer, pointer)
        t.match(problem.errors[0]!.expected, expected)
        t.type(problem.advice, 'string')
      }
    }
    t.match(await refusal(control.clock.jump('next-billing')), { detail: '"next-billing" stands for no instant at present: no project is on a paid plan', advice: /put a project on a paid plan first/ })
    t.match(await refusal(control.clock.advance('-P60Y')), { detail: 'a clock can\'t go that far: it shows the years 1970 to 9998', advice: 'move the clock by less' })
    t.equal((await fetch(`${url}/__admin/accounts/ow/clock`)).status, 404)
    t.same(await control.state(), before)
  })
})

t.test('named instants', async t => {
  const { url } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  const control = connect(url)

  t.test('POST /clock/advance knows instants around the switch-off', async t => {
    const cases: Array<[string, string, string]> = [
      ['disabled', '2023-02-01T00:00:00Z', 'disabled'],
      ['disabled-1s', '2023-01-31T23:59:59Z', 'enabled'],
      ['disabled-1ms', '2023-01-31T23:59:59.999Z', 'enabled'],
      ['disabled+1s', '2023-02-01T00:00:01Z', 'disabled'],
      ['disabled-30d', '2023-01-02T00:00:00Z', 'enabled'],
      ['disabled-P1M', '2023-01-01T00:00:00Z', 'enabled'],
      ['disabled+PT36H', '2023-02-02T12:00:00Z', 'disabled']
    ]
    for (const [to, now, api] of cases) t.match(await control.clock.jump(to), { now, api }, to)
  })

  t.test('the switch-off depends on the settings of the account, then of the world', async t => {
    const account = await control.createAccount({ settings: { cutoff: '2021-05-05T05:05:05Z' } })
    t.equal((await account.clock.jump('disabled')).now, '2021-05-05T05:05:05Z')
    await account.settings.change({ cutoff: '2021-05-05', assumptions: { 'disabled-time-zone': 'utc+14' } })
    t.equal((await account.clock.jump('disabled')).now, '2021-05-04T10:00:00Z')
    await control.settings.change({ cutoff: 'never' })
    t.match(await refusal(control.clock.jump('disabled')), { status: 409, detail: '"disabled" stands for no instant at present: the cutoff is "never"', advice: 'change the cutoff with PATCH /__admin/settings' })
    const own = await control.createAccount({ name: 'a b', settings: { strict: true } })
    t.match(await refusal(own.clock.jump('disabled')), { status: 409, advice: 'change the cutoff with PATCH /__admin/settings' })
    await own.settings.change({ cutoff: 'never' })
    t.match(await refusal(own.clock.jump('disabled')), { status: 409, advice: 'change the cutoff with PATCH /__admin/accounts/a%20b/settings' }, 'its own')
    t.equal((await control.clock.jump('9998-12-31')).api, 'enabled')
    t.equal((await account.clock.jump('disabled')).now, '2021-05-04T10:00:00Z')
    await control.settings.change({ cutoff: '1970-01-01', assumptions: { 'disabled-time-zone': 'utc+14' } })
    t.match(await refusal(control.clock.jump('disabled')), { status: 400, detail: 'a clock can\'t go that far' }, 'it began before there were clocks')
    await control.reset()
  })

  t.test('next-billing is the next end of a billing cycle among the accounts that follow the clock', async t => {
    const subscriptions = (date: string, planId = 2) => [{ service: 1 as const, plan_id: planId, next_billing_date: date }]
    const [one, other, own] = await control.createAccounts([
      { name: 'one', balance: '100', projects: [{ subscriptions: subscriptions('2020-07-20T23:59:59Z') }, { subscriptions: subscriptions('2020-07-10T23:59:59Z') }] },
      { name: 'other', projects: [{ subscriptions: subscriptions('2020-06-30T23:59:59Z') }] },
      { name: 'own', balance: '100', clock: { mode: 'frozen', at: '2020-06-16' }, projects: [{ subscriptions: subscriptions('2020-06-20T23:59:59Z') }] }
    ]) as [Account, Account, Account]
    t.equal((await control.clock.jump('next-billing')).now, '2020-06-30T23:59:59Z')
    t.equal((await control.clock.jump('next-billing')).now, '2020-07-10T23:59:59Z', 'and the one after that')
    t.equal((await control.clock.jump('next-billing-1s')).now, '2020-07-20T23:59:58Z')
    t.equal((await control.clock.jump('next-billing+1s')).now, '2020-07-21T00:00:00Z')
    t.equal((await control.clock.jump('next-billing')).now, '2020-08-10T23:59:59Z', 'of a cycle that was renewed on the way')
    await control.clock.jump('2020-06-16')
    t.equal((await control.clock.jump('next-billing')).now, '2020-08-20T23:59:59Z', 'what was renewed stays so after a jump back')

    t.equal((await own.clock.jump('next-billing')).now, '2020-06-20T23:59:59Z')
    t.equal((await own.clock.jump('next-billing')).now, '2020-07-20T23:59:59Z')
    t.equal((await one.clock.jump('next-billing')).now, '2020-09-10T23:59:59Z', 'an account\'s is its own')
    t.equal((await refusal(other.clock.jump('next-billing'))).status, 409, 'what has expired has none any more')
    await control.reset()
  })

  t.test('next-billing beyond the range of clocks is refused', async t => {
    await control.clock.freeze('9998-12-15')
    const account = await control.createAccount({ projects: [{ subscriptions: [{ service: 1, plan_id: 2 }] }] })
    t.match(await refusal(account.clock.jump('next-billing')), { status: 400, detail: 'a clock can\'t go that far' })
    t.equal((await account.clock.jump('next-billing-P1M')).now, '9998-12-15T23:59:59Z')
    await control.reset()
  })

  t.test('next-billing after a change of plan is a cycle after the emulated day', async t => {
    const { change } = await emulate(t, { clock: 'frozen:2020-01-31T10:00:00Z' })
    t.match((await change(SAMPLE)).body, { status: 100, next_billing_date: '2020-02-29T23:59:59+00:00' })
  })
})

t.test('reporting what happens on the way', async t => {
  const { url, ask } = await emulate(t, { clock: 'frozen:2023-01-01' })
  const control = connect(url)
  const subscription = (date: string, service: 1 | 2 = 1, planId = 2) => ({ service, plan_id: planId, next_billing_date: `${date}T23:59:59Z` })
  const made = (...subscriptions: Array<ReturnType<typeof subscription>>) => [{ project_id: 7, subscriptions }]
  const [one, other, own, late] = await control.createAccounts([
    { name: 'one', balance: '200', projects: [...made(subscription('2023-02-10'), subscription('2023-01-10', 2, 8)), { project_id: 8 }] },
    { name: 'other', projects: made(subscription('2023-01-20')) },
    { name: 'own', balance: '14.999', clock: { mode: 'frozen', at: '2023-01-01' }, projects: made(subscription('2023-01-15')) },
    { name: 'late', balance: '5', projects: made(subscription('2023-03-20')) }
  ]) as [Account, Account, Account, Account]

  t.test('moving the world\'s clock reports the events of the accounts that follow it, in chronological order', async t => {
    t.same(eventsOf(await control.clock.advance('P2M')), [
      '2023-01-10T23:59:59Z renewed one 7 2 8 49 151',
      '2023-01-20T23:59:59Z expired other 7 1 2 balance-too-low 5 0',
      '2023-02-01T00:00:00Z api-disabled',
      '2023-02-03T23:59:59Z deleted other 7',
      '2023-02-10T23:59:59Z renewed one 7 1 2 5 146',
      '2023-02-10T23:59:59Z renewed one 7 2 8 49 97'
    ])
    t.match(await control.clock.advance('-P2M'), { events: [{ at: '2023-02-01T00:00:00Z', event: 'api-enabled' }], total: 1 }, 'and backwards nothing is undone')
    t.match(await control.clock.advance('P2M'), { events: [{ event: 'api-disabled' }], total: 1 }, 'nor done once more')
  })

  t.test('moving an account\'s own clock reports only its events', async t => {
    t.same(eventsOf(await own.clock.advance('P1M')), ['2023-01-15T23:59:59Z renewed own 7 1 2 5 9.999', '2023-02-01T00:00:00Z api-disabled'])
    t.same(eventsOf(await late.clock.advance('P1M')), ['2023-03-20T23:59:59Z renewed late 7 1 2 5 0'], 'also where it only now becomes its own')
    t.same(eventsOf(await control.clock.advance('P2M')), [
      '2023-03-10T23:59:59Z renewed one 7 1 2 5 92', '2023-03-10T23:59:59Z renewed one 7 2 8 49 43',
      '2023-04-10T23:59:59Z renewed one 7 1 2 5 38', '2023-04-10T23:59:59Z expired one 7 2 8 balance-too-low 49 38', '2023-04-24T23:59:59Z deleted one 7'
    ], 'and then the world\'s has it no more')
  })

  t.test('removing, setting and jumping a clock report events as well', async t => {
    t.same(eventsOf(await late.clock.freeze('2023-01-01')), ['2023-02-01T00:00:00Z api-enabled'])
    t.same(eventsOf(await late.clock.release()), ['2023-02-01T00:00:00Z api-disabled', '2023-04-20T23:59:59Z expired late 7 1 2 balance-too-low 5 0'])
    t.same(eventsOf(await control.clock.freeze('2023-01-15')), ['2023-02-01T00:00:00Z api-enabled'])
    t.same(eventsOf(await control.clock.run('2023-05-05')), ['2023-02-01T00:00:00Z api-disabled', '2023-05-04T23:59:59Z deleted late 7'])
    t.same(eventsOf(await control.clock.jump('disabled-1s')), ['2023-02-01T00:00:00Z api-enabled'])
    t.same(eventsOf(await control.clock.jump('disabled')), ['2023-02-01T00:00:00Z api-disabled'])
    t.same(eventsOf(await control.clock.release()), ['2023-02-01T00:00:00Z api-enabled'])
    t.same(eventsOf(await one.clock.advance('P0D')), [])
    t.same(eventsOf(await other.clock.set({ mode: 'system' })), ['2023-02-01T00:00:00Z api-disabled'])
  })

  t.test('events on the way follow the settings of the account', async t => {
    await own.settings.change({ cutoff: '2023-02-12' })
    t.same(eventsOf(await own.clock.jump('2023-02-16')), ['2023-02-12T00:00:00Z api-disabled', '2023-02-15T23:59:59Z renewed own 7 1 2 5 4.999'])
    await own.settings.change({ cutoff: 'never' })
    t.same(eventsOf(await own.clock.jump('2023-01-01')), [])
  })

  t.test('requests are answered by a moved clock at once', async t => {
    const account = await control.createAccount({ balance: '100', projects: [{ project_id: 1 }] })
    const post = async (planId: number) => (await ask('/app/api/v2/pm/change-billing', { method: 'POST', body: JSON.stringify({ token: account.token, project_id: 1, service: 1, plan_id: planId }) })).body
    await account.clock.jump('disabled-1ms')
    t.match(await post(2), { status: 100, next_billing_date: '2023-02-28T23:59:59+00:00' })
    await account.clock.jump('disabled')
    t.match(await post(3), { status: 101, message: /disabled since 2023-02-01T00:00:00Z; it is now 2023-02-01T00:00:00Z/ })
    await account.clock.jump('2019-12-31T23:59:59Z')
    t.match(await post(3), { status: 100, next_billing_date: '2020-01-31T23:59:59+00:00' }, 'also backwards')
    t.same((await account.ledger()).map(({ at, amount }) => [at, amount]), [['2019-12-31T23:59:59Z', '100'], ['2023-01-31T23:59:59.999Z', '-5'], ['2019-12-31T23:59:59Z', '-10']])
    t.same((await account.requests.list()).map(({ emulated_at: at }) => at), ['2023-01-31T23:59:59.999Z', '2023-02-01T00:00:00Z', '2019-12-31T23:59:59Z'])
    t.ok((await control.audit()).ok)
  })
})

t.test('a clock arrives where it is moved, and everything it reports lies on the way', async t => {
  const { url } = await emulate(t)
  const control = connect(url)
  const account = await control.createAccount({ balance: '150', projects: [{ subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z' }, { service: 2, plan_id: 7, next_billing_date: '2024-07-16T23:59:59Z' }] }] })
  const instant = fc.integer({ min: Date.parse('2019-01-01'), max: Date.parse('2026-01-01') }).map(at => new Date(at).toISOString())
  await fc.assert(fc.asyncProperty(instant, instant, async (from, to) => {
    await account.reset()
    await account.clock.freeze(from)
    const moved = await account.clock.jump(to)
    const times = moved.events.map(({ at }) => Date.parse(at))
    const [earlier, later] = [Date.parse(from), Date.parse(to)].sort((a, b) => a - b) as [number, number]
    return Date.parse(moved.now) === Date.parse(to) && times.every(at => at >= earlier && at <= later) && moved.total === times.length && times.join() === [...times].sort((a, b) => a - b).join() &&
      (moved.api === 'disabled') === (Date.parse(to) >= Date.parse('2023-02-01'))
  }), { numRuns: effort(15, 60) })
})

t.test('DELETE /clock returns the world\'s clock to where it started', async t => {
  const folder = worldFolder(t)
  const db = join(folder, 'world.db')
  const released = async (options: object): Promise<ClockState> => {
    const emulator = await start({ db, ...options })
    try {
      const { clock } = connect(emulator.url)
      await clock.freeze('2000-01-01')
      return await clock.release()
    } finally {
      await emulator.stop()
    }
  }

  t.match(await released({ clock: 'frozen:2021-01-01' }), { mode: 'frozen', now: '2021-01-01T00:00:00Z' })
  t.match(await released({}), { mode: 'frozen', now: '2021-01-01T00:00:00Z' }, 'also after another start')
  t.match(await released({ clock: 'system' }), { mode: 'system' }, 'by the last clock that was asked for')

  // A database of before there was a reset has nothing to go back to.
  const file = new Database(db)
  file.exec("UPDATE world_origin SET scenario = '{}'")
  file.close()
  const { mode, now } = await released({})
  t.equal(mode, 'running')
  t.ok(isAbout(now, '2020-06-16T12:00:00Z'), now)
})

t.test('a move reads the machine\'s time once: a running clock is where it was moved, however long the call takes', async t => {
  const store = openStore()
  let time = 0
  const machineTime = (): number => (time += 10)
  loadSeed(store, readScenario({ accounts: [{ name: 'a' }] }, { plans: bundledPlans(), machineTime: 0, seed: 1 }))
  const context = createContext({ store, log: pino({ enabled: false }), machineTime, seed: 1, journal: { entries: 0, bytes: 0 } })
  const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: new Map(), hasConsole: false })
  t.teardown(async () => {
    await app.close()
    store.close()
  })
  const history = async (): Promise<unknown> => (await app.inject('/__admin/history')).json()
  for (const url of ['/__admin/clock/advance', '/__admin/accounts/a/clock/advance']) {
    const { now } = (await app.inject({ method: 'POST', url, payload: { to: '2021-01-01T00:00:00Z' } })).json<{ now: string }>()
    t.equal(now, '2021-01-01T00:00:00Z', url)
    t.match((await history() as { history: unknown[] }).history.at(-1), { at: '2021-01-01T00:00:00Z', event: 'clock-moved' }, url)
  }
  const { now } = (await app.inject({ method: 'PUT', url: '/__admin/clock', payload: { mode: 'running', at: '2022-01-01' } })).json<{ now: string }>()
  t.equal(now, '2022-01-01T00:00:00Z')
})
