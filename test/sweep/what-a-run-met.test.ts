import t from 'tap'
import { sentences } from '../../src/cli/sweep-matrix.js'
import type { SweepReport } from '../../src/contract/sweep-report.js'
import type { AccountBooks } from '../../src/domain/account-books.js'
import { DEFAULT_SETTINGS } from '../../src/domain/settings.js'
import { ALL_FAULTS, type FaultChoice } from '../../src/domain/sweep-plan.js'
import { Problem } from '../../src/problem.js'
import { observe } from '../../src/sweep/command-runner.js'
import type { Runner } from '../../src/sweep/observation.js'
import { NoReference } from '../../src/sweep/reference.js'
import { sweepAll, type Sweep } from '../../src/sweep/sweep.js'
import { openWatched } from '../../src/sweep/watched.js'
import { CHANGE_BILLING, SAMPLE } from '../support/emulator.js'

/** What stands for a command: it gets the emulator's URL, and fails by throwing. */
type Command = (url: string, run: number) => Promise<void>

/** Sweeps a command in this process. */
async function sweep (command: Command, vary: Partial<Sweep['vary']> & { readonly instants?: boolean, readonly only?: string[] } = {}) {
  const { instants = false, only = null, ...given } = vary
  let runs = 0
  const run: Runner = async ({ fault, assume, instant }) => {
    const clock = `frozen:${instant ?? '2020-06-16T12:00:00Z'}`
    const { emulator, answer } = await openWatched({ clock, assume: { ...assume } }, undefined, { fault })
    const { watch } = await answer()
    const ending = await command(emulator.url, ++runs).then(() => 'success' as const, () => 'failure' as const)
    const observed = observe(watch)
    await emulator.stop()
    return { ending, exitCode: ending === 'success' ? 0 : 1, signal: null, durationMs: 1, output: '', ...observed, saved: null }
  }
  const report = await sweepAll({
    run,
    command: ['client'],
    options: [],
    vary: { faults: [], questions: false, settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [], ...given },
    instants,
    repeat: 1,
    jobs: 1,
    shard: null,
    only,
    accepted: [],
    reproduce: (_variation, id) => `again ${id}`
  }, {}, new AbortController().signal)
  return { report, runs }
}

const fault = (id: string): FaultChoice[] => ALL_FAULTS.filter(({ kind, when }) => `${kind}.${when}` === id)

async function send (method: string, url: string, body: object): Promise<void> {
  const response = await fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  await response.text()
}

const upgrade = async (url: string, plan = 2): Promise<void> => {
  await send('POST', `${url}${CHANGE_BILLING}`, { token: '132321343dsfsdf', project_id: 5786, service: 1, plan_id: plan })
}

const saysOf = (report: SweepReport): string[] => report.results.map(({ verdict, says }) => `${verdict}: ${says}`)

t.test('a fault that a test has set comes first, and the next call is not another one\'s', async t => {
  const { report } = await sweep(async url => {
    await send('POST', `${url}/__admin/faults`, { kind: 'connection_reset', when: 'before', times: 1 })
    await upgrade(url).catch(() => upgrade(url))
  }, { faults: fault('connection_reset.after') })
  t.strictSame(saysOf(report), [
    'not-reached: the change of project 5786 to plan 2 was not met: a fault that the run had set itself came first',
    'charged-but-failed: the answer to the 2nd change of project 5786 to plan 2 was lost to a connection reset after 5 USD had been booked; the command failed with exit code 1, although the customer was charged 5 USD'
  ])
})

t.test('an instant is not met where a test sets the clock', async t => {
  const { report } = await sweep(async url => {
    await send('PUT', `${url}/__admin/clock`, { mode: 'frozen', at: '2020-06-16T12:00:00Z' })
    await upgrade(url)
  }, { instants: true, only: ['instant/2022-01-31T12:00:00Z', 'instant/2022-02-28T12:00:00Z'] })
  t.strictSame(saysOf(report), ['2022-01-31', '2022-02-28'].map(day =>
    `not-reached: ${day}T12:00:00Z was not met: each call came under a clock that the run had set itself`))
  t.equal(sentences(report), `
· not-reached
    2022-01-31T12:00:00Z was not met: each call came under a clock that the run had set itself
    under instant/2022-01-31T12:00:00Z

· not-reached
    2022-02-28T12:00:00Z was not met: each call came under a clock that the run had set itself
    under instant/2022-02-28T12:00:00Z
`)
})

t.test('a run that makes no call, or another one, is told so', async t => {
  for (const [later, why] of [
    [async () => {}, 'the run made no call'],
    [async (url: string) => { await upgrade(url, 3) }, 'the run made another call, change-billing of project 5786 to plan 3']
  ] as const) {
    const { report } = await sweep(async (url, run) => { await (run === 1 ? upgrade(url) : later(url)) }, { faults: fault('hang.after') })
    t.strictSame(saysOf(report), [`not-reached: the change of project 5786 to plan 2 was not met: ${why}`])
  }
})

t.test('a call that is made again is told, and failures come before warnings', async t => {
  const { report } = await sweep(async url => {
    await upgrade(url, 3).catch(() => upgrade(url, 3))
    await upgrade(url, 2).catch(() => { throw new Error('not again') })
  }, { faults: fault('connection_reset.after'), questions: true, only: ['change-billing.5786.3.1/connection_reset.after', 'change-billing.5786.2.1/connection_reset.after'] })
  const [again, once] = report.results
  t.match(again!.says, / was lost to a connection reset after 10 USD had been booked; the client asked again, the command succeeded, and the books are as in the reference$/)
  t.match(once!.says, / was lost to a connection reset after 5 USD had been booked; the command failed/)
  const text = sentences({ ...report, results: [{ ...once!, mark: 'warning' }, { ...again!, mark: 'failure' }] })
  t.ok(text.indexOf('\n✗ ') < text.indexOf('\n⚠ '))
})

t.test('what a repeat rests on is not tried again if the first call was never decided', async t => {
  // The price of the second plan is a question that the reference rests on as well.
  const command: Command = async url => {
    await upgrade(url, 2)
    await upgrade(url, 3).catch(() => upgrade(url, 3))
  }
  const runsOf = async (id: string): Promise<number> =>
    (await sweep(command, { faults: fault(id), questions: true, only: [`change-billing.5786.3.1/${id}`] })).runs
  t.equal(await runsOf('connection_reset.before'), 2, 'the reference and the run')
  t.ok(await runsOf('connection_reset.after') > 2, 'same-plan is a question of the repeat')
})

t.test('a run that is not planned is refused by its name, with the nearest that is', async t => {
  const only = (id: string, faults = fault('hang.after')) => sweep(async url => { await upgrade(url) }, { faults, only: [id] })
  await t.rejects(only('change-billing.5786.2.1/hang.afer'), new Problem(
    '--only is wrong: found "change-billing.5786.2.1/hang.afer", expected the name of a planned run, such as change-billing.5786.2.1/hang.after'))
  await t.rejects(only('x'), new Problem('--only is wrong: found "x", expected the name of a planned run, such as change-billing.5786.2.1/hang.after'))
  await t.rejects(only('x', []), new Problem('--only is wrong: found "x", expected the name of a planned run, but none is planned'))
})

t.test('a command that fails although it was charged is told so', async t => {
  const failing: Command = async url => { await upgrade(url); throw new Error('misread') }
  await t.rejects(sweep(failing), new NoReference('there is no reference: without a fault, the command failed with exit code 1, although 5 USD had been booked'))
  await t.rejects(sweep(async () => { throw new Error('at once') }), new NoReference('there is no reference: without a fault, the command failed with exit code 1'))
})

t.test('an order that a sweep delays arrives before what ends it', async t => {
  const ends: ReadonlyArray<readonly [method: string, path: string, body: object]> = [
    ['DELETE', '/accounts/demo', {}],
    ['POST', '/accounts/demo/reset', {}],
    ['POST', '/reset', {}],
    ['POST', '/undo', { account: 'demo' }],
    ['PUT', '/state', { accounts: [] }]
  ]
  const fault = { kind: 'delay', when: 'before', delay: { fixed: 600_000 }, endpoint: 'change-billing' } as const
  for (const [method, path, body] of ends) {
    const { emulator, answer } = await openWatched({}, undefined, { fault })
    const { watch } = await answer()
    const control = async (method: string, path: string, body: object): Promise<number> => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${emulator.url}/__admin${path}`, { method, headers, body: JSON.stringify(body) })
      await response.text()
      return response.status
    }
    t.equal(await control('POST', '/accounts/demo/clock/advance', { by: 'PT1H' }), 200, 'something to undo')
    const giveUp = new AbortController()
    const order = fetch(emulator.url + CHANGE_BILLING, { method: 'POST', body: JSON.stringify(SAMPLE), signal: giveUp.signal }).catch(() => {})
    while (watch.total() === 0) await new Promise(setImmediate)
    t.strictSame(chargesIn(watch.books()), [], 'it is delayed')
    giveUp.abort()
    await order
    t.ok(await control(method, `${path}?dry_run=true`, body) < 300, `${method} ${path}: a question`)
    t.strictSame(chargesIn(watch.books()), [], `${method} ${path}: changes nothing`)
    t.ok(await control(method, path, body) < 300)
    t.strictSame(chargesIn(watch.books()), [5000], `${method} ${path}`)
    await emulator.stop()
  }

  function chargesIn (books: readonly AccountBooks[]): number[] {
    return books.flatMap(({ charges }) => charges.map(({ mills }) => mills))
  }
})
