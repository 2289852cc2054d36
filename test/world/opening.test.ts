import t from 'tap'
import { connect, type Account, type RemoteEmulator, type Scenario, type ScenarioLedgerEntry } from '../../src/client/connect.js'
import { contents, emulate } from '../support/emulator.js'

const NOW = '2020-06-16T12:00:00Z'
const cycle = (end: string, planId = 2) => [{ service: 1 as const, plan_id: planId, next_billing_date: end }]
const booked = (at: string, kind: ScenarioLedgerEntry['kind'], amount: string, balance: string): ScenarioLedgerEntry => ({ at, kind, amount, balance })

interface Case {
  readonly name: string
  readonly act: (control: RemoteEmulator) => Promise<Account>
  /** What the ledger has, in the order of booking. */
  readonly ledger: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'nothing is due',
    act: async control => await control.createAccount({ balance: '9', projects: [{ project_id: 1, subscriptions: cycle('2020-06-16T12:00:00.001Z') }] }),
    ledger: [`${NOW} opening`]
  },
  {
    name: 'a cycle ends at this instant',
    act: async control => await control.createAccount({ balance: '9', projects: [{ project_id: 1, subscriptions: cycle(NOW) }] }),
    ledger: [`${NOW} opening`, `${NOW} renewal`]
  },
  {
    name: 'the account renews in the bundled edge cases',
    act: async control => {
      await control.load(await (await fetch(`${control.url}/__admin/scenarios/edge-cases`)).json() as Scenario)
      return await control.account('renews')
    },
    ledger: ['2020-06-15T23:59:59Z opening', '2020-06-15T23:59:59Z renewal']
  },
  {
    name: 'a project is put whose cycle has ended',
    act: async control => {
      const account = await control.createAccount({ balance: '20' })
      await account.wallet.credit('1')
      await account.setProject(7, { subscriptions: cycle('2020-05-15') })
      return account
    },
    ledger: ['2020-05-15T00:00:00Z opening', `${NOW} credit`, '2020-05-15T00:00:00Z renewal', '2020-06-15T23:59:59Z renewal']
  },
  {
    name: 'a project that has ended is put, and books nothing',
    act: async control => {
      const account = await control.createAccount({ balance: '4.999' })
      await account.setProject(7, { subscriptions: cycle('2020-06-10T23:59:59Z') })
      return account
    },
    ledger: ['2020-06-10T23:59:59Z opening']
  },
  {
    name: 'a cycle that has ended is free',
    act: async control => {
      await control.plans.change([{ plan_id: 10, name: 'free', service: 1, price: '0', cycle: 'month' }])
      return await control.createAccount({ balance: '3', projects: [{ project_id: 1, subscriptions: cycle('2020-06-10', 10) }] })
    },
    ledger: ['2020-06-10T00:00:00Z opening']
  },
  {
    name: 'the clock is set back before it, and the wallet is topped up',
    act: async control => {
      const account = await control.createAccount({ balance: '3' })
      await account.clock.freeze('2020-01-01')
      await account.wallet.credit('1')
      return account
    },
    ledger: ['2020-01-01T00:00:00Z opening', '2020-01-01T00:00:00Z credit']
  },
  {
    name: 'the clock is set back, but not before it',
    act: async control => {
      const account = await control.createAccount({ balance: '3' })
      await account.clock.freeze('2020-06-18')
      await account.wallet.credit('1')
      await account.clock.freeze('2020-06-17')
      await account.wallet.credit('1')
      return account
    },
    ledger: [`${NOW} opening`, '2020-06-18T00:00:00Z credit', '2020-06-17T00:00:00Z credit']
  },
  {
    name: 'a ledger of an earlier version is loaded, and a booking follows',
    act: async control => {
      const ledger = [booked(NOW, 'opening', '9', '9'), booked('2020-06-15', 'credit', '1', '10')]
      const account = await control.createAccount({ ledger, clock: { mode: 'frozen', at: '2020-06-14' } })
      await account.wallet.credit('1')
      return account
    },
    ledger: ['2020-06-14T00:00:00Z opening', '2020-06-15T00:00:00Z credit', '2020-06-14T00:00:00Z credit']
  },
  {
    name: 'a ledger begins with something else',
    act: async control => await control.createAccount({ ledger: [booked(NOW, 'credit', '9', '9'), booked('2020-06-15', 'credit', '1', '10')] }),
    ledger: [`${NOW} credit`, '2020-06-15T00:00:00Z credit']
  }
]

t.test('the opening entry of a ledger is never later than what follows, when', async t => {
  const { url, db } = await emulate(t, { clock: `frozen:${NOW}` })
  const control = connect(url)
  const other = await control.createAccount({ name: 'other', balance: '1' })
  const untouched = await other.ledger()
  for (const { name, act, ledger } of cases) {
    await control.load({ clock: { mode: 'frozen', at: NOW }, accounts: [{ name: 'other', balance: '1' }] })
    const account = await act(control)
    t.strictSame((await account.ledger()).map(({ at, kind }) => `${at} ${kind}`), ledger, name)
    t.ok((await control.audit()).ok, name)
    const state = await control.state()
    t.strictSame(await control.load(state), state, `${name}: and comes back the same`)
  }
  t.strictSame(await (await control.account('other')).ledger(), untouched, 'another account\'s stays')
  t.equal((contents(db).ledger_entry as unknown[]).length, 1 + cases.at(-1)!.ledger.length)
})

t.test('a purchase after the clock was set back is booked after the opening entry', async t => {
  const { url, change } = await emulate(t, { clock: `frozen:${NOW}` })
  const account = await connect(url).createAccount({ balance: '5', clock: { mode: 'frozen', at: '2020-02-01' }, projects: [{ project_id: 1 }] })
  await account.clock.freeze('2020-01-01')
  t.match((await change({ token: account.token, project_id: 1, service: 1, plan_id: 2 })).body, { status: 100 })
  t.match(await account.ledger(), [{ at: '2020-01-01T00:00:00Z', kind: 'opening', balance: '5' }, { at: '2020-01-01T00:00:00Z', kind: 'plan-change', balance: '0' }])
})
