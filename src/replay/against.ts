import { URL } from 'node:url'
import type { Case } from '../contract/case.js'
import type { Difference, Replay } from '../contract/replay.js'
import { Problem } from '../problem.js'
import { healthIn } from '../text/health-report.js'
import { shownWord } from '../text/shown-command.js'
import { openEmulator } from './emulator.js'
import { otherServer } from './other-server.js'
import { playAll, refuseIncomplete, replayOf } from './play.js'
import type { Server } from './remote-player.js'
import { send } from './send.js'
import { LATE, within } from './within.js'

/** A replay, and what is to be said of it besides its outcome. */
export interface ReplayedAgainst {
  readonly replay: Replay
  readonly notes: readonly string[]
}

/**
 * Replays a case against a server. An emulator gets the case's start as its world, so that what it had is gone until it is brought back by
 * an undo; its clocks are frozen at the instants of the case, the calls of its control API are repeated, and books are compared at the end.
 * Of any other server, only the answers are compared. Ends at the first answer that does not come in time.
 */
export async function replayAgainst (saved: Case, server: Server): Promise<ReplayedAgainst> {
  refuseIncomplete(saved)
  const { url, tokens, tokenSetting } = server
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new Problem(`${JSON.stringify(shownWord(url))} is no URL of a server, such as http://127.0.0.1:4290`)
  const isEmulator = await hasControlApi(server)
  if (isEmulator && tokens.size > 0) throw new Problem(`${tokenSetting} is wrong: ${shownWord(url)} is an emulator, which gets the tokens of the case`)
  const player = isEmulator ? await openEmulator(saved, server) : otherServer(saved, server)
  const differences: Difference[] = await playAll(saved, player)
  const { stoppedAt } = player
  const end = stoppedAt() === null ? await player.end() : []
  return { replay: replayOf(saved, [...differences, ...end], stoppedAt() ?? Infinity), notes: await player.notes() }
}

/** Tells an emulator from any other server by its control API, which answers this without a token. Throws a `Problem` if nothing answers. */
async function hasControlApi ({ url, timeoutMs }: Server): Promise<boolean> {
  const probe = { method: 'GET', path: '/__admin/health', request: { headers: {}, text: '' } }
  const answer = await within(timeoutMs, signal => send(url, probe, signal)).catch(error => {
    throw new Problem(`${shownWord(url)} can't be reached (${(error as NodeJS.ErrnoException).code})`)
  })
  if (answer === LATE || answer.httpStatus === null) throw new Problem(`${shownWord(url)} gives no answer`)
  const { status } = healthIn(answer.body)
  if (status === 'unavailable') throw new Problem(`${shownWord(url)} is an emulator that is not ready`)
  return status === 'ready'
}
