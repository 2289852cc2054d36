import type { ControlError } from '../../src/client/connect.js'
import type { Issue } from '../../src/problem.js'

type Refusal = ControlError['problem'] & { readonly errors: readonly Issue[], readonly advice: string }

/** The problem with which the control API refuses a call. */
export async function refusal (call: Promise<unknown>): Promise<Refusal> {
  const problem = await call.then(() => undefined, (error: ControlError) => error.problem as Refusal)
  if (problem === undefined) throw new Error('the call was not refused')
  return problem
}
