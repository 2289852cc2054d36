import { connect } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { BASE_PATH } from '../../src/api/index.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import type { StartOptions } from '../../src/server/options.js'
import { start } from '../../src/server/start.js'
import { worldFolder } from './world-folder.js'
import { Database } from './sqlite.js'

/** The documented sample request of change-billing and its answer, verbatim. */
export const SAMPLE_REQUEST = '{ "token":"132321343dsfsdf", "project_id":5786, "service":1, "plan_id":2 }'
export const SAMPLE_ANSWER = '{ "status":100, "message":"Success", "old_billing_plan":"1", "new_billing_plan":2, "amount_debited":"5", "next_billing_date":"2020-07-16T23:59:59+00:00" }'

export const SAMPLE = JSON.parse(SAMPLE_REQUEST) as { token: string, project_id: number, service: number, plan_id: number }

export const CHANGE_BILLING = '/app/api/v2/pm/change-billing'

export interface Answered {
  readonly http: number
  readonly headers: Headers
  readonly text: string
  readonly body: Record<string, unknown>
}

/** An emulator of the test's own, on a database file, so that a test can look at all that is kept. */
export async function emulate (t: Test, options: StartOptions = {}) {
  const db = join(worldFolder(t), 'world.db')
  const emulator = await start({ db, ...options })
  t.teardown(emulator.stop)

  async function ask (path: string, init: RequestInit): Promise<Answered> {
    const response = await fetch(emulator.url + path, init)
    const text = await response.text()
    return { http: response.status, headers: response.headers, text, body: text === '' ? {} : JSON.parse(text) as Record<string, unknown> }
  }

  /** Posts a body to a path below the API's, such as `/pm/get-projects`: text and bytes as they are, anything else as JSON. */
  async function post (path: string, body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }): Promise<Answered> {
    return await ask(BASE_PATH + path, { method: 'POST', headers, body: typeof body === 'string' || body instanceof Uint8Array ? body as NonNullable<RequestInit['body']> : JSON.stringify(body) })
  }

  return {
    ...emulator,
    db,
    ask,
    post,
    /** Posts a body to change-billing. */
    change: async (body: unknown, headers?: Record<string, string>) => await post('/pm/change-billing', body, headers),
    /** The newest request in the journal. */
    last: async () => ((await ask('/__admin/requests?limit=1', {})).body.requests as JournalEntry[])[0]!,
    /** Everything that the database holds. */
    kept: () => contents(db)
  }
}

export function contents (file: string): Record<string, unknown[]> {
  const db = new Database(file, { readonly: true })
  try {
    const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all()
    return Object.fromEntries(tables.map(table => [table, db.prepare(`SELECT * FROM ${table}`).all()]))
  } finally {
    db.close()
  }
}

/** How long, in milliseconds, an answer that has begun may pause before it counts as whole. */
const PAUSE = 300

/** And how often the server, which is in this process, has its turn after that: on a busy machine, all that was late arrives then. */
const TURNS = 50

/**
 * Sends raw bytes to an emulator and gives all that comes back until it closes the connection, or has been silent for `patience` ms.
 * Without `patience`, an answer is waited for as long as it takes to begin: a slow machine is no silence.
 */
export async function raw (url: string, bytes: string | Buffer, patience?: number): Promise<string> {
  const { hostname, port } = new URL(url)
  return await new Promise(resolve => {
    let received = ''
    const socket = connect(Number(port), hostname, () => { socket.write(bytes) })
    socket.on('data', chunk => {
      received += chunk.toString()
      socket.setTimeout(patience ?? PAUSE)
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    socket.setTimeout(patience ?? 0).on('timeout', () => {
      const before = received
      const look = (turns: number): void => {
        if (received !== before) return
        if (turns > 0) setImmediate(look, turns - 1)
        else socket.destroy()
      }
      look(TURNS)
    })
  })
}
