import t, { type Test } from 'tap'
import { connect, type ControlError, type RemoteEmulator } from '../../src/client/connect.js'
import type { ScenarioAccount, ScenarioSettings } from '../../src/contract/scenario.js'
import { effort } from '../support/effort.js'
import { emulate, SAMPLE } from '../support/emulator.js'
import { Database } from '../support/sqlite.js'

const NOW = '2020-06-16T12:00:00Z'
const FROZEN = { clock: `frozen:${NOW}` }

type Status = 'Active' | 'Expired' | 'Delete'

interface Case {
  readonly name: string
  /** A project of plan 2, which costs 5 USD a month, and the wallet that it renews itself from. */
  readonly given: readonly [status: Status, cycleEnds: string, balance: string]
  readonly settings?: ScenarioSettings
  readonly then: readonly [status: Status, cycleEnds: string, balance: string]
  /** When it was renewed. */
  readonly renewed?: readonly string[]
}

const cases: readonly Case[] = [
  { name: 'its cycle ends in a millisecond', given: ['Active', '2020-06-16T12:00:00.001Z', '5'], then: ['Active', '2020-06-16T12:00:00.001Z', '5'] },
  { name: 'its cycle ends now', given: ['Active', NOW, '5'], then: ['Active', '2020-07-16T23:59:59Z', '0'], renewed: [NOW] },
  { name: 'its cycle ended yesterday', given: ['Active', '2020-06-15T23:59:59Z', '5.001'], then: ['Active', '2020-07-15T23:59:59Z', '0.001'], renewed: ['2020-06-15T23:59:59Z'] },
  { name: 'three of its cycles have ended', given: ['Active', '2020-04-15T23:59:59Z', '15'], then: ['Active', '2020-07-15T23:59:59Z', '0'], renewed: ['2020-04-15T23:59:59Z', '2020-05-15T23:59:59Z', '2020-06-15T23:59:59Z'] },
  { name: 'three cycles of thirty days have ended', given: ['Active', '2020-04-16', '15'], settings: { assumptions: { 'month-length': '30-days' } }, then: ['Active', '2020-07-15T23:59:59Z', '0'], renewed: ['2020-04-16T00:00:00Z', '2020-05-16T23:59:59Z', '2020-06-15T23:59:59Z'] },
  { name: 'its wallet is one mill short', given: ['Active', '2020-06-15T23:59:59Z', '4.999'], then: ['Expired', '2020-06-15T23:59:59Z', '4.999'] },
  { name: 'its wallet covers two cycles of three', given: ['Active', '2020-04-15T23:59:59Z', '14.999'], then: ['Expired', '2020-06-15T23:59:59Z', '4.999'], renewed: ['2020-04-15T23:59:59Z', '2020-05-15T23:59:59Z'] },
  { name: 'its wallet has not covered a cycle that ended nearly 14 days ago', given: ['Active', '2020-06-02T12:00:00.001Z', '0'], then: ['Expired', '2020-06-02T12:00:00.001Z', '0'] },
  { name: 'its wallet has not covered a cycle that ended 14 days ago', given: ['Active', '2020-06-02T12:00:00Z', '0'], then: ['Delete', '2020-06-02T12:00:00Z', '0'] },
  { name: 'nothing renews itself', given: ['Active', '2020-06-15T23:59:59Z', '100'], settings: { assumptions: { 'auto-renew': 'off' } }, then: ['Expired', '2020-06-15T23:59:59Z', '100'] },
  { name: 'it has expired nearly 14 days ago', given: ['Expired', '2020-06-02T12:00:00.001Z', '100'], then: ['Expired', '2020-06-02T12:00:00.001Z', '100'] },
  { name: 'it has expired 14 days ago', given: ['Expired', '2020-06-02T12:00:00Z', '100'], then: ['Delete', '2020-06-02T12:00:00Z', '100'] },
  { name: 'it has expired before its cycle ends', given: ['Expired', '2020-06-17', '100'], then: ['Expired', '2020-06-17T00:00:00Z', '100'] },
  { name: 'it is deleted', given: ['Delete', '2020-04-15T23:59:59Z', '100'], then: ['Delete', '2020-04-15T23:59:59Z', '100'] }
]

const projectOf = ([status, cycleEnds]: Case['given']) =>
  ({ project_id: 5786, project_name: 'shop', project_status: status, subscriptions: [{ service: 1 as const, plan_id: 2, next_billing_date: cycleEnds }] })

const accountOf = ({ given, settings }: Case): ScenarioAccount & { readonly name: string } =>
  ({ name: 'mine', token: 'of mine', balance: given[2], ...settings && { settings }, projects: [projectOf(given)] })

const LOADED = 'PUT /state loads the account'

/** The ways into a world, each of which gives the account as its answer shows it. */
const WAYS: ReadonlyArray<readonly [name: string, enter: (admin: RemoteEmulator, given: Case, t: Test) => Promise<{ readonly admin: RemoteEmulator, readonly shown: unknown }>]> = [
  ['an emulator starts with the account, and is reset', async (_admin, given, t) => {
    const { url } = await emulate(t, { ...FROZEN, scenario: { accounts: [accountOf(given)] } })
    const { accounts } = await connect(url).state()
    await (await connect(url).account('mine')).remove()
    const reset = await connect(url).reset()
    t.strictSame(reset.accounts, accounts)
    return { admin: connect(url), shown: accounts![0] }
  }],
  [LOADED, async (admin, given) => ({ admin, shown: (await admin.load({ clock: { mode: 'frozen', at: NOW }, accounts: [accountOf(given)] })).accounts![0] })],
  ['POST /accounts creates the account', async (admin, given) => {
    const response = await fetch(`${admin.url}/__admin/accounts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(accountOf(given)) })
    return { admin, shown: await response.json() }
  }],
  ['POST /accounts/:account/reset resets the account', async (admin, given) => {
    const account = await admin.createAccount(accountOf(given))
    await account.wallet.set('1000')
    await account.setProject(5786, {})
    return { admin, shown: await account.reset() }
  }],
  ['PUT /accounts/:account/projects/:project_id sets the project', async (admin, given) => {
    const { projects: _, ...rest } = accountOf(given)
    const account = await admin.createAccount(rest)
    const project = await account.setProject(5786, projectOf(given.given))
    return { admin, shown: { ...await account.state(), projects: [project] } }
  }]
]

/** A state without the names of the assumptions that it rests on. */
const plain = (state: object): unknown => JSON.parse(JSON.stringify(state, (key, value: unknown) => key.endsWith('rests_on') ? undefined : value))

for (const [way, enter] of WAYS) {
  t.test(`what is due is settled at once when ${way}`, async t => {
    const { url } = await emulate(t, FROZEN)
    for (const one of cases) {
      const { name, settings, then: [status, cycleEnds, balance], renewed = [] } = one
      await connect(url).reset()
      const { admin, shown } = await enter(connect(url), one, t)
      const account = await admin.account('mine')
      const is = { ...accountOf(one), balance, ...settings && { settings }, projects: [projectOf([status, cycleEnds, balance])] }
      const { ledger: _, history: __, ...answered } = shown as ScenarioAccount
      t.strictSame(plain(answered), is, name)
      t.strictSame(plain(await account.state()), is, name)
      const entries = (await account.ledger()).filter(({ kind }) => kind === 'renewal')
      t.strictSame(entries, renewed.map((at, index) => ({
        at, kind: 'renewal', amount: '-5', balance: entries[index]?.balance, project_id: 5786, plan_id: 2, request_id: null
      })), name)
      t.equal((await admin.audit()).ok, true, name)

      if (way !== effort(LOADED, way)) continue
      const state = await admin.state()
      t.strictSame(await admin.load(state), state, `${name}: what is saved is loaded as it is, and nothing is due any more`)
    }
  })
}

/** Sets an account's clock behind the emulator's back, so that time has gone by and nobody has asked yet. */
function setClock (db: string, name: string, at: number): void {
  const file = new Database(db)
  file.prepare('UPDATE account SET clock = ? WHERE name = ?').run(JSON.stringify({ mode: 'frozen', at }), name)
  file.close()
}

/** An account whose cycle has ended since anybody asked. */
async function overdue (t: Test, balance: string) {
  const emulator = await emulate(t, FROZEN)
  const account = await connect(emulator.url).createAccount({ name: 'mine', balance, projects: [projectOf(['Active', '2020-07-16T23:59:59Z', ''])] })
  setClock(emulator.db, 'mine', Date.UTC(2020, 6, 17))
  return { ...emulator, account, admin: connect(emulator.url) }
}

for (const path of ['/state', '/accounts', '/accounts/mine', '/accounts/mine/wallet', '/accounts/mine/ledger', '/accounts/mine/summary', '/audit']) {
  t.test(`GET ${path} settles what is due before it answers`, async t => {
    const { ask, kept } = await overdue(t, '5.25')
    t.notMatch((await ask(`/__admin${path}`, {})).text, /"balance":"5.25"}|2020-07-16T23:59:59Z"}\]/)
    t.match(kept().ledger_entry, [{}, {}, { kind: 'renewal', amount_mills: -5000, balance_mills: 250 }])
  })
}

const changes: ReadonlyArray<readonly [name: string, act: (of: Awaited<ReturnType<typeof overdue>>) => Promise<unknown>]> = [
  ['the world\'s settings', ({ admin }) => admin.settings.change({ assumptions: { 'auto-renew': 'off', 'month-length': '30-days' } })],
  ['the account\'s settings', ({ account }) => account.settings.change({ assumptions: { 'auto-renew': 'off', 'month-length': '30-days' } })],
  ['the plan table', ({ admin }) => admin.plans.change([{ plan_id: 2, price: '5.26', cycle: 'year' }])],
  ['the wallet', ({ account }) => account.wallet.set('0.25')],
  ['another project', ({ account }) => account.setProject(1, {})]
]
for (const [name, act] of changes) {
  t.test(`what is due is settled before a change of ${name}`, async t => {
    const of = await overdue(t, '5.25')
    await act(of)
    t.match(await of.account.ledger(), [{ kind: 'opening' }, { kind: 'renewal', amount: '-5', at: '2020-07-16T23:59:59Z', balance: '0.25' }])
    t.match((await of.account.state()).projects!.at(-1), projectOf(['Active', '2020-08-16T23:59:59Z', '']))
    t.ok((await of.admin.audit()).ok)
  })
}

t.test('a credit after the end of a cycle does not revive an expired project', async t => {
  const { account } = await overdue(t, '4.999')
  t.equal(await account.wallet.credit('100'), '104.999')
  t.match(await account.state(), { projects: [projectOf(['Expired', '2020-07-16T23:59:59Z', ''])] })
  t.strictSame((await account.ledger()).map(({ kind }) => kind), ['opening', 'credit'])
})

t.test('what is due stays booked when the call is refused', async t => {
  const { account, kept } = await overdue(t, '999999999999.999')
  t.equal(kept().ledger_entry!.length, 2)
  t.match(await account.wallet.credit('6').catch((error: ControlError) => error.problem), { status: 409 })
  t.match(kept().ledger_entry, [{}, {}, { kind: 'renewal', amount_mills: -5000 }])
  t.match(await account.ledger(), [{ kind: 'opening' }, { kind: 'renewal', at: '2020-07-16T23:59:59Z', balance: '999999999994.999' }])
})

t.test('an account is settled before it is copied', async t => {
  const { account: original, admin, change } = await overdue(t, '7')
  const copy = await admin.createAccount({ copy_of: 'mine' })
  t.match(await copy.state(), { balance: '2', projects: (await original.state()).projects })
  t.match(await copy.ledger(), [{ kind: 'opening', amount: '2' }])
  t.match((await change({ ...SAMPLE, token: copy.token, plan_id: 3 })).body, { status: 403, message: /the wallet holds 2 USD/ })
  t.strictSame(await copy.reset(), await copy.state())
})
