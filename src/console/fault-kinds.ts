import type { FaultState } from '../contract/control.js'
import { FAULT_KINDS, type FaultKind } from '../domain/fault.js'

/** A field of the form that only some kinds of faults have. */
export interface FaultField {
  readonly label: string
  readonly initial: string
  /** Where the control API points to if the value is wrong. */
  readonly pointer: string
  /** The part of the fault that a value gives. */
  readonly part: (value: number | string) => object
}

/** The console's view of a kind of fault. */
interface FaultKindView {
  readonly says: string
  readonly fields: readonly FaultField[]
  /** What the client makes of a request that was carried out; `null` if it gets the whole answer in the end. */
  readonly misleads: string | null
}

const NO_ANSWER = 'the client gets no answer'

/** Everything in the console that depends on the kind of a fault. */
export const KINDS: Readonly<Record<FaultKind, FaultKindView>> = {
  delay: {
    says: FAULT_KINDS.delay,
    fields: [{ label: 'Delay in ms', initial: '1000', pointer: '/delay/fixed', part: fixed => ({ delay: { fixed } }) }],
    misleads: null
  },
  http_error: {
    says: FAULT_KINDS.http_error,
    fields: [{ label: 'HTTP status', initial: '500', pointer: '/http_status', part: status => ({ http_status: status }) }],
    misleads: 'the client believes that the request failed'
  },
  api_refusal: {
    says: FAULT_KINDS.api_refusal,
    fields: [{ label: 'API status', initial: '101', pointer: '/status', part: status => ({ status }) }],
    misleads: 'the client is told that the request was refused'
  },
  connection_reset: { says: FAULT_KINDS.connection_reset, fields: [], misleads: NO_ANSWER },
  empty_response: { says: FAULT_KINDS.empty_response, fields: [], misleads: NO_ANSWER },
  hang: { says: FAULT_KINDS.hang, fields: [], misleads: NO_ANSWER },
  truncated_body: { says: FAULT_KINDS.truncated_body, fields: [], misleads: 'the client gets only part of the answer' },
  malformed_json: { says: FAULT_KINDS.malformed_json, fields: [], misleads: 'the client can\'t read the answer' },
  slow_body: {
    says: FAULT_KINDS.slow_body,
    fields: [{ label: 'Duration in ms', initial: '1000', pointer: '/duration', part: duration => ({ duration }) }],
    misleads: null
  }
}

export const KIND_NAMES = Object.keys(KINDS) as FaultKind[]

/** Whether the request is carried out under a fault: after the decision, or if the whole answer comes all the same. */
export function isCarriedOut ({ kind, when }: { readonly kind: string, readonly when: string }): boolean {
  return when === 'after' || KINDS[kind as FaultKind].misleads === null
}

/** What a fault means for the customer and the client, in plain words. */
export function meaningOf (kind: FaultKind, when: string): string {
  const { says, misleads } = KINDS[kind]
  if (misleads === null) return `${says} Everything is booked, and the answer is true.`
  return when === 'after' ? `${says} The customer is charged, but ${misleads}.` : `${says} Nothing is booked.`
}

export function isUsedUp ({ times, triggered }: FaultState): boolean {
  return times !== undefined && triggered >= times
}
