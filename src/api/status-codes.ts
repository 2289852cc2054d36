import { Type } from '@sinclair/typebox'
import { assume, type AssumptionLog, type AssumptionName } from '../domain/assumptions.js'
import type { Rule } from '../domain/refusal.js'

/** Status table of the vendor, as a third party transcribed it (observed). `message` begins with these texts. */
export const STATUS_TEXTS = {
  100: 'Success',
  101: 'Service Unavailable',
  401: 'Authentication Failed',
  402: 'Empty Number List',
  403: 'Insufficient Balance',
  404: 'Unable to Communicate with Your Phone',
  405: 'API Is Not Active For This Plan',
  406: 'Invalid Mobile Number',
  407: 'Message cannot be empty',
  408: 'Project is not Active',
  409: 'Invalid User',
  410: 'Invalid Request'
} as const

export type StatusCode = keyof typeof STATUS_TEXTS

/** Fields of every granted answer (documented samples). */
export const GRANTED = { status: 100, message: STATUS_TEXTS[100] } as const

/** Schema of the fields that every answer has, granted or refused. */
export const GrantedAnswer = Type.Object({
  status: Type.Integer({ description: '100 for success', 'x-provenance': 'documented' }),
  message: Type.String({ 'x-provenance': 'documented' })
})

/** Status for each broken rule (assumed), or the open question whose choice is the status. */
const STATUS_OF_RULE = {
  'path-must-be-known': 410,
  'api-is-disabled-after-cutoff': 'disabled-status',
  'method-must-be-post': 410,
  'body-must-be-json-object': 410,
  'token-must-be-known': 401,
  'token-must-be-master': 401,
  'token-must-be-enabled': 401,
  'token-must-come-from-its-address': 401,
  'fields-must-be-valid': 410,
  'project-must-exist': 'unknown-project-status',
  'project-must-be-active': 408,
  'api-token-must-exist': 410,
  'plan-must-exist': 410,
  'plan-must-belong-to-service': 410,
  'plan-must-differ': 410,
  'wallet-must-cover-price': 403
} as const satisfies Record<Rule, StatusCode | AssumptionName>

export function statusOf (rule: Rule, assumptions: AssumptionLog): StatusCode {
  const status = STATUS_OF_RULE[rule]
  return typeof status === 'number' ? status : Number(assume(assumptions, status)) as StatusCode
}

/** HTTP status for each status, where `wire.http_status` is `mapped`. The vendor sends 200 for all of them (observed). */
const HTTP_STATUSES: Record<StatusCode, number> = {
  100: 200,
  101: 503,
  401: 401,
  402: 400,
  403: 402,
  404: 502,
  405: 403,
  406: 400,
  407: 400,
  408: 409,
  409: 404,
  410: 400
}

export function mappedHttpStatus (rule: Rule | null, status: StatusCode): number {
  if (rule === 'method-must-be-post') return 405
  return HTTP_STATUSES[status]
}
