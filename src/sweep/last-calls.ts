import { turn } from '../machine.js'
import type { Context } from '../runtime/context.js'
import type { Watch } from '../runtime/probe.js'

/** Turns of the event loop without a call after which none is on its way: one connection is accepted in a turn, and read and routed in the next ones. */
const QUIET_TURNS = 100

/** Turns in all: what a command leaves running on purpose may go on calling. */
const MAX_TURNS = 10_000

/**
 * Reads the calls that have been sent, and decides those of an account (`null`: of all) that faults still delay. To be called when a command has
 * ended: it waits for no answer any more, but what it has ordered is booked.
 */
export async function decideLastCalls ({ undecided }: Pick<Context, 'undecided'>, { total }: Pick<Watch, 'total'>, account: string | null): Promise<void> {
  let known = total()
  for (let turns = 0, quiet = 0; quiet < QUIET_TURNS && turns < MAX_TURNS; turns++) {
    await turn()
    quiet = total() === known ? quiet + 1 : 0
    known = total()
  }
  await undecided.decide(account)
}
