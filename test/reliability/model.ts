// What the emulator should do, written once more from docs/rules.md, docs/scenarios.md and docs/control-api.md alone: it imports nothing, least
// of all from src/, and is as plain as can be. What is due is settled at once and not when somebody asks, and nobody may notice the difference.

const DAY = 86_400_000

/** The open questions and their choices, the default first. */
export const QUESTIONS = new Map<string, readonly string[]>([
  ['same-plan', ['refuse', 'accept-free', 'charge-again']], ['price-between-paid-plans', ['full-price', 'difference']], ['month-length', ['calendar', '30-days']], ['unknown-project-status', ['410', '408', '409']],
  ['disabled-status', ['101', '405']], ['pay-as-you-go-fields', ['empty-string', 'zero', 'absent']], ['disabled-time-zone', ['utc', 'utc+14', 'utc-12']], ['auto-renew', ['on', 'off']], ['expired-project', ['refuse', 'revive']], ['all-projects-key', ['projects', 'data']],
  ['billing-anchor', ['drifts', 'keeps-day']], ['unpaid-service', ['expires-project', 'falls-back']], ['renewal-after-switch-off', ['continues', 'stops']], ['deletion', ['after-14-days', 'never']], ['deleted-project', ['shown', 'gone']], ['inactive-project', ['refuse', 'allow']],
  ['shown-service', ['first', 'last']], ['token-without-address', ['any-address', 'no-token']], ['check-balance-switch-off', ['disabled', 'enabled']], ['pay-as-you-go-service', ['both', 'phone-automation']],
  // Nothing to choose.
  ['plan-prices', ['bundled']], ['set-webhook-endpoint', ['like-its-siblings']], ['fetch-balance-endpoint', ['like-check-balance']], ['refusal-status', ['nearest-text']], ['project-statuses', ['by-payment']], ['project-without-plan', ['pay-as-you-go']], ['cancellation', ['at-once']],
  ['renewal-order', ['lowest-project-id']], ['create-project-fields', ['none-but-token']], ['create-project-keys', ['after-service']], ['qr-code-url', ['nowhere']], ['deleted-tokens', ['hidden']], ['empty-ip-whitelist', ['refuse']], ['repeated-token-action', ['nothing']]
])
export const WIRE = new Map<string, readonly string[]>([['types', ['sample', 'table']], ['http_status', ['200', 'mapped']], ['content_type', ['application/json', 'text/html']], ['message', ['detailed', 'bare']]])
const DEFAULTS = new Map<string, Choice>([...[...QUESTIONS, ...WIRE].map(([name, choices]) => [name, choices[0]!] as const), ['strict', false], ['cutoff', '2023-02-01']])
/** Each status with its text, and the HTTP status that a dialect maps it to. */
const STATUSES = new Map<number, readonly [text: string, http: number]>([
  [100, ['Success', 200]], [101, ['Service Unavailable', 503]], [401, ['Authentication Failed', 401]], [403, ['Insufficient Balance', 402]], [405, ['API Is Not Active For This Plan', 403]], [408, ['Project is not Active', 409]], [409, ['Invalid User', 404]], [410, ['Invalid Request', 400]]
])
/** What of a state still shows a choice after the request that it decided. */
const LEFT = new Map<string, readonly string[]>([
  ['wallet', ['same-plan', 'price-between-paid-plans', 'plan-prices', 'disabled-time-zone', 'expired-project']],
  ['subscription', ['same-plan', 'month-length', 'disabled-time-zone', 'expired-project', 'pay-as-you-go-service']],
  ['status', ['expired-project']]
])
const DETAILS = ['number', 'company_name', 'country', 'time_zone', 'date_format', 'unbranded_keyword', 'branded_keyword', 'global_webhook', 'event_webhook', 'smart_reply_webhook', 'notes']

/** A token or licence key that the emulator makes up: known as soon as it was seen, and from then on always the same. */
export class Secret { constructor (readonly digits: number, public value?: string) {} }

type Choice = string | boolean
type Choose = (name: string) => Choice
type Service = 1 | 2
type Status = 'Active' | 'Expired' | 'Delete'
export type Fields = Record<string, unknown>
export interface Plan { plan_id: number, name?: string, service?: Service, price?: string, cycle?: string, price_assumed?: boolean }
export interface Fault { id: string, kind: string, when: string, account?: string, endpoint?: string, project_id?: number, plan_id?: number, times?: number, skip: number, matched: number, struck: number, [key: string]: unknown }
export interface Entry { at: string, kind: string, amount: string, balance: string, project_id: number | null, plan_id: number | null, request_id: unknown }
export interface GivenProject {
  project_id?: number, project_name?: string, project_status?: Status, status_rests_on?: string[], subscriptions?: Array<{ service: Service, plan_id: number, next_billing_date?: string, anchor_day?: number, rests_on?: string[] }>, api_tokens?: Array<{ token?: string, ip?: string, status?: string }>, [key: string]: unknown
}
/** Accounts and worlds as scenarios have them. */
export interface Given { name: string, token?: string, balance?: string, balance_rests_on?: string[], clock?: { mode: string, at: string }, settings?: Fields, projects?: GivenProject[], ledger?: Entry[], history?: Fields[] }
export interface GivenWorld { clock: { mode: string, at: string }, settings: Fields, plans: Plan[], accounts: Given[], history?: Fields[], faults?: Fault[] }
/** `day` is the day of the month on which it was bought, where the end is another one; `on` are the assumptions that it rests on. */
interface Subscription { plan: number, end: number | null, day: number | null, on: string[] }
interface Token { token: Secret, ip: string, status: string }
interface Project { id: number, name: string, status: Status, on: string[], details: Record<string, string>, license: Secret, subscriptions: Map<Service, Subscription>, tokens: Token[] }
export interface Account { name: string, token: Secret, clock: number | null, settings: Map<string, Choice>, balance: number, on: string[], projects: Map<number, Project>, ledger: Entry[], history: Fields[], origin: Given }
export interface Event { at: string, event: string, [key: string]: unknown }
interface Due { at: number, project: Project, service: Service, subscription: Subscription | null }
/** What a request comes to. `detail` is what follows the colon of the message, where the rules say it. */
export interface Outcome { status: number, http: number, type: string, body: Fields, detail: string | undefined, rule: string | null, charged: boolean, account: string | null, assumptions: string[], found: string[], fault: Fault | null, booked: { ledger: Entry[], subscriptions: Fields[] } }

class Refused { constructor (readonly rule: string, readonly status: number, readonly detail?: string) {} }

// ---- money and time ----

export const mills = (usd: string): number => Math.round(Number(usd) * 1000)
export const usd = (amount: number): string => String(amount / 1000)
export const textOf = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z')
const wireDate = (at: number | null): string => at === null ? '' : `${new Date(at).toISOString().slice(0, 19)}+00:00`

const dayOf = (at: number): number => new Date(at).getUTCDate()

export function addMonths (at: number, months: number, day = dayOf(at)): number {
  const from = new Date(at)
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(day, lastDay)) + at % DAY
}

/** The cycle that begins then; `day` as above. */
function cycle (from: number, length: string | undefined, day: number | null, choose: Choose): { end: number, day: number | null } {
  const [months, days] = length === 'year' ? [12, 365] : [1, 30]
  const lastSecond = (at: number): number => at - at % DAY + DAY - 1000
  if (choose('month-length') === '30-days') return { end: lastSecond(from + days * DAY), day: null }
  const bought = day ?? dayOf(from)
  const end = lastSecond(addMonths(from, months, choose('billing-anchor') === 'keeps-day' ? bought : dayOf(from)))
  return { end, day: dayOf(end) === bought ? null : bought }
}

/** The assumptions by which such a cycle ends when it does. */
function restingCycle (...[from, length, day, choose]: Parameters<typeof cycle>): string[] {
  const { end } = cycle(from, length, day, choose)
  return ['month-length', 'billing-anchor'].filter(name => QUESTIONS.get(name)!.some(choice => cycle(from, length, day, asked => asked === name ? choice : choose(asked)).end !== end))
}

const union = (...all: ReadonlyArray<readonly string[]>): string[] => [...QUESTIONS.keys()].filter(name => all.flat().includes(name))
const on = (key: string, names: readonly string[]): Fields => names.length > 0 ? { [key]: names } : {}
const PAY_AS_YOU_GO: Subscription = { plan: 1, end: null, day: null, on: [] }

// ---- what a field may hold, among what the test sends ----

type Valid = (value: unknown, strict: Choice) => boolean
const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Valid => (value, strict) => {
  const number = typeof value === 'string' && /^\d+$/.test(value) && !strict ? Number(value) : value
  return Number.isSafeInteger(number) && number as number >= least && number as number <= most
}
const text = (most = Infinity): Valid => value => typeof value === 'string' && [...value].length <= most
const among = (...values: unknown[]): Valid => value => values.includes(value)
const addresses = (least: number): Valid => value => Array.isArray(value) && value.length >= least && value.every(ip => ['127.0.0.1', '::1', '::ffff:127.0.0.1', '192.0.2.1', '2001:db8::1'].includes(ip as string))
const webhooks = ['global_webhook', 'event_webhook', 'smart_reply_webhook'].map(name => [name, among('', 'https://example.com/a', 'http://localhost:8080/?b=1')] as const)
const id = ['project_id', whole(1)] as const
/** Of each endpoint the fields that must be there, and those that may. */
export const FIELDS = new Map<string, readonly [must: Map<string, Valid>, may: Map<string, Valid>]>([
  ['change-billing', [new Map([id, ['service', whole(1, 2)], ['plan_id', whole(1)]]), new Map()]],
  ['create-project', [new Map(), new Map([
    ['project_name', text(20)], ['number', (value, strict) => text(200)(value, strict) || whole(0)(value, true)], ['company_name', text(200)], ['country', among('', 'IN', 'DE')], ['time_zone', among('', 'UTC', 'Asia/Kolkata')], ['date_format', among('', 'YYYY-MM-DD', 'DD-MM-YYYY', 'MM-DD-YYYY')],
    ['service', whole(1, 1)], ['billing_plan', whole(1)], ['generate_api_token', among(true, false)], ['token_ip_address', addresses(0)], ...webhooks, ['notes', text(250)]
  ])]],
  ['get-projects', [new Map([['project_id', whole(0)]]), new Map()]],
  ['create-api-token', [new Map([id, ['ip_whitelist', addresses(1)]]), new Map()]],
  ['manage-api-token', [new Map([id, ['api_token', text()], ['action', whole(1, 3)]]), new Map()]],
  ['set-webhook', [new Map([id]), new Map(webhooks)]],
  ['fetch-balance', [new Map(), new Map()]],
  ['check-balance', [new Map(), new Map()]]
])

/** A copy of anything here; a secret stays the one that it is. */
export function copyOf<T> (value: T): T {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copyOf(item)])) as T
  if (Array.isArray(value)) return value.map(copyOf) as T
  return typeof value !== 'object' || value === null || value instanceof Secret ? value : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)])) as T
}

/** A history has so many events at most. */
const newest = (history: Fields[]): Fields[] => history.slice(-1000)
const sorted = <Key extends number, Value> (map: Map<Key, Value>): Map<Key, Value> => new Map([...map].sort(([a], [b]) => a - b))
const filled = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== undefined && value !== null))

export class Model {
  clock = 0
  settings = new Map<string, Choice>()
  plans = new Map<number, Plan>()
  accounts = new Map<string, Account>()
  faults: Fault[] = []
  /** How the world's clock was moved. */
  history: Fields[] = []
  /** Whose requests the journal holds. */
  journal: Array<string | null> = []
  readonly #made = new Map<string, Secret>()

  constructor (readonly start: GivenWorld) { this.load(start) }

  // ---- worlds and accounts ----

  load (world: GivenWorld, keepsJournal = false): void {
    this.clock = Date.parse(world.clock.at)
    this.settings = new Map()
    this.changeSettings(null, world.settings)
    this.plans = new Map(world.plans.map(plan => [plan.plan_id, plan]))
    this.accounts = new Map()
    this.history = copyOf(world.history ?? [])
    world.accounts.forEach(given => this.create(given))
    this.faults = copyOf(world.faults ?? [])
    if (!keepsJournal) this.journal = []
  }

  /** The process ends, and another one goes on with its database, perhaps by another clock. */
  restart (at?: string): void {
    [this.faults, this.journal] = [[], []]
    if (at !== undefined) {
      const from = this.clock;
      [this.clock, this.start.clock.at] = [Date.parse(at), at]
      this.#noteMove(null, from)
    }
    this.settle()
  }

  /** What is made up for the same thing is the same each time. */
  #make (thing: string, digits: number, given?: string): Secret {
    const secret = given === undefined ? this.#made.get(thing) ?? new Secret(digits) : new Secret(digits, given)
    if (given === undefined) this.#made.set(thing, secret)
    return secret
  }

  create (given: Given): Account {
    const { name, balance = '0', ledger, history = [], settings = {}, clock, projects = [] } = copyOf(given)
    const account: Account = { name, token: this.#make(name, 40, given.token), clock: clock ? Date.parse(clock.at) : null, settings: new Map(), balance: mills(ledger?.at(-1)?.balance ?? '0'), on: given.balance_rests_on ?? [], projects: new Map(), ledger: ledger ?? [], history, origin: copyOf(given) }
    this.accounts.set(name, account)
    this.changeSettings(account, settings)
    if (!ledger) this.book(account, 'opening', mills(balance))
    projects.forEach(project => this.#put(account, project))
    this.settle([account])
    return account
  }

  copy (original: Account, name: string): Account {
    const { token: _, ...state } = copyOf(this.state(original))
    for (const project of state.projects!) for (const key of project.api_tokens ?? []) delete key.token
    return this.create({ ...state, name })
  }

  resetAccount ({ name, origin }: Account): Account {
    this.#forget(name)
    return this.create(origin)
  }

  remove ({ name }: Account): void {
    this.#forget(name)
    this.accounts.delete(name)
  }

  #forget (name: string): void {
    this.faults = this.faults.filter(({ account }) => account !== name)
    this.journal = this.journal.filter(account => account !== name)
  }

  putProject (account: Account, given: GivenProject): void {
    this.#put(account, given)
    this.settle([account])
  }

  #put (account: Account, given: GivenProject): void {
    const number = given.project_id!
    const thing = `${account.token.value ?? account.name}/${number}`
    const put = (plan: number, date?: string, day?: number, given: string[] = []): Subscription => {
      if (plan === 1) return { ...PAY_AS_YOU_GO, on: given }
      if (date) return { plan, end: Date.parse(date), day: day ?? null, on: given }
      const begun = [this.now(account), this.plans.get(plan)!.cycle, null, (name: string) => this.choice(account, name)] as const
      return { plan, ...cycle(...begun), on: union(given, restingCycle(...begun)) }
    }
    account.projects = sorted(account.projects.set(number, {
      id: number,
      name: given.project_name ?? `project ${number}`,
      status: given.project_status ?? 'Active',
      on: given.status_rests_on ?? [],
      details: Object.fromEntries(DETAILS.map(key => [key, String(given[key] ?? '')])),
      license: this.#make(`${thing}/license`, 30),
      tokens: (given.api_tokens ?? []).map(({ token, ip = '', status = 'enabled' }, index) => ({ token: this.#make(`${thing}/${index}`, 40, token), ip, status })),
      subscriptions: sorted(new Map((given.subscriptions ?? []).map(({ service, plan_id: plan, next_billing_date: date, anchor_day: day, rests_on: names }) => [service, put(plan, date, day, names)])))
    }))
  }

  /** An account as the control API shows it. */
  state ({ name, token, balance, on: names, clock, settings, projects }: Account): Given {
    return {
      name,
      token: token as never,
      balance: usd(balance),
      ...on('balance_rests_on', names),
      ...clock !== null && { clock: { mode: 'frozen', at: textOf(clock) } },
      ...settings.size > 0 && { settings: nested(settings) },
      projects: [...projects.values()].map(({ id, name, status, on: names, details, subscriptions, tokens }) => ({
        project_id: id,
        project_name: name,
        project_status: status,
        ...on('status_rests_on', names),
        ...filled(details),
        subscriptions: [...subscriptions].map(([service, { plan, end, day, on: names }]) => ({ service, plan_id: plan, ...end !== null && { next_billing_date: textOf(end) }, ...day !== null && { anchor_day: day }, ...on('rests_on', names) })),
        ...tokens.length > 0 && { api_tokens: tokens.map(({ token, ip, status }) => ({ token: token as never, ...filled({ ip }), status })) }
      }))
    }
  }

  /** All of it as a scenario. */
  export (): Fields {
    const accounts = [...this.accounts.values()].map(account => ({ ...this.state(account), ledger: account.ledger, ...account.history.length > 0 && { history: account.history } }))
    return { clock: { mode: 'frozen', at: textOf(this.clock) }, settings: nested(this.settings), plans: [...sorted(this.plans).values()], accounts, ...this.history.length > 0 && { history: this.history }, ...this.faults.length > 0 && { faults: this.faults.map(({ id, ...fault }) => fault) } }
  }

  /** All secrets that there are. */
  secrets (): Secret[] {
    return [...this.accounts.values()].flatMap(({ token, projects }) => [token, ...[...projects.values()].flatMap(({ license, tokens }) => [license, ...tokens.map(key => key.token)])])
  }

  choice (account: Account | null, name: string): Choice { return account?.settings.get(name) ?? this.settings.get(name) ?? DEFAULTS.get(name)! }
  now (account: Account | null): number { return account?.clock ?? this.clock }

  changeSettings (account: Account | null, { wire, assumptions, ...rest }: Fields): void {
    const { settings } = account ?? this
    const flat = (group: unknown, names: Map<string, unknown>): Fields => group === null ? Object.fromEntries([...names.keys()].map(name => [name, null])) : group as Fields
    for (const [name, value] of Object.entries({ ...flat(wire, WIRE), ...flat(assumptions, QUESTIONS), ...rest })) value === null ? settings.delete(name) : settings.set(name, value as Choice)
    this.settle()
  }

  changePlan (row: Plan): void {
    const { price_assumed: isAssumed, ...known } = this.plans.get(row.plan_id) ?? {}
    this.plans.set(row.plan_id, { ...known, ...isAssumed && row.price === undefined && { price_assumed: true }, ...row })
  }

  /** From when on the API is disabled. */
  cutoff (account: Account | null, choose: Choose = name => this.choice(account, name)): number {
    const cutoff = choose('cutoff') as string
    const hours = cutoff.length > 10 ? 0 : new Map<Choice, number>([['utc+14', -14], ['utc-12', 12]]).get(choose('disabled-time-zone')) ?? 0
    return cutoff === 'never' ? Infinity : Date.parse(cutoff) + hours * DAY / 24
  }

  // ---- money and time ----

  book (account: Account, kind: string, amount: number, at = this.now(account), project: number | null = null, plan: number | null = null, request: unknown = null): Entry {
    this.#openBy(account, at)
    account.balance += amount
    if (kind === 'adjustment') account.on = []
    account.ledger.push({ at: textOf(at), kind, amount: usd(amount), balance: usd(account.balance), project_id: project, plan_id: plan, request_id: request })
    return account.ledger.at(-1)!
  }

  /** What a wallet held at first, it held before anything that happened. */
  #openBy ({ ledger: [opening] }: Account, at: number): void {
    if (opening?.kind === 'opening' && Date.parse(opening.at) > at) opening.at = textOf(at)
  }

  /** Settles what is due of some accounts, and says what happened, which goes into their histories. */
  settle (accounts: Iterable<Account> = this.accounts.values()): Event[] {
    return [...accounts].flatMap(account => {
      const events = this.#settle(account)
      account.history = newest([...account.history, ...events.map(({ account: _, ...event }) => event)])
      return events
    })
  }

  /** Who goes by the world's clock has its moves in his history as well. */
  #noteMove (whose: Account | null, from: number): void {
    const move = { at: textOf(this.now(whose)), from: textOf(from), mode: 'frozen' }
    const owner = whose ?? this
    owner.history = newest([...owner.history, { event: 'clock-moved', ...move }])
    if (!whose) for (const account of this.#goingBy(null)) account.history = newest([...account.history, { event: 'world-clock-moved', ...move }])
  }

  #settle (account: Account): Event[] {
    const events: Event[] = []
    const choose: Choose = name => this.choice(account, name)
    for (;;) {
      const [due] = [...account.projects.values()].flatMap((project): Due[] => {
        const ends = [...project.subscriptions].flatMap(([service, subscription]) => subscription.end === null ? [] : [{ at: subscription.end, project, service, subscription }])
        if (project.status === 'Active') return ends
        return project.status === 'Expired' && ends.length > 0 && choose('deletion') === 'after-14-days' ? [{ at: Math.min(...ends.map(({ at }) => at)) + 14 * DAY, project, service: 1, subscription: null }] : []
      }).filter(({ at }) => at <= this.now(account)).sort((a, b) => a.at - b.at || a.project.id - b.project.id || a.service - b.service)
      if (due === undefined) return events

      const { at, project, service, subscription } = due
      this.#openBy(account, at)
      const event = { at: textOf(at), account: account.name, project_id: project.id }
      if (subscription === null) {
        project.status = 'Delete'
        project.on = union(project.on, ['deletion'], ...[...project.subscriptions.values()].map(other => other.on))
        events.push({ ...event, event: 'deleted' })
        continue
      }
      const { plan_id: planId, price, cycle: length, price_assumed: isAssumed } = this.plans.get(subscription.plan)!
      const what = { ...event, service, plan_id: planId }
      // What is to come rests on the choices that are asked for, on what made the state that it finds, and so on the wallet if anything is to be paid.
      let names = union(subscription.on, project.on, price === '0' ? [] : account.on, isAssumed ? ['plan-prices'] : [])
      const asked: Choose = name => {
        names = union(names, [name])
        return choose(name)
      }
      const isCovered = account.balance >= mills(price!)
      const isLate = at >= this.cutoff(account)
      const stops = choose('renewal-after-switch-off') === 'stops'
      const hinges = QUESTIONS.get('disabled-time-zone')!.some(zone => (at >= this.cutoff(account, name => name === 'disabled-time-zone' ? zone : choose(name))) !== isLate)
      let reason = isCovered ? '' : 'balance-too-low'
      if (!reason && asked('auto-renew') === 'off') reason = 'auto-renew-off'
      if (!reason && stops && hinges) asked('disabled-time-zone')
      if (!reason && isLate && asked('renewal-after-switch-off') === 'stops') reason = 'api-disabled'
      if (reason) {
        const why = { reason, price, balance: usd(account.balance) }
        const isOnAnother = [...project.subscriptions.values()].some(other => other !== subscription && other.end !== null && other.end >= at)
        if (isOnAnother && asked('unpaid-service') === 'falls-back') {
          Object.assign(subscription, PAY_AS_YOU_GO, { on: names })
          events.push({ ...what, event: 'lapsed', ...why })
        } else {
          project.status = 'Expired'
          events.push({ ...what, event: 'expired', ...why })
        }
        project.on = names
        if (isCovered && price !== '0') account.on = names
        continue
      }
      if (price !== '0') this.book(account, 'renewal', -mills(price!), at, project.id, planId)
      project.on = names
      if (price !== '0') account.on = names
      const begun = [at, length, subscription.day, choose] as const
      Object.assign(subscription, cycle(...begun), { on: union(names, restingCycle(...begun)) })
      events.push({ ...what, event: 'renewed', amount: price, balance: usd(account.balance) })
    }
  }

  #goingBy (whose: Account | null): Account[] { return whose ? [whose] : [...this.accounts.values()].filter(({ clock }) => clock === null) }

  /** The end of the next cycle by a clock: an account's own, or the world's. */
  nextBilling (whose: Account | null): number {
    const active = this.#goingBy(whose).flatMap(({ projects }) => [...projects.values()].filter(({ status }) => status === 'Active'))
    return Math.min(...active.flatMap(({ subscriptions }) => [...subscriptions.values()].map(({ end }) => end ?? 0)).filter(end => end > this.now(whose)))
  }

  /** Sets a clock, or with `null` gives it back, and says what it passed. */
  move (whose: Account | null, to: number | null): Event[] {
    const [from, cutoff] = [this.now(whose), this.cutoff(whose)]
    if (whose) whose.clock = to
    else this.clock = to ?? Date.parse(this.start.clock.at)
    this.#noteMove(whose, from)
    const isPassed = (from < cutoff) !== (this.now(whose) < cutoff)
    return [...this.settle(this.#goingBy(whose)), ...isPassed ? [{ at: textOf(cutoff), event: from < cutoff ? 'api-disabled' : 'api-enabled' }] : []].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
  }

  // ---- requests ----

  /** Whose a token is, and which project's. */
  owner (token: unknown): { account: Account | null, project?: Project, key?: Token } {
    for (const account of typeof token === 'string' ? this.accounts.values() : []) {
      if (account.token.value === token) return { account }
      for (const project of account.projects.values()) for (const key of project.tokens) if (key.token.value === token) return { account, project, key }
    }
    return { account: null }
  }

  /** Answers a request; a body of `null` can't be read. What it does is not kept where a fault strikes before it. */
  ask (endpoint: string, method: string, body: Fields | null, requestId: unknown): Outcome {
    const { account, project, key } = this.owner(FIELDS.has(endpoint) ? body?.token : undefined)
    const fault = FIELDS.has(endpoint) ? this.#strike(endpoint, account, body ?? {}) : null
    const isKept = fault?.when !== 'before' || ['delay', 'slow_body'].includes(fault.kind)
    // Each rule stands below its heading in docs/rules.md, in the order of that page; the rest of them are in #decide.
    const refusal = (choose: Choose): Refused | undefined => {
      // ## path-must-be-known
      if (!FIELDS.has(endpoint)) return new Refused('path-must-be-known', 410)

      // ## api-is-disabled-after-cutoff
      const isOpen = endpoint === 'check-balance' && choose('check-balance-switch-off') === 'enabled'
      if (this.now(account) >= this.cutoff(account, choose) && !isOpen) return new Refused('api-is-disabled-after-cutoff', Number(choose('disabled-status')))

      // ## method-must-be-post
      if (method !== 'POST') return new Refused('method-must-be-post', 410)

      // ## body-must-be-json-object
      if (body === null) return new Refused('body-must-be-json-object', 410)

      // ## token-must-be-known
      if (account === null || key?.status === 'deleted') return new Refused('token-must-be-known', 401)

      // ## token-must-be-master
      if (key && endpoint !== 'check-balance') return new Refused('token-must-be-master', 401)

      // ## token-must-be-enabled
      if (key?.status === 'disabled') return new Refused('token-must-be-enabled', 401, `this API token of project ${project!.id} is disabled`)

      // ## token-must-come-from-its-address
      if (key && !['', '127.0.0.1', '::ffff:127.0.0.1'].includes(key.ip)) return new Refused('token-must-come-from-its-address', 401)
    }
    /** `decided` are the choices that decide the answer, `found` what the state that it reads rests on. */
    const answer = (held: Account | null, choose: Choose, decided: readonly string[] = [], found: string[] = []): Omit<Outcome, 'assumptions' | 'found' | 'fault' | 'booked'> => {
      const before = held?.balance ?? 0
      let [refused, fields]: [Refused | undefined, Fields] = [refusal(choose), {}]
      try {
        if (!refused) fields = this.#decide(held!, endpoint, body!, choose, requestId, decided, found)
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        refused = error
      }
      const status = refused?.status ?? 100
      const [message, mapped] = STATUSES.get(status)!
      const rule = refused?.rule ?? null
      const http = rule === 'path-must-be-known' ? 404 : choose('http_status') === '200' ? 200 : rule === 'method-must-be-post' ? 405 : mapped
      const detail = choose('message') === 'bare' ? '' : refused?.detail
      return { status, http, type: choose('content_type') as string, body: 'balance' in fields ? { ...fields, status, message } : { status, message, ...fields }, detail, rule, account: account?.name ?? null, charged: isKept && held !== null && held.balance < before }
    }
    // Another choice would have given another answer, if only a message that says more.
    const shown = (name?: string, chosen?: string): string => JSON.stringify(answer(copyOf(account), asked => {
      questions.add(asked)
      return asked === name ? chosen! : asked === 'message' ? 'detailed' : this.choice(account, asked)
    }))
    const questions = new Set<string>()
    const plain = shown()
    // What was not asked for makes no difference.
    const open = [...questions]
    const alternatives = (name: string, choices: readonly string[]): readonly string[] => name === 'plan-prices' ? this.#otherPrices(account, body) : choices.filter(choice => choice !== this.choice(account, name))
    const assumptions = [...QUESTIONS].filter(([name, choices]) => name === `${endpoint}-endpoint` || (open.includes(name) && alternatives(name, choices).some(choice => shown(name, choice) !== plain))).map(([name]) => name)
    const found: string[] = []
    const before = account && copyOf(account)
    const answered = answer(isKept ? account : copyOf(account), name => this.choice(account, name), assumptions, found)
    this.journal.push(answered.account)
    return { ...answered, assumptions: union(assumptions, found), found, fault: fault && { ...fault, matched: fault.matched - 1 }, booked: this.#booked(before, account) }
  }

  /** What has come into the books of an account since then. */
  #booked (before: Account | null, account: Account | null): Outcome['booked'] {
    if (!before || !account) return { ledger: [], subscriptions: [] }
    const state = (status: Status, { plan, end }: Subscription): Fields => ({ plan_id: plan, project_status: status, next_billing_date: end === null ? null : textOf(end) })
    const subscriptions = [...account.projects.values()].flatMap(project => [...sorted(project.subscriptions)].map(([service, subscription]) => {
      const old = before.projects.get(project.id)
      return { project_id: project.id, service, before: old ? state(old.status, old.subscriptions.get(service) ?? PAY_AS_YOU_GO) : null, after: state(project.status, subscription) }
    }))
    return { ledger: account.ledger.slice(before.ledger.length), subscriptions: subscriptions.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after)) }
  }

  /** What the plans that a request is about might cost as well, where their price is assumed. */
  #otherPrices (account: Account | null, body: Fields | null): string[] {
    const current = [...account?.projects.get(Number(body?.project_id))?.subscriptions.values() ?? []].map(({ plan }) => plan)
    const ids = [...current, Number(body?.plan_id ?? body?.billing_plan)].filter(id => this.plans.get(id)?.price_assumed)
    return ids.flatMap(id => [`${id} free`, `${id} dear`])
  }

  /** The fault that strikes a request: the first of those that it fits whose turn it is. */
  #strike (endpoint: string, account: Account | null, body: Fields): Fault | null {
    const isFor = (wanted: number | undefined, found: unknown): boolean => wanted === undefined || (whole(0)(found, false) && Number(found) === wanted)
    for (const fault of this.faults) {
      if ((fault.account ?? account?.name) !== account?.name || (fault.endpoint ?? endpoint) !== endpoint || !isFor(fault.project_id, body.project_id) || !isFor(fault.plan_id, body.plan_id ?? body.billing_plan)) continue
      fault.matched++
      if (fault.matched <= fault.skip || fault.struck >= (fault.times ?? Infinity)) continue
      fault.triggered = ++fault.struck
      return fault
    }
    return null
  }

  /** What is answered beside status and message, once the account is known. */
  #decide (account: Account, endpoint: string, body: Fields, choose: Choose, requestId: unknown, decided: readonly string[], found: string[]): Fields {
    const now = this.now(account)
    const isSample = choose('types') === 'sample'
    const priceOf = ({ plan_id: id, price = '0' }: Plan): number => new Map<Choice, number>([[`${id} free`, 0], [`${id} dear`, 1e9]]).get(choose('plan-prices')) ?? mills(price)
    const money = (amount: number): unknown => isSample ? usd(amount) : amount / 1000

    // ## fields-must-be-valid
    const [must, may] = FIELDS.get(endpoint)!
    const isRight = ([name, isValid]: [string, Valid]): boolean => isValid(body[name], choose('strict'))
    if (![...must].every(isRight) || ![...may].every(field => body[field[0]] === undefined || isRight(field))) throw new Refused('fields-must-be-valid', 410)
    if (endpoint.endsWith('-balance')) {
      found.push(...account.on)
      return { balance: account.balance / 1000 }
    }

    // ## project-must-exist
    const number = Number(body.project_id)
    /** What has been expired for fourteen days is deleted, or is it? */
    const statusOf = ({ status, on, subscriptions }: Project): Status => {
      found.push(...on)
      const end = Math.min(...[...subscriptions.values()].map(({ end }) => end ?? Infinity))
      return status === 'Expired' && choose('deletion') === 'after-14-days' && end + 14 * DAY <= now ? 'Delete' : status
    }
    const isGone = (project: Project): boolean => choose('deleted-project') === 'gone' && statusOf(project) === 'Delete'
    /** What a part of the state rests on as soon as this request has written it. */
    const left = (part: string): string[] => union(decided.filter(name => LEFT.get(part)!.includes(name)))
    const projectOf = (): Project => {
      const project = account.projects.get(number)
      if (!project || isGone(project)) throw new Refused('project-must-exist', Number(choose('unknown-project-status')), `this account has no project ${number}`)
      return project
    }

    // ## project-must-be-active
    const mustBeActive = (project: Project): void => {
      const status = statusOf(project)
      if (status !== 'Active') throw new Refused('project-must-be-active', 408, `project ${number} has the status ${status}`)
    }

    // ## api-token-must-exist
    const keyOf = ({ tokens }: Project): Token => {
      const key = tokens.find(({ token, status }) => token.value === body.api_token && status !== 'deleted')
      if (!key) throw new Refused('api-token-must-exist', 410, `project ${number} has no such api_token`)
      return key
    }

    // ## plan-must-exist
    const planFor = (planId: number, service: number): Plan => {
      const plan = this.plans.get(planId)
      if (!plan) throw new Refused('plan-must-exist', 410, `plan_id ${planId} is not in the plan table`)

      // ## plan-must-belong-to-service
      const own = plan.service ?? (choose('pay-as-you-go-service') === 'both' ? service : 1)
      if (own !== service) throw new Refused('plan-must-belong-to-service', 410, `plan_id ${planId} belongs to service ${own}, not to service ${service}`)
      return plan
    }

    // ## plan-must-differ
    const mustDiffer = (old: number): void => {
      if (choose('same-plan') === 'refuse') throw new Refused('plan-must-differ', 410, `the project is already on plan_id ${old}`)
    }

    // ## wallet-must-cover-price
    /** Debits what a plan costs, and gives its first cycle. */
    const buy = (project: number, { plan_id: plan, cycle: length }: Plan, cost: number): Subscription => {
      if (cost > 0) found.push(...account.on)
      if (account.balance < cost) throw new Refused('wallet-must-cover-price', 403, `the wallet holds ${usd(account.balance)} USD, but plan_id ${plan} costs ${usd(cost)} USD`)
      if (cost > 0) this.book(account, 'plan-change', -cost, now, project, plan, requestId)
      if (plan !== 1) account.on = union(account.on, left('wallet'))
      return plan === 1 ? { ...PAY_AS_YOU_GO, on: left('subscription') } : { plan, ...cycle(now, length, null, choose), on: left('subscription') }
    }

    // ## When every rule holds
    const addTokens = (project: Project, ips: string[]): Fields[] => {
      const made = ips.map(ip => ({ ip, token: new Secret(40) }))
      project.tokens.push(...made.map(token => ({ ...token, status: 'enabled' })))
      return made
    }
    const show = (project: Project, amount?: unknown): Fields => {
      const [service, { plan, end, on }] = [...project.subscriptions].at(choose('shown-service') === 'first' ? 0 : -1) ?? [1, PAY_AS_YOU_GO]
      found.push(...on)
      const { unbranded_keyword: unbranded, branded_keyword: branded, global_webhook: global, event_webhook: event, smart_reply_webhook: smart, notes, ...details } = project.details
      const head = { project_status: statusOf(project), project_id: isSample ? String(project.id) : project.id, project_name: project.name, ...details, service, ...(amount !== undefined || !isSample) && { billing_plan: isSample ? plan : String(plan) } }
      const keys = { license_key: project.license, qr_code_base64: btoa(`https://pickyassist.invalid/qr-code/${project.id}.png`), unbranded_keyword: unbranded, branded_keyword: branded }
      const tokens = { api_tokens: project.tokens.filter(({ status }) => status !== 'deleted').map(({ ip, token }) => ({ ip, token })), global_webhook: global, event_webhook: event, smart_reply_webhook: smart }
      return { ...head, ...keys, ...tokens, next_billing_date: wireDate(end), amount_debited: amount ?? '', notes }
    }

    if (endpoint === 'create-project') {
      const plan = planFor(Number(body.billing_plan ?? 1), 1)
      const made = Math.max(0, ...account.projects.keys()) + 1
      const bought = buy(made, plan, priceOf(plan))
      this.#put(account, { project_name: '', ...body, project_id: made })
      const project = account.projects.get(made)!
      project.subscriptions.set(1, bought)
      const ips = body.token_ip_address as string[] | undefined
      if (body.generate_api_token === true) addTokens(project, ips?.length ? ips : choose('token-without-address') === 'any-address' ? [''] : [])
      return show(project, plan.plan_id === 1 ? '' : money(priceOf(plan)))
    }

    if (endpoint === 'get-projects' && number === 0) return { [choose('all-projects-key') as string]: [...account.projects.values()].filter(project => !isGone(project)).map(project => show(project)) }
    const project = projectOf()
    if (endpoint === 'get-projects') return show(project)
    const isRevived = endpoint === 'change-billing' && statusOf(project) === 'Expired' && choose('expired-project') === 'revive' && Number(body.plan_id) !== 1
    const isAllowed = endpoint.endsWith('-token') || endpoint === 'set-webhook' ? project.status !== 'Active' && choose('inactive-project') === 'allow' : isRevived
    if (!isAllowed) mustBeActive(project)

    if (endpoint === 'create-api-token') return { project_id: number, api_token: addTokens(project, body.ip_whitelist as string[]) }
    if (endpoint === 'manage-api-token') {
      keyOf(project).status = ['disabled', 'enabled', 'deleted'][Number(body.action) - 1]!
      return {}
    }
    if (endpoint === 'set-webhook') {
      for (const [name] of webhooks) project.details[name] = (body[name] ?? project.details[name]) as string
      return {}
    }

    const service = Number(body.service) as Service
    const plan = planFor(Number(body.plan_id), service)
    const old = { ...project.subscriptions.get(service) ?? PAY_AS_YOU_GO }
    found.push(...old.on)
    const isSame = old.plan === plan.plan_id && !isRevived
    if (isSame) mustDiffer(old.plan)
    const isFree = isSame && choose('same-plan') === 'accept-free'
    const isDifference = !isSame && !isRevived && old.plan !== 1 && choose('price-between-paid-plans') === 'difference'
    const cost = isFree ? 0 : Math.max(0, priceOf(plan) - (isDifference ? priceOf(this.plans.get(old.plan)!) : 0))
    if (isFree && plan.plan_id !== 1) account.on = union(account.on, left('wallet'))
    const bought = isFree ? { ...old, on: union(old.on, left('subscription')) } : buy(number, plan, cost)
    if (isRevived) {
      project.status = 'Active'
      project.on = left('status')
      for (const other of project.subscriptions.values()) if (other.end !== null && other.end <= now) Object.assign(other, PAY_AS_YOU_GO, { on: union(other.on, left('subscription')) })
    }
    project.subscriptions = sorted(project.subscriptions.set(service, bought))
    const plans = { ...!isSample && { project_id: number }, old_billing_plan: String(old.plan), new_billing_plan: isSample ? plan.plan_id : String(plan.plan_id) }
    if (plan.plan_id !== 1) return { ...plans, amount_debited: money(cost), next_billing_date: wireDate(bought.end) }
    const none = choose('pay-as-you-go-fields')
    return none === 'absent' ? plans : { ...plans, amount_debited: none === 'zero' ? money(0) : '', next_billing_date: '' }
  }
}

function nested (settings: ReadonlyMap<string, Choice>): Fields {
  const pick = (isIn: (name: string) => boolean): Fields | undefined => {
    const found = [...settings].filter(([name]) => isIn(name))
    return found.length > 0 ? Object.fromEntries(found) : undefined
  }
  return filled({ wire: pick(name => WIRE.has(name)), assumptions: pick(name => QUESTIONS.has(name)), strict: settings.get('strict'), cutoff: settings.get('cutoff') })
}
