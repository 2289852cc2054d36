import { Type } from '@sinclair/typebox'
import { readCase } from '../case/read.js'
import type { Case } from '../contract/case.js'
import type { Replay } from '../contract/replay.js'
import { Problem } from '../problem.js'
import { replayAgainst } from '../replay/against.js'
import type { ReplayOptions } from '../replay/options.js'
import { checkOptions } from '../scenario/options.js'
import { withoutTrailing } from '../text/trailing.js'
import { TokenSchema } from './admin-token.js'
import { replay } from './replay.js'

/** Options of `replay`. Each `description` completes "expected …". */
const ReplayOptionsSchema = Type.Object({
  realTime: Type.Boolean({ description: 'true or false' }),
  against: Type.String({ description: 'a URL such as http://localhost:4290' }),
  adminToken: TokenSchema,
  tokens: Type.Record(Type.String(), Type.String({ description: 'a token' }), { description: 'tokens by the names of their accounts' }),
  timeout: Type.Integer({ minimum: 1, maximum: 86_400_000, description: 'milliseconds, a whole number from 1 to 86400000' })
})

/** Plays a case of a program again. Throws a `Problem` for a case that is wrong or incomplete, and for options that do nothing. */
export async function replayGiven (given: Case, options: ReplayOptions): Promise<Replay> {
  checkOptions(ReplayOptionsSchema, options)
  const { realTime, against, ...ofServer } = options
  const saved = readCase(given)
  if (against === undefined) {
    const idle = Object.entries(ofServer).find(([, value]) => value !== undefined)
    if (idle !== undefined) throw new Problem(`the option ${idle[0]} is wrong: it needs against, the server that it is for`)
    return await replay(saved, { isRealTime: realTime ?? false })
  }
  if (realTime === true) throw new Problem('the option realTime is wrong: delays of a server that a case is replayed against take their time')
  const { adminToken = null, tokens = {}, timeout = 60_000 } = ofServer
  const { replay: outcome } = await replayAgainst(saved, {
    url: withoutTrailing(against, '/'), adminToken, tokens: new Map(Object.entries(tokens)), tokenSetting: 'the option tokens', timeoutMs: timeout
  })
  return outcome
}
