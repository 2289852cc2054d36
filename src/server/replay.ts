import { ADMIN_PATH } from '../admin/path.js'
import { servedAt } from '../api/index.js'
import type { Case } from '../contract/case.js'
import type { Replay } from '../contract/replay.js'
import { cutCase } from '../replay/cut.js'
import { replay as replayWith, type Pace } from '../replay/replay.js'
import type { Serve } from '../replay/world.js'
import type { IsWanted } from '../time-slices.js'
import { buildApp } from './app.js'
import { LIMITS } from './limits.js'
import { listen } from './listen.js'

/** Plays a case into a world of its own, served like any other on a port of the loopback. Throws a `Problem` for one that can't be replayed. */
export async function replay (saved: Case, options?: Pace): Promise<Replay> {
  return await replayWith(saved, serve, options)
}

/** Cuts off what happened in a case before a request, by playing it up to there. Throws a `Problem` where that can't be done. */
export async function cut (saved: Case, from: string, isWanted?: IsWanted): Promise<Case> {
  return await cutCase(saved, from, serve, isWanted)
}

const serve: Serve = async (context, paths) => {
  const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt(paths), hasConsole: false })
  const listening = await listen(app.routing, ['127.0.0.1'], 0, LIMITS)
  return {
    url: listening.urls[0]!,
    call: async (method, path, body) => await app.inject({
      method: method as 'POST',
      url: ADMIN_PATH + path,
      ...body !== undefined && { headers: { 'content-type': 'application/json' }, payload: JSON.stringify(body) }
    }),
    async close () {
      await listening.close()
      await app.close()
    }
  }
}
