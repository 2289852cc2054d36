import fc from 'fast-check'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { readCase } from '../../src/case/read.js'
import type { Case } from '../../src/contract/case.js'
import { isRequest } from '../../src/replay/compare.js'
import { cut, replay } from '../../src/server/replay.js'
import { start, type Started } from '../../src/server/start.js'
import { effort } from '../support/effort.js'
import { worldFolder } from '../support/world-folder.js'
import { addMonths, copyOf, FIELDS, mills, Model, QUESTIONS, Secret, textOf, usd, WIRE, type Account, type Event, type Fault, type Fields, type Given, type GivenProject, type GivenWorld, type Outcome, type Plan } from './model.js'

/** How many worlds are lived through, each in up to so many steps. More of them: MODEL_RUNS=2000. */
const RUNS = Number(process.env.MODEL_RUNS ?? effort(4, 75))
const STEPS = 100
/** The same lives in every run. Others: SEED=7. */
const SEED = Number(process.env.SEED ?? 1)
/** The one of them that is to be lived again, as a failure says. */
const PATH = process.env.PATH_

/** After so many steps all that there is in both worlds is compared. */
const LOOK_EVERY = 7
const DAY = 86_400_000

const planRow = (planId: number, name: string, price: string, cycle = 'month'): Plan => ({ plan_id: planId, name, service: planId < 7 || planId > 9 ? 1 : 2, price, cycle, ...planId > 2 && planId < 10 && { price_assumed: true } })
const PLANS: Plan[] = [
  { plan_id: 1, name: 'Pay As You Go' }, planRow(2, 'Phone Automation Small', '5'), planRow(3, 'Phone Automation Medium', '10'), planRow(4, 'Phone Automation Large', '15'), planRow(5, 'Phone Automation Unlimited', '25'),
  planRow(6, 'Phone Automation Yearly Unlimited', '250', 'year'), planRow(7, 'Medium WhatsApp Official Account', '29'), planRow(8, 'Large WhatsApp Official Account', '49'), planRow(9, 'Unlimited WhatsApp Official Account', '99')
]

// ---- what may be done, as plain values, so that it can be shown, made shorter, and done again ----

const index = fc.nat({ max: 11 })
const often = <T, U> (weight: number, usual: fc.Arbitrary<T>, other: fc.Arbitrary<U>): fc.Arbitrary<T | U> => fc.oneof({ weight, arbitrary: usual as fc.Arbitrary<T | U> }, { weight: 1, arbitrary: other as fc.Arbitrary<T | U> })
const rarely = <T> (weight: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => often(weight, fc.constant(undefined), value)
const some = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Fields> => fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Fields>
const amongKeys = (choices: ReadonlyMap<string, readonly string[]>): fc.Arbitrary<Fields> => some(Object.fromEntries([...choices].map(([name, all]) => [name, fc.constantFrom(...all)])))

const planId = often(12, fc.integer({ min: 1, max: 9 }), fc.constantFrom(10, 11))
const ips = fc.array(fc.constantFrom('127.0.0.1', '::ffff:127.0.0.1', '192.0.2.1', '2001:db8::1'), { minLength: 1, maxLength: 2 })
const webhooks = Object.fromEntries(['global_webhook', 'event_webhook', 'smart_reply_webhook'].map(name => [name, fc.constantFrom('', 'https://example.com/a', 'http://localhost:8080/?b=1')]))
const details = { number: fc.constantFrom('', '919876543210'), company_name: fc.constantFrom('', 'Müller'), country: fc.constantFrom('', 'IN'), time_zone: fc.constantFrom('', 'Asia/Kolkata'), date_format: fc.constantFrom('', 'DD-MM-YYYY'), ...webhooks, notes: fc.constantFrom('', 'x'.repeat(250)) }
/** Stands for the plan that a project is on. */
const SAME = 0
/** Of each endpoint what is sent to it beside token and project. */
const SENT: ReadonlyArray<readonly [endpoint: string, weight: number, fields: fc.Arbitrary<Fields>]> = [
  ['change-billing', 14, often(3, planId, fc.constant(SAME)).chain(plan => fc.record({ service: plan === SAME ? fc.constantFrom(1, 2) : often(15, fc.constant(plan > 6 && plan < 10 ? 2 : 1), fc.constantFrom(1, 2)), plan_id: fc.constant(plan) }))],
  ['create-project', 5, some({ project_name: fc.constantFrom('', 'shop', '👩'.repeat(20)), ...details, service: fc.constant(1), billing_plan: planId, generate_api_token: fc.boolean(), token_ip_address: often(3, ips, fc.constant([])) })],
  ['get-projects', 3, fc.constant({})],
  ['create-api-token', 3, fc.record({ ip_whitelist: ips })],
  ['manage-api-token', 4, fc.record({ action: fc.integer({ min: 1, max: 3 }) })],
  ['set-webhook', 3, some(webhooks)],
  ['fetch-balance', 2, fc.constant({})],
  ['check-balance', 5, fc.constant({})],
  ['change-biling', 1, fc.constant({})]
]
/** What no field takes, and what only some of them do. */
const WRONG = fc.constantFrom<unknown>(undefined, null, {}, -1, 1.5, 0, 3, 4, 'x', '', '1.0', ' 1', '9007199254740993', true, [], ['300.0.0.1'], 'x'.repeat(21), '👩'.repeat(21), 'x'.repeat(251), 'ftp://example.com/', 'UK', 'Asia/Nowhere', 'DD/MM/YYYY', 5786)

const asked = fc.oneof(...SENT.map(([endpoint, weight, fields]) => ({
  weight,
  arbitrary: fc.record({
    endpoint: fc.constant(endpoint),
    who: index,
    project: index,
    key: index,
    token: fc.oneof({ weight: endpoint === 'check-balance' ? 4 : 30, arbitrary: fc.constant('master') }, { weight: 2, arbitrary: fc.constant('project') }, { weight: 1, arbitrary: fc.constantFrom('unknown', 'number', 'missing') }),
    fields,
    wrong: rarely(12, fc.record({ field: index, value: WRONG })),
    purse: rarely(endpoint === 'change-billing' || endpoint === 'create-project' ? 2 : 40, fc.constantFrom(-1, 0, 1)),
    asText: often(12, fc.constant(false), fc.constant(true)),
    sent: often(40, fc.constant('a body'), fc.constantFrom('garbage', 'GET'))
  })
})))

const instant = fc.constantFrom('2020-06-16T12:00:00Z', '2020-01-31T10:00:00Z', '2020-02-29T00:00:00Z', '2019-12-31T23:59:59Z', '2021-01-30T23:59:58.999Z', '2022-12-20T00:00:00Z', '2023-01-31T10:00:00Z', '2023-02-01T12:00:00Z')
const whither = fc.oneof(
  { weight: 2, arbitrary: instant },
  { weight: 6, arbitrary: fc.constantFrom('P1D', 'P13D', 'P14D', 'P1M', 'P1Y', 'PT0.001S', 'PT1S', '-P1D', '-P14D', '-P1M', '-PT0.001S') },
  { weight: 8, arbitrary: fc.constantFrom('next-billing', 'next-billing-1ms', 'next-billing-1s', 'next-billing+P14D', 'next-billing+P13D') },
  { weight: 2, arbitrary: fc.constantFrom('disabled', 'disabled-1ms', 'disabled-P1M', 'release') }
)
const amount = fc.record({ plan: often(1, planId, fc.constant(SAME)), delta: fc.constantFrom(-1, 0, 0, 1, 5000, 10_000, 29_000) })
const project = fc.record({
  project_status: often(4, fc.constant('Active' as const), fc.constantFrom('Expired' as const, 'Expired' as const, 'Delete' as const)),
  subscriptions: fc.uniqueArray(fc.record({ service: fc.constantFrom(1 as const, 2 as const), plan: index, days: rarely(1, fc.constantFrom(-60, -30, -15, -14, -13, -1, 0, 1, 14, 30)), bought: rarely(2, fc.constantFrom(29, 30, 31)) }), { maxLength: 2, selector: ({ service }) => service }),
  keys: fc.array(fc.record({ ip: rarely(1, fc.constant('127.0.0.1')), status: fc.constantFrom('enabled', 'disabled', 'deleted') }), { maxLength: 2 }),
  details: rarely(3, some(details))
})
const oneOf = (group: string, choices: ReadonlyMap<string, readonly string[]>): Array<Fields | null> => [...choices].flatMap(([name, all]) => [null, ...all].map(choice => ({ [group]: { [name]: choice } })))
/** What the state may still rest on later. */
const LEFT_BEHIND = ['same-plan', 'price-between-paid-plans', 'month-length', 'auto-renew', 'expired-project', 'billing-anchor', 'unpaid-service', 'renewal-after-switch-off', 'deletion', 'pay-as-you-go-service', 'plan-prices']
/** Those with something to choose. */
const OPEN = new Map([...QUESTIONS].filter(([, choices]) => choices.length > 1))
const patch = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...oneOf('assumptions', OPEN)) as fc.Arbitrary<Fields> },
  { weight: 3, arbitrary: fc.constantFrom<Fields>(...oneOf('wire', WIRE) as Fields[], { wire: null }, { assumptions: null }) },
  { weight: 3, arbitrary: fc.constantFrom<Fields>({ strict: true }, { strict: null }, { cutoff: 'never' }, { cutoff: 'never' }, { cutoff: '2021-01-01' }, { cutoff: '2023-02-01T05:30:00Z' }, { cutoff: null }) }
)
const settings: fc.Arbitrary<Fields> = often(1, fc.constant({}), fc.record({ assumptions: amongKeys(QUESTIONS), wire: amongKeys(WIRE), cutoff: fc.constantFrom('never', '2023-02-01', '2023-02-01T05:30:00Z') }) as fc.Arbitrary<Fields>)
const KINDS = ['connection_reset', 'api_refusal', 'http_error', 'delay', 'empty_response', 'malformed_json', 'truncated_body', 'slow_body']
const fault = fc.record({
  kind: fc.constantFrom(...KINDS),
  when: fc.constantFrom('before', 'after'),
  times: fc.integer({ min: 1, max: 2 }),
  skip: often(3, fc.constant(0), fc.constant(1)),
  endpoint: rarely(3, fc.constantFrom(...FIELDS.keys())),
  project_id: rarely(5, fc.integer({ min: 1, max: 3 })),
  plan_id: rarely(5, fc.integer({ min: 1, max: 9 }))
})

const price = fc.record({ do: fc.constant('price' as const), plan: often(1, fc.integer({ min: 2, max: 10 }), fc.constantFrom(2, 3, 7)), row: some({ price: fc.constantFrom('0', '0', '0.001', '5', '7.25', '100'), cycle: fc.constantFrom('month', 'year') }) })
const choose = (patch: fc.Arbitrary<Fields>) => fc.record({ do: fc.constant('choose' as const), who: index, ofWorld: fc.boolean(), patch })
/** What decides what time brings. */
const ofTime = fc.constantFrom(...['on', 'off'].map(choice => ({ assumptions: { 'auto-renew': choice } })), ...['calendar', '30-days'].map(choice => ({ assumptions: { 'month-length': choice } })), ...['expires-project', 'falls-back'].map(choice => ({ assumptions: { 'unpaid-service': choice } })), ...['after-14-days', 'never'].map(choice => ({ assumptions: { deletion: choice } })))
/** With another clock, what is due by it waits until somebody asks. */
const restart = fc.record({ do: fc.constant('restart' as const), at: rarely(1, instant) })
const step = fc.oneof(
  { weight: 60, arbitrary: fc.record({ do: fc.constant('ask' as const), asked: often(5, fc.array(asked, { minLength: 1, maxLength: 1 }), fc.array(asked, { minLength: 2, maxLength: 5 })) }) },
  { weight: 11, arbitrary: fc.record({ do: fc.constant('move' as const), who: index, ofWorld: fc.boolean(), whither }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pay' as const), who: index, how: fc.constantFrom('set', 'credit'), amount }) },
  { weight: 4, arbitrary: choose(patch) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), who: index, project: index, given: project }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), who: index, project: index }) },
  { weight: 3, arbitrary: price },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('break' as const), who: index, ofWorld: fc.boolean(), fault }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('mend' as const), which: index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('create' as const), taken: rarely(3, index), balance: amount, clock: rarely(2, instant), projects: fc.array(project, { maxLength: 2 }), settings }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('copy' as const, 'reset' as const, 'remove' as const), who: index }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('look' as const, 'pass on' as const, 'pass all on' as const, 'start over' as const) }) }
)
const world = fc.record({ at: instant, settings, own: settings, isFile: fc.boolean() })
const single = step.map((one): Step[] => [one])
const steps = fc.array(fc.oneof({ weight: 20, arbitrary: single }, { weight: 1, arbitrary: fc.tuple(restart, fc.oneof(price, choose(ofTime), step)) }), { minLength: 1, maxLength: STEPS, size: 'max' }).map(parts => parts.flat())
const life = fc.tuple(world, steps)
type Drawn<From> = From extends fc.Arbitrary<infer Value> ? Value : never
type Step = Drawn<typeof step> | Drawn<typeof restart>
type Asked = Drawn<typeof asked>
/** A request as it is sent. */
interface Request { readonly endpoint: string, readonly method: string, readonly path: string, readonly body: Fields | null, readonly bytes: string | undefined }
interface Answered { readonly http: number, readonly headers: Readonly<Record<string, unknown>>, readonly text: string }
interface Entry extends Fields { readonly id: string, readonly request: { readonly headers: Readonly<Record<string, string>> }, readonly assumptions: readonly string[], readonly booked: { readonly ledger: Fields[], readonly subscriptions: Fields[], readonly due: { readonly events: Fields[], readonly total: number } } | null }

// ---- doing it ----

/** Both worlds side by side: each step is taken in the emulator and in the model, and they must answer the same. */
class SideBySide {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #model: Model
  readonly #met: Set<string>
  #emulator: Started | undefined
  #names = 0

  constructor (readonly launch: (options: object) => Promise<Started>, readonly isFile: boolean, scenario: GivenWorld, met: Set<string>) {
    this.#model = new Model(copyOf(scenario))
    this.#met = met
  }

  async begin (at?: string): Promise<void> { this.#emulator = await this.launch(at === undefined ? {} : { clock: `frozen:${at}` }) }

  async end (): Promise<void> {
    this.#agent.destroy()
    await this.#emulator?.stop()
  }

  /** `null` where no whole answer comes. */
  #send (method: string, path: string, body?: string, headers: Record<string, string> = {}, agent: Agent | false = this.#agent): Promise<Answered | null> {
    return new Promise(resolve => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      request(this.#emulator!.url + path, { method, headers: { 'content-type': 'application/json', ...length, ...headers }, agent }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', chunk => { text += chunk }).on('error', () => resolve(null)).on('end', () => resolve({ http: response.statusCode!, headers: response.headers, text }))
      }).on('error', () => resolve(null)).end(body)
    })
  }

  async control (method: string, path: string, body?: unknown, status = 200): Promise<Fields> {
    const { http, text } = (await this.#send(method, `/__admin${path}`, body === undefined ? undefined : JSON.stringify(body)))!
    assert.equal(http, status, `${method} ${path} ${text}`)
    return (text === '' ? {} : JSON.parse(text)) as Fields
  }

  async #command (...call: Parameters<SideBySide['control']>): Promise<void> { await this.control(...call) }

  /** The same value. A secret is learned where it is seen first: it has its form, and nobody else has it. */
  #same (expected: unknown, actual: unknown, isOrdered = false, place = ''): void {
    if (expected instanceof Secret) {
      if (expected.value === undefined) {
        assert.match(String(actual), new RegExp(`^[0-9a-f]{${expected.digits}}$`), place)
        assert.ok(this.#model.secrets().every(({ value }) => value !== actual), `${place}: ${actual} is somebody else's`)
        expected.value = actual as string
      }
      assert.equal(actual, expected.value, place)
    } else if (typeof expected === 'object' && expected !== null && typeof actual === 'object' && actual !== null) {
      const [wanted, found] = [Object.keys(expected), Object.keys(actual)]
      assert.deepEqual(isOrdered ? found : found.sort(), isOrdered ? wanted : wanted.sort(), `${place}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`)
      for (const key of wanted) this.#same((expected as Fields)[key], (actual as Fields)[key], isOrdered, `${place}/${key}`)
    } else {
      assert.deepEqual(actual, expected, place)
    }
  }

  /** All that there is, is the same in both worlds, and the books are in order. */
  async look (): Promise<void> {
    this.#same(this.#model.export(), await this.control('GET', '/state'))
    const { unmet: _unmet, ...books } = await this.control('GET', '/audit') as Fields
    this.#same({ ok: true, accounts: this.#model.accounts.size, violations: [] }, books)
    this.#same({ count: this.#model.journal.length }, await this.control('GET', '/requests/count'))
  }

  /** Whatever has happened happens again in a replay: of the world, and of one of its accounts. */
  async replay (): Promise<void> {
    const [name] = [...this.#model.accounts.keys()].slice(-1)
    for (const query of name === undefined ? [''] : ['', `?account=${encodeURIComponent(name)}`]) {
      const saved = readCase(await this.control('GET', `/case${query}`))
      await this.#replays(saved, `the case${query}`)
      const requests = saved.timeline.filter(isRequest)
      // Any of them: a number that the world's life decides on.
      const from = requests[(31 * saved.timeline.length) % requests.length]?.request.id
      if (from !== undefined) await this.#replays(readCase(JSON.parse(JSON.stringify(await cut(saved, from)))), `the case${query} from ${from} on`)
    }
  }

  async #replays (saved: Case, name: string): Promise<void> {
    const { differences, skipped } = await replay(saved)
    assert.deepEqual({ differences, skipped }, { differences: [], skipped: 0 }, `${name} replays equal`)
  }

  async take (step: Step): Promise<void> {
    const model = this.#model
    const all = [...model.accounts.values()]
    const account = all[('who' in step ? step.who : 0) % all.length]
    const whose = 'ofWorld' in step && step.ofWorld ? null : account ?? null
    const at = whose ? `/accounts/${encodeURIComponent(whose.name)}` : ''
    switch (step.do) {
      case 'ask': return await this.#ask(step.asked, all)
      case 'move': return await this.#move(whose, at, step.whither)
      case 'look': return await this.look()
      case 'create': return await this.#create(step)
      case 'choose':
        model.changeSettings(whose, step.patch)
        return await this.#command('PATCH', `${at}/settings`, step.patch)
      case 'price': {
        const row = { ...step.plan === 10 && !model.plans.has(10) && planRow(10, 'New', '3'), plan_id: step.plan, ...step.row }
        model.changePlan(row)
        return await this.#command('PUT', '/plans', [row])
      }
      case 'break': {
        const { delay, slow_body: slow, api_refusal: refusal, http_error: error } = { delay: { delay: { fixed: 0 } }, slow_body: { duration: 0 }, api_refusal: { status: 403 }, http_error: { http_status: 503, body: 'no' } } as Record<string, Fields>
        const given = { ...JSON.parse(JSON.stringify(step.fault)) as Fault, ...{ delay, slow_body: slow, api_refusal: refusal, http_error: error }[step.fault.kind] }
        const made = await this.control('POST', `${at}/faults`, given, 201)
        this.#same({ ...given, ...whose && { account: whose.name }, id: made.id, probability: 1, seed: 1, matched: 0, triggered: 0, struck: 0 }, made)
        model.faults.push(made as never)
        return
      }
      case 'mend': {
        const id = model.faults[step.which]?.id
        model.faults = model.faults.filter(fault => fault.id !== id)
        return await this.#command('DELETE', `/faults/${id ?? 'none'}`, undefined, id === undefined ? 404 : 204)
      }
      case 'start over':
        model.load(model.start)
        return this.#same(model.export(), await this.control('POST', '/reset'))
      case 'pass on': case 'pass all on': {
        const [requests, state] = [await this.control('GET', '/requests'), await this.control('GET', `/state?requests=${step.do === 'pass all on'}`)]
        const { requests: _, ...world } = state
        this.#same(model.export(), world)
        this.#same(world, await this.control('PUT', '/state', state))
        model.load(world as never, step.do === 'pass all on')
        model.faults = (await this.control('GET', '/faults')).faults as Fault[]
        return this.#same(step.do === 'pass all on' ? requests : { ...requests, requests: [], total: 0 }, await this.control('GET', '/requests'))
      }
      case 'restart':
        if (!this.isFile) return
        await this.replay()
        await this.#emulator!.stop()
        model.restart(step.at)
        return await this.begin(step.at)
      default: if (account !== undefined) await this.#change(step, account, at)
    }
  }

  async #change (step: Exclude<Step, { do: 'ask' | 'move' | 'look' | 'create' | 'choose' | 'price' | 'break' | 'mend' }>, account: Account, at: string): Promise<void> {
    const model = this.#model
    const id = 'project' in step ? this.#idOf(account, step.project) : undefined
    switch (step.do) {
      case 'pay': {
        const value = Math.max(step.how === 'credit' ? 1 : 0, this.#millsOf(step.amount, account))
        const entry = step.how === 'credit' ? model.book(account, 'credit', value) : model.book(account, 'adjustment', value - account.balance)
        return this.#same({ balance: usd(account.balance), entry }, await this.control('POST', `${at}/wallet`, { [step.how]: usd(value) }))
      }
      case 'put': {
        const [given, number] = [this.#projectOf(step.given, model.now(account)), id ?? 40]
        model.putProject(account, { ...given, project_id: number })
        return this.#same(model.state(account).projects!.find(({ project_id: other }) => other === number), await this.control('PUT', `${at}/projects/${number}`, given))
      }
      case 'drop':
        account.projects.delete(id ?? 0)
        return await this.#command('DELETE', `${at}/projects/${id ?? 99}`, undefined, id === undefined ? 404 : 204)
      case 'copy': {
        const name = `copy ${++this.#names}`
        if (model.accounts.size < 6) this.#same(model.state(model.copy(account, name)), await this.control('POST', '/accounts', { copy_of: account.name, name }, 201))
        return
      }
      case 'reset': return this.#same(model.state(model.resetAccount(account)), await this.control('POST', `${at}/reset`))
      default:
        model.remove(account)
        return await this.#command('DELETE', at, undefined, 204)
    }
  }

  /** A project of an account: the second half of the picks looks for one that is not active, and the last for none. */
  #idOf ({ projects }: Account, pick: number): number | undefined {
    const all = [...projects.values()]
    const idle = all.filter(({ status }) => status !== 'Active')
    return pick > 10 ? undefined : (pick > 6 && idle.length > 0 ? idle : all)[pick % (pick > 6 && idle.length > 0 ? idle : all).length]?.id
  }

  #priceOf (planId: number): number { return mills(this.#model.plans.get(planId)?.price ?? '0') }

  /** About what a plan costs, or what a project of the account is on. */
  #millsOf ({ plan, delta }: Drawn<typeof amount>, account?: Account): number {
    const own = [...account?.projects.values() ?? []].flatMap(({ subscriptions }) => [...subscriptions.values()]).find(({ end }) => end !== null)
    return Math.max(0, this.#priceOf(plan === SAME ? own?.plan ?? 2 : plan) + delta)
  }

  #projectOf ({ project_status: status, subscriptions, keys, details }: Drawn<typeof project>, now: number): GivenProject {
    const plansOf = { 1: [1, 2, 3, 4, 5, 6, 2], 2: [1, 7, 8, 9] }
    return {
      project_status: status,
      ...Object.fromEntries(Object.entries(details ?? {}).filter(([, text]) => text !== '')),
      subscriptions: subscriptions.map(({ service, plan, days, bought }) => {
        const id = plansOf[service][plan % plansOf[service].length]!
        if (id === 1 || days === undefined) return { service, plan_id: id }
        const end = now - now % DAY + (days + 1) * DAY - 1000
        return { service, plan_id: id, next_billing_date: textOf(end), ...bought !== undefined && bought > new Date(end).getUTCDate() && { anchor_day: bought } }
      }),
      ...keys.length > 0 && { api_tokens: keys.map(({ ip, status }) => ({ status, ...ip && { ip } })) }
    }
  }

  async #create ({ taken, balance, clock, projects, settings }: Extract<Step, { do: 'create' }>): Promise<void> {
    const model = this.#model
    const namesake = taken === undefined ? undefined : [...model.accounts.keys()][taken]
    if (namesake === undefined && model.accounts.size > 4) return
    const now = clock === undefined ? model.clock : Date.parse(clock)
    const given: Given = {
      name: namesake ?? `made ${++this.#names}`,
      balance: usd(this.#millsOf(balance)),
      settings,
      ...clock !== undefined && { clock: { mode: 'frozen', at: clock } },
      projects: projects.map((project, index) => ({ project_id: 1 + 2 * index, ...this.#projectOf(project, now) }))
    }
    const made = await this.control('POST', '/accounts', given, namesake === undefined ? 201 : 409)
    if (namesake === undefined) this.#same(model.state(model.create(given)), made)
  }

  async #move (whose: Account | null, at: string, whither: string): Promise<void> {
    const model = this.#model
    const to = this.#instantOf(whose, whither)
    if (to === Infinity) return await this.#command('POST', `${at}/clock/advance`, { to: whither }, 409)
    const isInstant = /^\d/.test(whither)
    const [method, path, body]: [string, string, Fields?] = to === null ? ['DELETE', ''] : isInstant ? ['PUT', '', { mode: 'frozen', at: whither }] : ['POST', '/advance', { [/^-?P/.test(whither) ? 'by' : 'to']: whither }]
    const events: Event[] = model.move(whose, to)
    for (const { event } of events) this.#met.add(event)
    const now = model.now(whose)
    this.#same({ mode: 'frozen', at: textOf(now), now: textOf(now), api: now < model.cutoff(whose) ? 'enabled' : 'disabled', events: events.slice(0, 1000), total: events.length }, await this.control(method, `${at}/clock${path}`, body))
  }

  /** Where a clock is moved to; `null` gives it back, `Infinity` is nowhere. */
  #instantOf (whose: Account | null, whither: string): number | null {
    const [, name, sign = '+', many = '0', unit = 'D'] = /^(next-billing|disabled)?([+-]?)(?:PT?)?([\d.]*)(ms|[DMYSs]?)$/.exec(whither) ?? []
    if (whither === 'release') return null
    if (/^\d/.test(whither)) return Date.parse(whither)
    const from = name === 'next-billing' ? this.#model.nextBilling(whose) : name === 'disabled' ? this.#model.cutoff(whose) : this.#model.now(whose)
    const count = Number(`${sign}${many}`)
    return from === Infinity ? from : 'MY'.includes(unit) ? addMonths(from, count * (unit === 'Y' ? 12 : 1)) : from + Math.round(count * { D: DAY, S: 1000, s: 1000, ms: 1 }[unit as 'D'])
  }

  #requestOf ({ endpoint, who, project, key, token, fields, wrong, asText, sent }: Asked, all: Account[]): Request {
    const account = all[who % all.length]
    const id = account && this.#idOf(account, project)
    const keys = [...account?.projects.values() ?? []].flatMap(({ tokens }) => tokens).flatMap(({ token: { value } }) => value ?? [])
    const [must = new Map<string, unknown>(), may = must] = FIELDS.get(endpoint) ?? []
    const plan = fields.plan_id === SAME ? account?.projects.get(id ?? 0)?.subscriptions.get(fields.service as 1)?.plan ?? 1 : undefined
    const body: Fields = {
      token: new Map<string, unknown>([['master', account?.token.value], ['project', keys[key % keys.length]], ['unknown', 'nobody'], ['number', 5]]).get(token),
      ...must.has('project_id') && { project_id: id ?? (endpoint === 'get-projects' ? 0 : 99) },
      ...must.has('api_token') && { api_token: keys[key % keys.length] ?? 'none' },
      ...fields,
      ...plan !== undefined && { plan_id: plan }
    }
    if (asText) for (const [name, value] of Object.entries(body)) if (typeof value === 'number' && name !== 'token') body[name] = String(value)
    const names = [...must.keys(), ...may.keys()]
    if (wrong && names.length > 0) body[names[wrong.field % names.length]!] = wrong.value
    const bytes = sent === 'GET' ? undefined : sent === 'garbage' ? 'token=x' : JSON.stringify(body)
    return { endpoint, method: sent === 'GET' ? 'GET' : 'POST', path: `/app/api/v2/${endpoint === 'check-balance' ? '' : 'pm/'}${endpoint}`, body: sent === 'a body' ? JSON.parse(bytes!) as Fields : null, bytes }
  }

  /** Sends requests all at once, each over a connection of its own; the model answers them in the order of the journal. */
  async #ask (together: readonly Asked[], all: Account[]): Promise<void> {
    const [{ purse, who, fields }] = together as [Asked]
    const payer = all[who % all.length]
    if (payer && purse !== undefined) await this.take({ do: 'pay', who, how: 'set', amount: { plan: Number(fields.plan_id ?? fields.billing_plan ?? 1), delta: purse } })
    const requests = together.map(asked => this.#requestOf(asked, all))
    // A fault that holds a request back before the decision has matched it before others that are decided on earlier.
    const batches = this.#model.faults.some(({ kind, when }) => kind === 'delay' && when === 'before') ? requests.map(request => [request]) : [requests]
    for (const batch of batches) {
      const agent = this.#model.faults.length > 0 ? false : this.#agent
      const answers = await Promise.all(batch.map(({ method, path, bytes }, nth) => this.#send(method, path, bytes, { 'x-nth': String(nth) }, agent)))
      const { requests: entries } = await this.control('GET', `/requests?limit=${batch.length}`) as { requests: Entry[] }
      assert.deepEqual(entries.map(entry => Number(entry.request.headers['x-nth'])).sort(), [...batch.keys()], 'the journal has them all')
      for (const entry of entries) {
        const nth = Number(entry.request.headers['x-nth'])
        this.#compare(batch[nth]!, entry, answers[nth]!)
      }
    }
  }

  #compare ({ endpoint, method, path, body, bytes }: Request, entry: Entry, answer: Answered | null): void {
    const emulatedAt = textOf(this.#model.now(this.#model.owner(FIELDS.has(endpoint) ? body?.token : undefined).account))
    const outcome = this.#model.ask(endpoint, method, body, entry.id)
    const { fault, account, rule, charged, status, found } = outcome
    for (const name of found) this.#met.add(`rests on ${name}`)
    const where = `${method} ${path} ${bytes}`
    this.#met.add(`${endpoint} ${rule ?? 'granted'}`).add(rule ?? 'granted').add(`${fault?.kind} ${fault?.when}`)
    const isUnanswered = ['connection_reset', 'empty_response'].includes(fault?.kind ?? '')
    const shown = isUnanswered || fault?.kind === 'http_error' ? null : fault?.kind === 'api_refusal' ? fault.status : status
    const expected = { account, endpoint: FIELDS.has(endpoint) ? endpoint : null, method, emulated_at: emulatedAt, rule, charged, api_status: shown, state: isUnanswered || fault?.kind === 'truncated_body' ? 'cut' : 'answered', fault: fault && { id: fault.id, kind: fault.kind, when: fault.when, matched: fault.matched } }
    this.#compareBooked(outcome, entry, where)
    this.#same(expected, Object.fromEntries(Object.keys(expected).map(name => [name, entry[name]])), false, where)
    if (isUnanswered || fault?.kind === 'truncated_body') return assert.equal(answer, null, where)
    if (fault?.kind === 'http_error') return assert.deepEqual([answer!.http, answer!.text], [503, 'no'], where)
    if (fault?.kind === 'api_refusal') return assert.equal(answer!.text, '{"status":403,"message":"Insufficient Balance"}', where)
    if (fault?.kind === 'malformed_json') return assert.throws(() => JSON.parse(answer!.text), where)
    this.#compareAnswer(outcome, entry, answer!, where)
  }

  /** What the request itself booked, and what time had: all of that is in the history. */
  #compareBooked ({ account, booked }: Outcome, { booked: shown }: Entry, where: string): void {
    const { due, ...own } = shown ?? { ledger: [], subscriptions: [], due: { events: [], total: 0 } }
    this.#same(booked, own, false, where)
    assert.ok(shown === null || own.ledger.length + own.subscriptions.length + due.total > 0, where)
    assert.equal(due.events.length, Math.min(100, due.total), where)
    const lineOf = (event: Fields): string => JSON.stringify(Object.entries(event).sort())
    const history = this.#model.accounts.get(account ?? '')?.history.map(lineOf) ?? []
    for (const event of due.events) {
      this.#met.add('settled by a request')
      const line = lineOf(event)
      assert.ok(history.includes(line), `${where}: ${line}`)
    }
  }

  #compareAnswer ({ body, detail, http, type, assumptions }: Outcome, entry: Entry, answer: Answered, where: string): void {
    const found = JSON.parse(answer.text) as Fields & { message: string }
    const message = body.message as string
    assert.equal(JSON.stringify(found), answer.text, 'without white space')
    assert.ok(detail === undefined ? found.message.startsWith(message) : found.message === (detail === '' ? message : `${message}: ${detail}`), `${where}: ${found.message}`)
    this.#same({ ...body, message: found.message }, found, true, where)
    assert.deepEqual([answer.http, String(answer.headers['content-type']).split(';')[0]], [http, type], where)
    assert.equal(answer.headers['x-emulator-assumptions'], entry.assumptions.length > 0 ? entry.assumptions.join(', ') : undefined, where)
    assert.deepEqual([...entry.assumptions].sort(), assumptions.sort(), where)
  }
}

t.test(`${RUNS} worlds go the way that the rules say (seed ${SEED})`, async t => {
  const folder = worldFolder(t)
  const met = new Set<string>()
  let [steps, worlds] = [0, 0]
  const property = fc.asyncProperty(life, async ([{ at, settings, own, isFile }, taken]) => {
    const clock = { mode: 'frozen', at }
    const scenario: GivenWorld = {
      clock,
      settings,
      plans: PLANS,
      accounts: [
        { name: 'shared', token: 'of shared', balance: '100', projects: [{ project_id: 1, subscriptions: [] }, { project_id: 2, subscriptions: [{ service: 1, plan_id: 2 }] }] },
        { name: 'own', token: 'of own', balance: '60', clock, settings: own, projects: [{ project_id: 2, api_tokens: [{ token: 'of 2' }], subscriptions: [{ service: 2, plan_id: 7 }, { service: 1, plan_id: 3, next_billing_date: '2020-06-30T23:59:59Z' }] }] }
      ]
    }
    const db = isFile ? join(folder, `${++worlds}.db`) : ':memory:'
    const both = new SideBySide(async options => await start({ db, scenario: scenario as never, host: '127.0.0.1', ...options }), isFile, scenario, met)
    await both.begin()
    try {
      for (const [index, step] of taken.entries()) {
        await both.take(step)
        if (++steps && index % LOOK_EVERY === LOOK_EVERY - 1) await both.look()
      }
      await both.look()
      await both.replay()
    } finally {
      await both.end()
    }
  })
  const { failed, counterexample, counterexamplePath, errorInstance } = await fc.check(property, { endOnFailure: true, numRuns: RUNS, seed: SEED, ...PATH !== undefined && { path: PATH } })
  if (failed) {
    const [world, taken] = counterexample![0]
    t.comment(`SEED=${SEED} PATH_=${counterexamplePath} npm run test:one -- test/reliability/model.test.ts`)
    t.comment(['begins with', world, ...taken].map(line => JSON.stringify(line)).join('\n'))
    t.comment((errorInstance as Error).stack)
    t.fail((errorInstance as Error).message)
  } else if (RUNS >= 100 && PATH === undefined) {
    const rules = [...readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8').matchAll(/^\| \[`([a-z-]+)`\]\(#[a-z-]+\) \| [a-z]+ \| \d{3} \|$/gm)].map(([, name]) => name!)
    t.equal(rules.length, 16)
    const expected = [...rules, ...[...FIELDS.keys()].map(endpoint => `${endpoint} granted`), 'renewed', 'expired', 'lapsed', 'deleted', ...LEFT_BEHIND.map(name => `rests on ${name}`), 'api-disabled', 'api-enabled', ...KINDS.flatMap(kind => [`${kind} before`, `${kind} after`])]
    t.same(expected.filter(name => !met.has(name)), [], 'all that can happen did')
  }
  t.comment(`${steps} steps`)
})
