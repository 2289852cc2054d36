import t from 'tap'
import { connect, type Account, type NewAccount, type RemoteEmulator, type Unmet } from '../../src/client/connect.js'
import { emulate, SAMPLE } from '../support/emulator.js'

const FROZEN = { mode: 'frozen', at: '2020-06-16T12:00:00Z' } as const
const LATER = 'frozen:2020-06-17T12:00:00Z'
const HANG = { kind: 'api_refusal', endpoint: 'change-billing' } as const
const CHOICE = { assumptions: { 'same-plan': 'charge-again' } } as const

/** On plan 2, so that plan 2 is the same plan again. */
const NEW: NewAccount = { balance: '100', projects: [{ project_id: 5786, subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z' }] }] }

interface World {
  readonly admin: RemoteEmulator
  readonly account: Account
  /** Sends an order, by default for the plan that the project has, of this account or of another one. */
  readonly order: (fields?: object) => Promise<unknown>
}

type Met = readonly [what: Unmet['what'], owner: 'account' | 'world', name: string]

/** What happens, and what the audit then lists. */
type Cases = Readonly<Record<string, readonly [happens: (world: World) => unknown, ...unmet: Met[]]>>

const FAULT: Met = ['fault', 'account', 'fault-1']
const SAME_PLAN: Met = ['assumption', 'account', 'same-plan']
const CLOCK: Met = ['clock', 'account', LATER]
const later = async ({ clock }: { readonly clock: Account['clock'] }): Promise<void> => { await clock.freeze('2020-06-17T12:00:00Z') }

const FAULTS: Cases = {
  'a fault that met no request': [async ({ account }) => { await account.fail(HANG) }, FAULT],
  'a fault that matched requests and let them pass': [async ({ account, order }) => {
    await account.fail({ ...HANG, skip: 1 })
    await order()
  }, FAULT],
  'a fault that triggered': [async ({ account, order }) => {
    await account.fail(HANG)
    await order()
  }],
  'a fault that came to trigger before': [async ({ account }) => { await account.fail({ ...HANG, triggered: 1, matched: 1 }) }],
  'a fault that was removed': [async ({ account }) => {
    await account.fail(HANG)
    await account.clearFaults()
  }],
  'a fault that went with a reset of its account': [async ({ account }) => {
    await account.fail(HANG)
    await account.reset()
  }],
  'a fault of all accounts': [async ({ admin }) => { await admin.fail(HANG) }, ['fault', 'world', 'fault-1']]
}

const CHOICES: Cases = {
  'a choice that no answer relied on': [async ({ account, order }) => {
    await account.settings.change(CHOICE)
    await order({ plan_id: 3 })
  }, SAME_PLAN],
  'a choice for the default': [async ({ account }) => { await account.settings.change({ assumptions: { 'same-plan': 'refuse' } }) }, SAME_PLAN],
  'a choice that an answer relied on': [async ({ account, order }) => {
    await account.settings.change(CHOICE)
    await order()
  }],
  'one choice of two': [async ({ account, order }) => {
    await account.settings.change({ assumptions: { 'same-plan': 'charge-again', 'deleted-project': 'gone' } })
    await order()
  }, ['assumption', 'account', 'deleted-project']],
  'a choice that was made after the question had been met': [async ({ account, order }) => {
    await order()
    await account.settings.change(CHOICE)
  }, SAME_PLAN],
  'a choice that was made anew after it had been met': [async ({ account, order }) => {
    await account.settings.change(CHOICE)
    await order()
    await account.settings.change(CHOICE)
  }, SAME_PLAN],
  'a choice that was met before another setting was changed': [async ({ account, order }) => {
    await account.settings.change(CHOICE)
    await order()
    await account.settings.change({ strict: true })
  }],
  'a choice that was given back': [async ({ account }) => {
    await account.settings.change(CHOICE)
    await account.settings.change({ assumptions: null })
  }],
  'a choice on which only the answer rested that a fault replaced': [async ({ account, order }) => {
    await account.settings.change(CHOICE)
    await account.fail({ ...HANG, when: 'before' })
    await order()
  }, SAME_PLAN],
  'a choice on which an answer rested that a fault replaced afterwards': [async ({ account, order }) => {
    await account.settings.change(CHOICE)
    await account.fail({ ...HANG, when: 'after' })
    await order()
  }],
  'a choice that time relied on': [async ({ account }) => {
    await account.settings.change({ assumptions: { 'auto-renew': 'off' } })
    await account.clock.jump('next-billing')
  }],
  'a choice that what time brought had nothing to do with': [async ({ account }) => {
    await account.settings.change(CHOICE)
    await account.clock.jump('next-billing')
  }, SAME_PLAN],
  'a choice for the world that no answer relied on': [async ({ admin }) => { await admin.settings.change(CHOICE) }, ['assumption', 'world', 'same-plan']],
  'a choice for the world that an answer relied on': [async ({ admin, order }) => {
    await admin.settings.change(CHOICE)
    await order()
  }],
  'a choice for the world that was made after the question had been met': [async ({ admin, order }) => {
    await order()
    await admin.settings.change(CHOICE)
  }, ['assumption', 'world', 'same-plan']],
  'a choice for the world that was met after it had been made anew': [async ({ admin, order }) => {
    await admin.settings.change(CHOICE)
    await order()
    await admin.settings.change(CHOICE)
    await order()
  }],
  'a choice for the world in whose place an account had one': [async ({ admin, account, order }) => {
    await admin.settings.change(CHOICE)
    await account.settings.change(CHOICE)
    await order()
  }, ['assumption', 'world', 'same-plan']],
  'an account\'s choice that was met before the world\'s was made anew': [async ({ admin, account, order }) => {
    await account.settings.change(CHOICE)
    await order()
    await admin.settings.change(CHOICE)
    await order()
  }, ['assumption', 'world', 'same-plan']],
  'a choice for the world that time relied on': [async ({ admin }) => {
    await admin.settings.change({ assumptions: { 'auto-renew': 'off' } })
    await admin.clock.jump('next-billing')
  }]
}

const CLOCKS: Cases = {
  'the clock that the world began with': [() => {}],
  'a clock by which nothing came': [async ({ account }) => { await later(account) }, CLOCK],
  'a clock by which a request came': [async ({ account, order }) => {
    await later(account)
    await order()
  }],
  'a clock by which a refused request came': [async ({ account, order }) => {
    await later(account)
    await order({ plan_id: 999 })
  }],
  'a clock that was set after the last request': [async ({ account, order }) => {
    await order()
    await later(account)
  }, CLOCK],
  'a clock that was set anew after it had been met': [async ({ account, order }) => {
    await account.clock.freeze('2020-06-16T12:00:00Z')
    await order()
    await account.clock.advance('P1D')
  }, CLOCK],
  'a clock that brought a billing event': [async ({ account }) => { await account.clock.jump('next-billing') }],
  'a clock that follows the world\'s again': [async ({ account }) => {
    await later(account)
    await account.clock.release()
  }],
  'a clock that was only asked what a move would do': [async ({ admin, account }) => {
    await fetch(`${admin.url}/__admin/accounts/${account.name}/clock/advance?dry_run=true`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"by":"P1D"}'
    })
  }],
  'the world\'s clock by which nothing came': [async ({ admin }) => { await later(admin) }, ['clock', 'world', LATER]],
  'the world\'s clock by which a request came': [async ({ admin, order }) => {
    await later(admin)
    await order()
  }],
  'the world\'s clock by which a request without an account came': [async ({ admin, order }) => {
    await later(admin)
    await order({ token: 'unknown' })
  }],
  'the world\'s clock that brought a billing event': [async ({ admin }) => { await admin.clock.jump('next-billing') }],
  'the world\'s clock in whose place an account had one': [async ({ admin, account, order }) => {
    await later(account)
    await later(admin)
    await order()
  }, ['clock', 'world', LATER]],
  'the world\'s clock that is back where it started': [async ({ admin }) => {
    await later(admin)
    await admin.clock.release()
  }]
}

const ENDS: Cases = {
  'what a reset of the account gave back': [async ({ account }) => {
    await account.settings.change(CHOICE)
    await later(account)
    await account.reset()
  }],
  'what went with the account': [async ({ account }) => {
    await account.fail(HANG)
    await account.settings.change(CHOICE)
    await later(account)
    await account.remove()
  }],
  'what a reset of the world gave back': [async ({ admin }) => {
    await admin.fail(HANG)
    await admin.settings.change(CHOICE)
    await later(admin)
    await admin.reset()
  }],
  'what an undo brought back, whose past is not known': [async ({ admin, account }) => {
    await account.settings.change(CHOICE)
    await later(account)
    await later(account)
    await account.undo()
    await admin.settings.change(CHOICE)
    await admin.settings.change({ assumptions: null })
  }],
  'what an undo brought back, but was made anew since': [async ({ account }) => {
    await later(account)
    await later(account)
    await account.undo()
    await account.settings.change(CHOICE)
  }, SAME_PLAN],
  'what came back with the world': [async ({ admin, account }) => {
    await account.settings.change(CHOICE)
    await later(account)
    await admin.reset()
    await admin.undo()
  }],
  'what came back with the world, but was made anew for it since': [async ({ admin, account, order }) => {
    await account.settings.change(CHOICE)
    await admin.reset()
    await admin.undo()
    await order()
    await later(admin)
  }, ['clock', 'world', LATER]]
}

t.test('an audit lists what was set and never met', async t => {
  const { url, post } = await emulate(t, { db: ':memory:', scenario: { clock: FROZEN } })
  const admin = connect(url)
  for (const [rule, cases] of Object.entries({ FAULTS, CHOICES, CLOCKS, ENDS })) {
    for (const [name, [happens, ...unmet]] of Object.entries(cases)) {
      t.test(`${rule}: ${name}`, async t => {
        await admin.reset()
        const account = await admin.createAccount(NEW)
        const order = async (fields: object = {}): Promise<unknown> => await post('/pm/change-billing', { ...SAMPLE, token: account.token, ...fields })
        await happens({ admin, account, order })
        const found = (await admin.audit()).unmet
        // Ids of faults go on counting.
        t.same(found.map(({ what, account, name }) => [what, account === null ? 'world' : 'account', what === 'fault' ? 'fault-1' : name]), unmet)
        t.ok(found.every(one => one.account === null || one.account === account.name))
        const isThere = (await admin.accounts()).some(({ name }) => name === account.name)
        if (isThere) t.same((await account.audit()).unmet, found.filter(one => one.account !== null), 'an account lists its own')
      })
    }
  }
})

t.test('what an account is created with is to be met, too', async t => {
  const { url, post } = await emulate(t, { db: ':memory:', scenario: { clock: FROZEN } })
  const account = await connect(url).createAccount({ ...NEW, settings: CHOICE, clock: { mode: 'running', at: '2020-06-17' } })
  t.same((await account.audit()).unmet, [
    { what: 'assumption', account: account.name, name: 'same-plan', says: 'same-plan=charge-again was chosen, and nothing relied on it; send a request that it decides, or leave it open' },
    { what: 'clock', account: account.name, name: 'running:2020-06-17T00:00:00Z', says: 'the clock was set to running:2020-06-17T00:00:00Z, and neither a request nor a billing event came by it; send a request, or leave the clock alone' }
  ])
  await post('/pm/change-billing', { ...SAMPLE, token: account.token })
  t.same((await account.audit()).unmet, [])
  t.match((await (await connect(url).createAccount({ clock: { mode: 'system' } })).audit()).unmet, [{ what: 'clock', name: 'system' }])
})

t.test('choices that the emulator starts with are to be met, and its clock is not', async t => {
  const { url, change, post } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z', assume: { 'same-plan': 'charge-again' } })
  const admin = connect(url)
  t.match((await admin.audit()).unmet, [{ what: 'assumption', account: null, name: 'same-plan' }])
  await post('/pm/get-projects', SAMPLE)
  t.match((await admin.audit()).unmet, [{ name: 'same-plan' }])
  await change(SAMPLE)
  await change(SAMPLE)
  t.same((await admin.audit()).unmet, [])
})

t.test('a fault says what it has seen', async t => {
  const { url, post } = await emulate(t, { db: ':memory:', scenario: { clock: FROZEN } })
  const account = await connect(url).createAccount(NEW)
  await account.fail({ kind: 'hang', when: 'after', endpoint: 'change-billing', project_id: 1, plan_id: 2 })
  for (const plan of [1, 2]) await account.fail({ kind: 'delay', plan_id: plan, skip: 5 })
  for (const plan of [1, 2, 2]) await post('/pm/change-billing', { ...SAMPLE, token: account.token, plan_id: plan })
  t.same((await account.audit()).unmet.map(({ says }) => says), [
    'the fault hang (after, change-billing, project 1, plan 2) met no request; send one that it matches, or remove it',
    'the fault delay (before, plan 1) matched 1 request and triggered on none; send more, or change its skip, times or probability',
    'the fault delay (before, plan 2) matched 2 requests and triggered on none; send more, or change its skip, times or probability'
  ])
})

t.test('in a strict audit, what was never met is a violation', async t => {
  const { url } = await emulate(t, { db: ':memory:', scenario: { clock: FROZEN } })
  const admin = connect(url)
  const account = await admin.createAccount(NEW)
  await account.fail(HANG)
  await account.settings.change(CHOICE)
  await later(admin)
  for (const options of [undefined, {}, { strict: false }]) t.match(await admin.audit(options), { ok: true, violations: [], unmet: { length: 3 } })
  t.match(await admin.audit({ strict: true }), {
    ok: false,
    accounts: 1,
    violations: [
      { account: account.name, invariant: 'fault-is-met', says: /^the fault api_refusal/ },
      { account: null, invariant: 'clock-is-met', says: /^the clock was set to/ },
      { account: account.name, invariant: 'choice-is-met', says: /^same-plan=charge-again/ }
    ]
  })
  t.match(await account.audit({ strict: true }), { ok: false, accounts: 1, violations: [{ invariant: 'fault-is-met' }, { invariant: 'choice-is-met' }] })
  await account.reset()
  await admin.clock.release()
  t.same(await admin.audit({ strict: true }), { ok: true, accounts: 1, violations: [], unmet: [] })
})

t.test('an account\'s audit checks its own books', async t => {
  const { url } = await emulate(t, { db: ':memory:', scenario: { clock: FROZEN } })
  const admin = connect(url)
  const [one] = await admin.createAccounts([NEW, NEW])
  t.same(await one!.audit(), { ok: true, accounts: 1, violations: [], unmet: [] })
  t.same(await admin.audit(), { ok: true, accounts: 2, violations: [], unmet: [] })
})

t.test('an audit that can\'t be made says why', async t => {
  const { ask } = await emulate(t, { db: ':memory:', scenario: { clock: FROZEN, accounts: [{ name: 'mine' }] } })
  for (const path of ['/__admin/audit', '/__admin/accounts/mine/audit']) {
    const { http, body } = await ask(`${path}?strict=yes`, {})
    t.match({ http, body }, { http: 400, body: { errors: [{ pointer: '/strict', found: '"yes"', expected: 'one of true, false' }] } })
    t.match(await ask(`${path}?stict=true`, {}), { http: 400, body: { errors: [{ pointer: '/stict' }] } })
    t.equal((await ask(`${path}?strict=false`, {})).http, 200)
  }
  t.match(await ask('/__admin/accounts/min/audit', {}), { http: 404, body: { detail: 'there is no account "min"; did you mean "mine"?' } })
})
