import { Unwanted, type IsWanted } from '../time-slices.js'

/** Does work when that before it is done, unless nobody wants it any more by then: such work throws `Unwanted`. */
export type InTurn = <Result>(work: () => Promise<Result>, isWanted: IsWanted) => Promise<Result>

/** Creates turns, for answers that take several times their memory while they are made. */
export function createTurns (): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work, isWanted) => {
    const done = last.then(async () => {
      if (!isWanted()) throw new Unwanted('the client has gone before its turn')
      return await work()
    })
    last = done.catch(() => {})
    return done
  }
}
