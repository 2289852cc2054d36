import type { FaultState } from '../contract/control.js'
import { FAULTS, type FaultKind, type FaultKindDelivering } from '../domain/fault.js'

/** A field of the form that only some kinds of faults have. */
export interface FaultField {
  readonly label: string
  readonly initial: string
  /** Where the control API points to if the value is wrong. */
  readonly pointer: string
  /** The part of the fault that a value gives. */
  readonly part: (value: number | string) => object
}

/** The form field for each field that only some kinds have; `null` for one that the console does not offer. */
const FIELDS: Readonly<Record<typeof FAULTS[FaultKind]['fields'][number], FaultField | null>> = {
  delay: { label: 'Delay in ms', initial: '1000', pointer: '/delay/fixed', part: fixed => ({ delay: { fixed } }) },
  httpStatus: { label: 'HTTP status', initial: '500', pointer: '/http_status', part: status => ({ http_status: status }) },
  body: null,
  status: { label: 'API status', initial: '101', pointer: '/status', part: status => ({ status }) },
  duration: { label: 'Duration in ms', initial: '1000', pointer: '/duration', part: duration => ({ duration }) }
}

export const FAULT_FIELDS = Object.values(FIELDS).filter(field => field !== null)

export function fieldsOf (kind: FaultKind): readonly FaultField[] {
  return FAULTS[kind].fields.map(name => FIELDS[name]).filter(field => field !== null)
}

const NO_ANSWER = 'the client gets no answer'

/** What goes wrong for the client if the request was carried out, for every kind that withholds or replaces the true answer. */
const CONSEQUENCES: Readonly<Record<Exclude<FaultKind, FaultKindDelivering<'whole'>>, string>> = {
  http_error: 'the client believes that the request failed',
  api_refusal: 'the client is told that the request was refused',
  connection_reset: NO_ANSWER,
  empty_response: NO_ANSWER,
  hang: NO_ANSWER,
  truncated_body: 'the client gets only part of the answer',
  malformed_json: 'the client can\'t read the answer'
}

/** What a fault means for the customer and the client, in plain words. */
export function meaningOf (kind: FaultKind, when: string): string {
  const { says } = FAULTS[kind]
  const consequence = (CONSEQUENCES as Partial<Record<FaultKind, string>>)[kind]
  if (consequence === undefined) return `${says} Everything is booked, and the answer is true.`
  return when === 'after' ? `${says} The customer is charged, but ${consequence}.` : `${says} Nothing is booked.`
}

export function isUsedUp ({ times, triggered }: FaultState): boolean {
  return times !== undefined && triggered >= times
}
