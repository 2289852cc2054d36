import type { ControlError } from '../../src/client/connect.js'
import type { Issue } from '../../src/problem.js'

type Refusal = ControlError['problem'] & { readonly errors: readonly Issue[], readonly advice: string }

/** The error with which a call fails. */
export async function failure (call: Promise<unknown>): Promise<ControlError> {
  const error = await call.then(() => undefined, (error: ControlError) => error)
  if (error === undefined) throw new Error('the call was not refused')
  return error
}

/** The problem with which the control API refuses a call. */
export async function refusal (call: Promise<unknown>): Promise<Refusal> {
  return (await failure(call)).problem as Refusal
}
