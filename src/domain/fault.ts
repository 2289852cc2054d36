/** Effect of one kind of fault on the answer. */
interface FaultEffect {
  /** Description in one sentence. */
  readonly says: string
  /** How much of the real answer is delivered: the `whole`, a `part`, `nothing`, or another answer in its place (`replaced`). */
  readonly delivers: 'whole' | 'part' | 'nothing' | 'replaced'
  /** Bytes and silence as a client observes them. */
  readonly onTheWire: string
  /** The same over TLS, below it. */
  readonly overTls: string
  /** Fields that only a fault of this kind has. */
  readonly fields: ReadonlyArray<'delay' | 'httpStatus' | 'body' | 'status' | 'duration'>
}

/** Of an answer that is complete. */
const WHOLE_IN_TLS = 'the same, in TLS, with its end (`close_notify`)'

/** All kinds of faults. Code that depends on the kind derives from this table, or is a record that the compiler checks against it. */
export const FAULTS = {
  delay: {
    says: 'The response is delayed.',
    delivers: 'whole',
    onTheWire: 'silence, then the complete response',
    overTls: WHOLE_IN_TLS,
    fields: ['delay']
  },
  http_error: {
    says: 'A server in front of the API responds with an HTTP error instead of the API\'s format.',
    delivers: 'replaced',
    onTheWire: 'a complete HTTP response with an error status and an HTML body',
    overTls: WHOLE_IN_TLS,
    fields: ['httpStatus', 'body']
  },
  api_refusal: {
    says: 'The API refuses with a status you choose.',
    delivers: 'replaced',
    onTheWire: 'a complete response in the documented error format',
    overTls: WHOLE_IN_TLS,
    fields: ['status']
  },
  connection_reset: {
    says: 'The connection is reset (TCP RST) without a response.',
    delivers: 'nothing',
    onTheWire: 'TCP RST',
    overTls: 'TCP RST, without an alert',
    fields: []
  },
  empty_response: {
    says: 'The connection is closed (TCP FIN) without a response.',
    delivers: 'nothing',
    onTheWire: 'TCP FIN',
    overTls: 'the end of TLS (`close_notify`), then TCP FIN',
    fields: []
  },
  hang: {
    says: 'No response is ever sent; the connection stays open until a reset or the stop.',
    delivers: 'nothing',
    onTheWire: 'silence, then TCP RST on a reset or the stop',
    overTls: 'silence, then TCP RST without an alert',
    fields: []
  },
  truncated_body: {
    says: 'The response is cut off in the middle of its body.',
    delivers: 'part',
    onTheWire: 'complete headers, half of the announced body, then TCP FIN',
    overTls: 'the same, in TLS, without its end',
    fields: []
  },
  malformed_json: {
    says: 'The response is complete, but its body is not valid JSON.',
    delivers: 'replaced',
    onTheWire: 'a complete HTTP response whose body lacks its last character',
    overTls: WHOLE_IN_TLS,
    fields: []
  },
  slow_body: {
    says: 'The body of the response arrives slowly, piece by piece.',
    delivers: 'whole',
    onTheWire: 'complete headers, then the body in up to 100 pieces with pauses',
    overTls: WHOLE_IN_TLS,
    fields: ['duration']
  }
} as const satisfies Record<string, FaultEffect>

export type FaultKind = keyof typeof FAULTS

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[]

/** Kinds that deliver an answer in a given way. */
export type FaultKindDelivering<Way extends FaultEffect['delivers']> =
  { [Kind in FaultKind]: typeof FAULTS[Kind]['delivers'] extends Way ? Kind : never }[FaultKind]

/** Moment at which a fault takes effect: before the request is decided on, or after its outcome is booked. */
export type FaultMoment = 'before' | 'after'

/** Length of a delay, in milliseconds. */
export type Delay =
  | { readonly fixed: number }
  | { readonly uniform: readonly [number, number] }
  | { readonly lognormal: { readonly median: number, readonly sigma: number } }

/** Fault as it was set: which requests it triggers on, how often, and what it does to them. */
export interface Fault {
  readonly kind: FaultKind
  readonly when: FaultMoment
  /** Criteria for requests; a criterion left out matches every request. */
  readonly account?: string
  readonly endpoint?: string
  readonly projectId?: number
  readonly planId?: number
  /** Number of times that it triggers; unlimited if left out. */
  readonly times?: number
  /** Number of matching requests to let pass first. */
  readonly skip: number
  /** Chance of triggering on a matching request, decided by `seed`. */
  readonly probability: number
  readonly seed: number
  readonly delay: Delay
  readonly httpStatus: number
  readonly body: string
  readonly status: number
  /** Milliseconds over which `slow_body` is spread. */
  readonly duration: number
}

/** Progress of a fault: how many requests it has matched, and how many of them it has triggered on. */
export interface FaultProgress {
  readonly matched: number
  readonly triggered: number
}

/** Fault that is set, with its progress and its end (in the machine's time; `null` for never). */
export interface ActiveFault extends FaultProgress {
  readonly fault: Fault
  readonly expiresAt: number | null
}

/** Parts of a request that faults look at, before it is decided on. */
export interface Target {
  readonly account: string | null
  readonly endpoint: string
  readonly projectId: number | null
  readonly planId: number | null
}

/** Tells whether a fault applies to a request. */
export function matches (fault: Fault, target: Target): boolean {
  return (fault.account === undefined || fault.account === target.account) &&
    (fault.endpoint === undefined || fault.endpoint === target.endpoint) &&
    (fault.projectId === undefined || fault.projectId === target.projectId) &&
    (fault.planId === undefined || fault.planId === target.planId)
}

/** Tells whether a fault triggers on the next request that it matches. The same seed gives the same decisions. */
export function triggers (fault: Fault, { matched, triggered }: FaultProgress): boolean {
  return matched >= fault.skip && (fault.times === undefined || triggered < fault.times) && chance(fault.seed, matched) < fault.probability
}

/**
 * Tells whether a request is carried out under a fault. With `after` it always is; with `before`, only if the whole answer is
 * still delivered, because an answer must be true.
 */
export function isCarriedOut ({ kind, when }: Pick<Fault, 'kind' | 'when'>): boolean {
  return when === 'after' || FAULTS[kind].delivers === 'whole'
}

/** Returns the delay of the n-th request that a fault matches, in milliseconds; 0 for a kind without a delay. */
export function delayOf ({ kind, delay, seed }: Fault, matched: number): number {
  const fields: readonly string[] = FAULTS[kind].fields
  if (!fields.includes('delay')) return 0
  if ('fixed' in delay) return delay.fixed
  if ('uniform' in delay) return delay.uniform[0] + chance(seed, matched, 1) * (delay.uniform[1] - delay.uniform[0])
  const normal = Math.sqrt(-2 * Math.log(1 - chance(seed, matched, 1))) * Math.cos(2 * Math.PI * chance(seed, matched, 2))
  return Math.min(MAX_DELAY, delay.lognormal.median * Math.exp(delay.lognormal.sigma * normal))
}

/** Maximum delay in milliseconds, ten minutes: longer than any client waits. */
export const MAX_DELAY = 600_000

/** Maximum number of requests that a fault counts: it stays there. */
export const MAX_FAULT_COUNT = 1_000_000_000

/** Maximum number of faults that are active at a time: each request is compared with all of them. */
export const MAX_FAULTS = 1000

/** Returns a number from 0 to below 1 that depends on nothing but its arguments, so that a run can be repeated (a 32-bit integer mixer). */
function chance (seed: number, index: number, stream = 0): number {
  let bits = Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35)
  for (let round = 0; round < 3; round++) {
    bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d)
    bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
    bits ^= bits >>> 16
  }
  return (bits >>> 0) / 0x1_0000_0000
}
