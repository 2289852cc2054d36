import Database from 'better-sqlite3'
import t from 'tap'
import type { ScenarioAccount } from '../../src/contract/scenario.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS, type AssumptionName } from '../../src/domain/assumptions.js'
import { contents, emulate, SAMPLE } from '../support/emulator.js'

interface Row {
  /** Which world makes the choice matter. */
  readonly account?: ScenarioAccount
  readonly clock?: string
  /** Which endpoint is asked; change-billing where it is left out. */
  readonly path?: string
  readonly fields?: object
  /** What each choice answers with. */
  readonly answers: Readonly<Record<string, object>>
}

const on = (planId: number): ScenarioAccount => ({ projects: [{ project_id: 5786, subscriptions: [{ service: 1, plan_id: planId }] }] })

/** A project whose cycle ended then. */
const endedOn = (date: string, status: 'Active' | 'Expired' = 'Active'): ScenarioAccount =>
  ({ projects: [{ project_id: 5786, project_status: status, subscriptions: [{ service: 1, plan_id: 2, next_billing_date: date }] }] })

/** Each assumption by its name: a request whose answer rests on it, and what each choice makes of it. */
const ROWS: Readonly<Record<AssumptionName, Row>> = {
  'same-plan': {
    account: on(2),
    answers: {
      refuse: { status: 410 },
      'accept-free': { status: 100, old_billing_plan: '2', new_billing_plan: 2, amount_debited: '0', next_billing_date: '2020-07-16T23:59:59+00:00' },
      'charge-again': { status: 100, old_billing_plan: '2', new_billing_plan: 2, amount_debited: '5', next_billing_date: '2020-07-16T23:59:59+00:00' }
    }
  },
  'price-between-paid-plans': {
    account: on(2),
    fields: { plan_id: 5 },
    answers: { 'full-price': { amount_debited: '25' }, difference: { amount_debited: '20' } }
  },
  'month-length': {
    clock: 'frozen:2020-01-31T10:00:00Z',
    answers: { calendar: { next_billing_date: '2020-02-29T23:59:59+00:00' }, '30-days': { next_billing_date: '2020-03-01T23:59:59+00:00' } }
  },
  'unknown-project-status': {
    fields: { project_id: 1 },
    answers: {
      410: { status: 410, message: 'Invalid Request: this account has no project 1' },
      408: { status: 408, message: 'Project is not Active: this account has no project 1' },
      409: { status: 409, message: 'Invalid User: this account has no project 1' }
    }
  },
  'disabled-status': {
    clock: 'frozen:2023-03-01',
    answers: { 101: { status: 101, message: /^Service Unavailable: / }, 405: { status: 405, message: /^API Is Not Active For This Plan: / } }
  },
  'pay-as-you-go-fields': {
    account: on(2),
    fields: { plan_id: 1 },
    answers: {
      'empty-string': { amount_debited: '', next_billing_date: '' },
      zero: { amount_debited: '0', next_billing_date: '' },
      absent: { status: 100, message: 'Success', old_billing_plan: '2', new_billing_plan: 1 }
    }
  },
  'disabled-time-zone': {
    clock: 'frozen:2023-02-01T06:00:00Z',
    answers: { utc: { status: 101 }, 'utc+14': { status: 101 }, 'utc-12': { status: 100 } }
  },
  'auto-renew': {
    account: endedOn('2020-06-15T23:59:59Z'),
    fields: { plan_id: 3 },
    answers: {
      on: { status: 100, old_billing_plan: '2', new_billing_plan: 3, amount_debited: '10' },
      off: { status: 408, message: 'Project is not Active: project 5786 has the status Expired' }
    }
  },
  'expired-project': {
    account: endedOn('2020-06-10T23:59:59Z', 'Expired'),
    answers: {
      refuse: { status: 408, message: 'Project is not Active: project 5786 has the status Expired' },
      revive: { status: 100, old_billing_plan: '2', new_billing_plan: 2, amount_debited: '5', next_billing_date: '2020-07-16T23:59:59+00:00' }
    }
  },
  'all-projects-key': {
    path: '/pm/get-projects',
    fields: { project_id: 0 },
    answers: {
      projects: { status: 100, message: 'Success', projects: [{ project_status: 'Active', project_id: '5786' }], data: undefined },
      data: { status: 100, message: 'Success', data: [{ project_status: 'Active', project_id: '5786' }], projects: undefined }
    }
  }
}

for (const name of ASSUMPTION_NAMES) {
  const { account, clock = 'frozen:2020-06-16T12:00:00Z', path = '/pm/change-billing', fields, answers } = ROWS[name]
  const body = { ...SAMPLE, ...fields }
  const scenario = { accounts: [{ token: SAMPLE.token, balance: '100', projects: [{ project_id: 5786 }], ...account }] }

  t.test(name, async t => {
    t.same(Object.keys(answers).sort(), [...ASSUMPTIONS[name].choices].sort(), 'every choice has its row')

    for (const [choice, expected] of Object.entries(answers)) {
      t.test(`${choice}, chosen for the world`, async t => {
        const { post } = await emulate(t, { scenario, clock, assume: { [name]: choice } })
        const answer = await post(path, body)
        t.match(answer.body, expected)
        t.equal(answer.headers.get('x-emulator-assumptions')?.split(', ').includes(name), true)
        if (choice === 'absent') t.same(Object.keys(answer.body), Object.keys(expected))
      })

      t.test(`${choice}, chosen for the account`, async t => {
        const { post } = await emulate(t, { scenario: { accounts: [{ ...scenario.accounts[0], settings: { assumptions: { [name]: choice } } }] }, clock })
        t.match((await post(path, body)).body, expected)
      })
    }

    t.test(`${ASSUMPTIONS[name].default} by default`, async t => {
      const { post } = await emulate(t, { scenario, clock })
      t.match((await post(path, body)).body, answers[ASSUMPTIONS[name].default])
    })
  })
}

t.test('the table dialect shows fields that do not apply as it shows others', async t => {
  const scenario = { accounts: [{ token: SAMPLE.token, ...on(2) }] }
  for (const [choice, amount] of [['empty-string', ''], ['zero', 0], ['absent', undefined]] as const) {
    const { change } = await emulate(t, { scenario, wire: { types: 'table' }, assume: { 'pay-as-you-go-fields': choice } })
    t.equal((await change({ ...SAMPLE, plan_id: 1 })).body.amount_debited, amount)
  }
})

t.test('an account that uses the world\'s clock and another with its own', async t => {
  const projects = [{ project_id: 5786 }]
  const { change } = await emulate(t, {
    clock: 'frozen:2023-03-01',
    scenario: { accounts: [{ token: 'world', balance: '5', projects }, { token: 'own', balance: '5', projects, clock: { mode: 'running', at: '2021-05-01' } }] }
  })
  t.match((await change({ ...SAMPLE, token: 'world' })).body, { status: 101 })
  t.match((await change({ ...SAMPLE, token: 'own' })).body, { status: 100, next_billing_date: '2021-06-01T23:59:59+00:00' })
  t.match((await change({ ...SAMPLE, token: 'nobody' })).body, { status: 101 }, 'a request of nobody is asked by the world\'s clock')
})

t.test('when the emulator itself fails', async t => {
  const { change, db } = await emulate(t)
  const file = new Database(db)
  const { account } = contents(db)
  file.exec('ALTER TABLE ledger_entry RENAME TO elsewhere')
  const answer = await change(SAMPLE)
  t.equal(answer.http, 500)
  t.same(answer.body, { status: 101, message: 'Service Unavailable: the emulator failed and changed nothing; its log says why' })
  t.same(contents(db).account, account, 'nothing has changed')
  file.exec('ALTER TABLE elsewhere RENAME TO ledger_entry')
  file.close()
  t.match((await change(SAMPLE)).body, { status: 100 }, 'and it goes on')
})
