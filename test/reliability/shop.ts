import { join } from 'node:path'
import type { Test } from 'tap'
import { SAMPLE } from '../support/built.js'
import { startWatched, type Watched } from '../support/watched.js'
import { Database } from '../support/sqlite.js'

/** What a client is told when its request could not be booked. */
export const OUT_OF_SERVICE = { http: 500, status: 101, message: /^Service Unavailable: the emulator failed and changed nothing; its log says why$/ }

let names = 0

/** Buys a plan for 5 USD for a project that it makes. */
export async function buy ({ url }: Watched): Promise<{ http: number, status: number, message: string, project_id?: string }> {
  const response = await fetch(`${url}/app/api/v2/pm/create-project`, { method: 'POST', body: JSON.stringify({ token: SAMPLE.token, project_name: `n${++names}`, billing_plan: 2 }) })
  return { http: response.status, ...await response.json() as { status: number, message: string } }
}

/** A call of the control API. */
export async function control<T = Record<string, unknown>> ({ url }: Watched, path: string, body?: object): Promise<{ http: number, body: T }> {
  const response = await fetch(`${url}/__admin${path}`, body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return { http: response.status, body: await response.json() as T }
}

/** An emulator on a file, the purchases that it has answered with success, and whether it has booked these and no others. */
export async function shop (t: Test, file: string, { under = [], sold = [], flags = [] }: { under?: readonly string[], sold?: string[], flags?: string[] } = {}) {
  const emulator = await startWatched(t, ['--db', file, ...flags], under)
  return {
    emulator,
    sold,
    async sell (count: number): Promise<void> {
      for (let n = 0; n < count; n++) {
        const { status, project_id: projectId } = await buy(emulator)
        t.equal(status, 100, 'it sells')
        sold.push(projectId!)
      }
    },
    async hasBooked (what: string): Promise<void> {
      const { body: { ledger } } = await control<{ ledger: Array<{ kind: string, project_id: number, balance: string }> }>(emulator, '/accounts/demo/ledger')
      t.strictSame(ledger.filter(({ kind }) => kind === 'plan-change').map(({ project_id: projectId }) => String(projectId)), sold, `what was answered is booked, and nothing else: ${what}`)
      t.match(await control(emulator, '/accounts/demo/wallet'), { body: { balance: String(100 - 5 * sold.length) } })
      t.match(await control(emulator, '/audit'), { body: { ok: true, violations: [] } })
    },
    /** Ends it, and sees to it that the log has said so. */
    async endAfter (said: RegExp): Promise<void> {
      t.equal(await emulator.end('SIGTERM'), 0)
      t.match(emulator.complaints(), said, 'the log says what was wrong')
    }
  }
}

/** Starts once more, and looks into the books. */
export async function restarted (t: Test, file: string, sold: string[], what: string, flags: string[] = []): Promise<void> {
  const { emulator, hasBooked } = await shop(t, file, { sold, flags })
  await hasBooked(what)
  t.equal(await emulator.end('SIGTERM'), 0)
}

/** A closed file with a world in it, and the two purchases that have been made in it. */
export async function made (t: Test, folder: string): Promise<{ file: string, sold: string[] }> {
  const file = join(folder, 'world.db')
  const { emulator, sold, sell } = await shop(t, file)
  await sell(2)
  t.equal(await emulator.end('SIGTERM'), 0)
  return { file, sold }
}

/** Writes to a file as another program does. */
export function edit (file: string, sql: string): string {
  const db = new Database(file)
  db.exec(sql)
  db.close()
  return file
}
