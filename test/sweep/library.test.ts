import t from 'tap'
import { startEmulator, sweep, type SweepOptions, type SweepRun } from '../../src/index.js'
import { NoReference } from '../../src/sweep/reference.js'

const ACCOUNT = { balance: '100', projects: [{ project_id: 1, subscriptions: [{ service: 1 as const, plan_id: 1 }] }] }

type Fields = Readonly<Record<string, unknown>>

/** Longer than an answer takes on any machine, and as long as a hang takes a run. */
const PATIENCE = 60_000

async function call ({ url, token }: SweepRun, name: string, body: Fields): Promise<Fields> {
  const response = await fetch(`${url}/app/api/v2/pm/${name}`, { method: 'POST', body: JSON.stringify({ token, ...body }), signal: AbortSignal.timeout(PATIENCE) })
  return await response.json() as Fields
}

async function retried (run: SweepRun, name: string, body: Fields): Promise<Fields> {
  try {
    return await call(run, name, body)
  } catch {
    return await call(run, name, body)
  }
}

function expectGranted ({ status, message }: Fields): void {
  if (status !== 100) throw new Error(String(message))
}

/** Runs and their verdicts, with those under another choice. */
async function verdicts (scenario: (run: SweepRun) => unknown, options: SweepOptions): Promise<Array<[string, string]>> {
  const { results } = await sweep(scenario, { account: ACCOUNT, ...options })
  return results.map(({ id, verdict, if: others }) => [id, [verdict, ...others.map(other => `${other.verdict} if ${other.name}=${other.choice}`)].join('; ')])
}

const QUICK = 'connection_reset,http_error,truncated_body.after'

t.test('a client that repeats on any error', async t => {
  t.same(await verdicts(async run => { expectGranted(await retried(run, 'create-project', { project_name: 'x', billing_plan: 2, service: 1 })) }, { faults: QUICK, questions: false }), [
    ['create-project.-.2.1/connection_reset.before', 'recovered'],
    ['create-project.-.2.1/connection_reset.after', 'double-charge'],
    ['create-project.-.2.1/http_error.before', 'recovered'],
    ['create-project.-.2.1/http_error.after', 'double-charge'],
    ['create-project.-.2.1/truncated_body.after', 'double-charge']
  ], 'creates, and pays for, a project twice')
  t.same((await verdicts(async run => { expectGranted(await retried(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 })) }, { faults: 'connection_reset' })).slice(0, 2), [
    ['change-billing.1.2.1/connection_reset.before', 'recovered'],
    ['change-billing.1.2.1/connection_reset.after', 'charged-but-failed; double-charge if same-plan=charge-again']
  ], 'changes a plan twice only if the vendor charges for that')
})

t.test('a wallet that can\'t pay twice hides a double charge, and the report says where', async t => {
  const create = async (run: SweepRun) => {
    for (const name of ['one', 'two']) await retried(run, 'create-project', { project_name: name, billing_plan: 2, service: 1 })
  }
  const upgrade = async (run: SweepRun) => { await retried(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 }) }
  for (const [balance, scenario, expected] of [
    ['10', create, ['double-charge', 'recovered', 'recovered short', 'recovered']],
    ['20', create, ['double-charge', 'recovered', 'double-charge', 'recovered']],
    ['5', upgrade, ['recovered short', 'recovered']]
  ] as const) {
    const { results } = await sweep(scenario, { account: { ...ACCOUNT, balance }, faults: 'connection_reset.after,connection_reset.before' })
    const found = results.filter(({ kind }) => kind === 'fault').map(({ verdict, short_of_money: isShort }) => `${verdict}${isShort === true ? ' short' : ''}`)
    t.strictSame(found, expected, `${balance} USD`)
  }
  const dear = async (run: SweepRun) => {
    for (const planId of [2, 3]) await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: planId })
    await retried(run, 'create-project', { project_name: 'x', billing_plan: 2, service: 1 })
  }
  const { results } = await sweep(dear, { account: { ...ACCOUNT, balance: '20' }, faults: 'connection_reset.after' })
  const { verdict, if: others, short_of_money: isShort } = results.find(({ id }) => id.startsWith('create'))!
  t.strictSame([verdict, others.map(other => `${other.verdict} if ${other.choice}`), isShort], ['recovered', ['double-charge if difference'], undefined], 'not where it was found')
})

t.test('a project is known by its name, whatever its number', async t => {
  const plans = [2, 3]
  const create = async (run: SweepRun, name: string, planId: number) => {
    expectGranted(await call(run, 'create-project', { project_name: name, billing_plan: planId, service: 1 }))
  }
  /** Puts an order that failed at the end of its queue, and looks first whether it was carried out. */
  const queue = (nameOf: (planId: number) => string) => async (run: SweepRun) => {
    const jobs = plans.map(planId => ({ planId, name: nameOf(planId), isRetry: false }))
    for (const { planId, name, isRetry } of jobs) {
      if (isRetry && JSON.stringify(await call(run, 'get-projects', { project_id: 0 })).includes(`"${name}"`)) continue
      await create(run, name, planId).catch(() => { jobs.push({ planId, name, isRetry: true }) })
    }
  }
  const OPTIONS = { faults: 'connection_reset,http_error.after', questions: false }
  const recovered = plans.flatMap(planId => ['connection_reset.before', 'connection_reset.after', 'http_error.after'].map(fault => [`create-project.-.${planId}.1/${fault}`, 'recovered']))
  t.strictSame(await verdicts(queue(planId => `shop on ${planId}`), OPTIONS), recovered, 'orders that change places')
  t.strictSame(await verdicts(queue(planId => `${planId} ${crypto.randomUUID().slice(0, 8)}`), OPTIONS), recovered, 'also if names are drawn')

  const exchanged = async (run: SweepRun) => {
    const [first, second] = await create(run, 'one', 2).then(() => plans, () => plans.toReversed())
    if (first === 2) return await create(run, 'two', second!)
    await create(run, 'two', 2)
    await create(run, 'one', 3)
  }
  const { results } = await sweep(exchanged, { account: ACCOUNT, ...OPTIONS, faults: 'connection_reset.before' })
  t.match(results[0], { verdict: 'false-success', says: /project 2 has the name of project 3 in the reference, and not what belongs to that; project 3 has the name of project 2/ }, 'one that gets what another one has in the reference')

  const untilThereAreTwo = async (run: SweepRun) => {
    const count = async (): Promise<number> => (((await call(run, 'get-projects', { project_id: 0 })).projects ?? []) as unknown[]).length
    for (const [index, name] of ['one', 'two'].entries()) {
      if (await count() > index + 1) continue
      await create(run, name, 2).catch(() => create(run, name, 2))
    }
  }
  t.strictSame((await verdicts(untilThereAreTwo, OPTIONS)).filter(([id]) => id.startsWith('create')), [1, 2].flatMap(number => [
    [`create-project.-.2.${number}/connection_reset.before`, 'recovered'],
    [`create-project.-.2.${number}/connection_reset.after`, 'double-charge'],
    [`create-project.-.2.${number}/http_error.after`, 'double-charge']
  ]), 'one that is bought twice in place of another')
})

t.test('webhooks and API tokens belong to what a customer has', async t => {
  const ignoring = (name: string, body: (run: SweepRun) => Fields | Promise<Fields>, before = async (_run: SweepRun): Promise<unknown> => undefined) => async (run: SweepRun) => {
    await before(run)
    await call(run, name, { project_id: 1, ...await body(run) }).catch(() => undefined)
  }
  const created = async (run: SweepRun): Promise<Fields> => await call(run, 'create-api-token', { project_id: 1, ip_whitelist: ['10.0.0.1'] })
  const token = async (run: SweepRun): Promise<string> => {
    const { projects } = await (await fetch(`${run.url}/__admin/accounts/${run.account.name}`)).json() as { projects: Array<{ api_tokens: Array<{ token: string }> }> }
    return projects[0]!.api_tokens[0]!.token
  }
  for (const [what, scenario, says] of [
    ['a webhook', ignoring('set-webhook', () => ({ global_webhook: 'https://example.com/hook' })), 'project 1 has another global webhook than in the reference'],
    ['the state of a token', ignoring('manage-api-token', async run => ({ api_token: await token(run), action: 1 }), created), 'project 1 has another set of API tokens than in the reference']
  ] as const) {
    const { results } = await sweep(scenario, { account: ACCOUNT, faults: 'connection_reset', questions: false })
    const found = results.filter(({ id }) => !id.startsWith('create')).map(({ verdict, says }) => [verdict, says.split(', but ')[1]])
    t.strictSame(found, [['false-success', says], ['recovered', undefined]], what)
  }
  const drawn = ignoring('set-webhook', () => ({ global_webhook: `https://example.com/${crypto.randomUUID()}` }))
  t.strictSame((await verdicts(drawn, { faults: 'connection_reset', questions: false })).map(([, verdict]) => verdict), ['recovered', 'recovered'], 'but not what is drawn')
})

t.test('what time renews is not what a command was charged for that fails', async t => {
  const account = { balance: '1000', projects: [{ project_id: 1, subscriptions: [{ service: 1 as const, plan_id: 3, next_billing_date: '2020-07-15T23:59:59Z' }] }] }
  const options = { account, faults: 'connection_reset', instants: true, questions: false }
  const found = async (scenario: (run: SweepRun) => unknown): Promise<unknown> => {
    const { results } = await sweep(scenario, options)
    return results.filter(({ kind }) => kind === 'instant').map(({ id, verdict, charged }) => [id, verdict, charged]).at(-1)
  }
  const look = async (run: SweepRun) => { expectGranted(await call(run, 'get-projects', { project_id: 0 })) }
  t.strictSame(await found(look), ['instant/2023-02-01T00:00:00Z', 'failed', '310'])
  const buys = async (run: SweepRun) => {
    await look(run)
    await call(run, 'create-project', { project_name: 'x', billing_plan: 2, service: 1 })
  }
  t.strictSame(await found(buys), ['instant/2023-02-01T00:00:00Z', 'failed-cleanly', '310'])
})

t.test('a project that was created twice, and has the number of a later one, does not hide what it cost', async t => {
  const rest = async (run: SweepRun, name = 'two') => {
    const { project_id: project } = await call(run, 'create-project', { project_name: name, billing_plan: 1, service: 1 })
    expectGranted(await call(run, 'change-billing', { project_id: project, service: 1, plan_id: 4 }))
  }
  const scenario = async (run: SweepRun) => {
    await retried(run, 'create-project', { project_name: 'one', billing_plan: 4, service: 1 })
    await rest(run)
  }
  const { results } = await sweep(scenario, { account: { ...ACCOUNT, balance: '40' }, faults: 'connection_reset.after', questions: false })
  t.match(results[0], { verdict: 'double-charge', says: /the client asked again, and another 15 USD were booked for plan 4 of project 3; .*the function threw$/ })
  // Without the order that it leaves out, its books are those of the reference.
  for (const [nameOf, says] of [
    [(isFirst: boolean) => isFirst ? 'one' : 'two', 'another 15 USD were booked for plan 4 of project 3; project 3 has the name of project 2; the function threw'],
    [() => crypto.randomUUID().slice(0, 8), 'another 15 USD were booked for plan 4 of project 3; the function threw']
  ] as const) {
    const failing = async (run: SweepRun) => {
      const { project_id: project } = await retried(run, 'create-project', { project_name: nameOf(true), billing_plan: 4, service: 1 })
      if (Number(project) !== 2) throw new Error('another project than expected')
      await rest(run, nameOf(false))
    }
    const { results: [alike] } = await sweep(failing, { account: { ...ACCOUNT, balance: '40' }, faults: 'connection_reset.after', questions: false })
    t.match(alike, { verdict: 'double-charge', charged: '30' })
    t.equal(alike!.says.replace(/^.* asked again, and /, ''), says)
  }
})

t.test('a suite that fails at a double charge, and leaves out what it buys later, does not hide it', async t => {
  const expectCharged = async ({ account }: SweepRun, usd: number): Promise<void> => {
    const balance = await account.wallet.balance()
    if (Number(balance) !== 100 - usd) throw new Error(`the balance is ${balance}`)
  }
  const create = async (run: SweepRun) => {
    const { project_id: project } = await retried(run, 'create-project', { project_name: 'x', billing_plan: 2, service: 1 })
    await expectCharged(run, 5)
    await call(run, 'change-billing', { project_id: project, service: 1, plan_id: 3 })
  }
  const upgrade = async (run: SweepRun) => {
    await retried(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 })
    await expectCharged(run, 5)
    await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 3 })
  }
  const expectsJson = async (run: SweepRun) => {
    const body = JSON.stringify({ token: run.token, project_name: 'x', billing_plan: 2, service: 1 })
    const send = async () => await fetch(`${run.url}/app/api/v2/pm/create-project`, { method: 'POST', body, signal: AbortSignal.timeout(PATIENCE) })
    if ((await send()).headers.get('content-type')?.includes('json') !== true) await send()
    await expectCharged(run, 5)
    await call(run, 'create-project', { project_name: 'y', billing_plan: 4, service: 1 })
  }
  const found = async (scenario: (run: SweepRun) => Promise<void>, id: string) => {
    const { results } = await sweep(scenario, { account: ACCOUNT, faults: 'connection_reset.after' })
    const { verdict, says, if: others } = results.find(result => result.id === id)!
    return [verdict, says.replace(/^.*?, and /, ''), ...others.flatMap(other => [`${other.verdict} if ${other.choice}`, other.says.replace(/^.*?, and /, '')])]
  }
  t.strictSame(await found(create, 'create-project.-.2.1/connection_reset.after'), [
    'double-charge', 'another 5 USD were booked for plan 2 of project 3; project 3 has the name of project 2; project 2 is Active on plan 2, and in the reference Active on plan 3; the function threw'
  ])
  t.strictSame((await found(upgrade, 'change-billing.1.2.1/connection_reset.after')).slice(2), [
    'double-charge if charge-again', '5 USD were booked a second time; the function threw'
  ])
  t.match(await found(expectsJson, 'wire/content_type=text/html'), ['double-charge', /another 5 USD were booked for plan 2 of project 3/])
})

t.test('a client that does not look at the status believes what did not happen', async t => {
  t.same(await verdicts(async run => { await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 }) }, { faults: ['api_refusal.before', 'api_refusal.after'], questions: false }), [
    ['change-billing.1.2.1/api_refusal.before', 'false-success'],
    ['change-billing.1.2.1/api_refusal.after', 'recovered']
  ])
})

t.test('a plan that a test buys twice is no double charge, although another project has the number of its project', async t => {
  const create = async (run: SweepRun, name: string): Promise<number> => {
    const answer = await call(run, 'create-project', { project_name: name, billing_plan: 2, service: 1 }) as { status: number, project_id: string }
    if (answer.status !== 100) throw new Error(name)
    return Number(answer.project_id)
  }
  const tests = [
    async (run: SweepRun) => await create(run, 'one'),
    async (run: SweepRun) => {
      const project = await create(run, 'two')
      for (const plan of [3, 2]) await call(run, 'change-billing', { project_id: project, service: 1, plan_id: plan })
    }
  ]
  const suite = async (run: SweepRun): Promise<void> => {
    const ends = [await tests[0]!(run).catch(String), await tests[1]!(run).catch(String)]
    if (ends.some(end => typeof end === 'string')) throw new Error(ends.join())
  }
  const { results } = await sweep(suite, { account: { balance: '100' }, faults: 'http_error.before', questions: false })
  t.match(results[0], { id: 'create-project.-.2.1/http_error.before', verdict: 'failed-cleanly', charged: '20' })
})

t.test('an order whose answer a function does not wait for is booked', async t => {
  const order = { project_name: 'shop', billing_plan: 2, service: 1 }
  const { results } = await sweep(async run => {
    const answer = await call(run, 'create-project', order).catch(() => undefined)
    if (answer?.status !== 100) call(run, 'create-project', order).catch(() => {})
  }, { account: { balance: '100' }, faults: 'http_error.after', questions: false })
  t.match(results, [{ verdict: 'double-charge', charged: '10' }])
})

t.test('an order that is delayed before its decision is booked, although its client has gone', async t => {
  const order = { project_id: 1, service: 1, plan_id: 2 }
  const { reference, results } = await sweep(async run => {
    const { url, token, account } = run
    await account.fail({ kind: 'delay', delay: { fixed: 600_000 }, times: 1 })
    const giveUp = new AbortController()
    const body = JSON.stringify({ token, project_name: 'x', billing_plan: 2, service: 1 })
    const first = fetch(`${url}/app/api/v2/pm/create-project`, { method: 'POST', body, signal: giveUp.signal }).catch(() => {})
    while ((await account.faults())[0]!.triggered === 0) await new Promise(setImmediate)
    giveUp.abort()
    await first
    expectGranted(await call(run, 'change-billing', order))
  }, { account: ACCOUNT, faults: 'http_error.before', questions: false, timeout: PATIENCE })
  t.equal(reference.charged, '10')
  t.strictSame(results.map(({ verdict, charged }) => [verdict, charged]), [['not-reached', '10'], ['failed-cleanly', '5']])
})

t.test('an option that is misspelt, or means nothing, is refused', async t => {
  const rows: ReadonlyArray<[options: unknown, says: string]> = [
    [{ faulst: 'all' }, 'there is no option faulst; did you mean faults?'],
    [{ zzzzzzzzzzzzzzz: 1 }, 'there is no option zzzzzzzzzzzzzzz'],
    [null, 'the argument for the options is wrong: found null, expected an object'],
    [[], 'the argument for the options is wrong: found [], expected an object'],
    ['all', 'the argument for the options is wrong: found "all", expected an object'],
    [{ faults: 5 }, 'the option faults is wrong: found 5, expected quick, all, or kinds of faults'],
    [{ questions: 'no' }, 'the option questions is wrong: found "no", expected true or false'],
    [{ concurrency: 0 }, 'the option concurrency is wrong: found 0, expected a whole number from 1 to 1000'],
    [{ timeout: '1s' }, 'the option timeout is wrong: found "1s", expected a whole number from 1 to 86400000'],
    [{ repeat: 0 }, 'the option repeat is wrong: found 0, expected a whole number from 1 to 100'],
    [{ shard: '1/2' }, 'the option shard is wrong: found "1/2", expected a part such as {"index":3,"of":10}, with an index from 1 to of'],
    [{ shard: { index: 1, total: 2 } }, 'the option shard is wrong at /of: found nothing, expected a whole number from 1 (and 1 more)'],
    [{ accept: ['hang'] }, 'the option accept is wrong at /0: found "hang", expected one of recovered, failed, failed-cleanly, charged-but-failed, double-charge, false-success, hung, crashed, not-reached'],
    [{ signal: new AbortController() }, 'the option signal is wrong at /aborted: found nothing, expected an AbortSignal'],
    [{ shard: { index: 3, of: 2 } }, 'the option shard is wrong: found 3 of 2, expected an index from 1 to of'],
    [{ accept: 'hung' }, 'the option accept is wrong: found "hung", expected a list of verdicts'],
    [{ account: 5 }, 'the option account is wrong: found 5, expected an account as in a scenario'],
    [{ emulator: { prot: 1 } }, 'there is no option prot; did you mean port?'],
    [{ signal: 5 }, 'the option signal is wrong: found 5, expected an AbortSignal']
  ]
  for (const [options, says] of rows) await t.rejects(sweep(() => undefined, options as SweepOptions), { name: 'Problem', message: says }, says)
  await t.rejects(sweep({} as () => void), { name: 'Problem', message: 'there is nothing to sweep: expected a function that drives a client' })
})

t.test('a function that does not end is hung, and its connections are closed', async t => {
  let closed: Promise<unknown> | undefined
  const aborted: boolean[] = []
  const scenario = async (run: SweepRun): Promise<void> => {
    const answer = call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 })
    run.signal.addEventListener('abort', () => { aborted.push(true) })
    closed = answer.catch(error => error)
    await answer
  }
  // Long enough for any run without a fault on any machine would be long for one that hangs: only the run that hangs is made.
  const { results } = await sweep(scenario, { account: ACCOUNT, faults: 'hang.after', questions: false, timeout: 3000, repeat: 1 })
  t.match(results, [{ verdict: 'hung', ending: 'timeout', exit_code: null, output: '' }])
  t.match(await closed, Error)
  t.ok(aborted.includes(true), 'and it is told')
})

t.test('of what a function throws the end is kept, without the tokens of its world', async t => {
  const { results } = await sweep(async run => {
    const answer = await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 })
    if (answer.status !== 100) throw `${'x'.repeat(100_000)} with ${run.token}` // eslint-disable-line no-throw-literal
  }, { account: ACCOUNT, faults: 'api_refusal.before', questions: false })
  const { output } = results[0]!
  t.match(output, /^x+ with \[redacted\]$/)
  t.ok(output.length < 66_000)
})

t.test('of a token that the beginning of what is kept cuts off, no part is told', async t => {
  const { results } = await sweep(async run => {
    const answer = await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 })
    if (answer.status !== 100) throw `${run.token} `.repeat(5000)
  }, { account: ACCOUNT, faults: 'api_refusal.before', questions: false })
  t.match(results[0]!.output, /^ ?(?:\[redacted\] )+$/)
})

t.test('each run has an account, a name for it in the report, and settings of its own', async t => {
  const seen = new Set<string>()
  const tokens = new Set<string>()
  const report = await sweep(async run => {
    seen.add(run.account.name)
    tokens.add(run.token)
    expectGranted(await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 }))
    await run.account.wallet.credit('1')
    expectGranted(await call(run, 'get-projects', { project_id: 1 }))
  }, {
    account: { name: 'shop', settings: { wire: { message: 'bare' }, assumptions: { 'auto-renew': 'off' } }, ...ACCOUNT },
    emulator: { assume: { 'month-length': '30-days' }, wire: { types: 'table' }, adminToken: 'let-me-in' },
    faults: 'api_refusal.before',
    instants: true
  })
  t.equal(tokens.size, seen.size)
  t.ok(seen.size >= report.results.length + 2)
  t.same(report.questions_settled, ['month-length', 'auto-renew'])
  t.same(report.results.filter(({ kind }) => kind === 'dialect').map(({ id, verdict }) => [id, verdict]), [
    ['wire/types=sample', 'recovered'], ['wire/http_status=mapped', 'recovered'], ['wire/content_type=text/html', 'recovered'], ['wire/message=detailed', 'recovered']
  ])
  t.match(report.results.find(({ id }) => id === 'change-billing.1.2.1/api_refusal.before.403'), {
    verdict: 'failed-cleanly', says: /^the change of project 1 to plan 2 was refused with status 403 before .*, and 5 USD were never booked$/
  })
  t.match(report.results.filter(({ kind }) => kind === 'instant').map(({ id, verdict }) => [id, verdict]).slice(-2), [
    ['instant/2023-01-31T23:59:59.999Z', 'recovered'], ['instant/2023-02-01T00:00:00Z', 'failed-cleanly']
  ])
  t.match(report, { command: null, options: [], reference: { charged: '5' } })
  t.ok(report.results.every(({ reproduce }) => reproduce === null))
})

t.test('a strict audit within a function does not find what the sweep has set', async t => {
  const { reference, results } = await sweep(async ({ account, ...run }) => {
    await (await fetch(`${run.url}/__admin/audit`)).text()
    for (const plan of [0, 2, 3]) {
      if (plan > 0) expectGranted(await call({ account, ...run }, 'change-billing', { project_id: 1, service: 1, plan_id: plan }))
      if (!(await account.audit({ strict: true })).ok) throw new Error('set, and never met')
    }
  }, { account: ACCOUNT, faults: 'delay.after', instants: true, timeout: PATIENCE })
  const varied = results.filter(({ id }) => /^price-between-paid-plans|^instant\/2022/.test(id)).map(({ verdict }) => verdict)
  t.same([varied.length > 2, new Set(varied)], [true, new Set(['recovered'])])
  t.notOk(reference.resets, 'what it asks for is not in the way of a command')
})

t.test('a function that resets or removes its account is judged by all that was booked', async t => {
  t.same(await verdicts(async run => {
    expectGranted(await retried(run, 'create-project', { project_name: 'x', billing_plan: 2, service: 1 }))
    await run.account.reset()
    expectGranted(await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 }))
    await run.account.remove()
  }, { faults: 'connection_reset.after', questions: false }), [
    ['create-project.-.2.1/connection_reset.after', 'double-charge'],
    ['change-billing.1.2.1/connection_reset.after', 'charged-but-failed']
  ])
})

t.test('what an account comes with by a reset, an undo or a copy was not charged by the function', async t => {
  const ledger = [
    { kind: 'opening' as const, at: '2020-06-01T00:00:00Z', amount: '105', balance: '105' },
    { kind: 'plan-change' as const, at: '2020-06-02T00:00:00Z', amount: '-5', balance: '100', project_id: 1, plan_id: 1 }
  ]
  const create = async (run: SweepRun): Promise<void> => { await call(run, 'create-project', { project_name: 'x', billing_plan: 2, service: 1 }) }
  const repeats = async (run: SweepRun): Promise<void> => {
    try {
      await create(run)
    } catch {
      await run.account.reset()
      await create(run)
    }
  }
  const undoes = async (run: SweepRun): Promise<void> => {
    await create(run)
    await run.account.setProject(9, {})
    await run.account.undo()
    await run.account.clock.advance('P40D')
    await run.account.undo()
  }
  const found = async (scenario: (run: SweepRun) => Promise<void>) => {
    const { reference, results } = await sweep(scenario, { account: { ...ACCOUNT, ledger }, faults: 'connection_reset.before', questions: false })
    return [reference.charged, ...results.map(({ verdict, charged }) => `${verdict} ${charged}`)]
  }
  t.strictSame(await found(repeats), ['5', 'recovered 5'])
  t.strictSame(await found(undoes), ['10', 'failed-cleanly 0'])
})

t.test('what can\'t be swept is refused with a reason', async t => {
  const cases: Array<[string, () => Promise<unknown>, RegExp]> = [
    ['a token', async () => await sweep(() => {}, { account: { token: 'mine' } }), /^the option account is wrong: each run has a token of its own/],
    ['an unknown fault', async () => await sweep(() => {}, { faults: 'hangs' }), /^the option faults is wrong: found "hangs", expected quick, all, or one of delay.*\(did you mean hang\?\)$/],
    ['a fault that is like none', async () => await sweep(() => {}, { faults: ['?'] }), /before or .after$/],
    ['a wrong account', async () => await sweep(() => {}, { account: { balance: 'much' } }), /balance/],
    ['a function without a call', async () => await sweep(() => {}), /^there is no reference: the command succeeded without a call/],
    ['a function that throws an error', async () => await sweep(() => { throw new Error('broken') }), /^there is no reference: without a fault, the function threw; it said/],
    ['a function that throws anything else', async () => await sweep(async () => await Promise.reject('plain text')), /it said "plain text"$/] // eslint-disable-line
  ]
  for (const [name, run, message] of cases) await t.rejects(run, message, name)
  t.ok(await sweep(() => {}).catch(error => error) instanceof NoReference)
  const stackless = Object.assign(new Error('no stack'), { stack: undefined })
  await t.rejects(sweep(() => { throw stackless }), /no stack/)
})

t.test('a sweep that is ended, or divided', async t => {
  const scenario = async (run: SweepRun): Promise<void> => { expectGranted(await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 })) }
  const interrupt = new AbortController()
  let runs = 0
  const report = await sweep(async run => {
    if (++runs === 3) interrupt.abort()
    await scenario(run)
  }, { account: ACCOUNT, faults: 'all', questions: false, signal: interrupt.signal, concurrency: 1 })
  t.match(report, { complete: false, planned: 18, results: [] })
  const half = await sweep(scenario, { account: ACCOUNT, faults: 'connection_reset', questions: false, shard: { index: 2, of: 2 }, accept: ['double-charge'] })
  t.match(half, { planned: 2, shards: { of: 2, done: [2] }, accepted: ['double-charge'], results: [{ id: 'change-billing.1.2.1/connection_reset.before' }] })
  await t.rejects(sweep(scenario, { account: ACCOUNT, signal: AbortSignal.abort(new Error('too late')) }), { message: 'too late' })
})

t.test('many runs at a time bring no warning of Node.js', async t => {
  const warnings: string[] = []
  const keep = ({ message }: Error): void => { warnings.push(message) }
  process.on('warning', keep)
  t.teardown(() => { process.off('warning', keep) })
  let started = 0
  let release!: () => void
  const all = new Promise<void>(resolve => { release = resolve })
  await sweep(async run => {
    // The reference, then as many side by side as one signal may have listeners, and more.
    if (++started === 1 + 16) release()
    if (started > 1) await all
    expectGranted(await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 }))
  }, { account: ACCOUNT, faults: ['connection_reset', 'http_error', 'api_refusal', 'empty_response', 'truncated_body', 'malformed_json', 'delay', 'slow_body'], questions: false, concurrency: 16, repeat: 1, timeout: PATIENCE })
  await new Promise(setImmediate)
  t.strictSame(warnings, [])
})

t.test('an emulator beside a sweep is not touched by it', async t => {
  const emulator = await startEmulator()
  t.teardown(async () => { await emulator.stop() })
  await sweep(async run => { expectGranted(await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 })) }, { account: ACCOUNT, faults: 'connection_reset', questions: false })
  t.equal(await emulator.requests.count(), 0)
})

t.test('a function\'s report lists what the function set and never met, under the name that all runs share', async t => {
  const report = await sweep(async run => {
    await run.account.fail({ kind: 'hang', endpoint: 'create-project' })
    await run.account.settings.change({ assumptions: { 'auto-renew': 'off' } })
    expectGranted(await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 2 }))
    await run.account.remove()
  }, { account: { ...ACCOUNT, name: 'shared', settings: { assumptions: { 'deleted-project': 'gone' } } }, faults: 'connection_reset.after', questions: false })
  t.same(report.reference.unmet, [
    'shared: the fault hang (before, create-project) met no request; send one that it matches, or remove it',
    'shared: auto-renew=off was chosen, and nothing relied on it; send a request that it decides, or leave it open'
  ], 'but not what the account was given')
})

t.test('a project that is created again under another choice, or at another instant, is a double charge', async t => {
  const ensure = async (run: SweepRun) => {
    for (let times = 0; times < 2; times++) {
      const { projects = [] } = await call(run, 'get-projects', { project_id: 0 }) as { projects?: unknown[] }
      if (projects.length < 2) expectGranted(await call(run, 'create-project', { project_name: 'shop', billing_plan: 2, service: 1 }))
    }
  }
  const { reference, results } = await sweep(ensure, { account: ACCOUNT, faults: 'connection_reset.before' })
  t.equal(reference.charged, '5')
  t.match(results.find(({ id }) => id === 'all-projects-key=data'), { verdict: 'double-charge', charged: '10', says: /another 5 USD were booked for plan 2 of project 3/ })
  const monthly = async (run: SweepRun) => {
    const { now } = await run.account.clock.get()
    const times = now.startsWith('2023-01-31T23:59') ? 2 : 1
    for (let time = 0; time < times; time++) expectGranted(await call(run, 'create-project', { project_name: 'shop', billing_plan: 2, service: 1 }))
  }
  const found = (await sweep(monthly, { account: ACCOUNT, faults: 'connection_reset.before', questions: false, instants: true })).results
  t.match(found.find(({ id }) => id === 'instant/2023-01-31T23:59:59.999Z'), { verdict: 'double-charge', charged: '10' })
})

t.test('an order in place of another one, under another choice, is neither a repeat nor missing', async t => {
  const plans = async (run: SweepRun, ...planIds: number[]) => {
    for (const planId of planIds) if ((await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: planId })).status === 100) return
    throw new Error('none can be paid')
  }
  const account = { balance: '12', projects: [{ project_id: 1, subscriptions: [{ service: 1 as const, plan_id: 2, next_billing_date: '2026-01-01T00:00:00Z' }] }] }
  const { reference, results } = await sweep(async run => { await plans(run, 4, 3) }, { account, faults: 'connection_reset.before' })
  t.equal(reference.charged, '10')
  t.match(results.find(({ id }) => id === 'price-between-paid-plans=difference'), { verdict: 'recovered', charged: '10' })

  const fallback = async (run: SweepRun) => {
    expectGranted(await call(run, 'create-project', { project_name: 'basic', billing_plan: 2, service: 1 }))
    const { status } = await call(run, 'change-billing', { project_id: 1, service: 1, plan_id: 3 })
    expectGranted(await call(run, 'create-project', { project_name: 'gold', billing_plan: status === 100 ? 2 : 3, service: 1 }))
  }
  const expired = { balance: '100', projects: [{ project_id: 1, project_status: 'Expired' as const, subscriptions: [{ service: 1 as const, plan_id: 1 }] }] }
  const { results: found } = await sweep(fallback, { account: expired, faults: 'connection_reset.before' })
  t.match(found.find(({ id }) => id === 'expired-project=revive'), { verdict: 'recovered' })

  const replaced = (name: () => string) => async (run: SweepRun) => {
    expectGranted(await call(run, 'create-project', { project_name: name(), billing_plan: 2, service: 1 }))
    await run.account.clock.advance('P40D')
    const { projects } = await call(run, 'get-projects', { project_id: 0 }) as { projects?: Array<{ project_status: string }> }
    if (projects?.at(-1)?.project_status === 'Expired') expectGranted(await call(run, 'create-project', { project_name: name(), billing_plan: 2, service: 1 }))
  }
  for (const name of [() => 'shop', () => crypto.randomUUID().slice(0, 8)]) {
    const { results: after } = await sweep(replaced(name), { account: ACCOUNT, faults: 'connection_reset.before' })
    t.match(after.find(({ id }) => id === 'auto-renew=off'), { verdict: 'recovered', charged: '10' }, 'nor is one in place of one that has expired')
  }
})

t.test('a webhook with the number of its project is that of its project', async t => {
  const queue = async (run: SweepRun) => {
    const jobs = [{ name: 'one', isRetry: false }, { name: 'two', isRetry: false }]
    for (const { name, isRetry } of jobs) {
      if (isRetry && JSON.stringify(await call(run, 'get-projects', { project_id: 0 })).includes(`"${name}"`)) continue
      const { project_id: project } = await call(run, 'create-project', { project_name: name, billing_plan: 2, service: 1 }).catch(() => ({ project_id: null }))
      if (project === null) jobs.push({ name, isRetry: true })
      else expectGranted(await call(run, 'set-webhook', { project_id: project, global_webhook: `https://example.com/v2/hooks/${String(project)}` }))
    }
  }
  const found = await verdicts(queue, { account: ACCOUNT, faults: 'connection_reset.before', questions: false })
  t.same(found.find(([id]) => id === 'create-project.-.2.1/connection_reset.before'), ['create-project.-.2.1/connection_reset.before', 'recovered'])
})

t.test('a retry that another dialect leads to is tried under each open question that it rests on', async t => {
  const expectsJson = async ({ url, token }: SweepRun) => {
    const body = JSON.stringify({ token, project_id: 1, service: 1, plan_id: 2 })
    const send = async () => await fetch(`${url}/app/api/v2/pm/change-billing`, { method: 'POST', body, signal: AbortSignal.timeout(PATIENCE) })
    if ((await send()).headers.get('content-type')?.includes('json') !== true) await send()
  }
  const { results } = await sweep(expectsJson, { account: ACCOUNT, faults: 'connection_reset.before' })
  const { mark, verdict, if: others } = results.find(({ id }) => id === 'wire/content_type=text/html')!
  t.strictSame([mark, verdict, others.map(({ name, choice, verdict }) => `${verdict} if ${name}=${choice}`)], ['failure', 'recovered', ['double-charge if same-plan=charge-again']])
})
