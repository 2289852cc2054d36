/** What goes wrong. */
export const FAULT_KINDS = {
  delay: 'The answer takes longer.',
  http_error: 'A server before the API answers with an HTTP error and not in the API\'s format.',
  api_refusal: 'The API refuses with a status of the choice.',
  connection_reset: 'The connection is reset (TCP RST) instead of an answer.',
  empty_response: 'The connection is closed (FIN) without a byte of an answer.',
  hang: 'No answer ever comes, until a reset or the stop.',
  truncated_body: 'The answer breaks off in the middle of its body.',
  malformed_json: 'The answer is complete, but its body is not JSON.',
  slow_body: 'The answer comes byte by byte.'
} as const

export type FaultKind = keyof typeof FAULT_KINDS

/**
 * Before the request is decided on, so that nothing has changed; or after all of it is done and booked. `delay` and
 * `slow_body` let the whole answer come, so there all of it is done in either case: a delay before it or after it.
 */
export type FaultMoment = 'before' | 'after'

/** How long a delay takes, in milliseconds. */
export type Delay =
  | { readonly fixed: number }
  | { readonly uniform: readonly [number, number] }
  | { readonly lognormal: { readonly median: number, readonly sigma: number } }

/** A fault as it was set: which requests it strikes, how often, and what it does to them. */
export interface Fault {
  readonly kind: FaultKind
  readonly when: FaultMoment
  /** What a request must be to be struck; what is left out fits all. */
  readonly account?: string
  readonly endpoint?: string
  readonly projectId?: number
  readonly planId?: number
  /** How often it strikes in all; without a limit where it is left out. */
  readonly times?: number
  /** How many requests that it fits it lets pass first. */
  readonly skip: number
  /** With which chance it strikes a request that it fits; decided by `seed`. */
  readonly probability: number
  readonly seed: number
  readonly delay: Delay
  readonly httpStatus: number
  readonly body: string
  readonly status: number
  /** Over how many milliseconds `slow_body` is spread. */
  readonly duration: number
}

/** How far a fault has come: how many requests it fitted, and how many of them it struck. */
export interface FaultProgress {
  readonly matched: number
  readonly triggered: number
}

/** What is known of a request before it is decided on. */
export interface Target {
  readonly account: string | null
  readonly endpoint: string
  readonly projectId: number | null
  readonly planId: number | null
}

export function fits (fault: Fault, target: Target): boolean {
  return (fault.account === undefined || fault.account === target.account) &&
    (fault.endpoint === undefined || fault.endpoint === target.endpoint) &&
    (fault.projectId === undefined || fault.projectId === target.projectId) &&
    (fault.planId === undefined || fault.planId === target.planId)
}

/** Whether a fault strikes the next request that it fits. The same seed gives the same decisions. */
export function triggers (fault: Fault, { matched, triggered }: FaultProgress): boolean {
  return matched >= fault.skip && (fault.times === undefined || triggered < fault.times) && chance(fault.seed, matched) < fault.probability
}

/** How long the delay of the n-th request that a fault fits takes, in milliseconds. */
export function delayOf ({ delay, seed }: Fault, matched: number): number {
  if ('fixed' in delay) return delay.fixed
  if ('uniform' in delay) return delay.uniform[0] + chance(seed, matched, 1) * (delay.uniform[1] - delay.uniform[0])
  const normal = Math.sqrt(-2 * Math.log(1 - chance(seed, matched, 1))) * Math.cos(2 * Math.PI * chance(seed, matched, 2))
  return Math.min(MAX_DELAY, delay.lognormal.median * Math.exp(delay.lognormal.sigma * normal))
}

/** Ten minutes, in milliseconds: longer than any client waits. */
export const MAX_DELAY = 600_000

/** A number from 0 up to 1 that depends on its arguments alone, so that a run can be repeated (a 32-bit integer mixer). */
function chance (seed: number, index: number, stream = 0): number {
  let bits = Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35)
  for (let round = 0; round < 3; round++) {
    bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d)
    bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
    bits ^= bits >>> 16
  }
  return (bits >>> 0) / 0x1_0000_0000
}

/** A fault in the domain's terms: what was set, how far it has come, and when it ends (the machine's time; `null`: never). */
export interface ActiveFault extends FaultProgress {
  readonly fault: Fault
  readonly expiresAt: number | null
}
