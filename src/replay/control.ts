import { SNAPSHOT_HEADER } from '../admin/undoable.js'
import { granted, type ControlServer } from '../client/call.js'
import { isControlError, type ControlError } from '../client/control-error.js'
import { nodeFetch } from '../client/node-fetch.js'
import { Problem } from '../problem.js'
import { shownWord } from '../text/shown-command.js'
import { LATE, within } from './within.js'

/** Answer of a control API: what it gave, or the problem with which it refused. */
export interface Answered {
  readonly value?: unknown
  /** Id of the snapshot that undoes the call; `null` for none. */
  readonly snapshot: string | null
  readonly problem?: ControlError['problem']
}

/** Creates the function that calls an emulator's control API. It throws a `Problem` if no answer comes in time. */
export function control (server: ControlServer, timeoutMs: number): (method: string, path: string, body?: unknown) => Promise<Answered> {
  return async (method, path, body) => {
    const answer = await within(timeoutMs, async (signal): Promise<Answered> => {
      try {
        const response = await granted(nodeFetch, server, method, path, { signal, ...body !== undefined && { body: JSON.stringify(body) } })
        const text = await response.text()
        return { ...text !== '' && { value: JSON.parse(text) as unknown }, snapshot: response.headers.get(SNAPSHOT_HEADER) }
      } catch (error) {
        if (isControlError(error) && error.problem.status !== 0) return { snapshot: null, problem: error.problem }
        if (signal.aborted) throw error
        throw new Problem((error as Error).message.split('\n')[0]!)
      }
    })
    if (answer === LATE) throw new Problem(`${shownWord(server.base)} has not answered ${method} /__admin${path} within ${timeoutMs / 1000} s`)
    return answer
  }
}
