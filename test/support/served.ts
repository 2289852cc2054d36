import type { EventEmitter } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import pino from 'pino'
import type { Replayer } from '../../src/admin/replay.js'
import { servedAt } from '../../src/api/index.js'
import { createContext } from '../../src/runtime/context.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import { inProcess } from '../../src/server/in-process.js'
import { cut, replay } from '../../src/server/replay.js'
import { openStore } from '../../src/store/index.js'
import { SAMPLE } from './emulator.js'

const BASE = 'http://localhost'

/** An app, and calls to it whose connections a test closes when it wants to. */
export async function served () {
  const store = openStore()
  const scenario = { clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' } as const, accounts: [{ name: 'demo', token: SAMPLE.token, balance: '100', projects: [{ project_id: SAMPLE.project_id }] }] }
  loadSeed(store, readScenario(scenario, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 }))
  store.world.updateScenario(scenario)
  store.world.countStart()
  const errors: string[] = []
  const log = pino({ level: 'error' }, { write (line: string) { errors.push(line) } })
  const context = createContext({ store, log, seed: 1, journal: { entries: 1000, bytes: 1e7 } })
  const replayer: Replayer = { replay: async (saved, isWanted) => await replay(saved, { isWanted }), cut }
  const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt({}), hasConsole: false, replayer })
  const sockets: EventEmitter[] = []
  const responses: ServerResponse[] = []
  const listener: RequestListener = (request: IncomingMessage, response) => {
    sockets.push(request.socket)
    responses.push(response)
    app.routing(request, response)
  }
  const { fetch } = inProcess(listener, BASE)
  /** Has it looked up in this way whether the connection of the latest call is closed. */
  const look = (isClosed: () => boolean): void => { Object.defineProperty(sockets.at(-1)!, 'destroyed', { get: isClosed }) }
  return {
    context,
    errors,
    /** Makes a call. */
    async call (method: string, path: string, body?: string) {
      const answer = await fetch(BASE + path, { method, headers: { 'content-type': 'application/json' }, ...body !== undefined && { body } })
      return { status: answer.status, text: await answer.text() }
    },
    /** Closes the connection of the latest call, once it has been looked at so many times. */
    leave (looks = 0) {
      let left = looks
      look(() => left-- <= 0)
    },
    look,
    /** Closes the connection of the latest call for good: nothing can be written to it, and the call never ends. */
    hangUp () { responses.at(-1)!.destroy() }
  }
}
