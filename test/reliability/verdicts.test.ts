// Whether a sweep's verdicts are true. Clients are drawn at random, and what each run does is worked out once more, from docs/sweep.md and the
// model of the API alone: which orders the client means, and how often each of them was charged.
import fc from 'fast-check'
import assert from 'node:assert/strict'
import t from 'tap'
import { sweep, type SweepRun } from '../../src/index.js'
import { NoReference } from '../../src/sweep/reference.js'
import { effort } from '../support/effort.js'
import { copyOf, mills, Model, QUESTIONS, textOf, WIRE, type Account, type Fields, type GivenWorld, type Plan } from './model.js'

/** How many clients are swept. More of them: VERDICT_RUNS=2000. */
const RUNS = Number(process.env.VERDICT_RUNS ?? effort(8, 200))
/** The same clients in every run. Others: SEED=7. */
const SEED = Number(process.env.SEED ?? 1)

const AT = '2020-06-16T12:00:00Z'
const PRICES = new Map([[1, '0'], [2, '5'], [3, '10'], [4, '15'], [5, '25']])
const PLANS: Plan[] = [...PRICES].map(([planId, price]) => ({ plan_id: planId, price, ...planId > 1 && { service: 1, cycle: 'month' }, ...planId > 2 && { price_assumed: true } }))
const INSTANTS = 6
const FAULTS = ['connection_reset', 'empty_response', 'truncated_body', 'malformed_json', 'http_error', 'api_refusal']
/** The vendor's statuses but 100, and 101, which `api_refusal` has by itself. */
const REFUSALS = 10

// ---- clients, as plain values ----

type Step = { readonly what: 'read' | 'go on' | 'reset' | 'undo' } | { readonly what: 'create', readonly plan: number } | { readonly what: 'change', readonly project: 1 | 2 | 'created', readonly plan: number }
interface Client {
  readonly steps: readonly Step[]
  /** What it does about an answer that is lost, or can't be read. */
  readonly lost: 'fail' | 'ignore' | 'repeat' | 'repeat twice' | 'look'
  /** What it does about a refusal. */
  readonly refused: 'fail' | 'ignore' | 'repeat'
  /** Whether it compares the wallet at its end with what it should have spent. */
  readonly checks: boolean
}

const plan = fc.constantFrom(1, 2, 3, 4, 5)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('create' as const), plan }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('change' as const), project: fc.constantFrom(1 as const, 2 as const, 'created' as const), plan }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('read' as const, 'go on' as const, 'reset' as const, 'undo' as const) }) }
)
// Of two equal orders a sweep can't know which one is repeated.
const steps = fc.uniqueArray(step, { minLength: 1, maxLength: 4, selector: JSON.stringify }) as fc.Arbitrary<Step[]>
const client: fc.Arbitrary<Client> = fc.record({ steps, lost: fc.constantFrom('fail', 'ignore', 'repeat', 'repeat twice', 'look'), refused: fc.constantFrom('fail', 'fail', 'ignore', 'repeat'), checks: fc.boolean() })
const life = fc.tuple(client, fc.record({
  balance: fc.constantFrom('1000', '1000', '40', '20', '5'),
  assumptions: fc.record({ 'same-plan': fc.constantFrom(...QUESTIONS.get('same-plan')!), 'price-between-paid-plans': fc.constantFrom(...QUESTIONS.get('price-between-paid-plans')!) }, { requiredKeys: [] }),
  wire: fc.record({ http_status: fc.constantFrom(...WIRE.get('http_status')!) }, { requiredKeys: [] }),
  questions: fc.boolean(),
  instants: fc.boolean()
}))

/** A call, and the number of the order that it is for; reading is for none. */
interface Call { readonly order: number | null, readonly endpoint: string, readonly body: Fields }
/** What a suite does between its tests: its account's clock goes on, the account begins again, or the last of these is undone. */
type Doing = Generator<Call | 'go on' | 'reset' | 'undo', void, Answer>
const FORTY_DAYS = 'P40D'
/** What a client gets: `null` is an answer that was lost. */
type Answer = Fields | null
class Failure extends Error {}

/** What a client sends, one call after the other, each with what came of the last one. Throws a `Failure` where it fails. */
function * doing ({ steps, lost, refused, checks }: Client, expected: number): Doing {
  let created: unknown
  let isUndoable = false
  let before = checks || lost === 'look' ? yield * balance() : 0
  for (const [order, step] of steps.entries()) {
    if (step.what === 'read') yield * carriedOut({ order: null, endpoint: 'get-projects', body: { project_id: 0 } })
    if (step.what === 'undo' && isUndoable) yield step.what
    if (step.what === 'go on' || step.what === 'reset') yield step.what
    isUndoable = step.what === 'go on' || step.what === 'reset' || (isUndoable && step.what !== 'undo')
    if (step.what === 'create') {
      const name = `made ${order}`
      const isMade = function * (): Generator<Call, Fields | undefined, Answer> {
        const { projects, data = projects } = (yield * sent({ order: null, endpoint: 'get-projects', body: { project_id: 0 } })) as { projects?: Fields[], data?: Fields[] }
        return data!.find(project => project.project_name === name)
      }
      created = (yield * carriedOut({ order, endpoint: 'create-project', body: { project_name: name, service: 1, billing_plan: step.plan } }, isMade))?.project_id ?? created
    }
    if (step.what === 'change') {
      const project = step.project === 'created' ? created : step.project
      const isCharged = function * (): Generator<Call, Fields | undefined, Answer> { return (yield * balance()) < before ? {} : undefined }
      if (project !== undefined) yield * carriedOut({ order, endpoint: 'change-billing', body: { project_id: Number(project), service: 1, plan_id: step.plan } }, isCharged)
    }
    if (lost === 'look') before = yield * balance()
  }
  if (checks && (yield * balance()) !== expected) throw new Failure('the wallet is not as it should be')

  function * sent (call: Call): Generator<Call, Fields, Answer> {
    const answer = yield call
    if (answer?.status !== 100) throw new Failure('no answer')
    return answer
  }
  function * balance (): Generator<Call, number, Answer> { return Number((yield * sent({ order: null, endpoint: 'check-balance', body: {} })).balance) }
  function * carriedOut (call: Call, isDone?: () => Generator<Call, Fields | undefined, Answer>): Generator<Call, Fields | undefined, Answer> {
    for (let left = lost === 'repeat twice' ? 2 : 1; ; left--) {
      const answer = yield call
      if (answer?.status === 100) return answer
      const policy = answer === null ? lost : refused
      if (policy === 'ignore') return undefined
      if (policy === 'look') {
        const done = yield * isDone?.() ?? []
        if (done) return done
      }
      if (policy === 'fail' || left === 0) throw new Failure(policy)
    }
  }
}

// ---- a client as it is swept ----

async function drive (doing: Doing, { url, token, account }: SweepRun): Promise<void> {
  for (let next = doing.next(); !next.done;) {
    if (typeof next.value === 'string') {
      await { reset: account.reset, undo: account.undo, 'go on': async () => await account.clock.advance(FORTY_DAYS) }[next.value]()
      next = doing.next(null)
      continue
    }
    const { endpoint, body } = next.value
    next = doing.next(await fetch(`${url}/app/api/v2/${endpoint === 'check-balance' ? '' : 'pm/'}${endpoint}`, { method: 'POST', body: JSON.stringify({ token, ...body }) })
      .then(async response => response.ok ? await response.json() as Fields : null).catch(() => null))
  }
}

// ---- and as it is worked out ----

interface Variation { readonly fault?: { readonly kind: string, readonly when: string, readonly at: Called }, readonly assume?: Fields, readonly wire?: Fields, readonly at?: string }
interface Called { readonly endpoint: string, readonly project: number | null, readonly plan: number | null, readonly skip: number }
interface Lived {
  readonly isFailed: boolean
  /** What was charged for each order, in mills, as often as it was. */
  readonly charges: ReadonlyArray<readonly [order: number, amount: number, purchase: string]>
  /** What was renewed, and for how much. */
  readonly renewals: ReadonlyArray<readonly [amount: number, renewed: string]>
  /** Whether a call was decided at the instant that the run is for. */
  readonly isAtInstant: boolean
  readonly balance: number
  /** What the faulty call was charged, if there was one; `null` if the run did not come to it. */
  readonly faulty: number | null
  /** What the account had at its end, and before each reset and undo. */
  readonly holdings: string
  readonly calls: ReadonlyArray<{ readonly text: string, readonly isDecided: boolean, readonly assumptions: readonly string[] }>
}

type Given = GivenWorld['accounts'][number]

function live (client: Client, account: Given, expected: number, { fault, assume = {}, wire = {}, at }: Variation): Lived {
  const { settings = {} } = account
  const model = new Model({
    clock: { mode: 'frozen', at: AT },
    settings: {},
    plans: PLANS,
    accounts: [{ ...account, settings: { wire: { ...settings.wire as Fields, ...wire }, assumptions: { ...settings.assumptions as Fields, ...assume } }, ...at !== undefined && { clock: { mode: 'frozen', at } } }],
    faults: fault ? [{ id: 'fault', kind: fault.kind, when: fault.when, endpoint: fault.at.endpoint, ...fault.at.project !== null && { project_id: fault.at.project }, ...fault.at.plan !== null && { plan_id: fault.at.plan }, skip: fault.at.skip, times: 1, matched: 0, struck: 0 }] : []
  })
  const charges: Array<readonly [number, number, string]> = []
  const renewals: Array<readonly [number, string]> = []
  const calls: Array<Lived['calls'][number]> = []
  let [isFailed, faulty, isAtInstant]: [boolean, number | null, boolean] = [false, null, false]
  const wallet = () => model.accounts.get(account.name)!
  let saved: Account | undefined
  const holdings: unknown[] = []
  const note = (): unknown => holdings.push([...wallet().projects.values()].map(({ id, status, subscriptions }) => [id, status, [...subscriptions.values()].map(({ plan }) => plan)]))
  const doer = doing(client, expected)
  try {
    for (let next = doer.next(); !next.done;) {
      if (typeof next.value === 'string') {
        const told = wallet().ledger.length
        const last = copyOf(wallet())
        if (next.value !== 'go on') note()
        if (next.value === 'undo') model.accounts.set(account.name, saved!)
        else if (next.value === 'reset') model.resetAccount(wallet())
        else {
          model.move(wallet(), model.now(wallet()) + 40 * 86_400_000)
          for (const { kind, amount, project_id: project, plan_id: plan } of wallet().ledger.slice(told)) if (kind === 'renewal') renewals.push([-mills(amount), `${project} ${plan}`])
        }
        saved = last
        next = doer.next(null)
        continue
      }
      const { order, endpoint, body } = next.value
      const before = wallet().balance
      const outcome = model.ask(endpoint, 'POST', { token: account.token, ...body }, String(calls.length))
      const amount = before - wallet().balance
      const project = endpoint === 'change-billing' ? body.project_id : wallet().ledger.at(-1)?.project_id
      if (amount > 0) charges.push([order!, amount, `${project} ${body.plan_id ?? body.billing_plan}`])
      if (outcome.fault) faulty = amount
      isAtInstant ||= textOf(model.now(wallet())) === at
      calls.push({ text: `${endpoint} ${body.project_id} ${body.plan_id ?? body.billing_plan}`, isDecided: outcome.fault?.when !== 'before', assumptions: outcome.assumptions })
      const isRefusal = outcome.fault?.kind === 'api_refusal' && model.choice(wallet(), 'http_status') === '200'
      next = doer.next(isRefusal ? { status: 101 } : outcome.fault || outcome.http >= 400 ? null : outcome.body)
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    isFailed = true
  }
  note()
  return { isFailed, charges, renewals, faulty, isAtInstant, balance: wallet().balance, holdings: JSON.stringify(holdings), calls }
}

const sum = ({ charges, renewals }: Lived): number => [...charges.map(([, amount]) => amount), ...renewals.map(([amount]) => amount)].reduce((all, amount) => all + amount, 0)
const bought = ({ charges, renewals }: Lived): string => JSON.stringify([[...charges].sort(([a], [b]) => a - b), renewals.map(String).sort()])
const isAnyTwice = (names: readonly unknown[]): boolean => new Set(names).size < names.length

/** The verdict on a run, as docs/sweep.md has them. */
function verdictOn (kind: string, run: Lived, reference: Lived): string {
  if ((kind === 'fault' && run.faulty === null) || (kind === 'instant' && !run.isAtInstant)) return 'not-reached'
  const purchases = ({ charges }: Lived, purchase: string): number => charges.filter(([,, other]) => other === purchase).length
  const isOtherwise = kind === 'question' || kind === 'instant'
  const isTwice = isOtherwise
    ? reference.charges.some(([,, purchase]) => purchases(run, purchase) > purchases(reference, purchase))
    : isAnyTwice(run.charges.map(([order]) => order)) || sum(run) > sum(reference)
  if (isTwice) return 'double-charge'
  const isLess = isOtherwise ? kind === 'instant' && run.charges.length < reference.charges.length : sum(run) < sum(reference)
  const isSame = isOtherwise ? !isLess : (bought(run) === bought(reference) && run.holdings === reference.holdings)
  if (!run.isFailed) return isSame ? 'recovered' : 'false-success'
  const hasCharged = kind === 'fault' ? run.faulty! > 0 : isSame && run.charges.length > 0
  return hasCharged ? 'charged-but-failed' : isLess ? 'failed-cleanly' : 'failed'
}

const isWrong = (verdict: string): boolean => ['double-charge', 'false-success'].includes(verdict)

/** What a fault can be tried again under, by itself: what it rests on beyond the reference. */
function questionsBeyond (run: Lived, reference: Lived, settled: readonly string[]): string[] {
  const usual = reference.calls.flatMap(({ assumptions }) => assumptions)
  const count = (text: string, { calls }: Lived): number => calls.filter(call => call.isDecided && call.text === text).length
  const names = run.calls.filter(({ isDecided }) => isDecided).flatMap(({ text, assumptions }) => assumptions.filter(name => count(text, run) > count(text, reference) || !usual.includes(name)))
  return [...QUESTIONS.keys()].filter(name => names.includes(name) && !settled.includes(name))
}

t.test(`verdicts on ${RUNS} clients are what the books say (seed ${SEED})`, async t => {
  const met = new Map<string, number>()
  const note = (text: string): unknown => met.set(text, (met.get(text) ?? 0) + 1)
  const property = fc.asyncProperty(life, async ([client, { balance, assumptions, wire: own, questions, instants }]) => {
    const account = { name: 'any', token: 'of any', balance, settings: { assumptions, wire: own }, projects: [{ project_id: 1, subscriptions: [{ service: 1 as const, plan_id: 1 }] }, { project_id: 2, subscriptions: [{ service: 1 as const, plan_id: 3, next_billing_date: '2020-07-15T23:59:59Z' }] }] }
    const unchecked = live({ ...client, checks: false }, account, 0, {})
    const expected = unchecked.balance / 1000
    const reference = live(client, account, expected, {})
    const { token: _, name: __, ...given } = account
    const report = sweep(async run => { await drive(doing(client, expected), run) }, {
      account: given as never,
      faults: FAULTS,
      questions,
      instants,
      emulator: { scenario: { clock: { mode: 'frozen', at: AT }, accounts: [] } }
    })
    if (reference.isFailed || reference.calls.length === 0) {
      note('no reference')
      await assert.rejects(report, NoReference)
      return
    }
    const { results } = await report
    for (const { id, kind, verdict, if: others } of results) {
      const [, endpoint, project, plan, number, fault, when] = /^([a-z-]+)\.(-|\d+)\.(-|\d+)\.(\d+)\/(\w+)\.(\w+)(?:\.\d+)?$/.exec(id) ?? []
      const [, at] = /^instant\/(.+)$/.exec(id) ?? []
      const [, wire, dialect] = /^wire\/(\w+)=(.+)$/.exec(id) ?? []
      const [, question, choice] = /^([a-z-]+)=(.+)$/.exec(id) ?? []
      const idOf = (text: string): number | null => text === '-' ? null : Number(text)
      const variation: Variation = {
        ...fault && { fault: { kind: fault, when: when!, at: { endpoint: endpoint!, project: idOf(project!), plan: idOf(plan!), skip: Number(number) - 1 } } },
        ...at && { at },
        ...wire && { wire: { [wire]: dialect } },
        ...question && { assume: { [question]: choice } }
      }
      const run = live(client, account, expected, variation)
      const shown = [verdict, ...others.map(({ name, choice, verdict }) => `${verdict} if ${name}=${choice}`)]
      const worked = [verdictOn(kind, run, reference)]
      if (questions && kind === 'fault' && !isWrong(worked[0]!)) {
        for (const name of questionsBeyond(run, reference, Object.keys(assumptions))) {
          for (const choice of QUESTIONS.get(name)!.slice(1)) {
            const assume = { [name]: choice }
            const isMet = reference.calls.some(call => call.assumptions.includes(name))
            const other = verdictOn(kind, live(client, account, expected, { ...variation, assume }), isMet ? live(client, account, expected, { assume }) : reference)
            if (isWrong(other)) worked.push(`${other} if ${name}=${choice}`)
          }
        }
      }
      assert.deepEqual(shown, worked, `${kind} ${id}`)
      for (const text of [verdict, ...shown.slice(1)]) note(`${kind} ${text}`)
    }
    assert.equal(results.filter(({ kind }) => kind === 'fault').length, reference.calls.length * (FAULTS.length * 2 + (instants ? REFUSALS : 0)))
    assert.equal(results.filter(({ kind }) => kind === 'instant').length, instants ? INSTANTS : 0)
    assert.equal(results.filter(({ kind }) => kind === 'dialect').length, questions ? WIRE.size : 0)
  })
  const { failed, counterexample, counterexamplePath, errorInstance } = await fc.check(property, { numRuns: RUNS, seed: SEED })
  if (failed) {
    t.comment(`SEED=${SEED}, path ${counterexamplePath}`)
    t.comment(JSON.stringify(counterexample, null, 1))
    t.comment((errorInstance as Error).stack)
    t.fail((errorInstance as Error).message)
  }
  const expected = [
    ...['recovered', 'failed', 'failed-cleanly', 'charged-but-failed', 'double-charge', 'false-success', 'double-charge if same-plan=charge-again'].map(text => `fault ${text}`),
    ...['recovered', 'failed', 'failed-cleanly', 'charged-but-failed', 'false-success'].map(text => `instant ${text}`),
    'dialect recovered', 'dialect failed', 'question recovered', 'no reference'
  ]
  // Few clients come to few verdicts.
  t.same(RUNS >= 200 ? expected.filter(text => !met.has(text)) : [], [], 'all verdicts that a client without a clock can have')
  t.comment([...met].sort().map(([text, count]) => `${count} ${text}`).join('\n'))
})
