/** What a fault of one kind does to the answer. */
interface FaultEffect {
  /** One sentence for people. */
  readonly says: string
  /** The true answer as a `whole`, a `part` of it, `nothing`, or another one in its place (`replaced`). */
  readonly delivers: 'whole' | 'part' | 'nothing' | 'replaced'
  /** What really goes over the wire. */
  readonly onTheWire: string
  /** The fields of a fault that only this kind has. */
  readonly fields: ReadonlyArray<'delay' | 'httpStatus' | 'body' | 'status' | 'duration'>
}

/** Every kind of fault. Whatever depends on the kind is derived from here, or is a record of all kinds that the compiler compares with this one. */
export const FAULTS = {
  delay: {
    says: 'The answer takes longer.',
    delivers: 'whole',
    onTheWire: 'silence, then the whole answer',
    fields: ['delay']
  },
  http_error: {
    says: 'A server in front of the API answers with an HTTP error instead of the API\'s format.',
    delivers: 'replaced',
    onTheWire: 'a whole HTTP answer with an error status and an HTML body',
    fields: ['httpStatus', 'body']
  },
  api_refusal: {
    says: 'The API refuses with a status you choose.',
    delivers: 'replaced',
    onTheWire: 'a whole answer in the documented error format',
    fields: ['status']
  },
  connection_reset: {
    says: 'The connection is reset (TCP RST) instead of an answer.',
    delivers: 'nothing',
    onTheWire: 'TCP RST',
    fields: []
  },
  empty_response: {
    says: 'The connection is closed (FIN) without a byte of an answer.',
    delivers: 'nothing',
    onTheWire: 'TCP FIN',
    fields: []
  },
  hang: {
    says: 'No answer ever comes, until a reset or the stop.',
    delivers: 'nothing',
    onTheWire: 'silence; TCP RST at a reset or the stop',
    fields: []
  },
  truncated_body: {
    says: 'The answer breaks off in the middle of its body.',
    delivers: 'part',
    onTheWire: 'whole headers, half of the announced body, then TCP FIN',
    fields: []
  },
  malformed_json: {
    says: 'The answer is complete, but its body is not JSON.',
    delivers: 'replaced',
    onTheWire: 'a whole HTTP answer whose body lacks its last character',
    fields: []
  },
  slow_body: {
    says: 'The body of the answer arrives slowly, piece by piece.',
    delivers: 'whole',
    onTheWire: 'whole headers, then the body in up to 100 pieces with pauses',
    fields: ['duration']
  }
} as const satisfies Record<string, FaultEffect>

export type FaultKind = keyof typeof FAULTS

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[]

/** The kinds that deliver an answer in the given way. */
export type FaultKindDelivering<Way extends FaultEffect['delivers']> =
  { [Kind in FaultKind]: typeof FAULTS[Kind]['delivers'] extends Way ? Kind : never }[FaultKind]

/** Before the request is decided on, or after everything is done and booked. */
export type FaultMoment = 'before' | 'after'

/** How long a delay takes, in milliseconds. */
export type Delay =
  | { readonly fixed: number }
  | { readonly uniform: readonly [number, number] }
  | { readonly lognormal: { readonly median: number, readonly sigma: number } }

/** A fault as it was set: which requests it triggers on, how often, and what it does to them. */
export interface Fault {
  readonly kind: FaultKind
  readonly when: FaultMoment
  /** What a request must match; a criterion left out matches every request. */
  readonly account?: string
  readonly endpoint?: string
  readonly projectId?: number
  readonly planId?: number
  /** How often it triggers in all; left out: without limit. */
  readonly times?: number
  /** How many matching requests pass first. */
  readonly skip: number
  /** The chance of triggering on a matching request, decided by `seed`. */
  readonly probability: number
  readonly seed: number
  readonly delay: Delay
  readonly httpStatus: number
  readonly body: string
  readonly status: number
  /** The milliseconds over which `slow_body` is spread. */
  readonly duration: number
}

/** How far a fault has come: how many requests it matched, and on how many of them it triggered. */
export interface FaultProgress {
  readonly matched: number
  readonly triggered: number
}

/** A fault that is set: its progress, and when it ends (the machine's time; `null`: never). */
export interface ActiveFault extends FaultProgress {
  readonly fault: Fault
  readonly expiresAt: number | null
}

/** The parts of a request that faults look at, before it is decided on. */
export interface Target {
  readonly account: string | null
  readonly endpoint: string
  readonly projectId: number | null
  readonly planId: number | null
}

/** Whether a request is one that the fault is for. */
export function matches (fault: Fault, target: Target): boolean {
  return (fault.account === undefined || fault.account === target.account) &&
    (fault.endpoint === undefined || fault.endpoint === target.endpoint) &&
    (fault.projectId === undefined || fault.projectId === target.projectId) &&
    (fault.planId === undefined || fault.planId === target.planId)
}

/** Whether a fault triggers on the next request that it matches. The same seed gives the same decisions. */
export function triggers (fault: Fault, { matched, triggered }: FaultProgress): boolean {
  return matched >= fault.skip && (fault.times === undefined || triggered < fault.times) && chance(fault.seed, matched) < fault.probability
}

/**
 * Whether the request is carried out under a fault. After the decision it always was; before it, only if the whole answer
 * still comes, because what it says must be true.
 */
export function isCarriedOut ({ kind, when }: Pick<Fault, 'kind' | 'when'>): boolean {
  return when === 'after' || FAULTS[kind].delivers === 'whole'
}

/** The delay of the n-th request that a fault matches, in milliseconds; 0 for a kind that has none. */
export function delayOf ({ kind, delay, seed }: Fault, matched: number): number {
  const fields: readonly string[] = FAULTS[kind].fields
  if (!fields.includes('delay')) return 0
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
