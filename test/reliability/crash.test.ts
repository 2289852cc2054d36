import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startBuilt } from '../support/built.js'
import { effort } from '../support/effort.js'
import { Database } from '../support/sqlite.js'

const KILLS = effort(3, 100)
const CLIENTS = 8

/** How many times it is killed while it loads worlds, and within how many milliseconds: some loads. */
const LOADS = effort(1, 20)
const MAX_LOADING = 500

/** How many requests are answered before the emulator is killed, at most; and after how many milliseconds more, which is anywhere within a group commit. */
const MAX_ANSWERS = 60
const MAX_DELAY = 5

/** The same lives in every run. Another one: SEED=7. */
const SEED = Number(process.env.SEED ?? 1)

function chances (seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 0x1_0000_0000
  }
}

/** Makes a project on a paid plan, waits for the answer, makes the next, until the emulator is gone. */
async function client (url: string, name: () => string, answered: (name: string, projectId: number) => void): Promise<void> {
  for (;;) {
    const projectName = name()
    const body = JSON.stringify({ token: '132321343dsfsdf', project_name: projectName, billing_plan: 2 })
    const response = await fetch(`${url}/app/api/v2/pm/create-project`, { method: 'POST', body })
    const { status, project_id: projectId } = await response.json() as { status: number, project_id: string }
    if (status !== 100) throw new Error(`the emulator answered ${status}`)
    answered(projectName, Number(projectId))
  }
}

function withResolvers (): { promise: Promise<void>, resolve: () => void } {
  let resolve!: () => void
  const promise = new Promise<void>(_resolve => { resolve = _resolve })
  return { promise, resolve }
}

/** What a database holds after a crash, compared with what clients were told. */
function wrongIn (file: string, answered: ReadonlyMap<string, number>): string[] {
  const db = new Database(file, { readonly: true })
  try {
    const projects = db.prepare<[], { project_id: number, project_name: string, booked: number }>(`
      SELECT project_id, project_name, count(entry_id) AS booked
      FROM project LEFT JOIN ledger_entry USING (account_id, project_id) WHERE project_id <> 5786 GROUP BY project_id`).all()
    const { balance, sum } = db.prepare<[], { balance: number, sum: number }>(
      'SELECT balance_mills AS balance, (SELECT sum(amount_mills) FROM ledger_entry) AS sum FROM account').get()!
    const byName = new Map(projects.map(project => [project.project_name, project]))
    return [
      ...[...answered].filter(([name, id]) => byName.get(name)?.project_id !== id).map(([name]) => `${name} was answered and is not there`),
      ...projects.filter(({ booked }) => booked !== 1).map(({ project_name: name, booked }) => `${name} was booked ${booked} times`),
      ...byName.size === projects.length ? [] : ['a name is there twice'],
      ...balance === sum ? [] : [`the wallet holds ${balance} mills, its entries make ${sum}`],
      ...db.pragma('integrity_check', { simple: true }) === 'ok' ? [] : ['the file is damaged']
    ]
  } finally {
    db.close()
  }
}

t.test(`killed ${KILLS} times under load: what was answered is booked, once, and nothing else is half done (seed ${SEED})`, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'picky-crash-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'world.db')
  const scenario = join(folder, 'rich.json')
  writeFileSync(scenario, JSON.stringify({ clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' }, accounts: [{ name: 'demo', token: '132321343dsfsdf', balance: '999999999', projects: [{ project_id: 5786 }] }] }))

  const chance = chances(SEED)
  const answered = new Map<string, number>()
  let asked = 0
  let unanswered = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    const { url, end } = await startBuilt(t, '--db', file, '--scenario', scenario, '--log-level', 'silent')
    const before = { asked, answered: answered.size }
    const enough = answered.size + 1 + Math.floor(chance() * MAX_ANSWERS)
    const { promise: isEnough, resolve } = withResolvers()
    const clients = Promise.allSettled(Array.from({ length: CLIENTS }, () => client(url, () => `n${++asked}`, (name, projectId) => {
      answered.set(name, projectId)
      if (answered.size === enough) resolve()
    })))
    await isEnough
    await sleep(chance() * MAX_DELAY)
    await end('SIGKILL')
    for (const outcome of await clients) t.match(outcome, { status: 'rejected', reason: TypeError }, 'a client ends because nobody answers any more')
    unanswered += asked - before.asked - (answered.size - before.answered)
    const wrong = wrongIn(file, answered)
    if (wrong.length > 0) t.fail(`kill ${kill}`, { wrong: wrong.slice(0, 10) })
  }
  t.same(wrongIn(file, answered), [])
  t.ok(unanswered >= KILLS, `${unanswered} were under way when it was killed`)
  t.comment(`${KILLS} kills, ${answered.size} answered, ${unanswered} under way`)
})

/** Accounts of the worlds that are loaded in turn, and how many projects each has. */
const WORLDS = { a: 1500, b: 2000 } as const

t.test(`killed ${LOADS} times while large worlds are loaded, and their accounts copied, reset and removed: the file holds what it holds whole (seed ${SEED})`, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'picky-crash-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'world.db')
  const bodies = Object.entries(WORLDS).map(([name, size]) => JSON.stringify({
    accounts: [{ name, projects: Array.from({ length: size }, () => ({ project_name: name, subscriptions: [{ service: 1, plan_id: 2 }] })) }]
  }))
  const chance = chances(SEED)
  for (let kill = 1; kill <= LOADS; kill++) {
    const { url, end } = await startBuilt(t, '--db', file, '--log-level', 'silent')
    const call = async (method: string, path: string, body?: string): Promise<void> => {
      const answer = await fetch(`${url}/__admin${path}`, { method, headers: { 'content-type': 'application/json' }, ...body !== undefined && { body } })
      await answer.text()
    }
    const load = async (number: number): Promise<void> => { await call('PUT', '/state', bodies[number % 2]!) }
    await load(0)
    const working = (async () => {
      for (let number = 1; ; number++) {
        await call('POST', '/accounts', `{"copy_of":"${Object.keys(WORLDS)[(number + 1) % 2]!}","name":"copy"}`)
        await call('POST', '/accounts/copy/reset')
        await call('DELETE', '/accounts/copy')
        await call('POST', '/undo')
        await load(number)
      }
    })()
    const ended = working.catch((error: unknown) => error)
    await sleep(chance() * MAX_LOADING)
    await end('SIGKILL')
    t.match(await ended, TypeError)
    const db = new Database(file, { readonly: true })
    const accounts = db.prepare<[], { name: string, world: keyof typeof WORLDS, projects: number, subscriptions: number }>(`
      SELECT name, (SELECT max(project_name) FROM project WHERE account_id = account.account_id) AS world,
        (SELECT count(*) FROM project WHERE account_id = account.account_id) AS projects,
        (SELECT count(*) FROM subscription WHERE account_id = account.account_id) AS subscriptions
      FROM account ORDER BY account_id`).all()
    const [first] = accounts
    t.equal(first!.name, first!.world)
    for (const { name, world, ...counts } of accounts) {
      t.strictSame([world, counts], [first!.world, { projects: WORLDS[first!.world], subscriptions: WORLDS[first!.world] }], `kill ${kill} leaves ${name} whole`)
    }
    t.strictSame([db.pragma('foreign_key_check'), db.pragma('integrity_check', { simple: true })], [[], 'ok'])
    db.close()
  }
})
