import fc from 'fast-check'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { ENDPOINT_NAMES } from '../../src/api/index.js'
import type { Scenario, ScenarioProject } from '../../src/contract/scenario.js'
import { LEDGER_KINDS } from '../../src/domain/account.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS } from '../../src/domain/assumptions.js'
import { instantText } from '../../src/domain/clock.js'
import { usd } from '../../src/domain/money.js'
import { dumpWorld } from '../../src/scenario/dump.js'
import type { Seed } from '../../src/scenario/read.js'
import { effort } from '../support/effort.js'
import { apiTokens, details, withTokensApart } from '../support/project.js'
import { asJson, differences, loaded, MACHINE_TIME, read } from '../support/scenario.js'
import { anyCharacter } from '../support/texts.js'
import { Database } from '../support/sqlite.js'

/** Up to a year before the last instant: a cycle that starts later ends beyond it, and its end could not be written down. */
const instants = fc.integer({ min: 0, max: Date.UTC(9997, 11, 31) / 1000 }).map(seconds => instantText(seconds * 1000))
const amounts = fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 999_999_999_999_999 })).map(usd)
const clocks = fc.oneof(fc.constant({ mode: 'system' as const }), fc.record({ mode: fc.constantFrom('running' as const, 'frozen' as const), at: instants }))
const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const settings = fc.record({
  wire: fc.record({ types: fc.constantFrom('sample' as const, 'table' as const), http_status: fc.constantFrom('200' as const, 'mapped' as const) }, { requiredKeys: [] }),
  assumptions: fc.uniqueArray(fc.constantFrom(...ASSUMPTION_NAMES)).chain(names => fc.tuple(...names.map(name => fc.constantFrom<string>(...ASSUMPTIONS[name].choices).map(choice => [name, choice]))))
    .map(choices => Object.fromEntries(choices) as Record<string, string>),
  strict: fc.boolean(),
  cutoff: fc.oneof(fc.constant('never'), instants, instants.map(text => text.slice(0, 10)))
}, { requiredKeys: [] })
/** The sane plans of `plans` below, by their services. */
const PLAN_IDS = { 1: [1, 2, 3, 4, 5, 6, 10], 2: [1, 7, 8, 9] }
const subscriptionTo = (service: 1 | 2) => fc.tuple(fc.constantFrom(...PLAN_IDS[service]), fc.option(instants, { nil: undefined }), fc.integer({ min: 1, max: 31 }), fc.subarray(ASSUMPTION_NAMES)).map(([planId, date, bought, names]) =>
  ({ service, plan_id: planId, ...planId !== 1 && date !== undefined && { next_billing_date: date, ...bought > new Date(date).getUTCDate() && { anchor_day: bought } }, ...(planId === 1 || date !== undefined) && names.length > 0 && { rests_on: names } }))
const project = fc.record({
  project_id: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  project_name: fc.oneof(fc.constant(''), names),
  ...details,
  api_tokens: apiTokens,
  project_status: fc.constantFrom('Active' as const, 'Expired' as const, 'Delete' as const),
  status_rests_on: fc.subarray(ASSUMPTION_NAMES, { minLength: 1 }),
  subscriptions: fc.subarray([1, 2] as const).chain(services => fc.tuple(...services.map(subscriptionTo)))
}, { requiredKeys: [] })
const ttls = fc.tuple(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom('ms', 's', 'm', 'h')).map(([count, unit]) => `${count}${unit}`)
/** Balances that follow one another, and what led from each to the next. */
const ledger = fc.array(fc.record({
  at: instants,
  kind: fc.constantFrom(...LEDGER_KINDS),
  balanceMills: fc.integer({ min: 0, max: 999_999_999_999_999 }),
  project_id: fc.option(fc.integer({ min: 1 })),
  plan_id: fc.option(fc.integer({ min: 1 })),
  request_id: fc.option(names)
}, { requiredKeys: ['at', 'kind', 'balanceMills'] }), { maxLength: 4 }).map(entries => entries.map(({ balanceMills, ...entry }, index) =>
  ({ ...entry, amount: usd(balanceMills - (entries[index - 1]?.balanceMills ?? 0)), balance: usd(balanceMills) })))
const modes = fc.constantFrom('system' as const, 'running' as const, 'frozen' as const)
const ids = { project_id: fc.integer({ min: 1 }), service: fc.constantFrom(1 as const, 2 as const), plan_id: fc.integer({ min: 1 }) }
const moves = fc.record({ at: instants, event: fc.constant('clock-moved' as const), from: instants, mode: modes })
const history = fc.array(fc.oneof(
  moves,
  fc.record({ at: instants, event: fc.constant('world-clock-moved' as const), from: instants, mode: modes }),
  fc.record({ at: instants, event: fc.constant('renewed' as const), ...ids, amount: amounts, balance: amounts }),
  fc.record({ at: instants, event: fc.constant('expired' as const), ...ids, reason: fc.constantFrom('balance-too-low' as const, 'auto-renew-off' as const), price: amounts, balance: amounts }),
  fc.record({ at: instants, event: fc.constant('deleted' as const), project_id: ids.project_id })
), { maxLength: 3 })
const ofEveryFault = {
  when: fc.constantFrom('before' as const, 'after' as const),
  endpoint: fc.constantFrom(...ENDPOINT_NAMES),
  project_id: fc.integer({ min: 1 }),
  plan_id: fc.integer({ min: 1 }),
  times: fc.integer({ min: 1, max: 1_000_000_000 }),
  skip: fc.nat(1_000_000_000),
  probability: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.nat(0xffff_ffff),
  ttl: ttls,
  matched: fc.nat(1_000_000_000),
  struck: fc.nat(1_000_000_000)
}
const delay = fc.oneof(
  fc.record({ fixed: fc.nat(600_000) }),
  fc.record({ uniform: fc.tuple(fc.nat(600_000), fc.nat(600_000)).map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const) }),
  fc.record({ lognormal: fc.record({ median: fc.nat(600_000), sigma: fc.double({ min: 0, max: 10, noNaN: true }) }) }))
const fault = fc.oneof(...([
  ['delay', { delay }],
  ['http_error', { http_status: fc.integer({ min: 400, max: 599 }), body: fc.string({ unit: anyCharacter }) }],
  ['api_refusal', { status: fc.constantFrom(101, 403, 410) }],
  ['slow_body', { duration: fc.nat(600_000) }],
  ['hang', {}]
] as const).map(([kind, own]) => fc.record({ kind: fc.constant(kind), ...ofEveryFault, ...own }, { requiredKeys: ['kind'] })))
const wealth = fc.oneof(fc.record({ balance: amounts }), fc.record({ ledger }), fc.constant({}))
const account = fc.tuple(wealth, fc.record({
  name: names.map(name => `the ${name}`),
  token: names.map(token => `the ${token}`),
  clock: clocks,
  settings,
  projects: fc.uniqueArray(project, { maxLength: 4, comparator: (a, b) => a.project_id !== undefined && a.project_id === b.project_id }),
  history,
  ttl: ttls
}, { requiredKeys: [] })).map(([wealth, rest]) => ({ ...rest, ...wealth }))
const scenario: fc.Arbitrary<Scenario> = fc.record({
  clock: clocks,
  settings,
  plans: fc.tuple(amounts, amounts, fc.constantFrom('month' as const, 'year' as const)).map(([price, other, cycle]) =>
    [{ plan_id: 2, price }, { plan_id: 10, name: 'New', service: 1 as const, price: other, cycle }]),
  accounts: fc.uniqueArray(account, { maxLength: 5, comparator: (a, b) => (a.name !== undefined && a.name === b.name) || (a.token !== undefined && a.token === b.token) }).map(withTokensApart),
  history: fc.array(moves, { maxLength: 3 }),
  faults: fc.array(fault, { maxLength: 3 })
}, { requiredKeys: ['plans'] })

t.test('any valid scenario is loaded unchanged, and each wallet is the sum of its ledger', async t => {
  const dir = t.testdir()
  let files = 0
  fc.assert(fc.property(scenario, scenario => {
    const seed = read(scenario)
    const file = join(dir, `${++files}.db`)
    const store = loaded(seed, file)
    const different = differences(store, seed)
    store.close()
    const db = new Database(file, { readonly: true })
    const sums = db.prepare(`SELECT name, coalesce(sum(amount_mills), 0) FROM account LEFT JOIN ledger_entry USING (account_id)
      GROUP BY account_id ORDER BY account_id`).raw().all()
    db.close()
    return different.length === 0 && isDeepStrictEqual(sums, seed.accounts.map(({ account }) => [account.name, account.balanceMills]))
  }), { numRuns: effort(8, 40) })
})

/** What a project says of itself; an empty text says nothing. */
function detailsOf (project: ScenarioProject): object {
  return Object.fromEntries(Object.entries(project).filter(([key, value]) => Object.hasOwn(details, key) && value !== ''))
}

t.test('a dumped world is read as the same world, and holds what was given', async t => {
  const written = (seed: Seed): Scenario => {
    const store = loaded(seed)
    const scenario = dumpWorld(store, seed.faults, MACHINE_TIME)
    store.close()
    return asJson(scenario) as Scenario
  }
  const met = { ledgers: 0, histories: 0, faults: 0, spans: 0, details: 0, tokens: 0 }
  fc.assert(fc.property(scenario, scenario => {
    const once = written(read(scenario))
    const twice = written(read(once))
    for (const account of once.accounts!) {
      if (account.ledger!.length > 1) met.ledgers++
      if (account.ttl !== undefined) met.spans++
    }
    if (once.history !== undefined) met.histories++
    if (!isDeepStrictEqual(once.history ?? [], asJson(scenario.history ?? []))) return false
    if (once.faults !== undefined) met.faults++
    for (const [index, { projects = [] }] of (scenario.accounts ?? []).entries()) {
      const written = once.accounts![index]!.projects!
      if (!isDeepStrictEqual(once.accounts![index]!.history ?? [], asJson(scenario.accounts![index]!.history ?? []))) return false
      for (const given of projects.filter(({ project_id: id }) => id !== undefined)) {
        const project = written.find(({ project_id: id }) => id === given.project_id)!
        met.details += Object.keys(detailsOf(given)).length
        met.tokens += given.api_tokens?.length ?? 0
        if (!isDeepStrictEqual(detailsOf(project), detailsOf(given))) return false
        const tokens = project.api_tokens?.map(({ token, ...rest }, nth) => ({ ...given.api_tokens![nth]!.token !== undefined && { token }, ...rest }))
        if (!isDeepStrictEqual(tokens ?? [], (given.api_tokens ?? []).map(token => ({ ...token, status: token.status ?? 'enabled' })))) return false
      }
    }
    return isDeepStrictEqual(twice, once)
  }), { numRuns: effort(40, 100) })
  t.ok(Math.min(...Object.values(met)) > effort(0, 10), `each was tried: ${JSON.stringify(met)}`)
})
