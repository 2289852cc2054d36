export type Provenance = 'documented' | 'observed' | 'assumed'

/** All rules that a request can break, in the order in which they are checked, each with the provenance of its outcome. */
export const RULES = {
  'path-must-be-known': 'assumed',
  'api-is-disabled-after-cutoff': 'documented',
  'method-must-be-post': 'documented',
  'body-must-be-json-object': 'assumed',
  'token-must-be-known': 'documented',
  'token-must-be-master': 'documented',
  'token-must-be-enabled': 'assumed',
  'token-must-come-from-its-address': 'assumed',
  'fields-must-be-valid': 'assumed',
  'project-must-exist': 'assumed',
  'project-must-be-active': 'observed',
  'api-token-must-exist': 'assumed',
  'plan-must-exist': 'documented',
  'plan-must-belong-to-service': 'documented',
  'plan-must-differ': 'assumed',
  'wallet-must-cover-price': 'documented'
} as const satisfies Record<string, Provenance>

export type Rule = keyof typeof RULES

export const RULE_NAMES = Object.keys(RULES) as Rule[]

/** Rules that a request to any endpoint can break. */
export const COMMON_RULES: readonly Rule[] = [
  'api-is-disabled-after-cutoff',
  'method-must-be-post',
  'body-must-be-json-object',
  'token-must-be-known'
]

/**
 * The API's answer to a request that breaks a rule. It is an expected outcome, not a failure: nothing has been changed when it
 * is thrown. `message` is the detail: the field or thing, what is wrong with it, what would be right.
 */
export class Refusal extends Error {
  constructor (readonly rule: Rule, detail: string) {
    // Collecting a stack trace that is never read would make a refused request cost more than a granted one.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(detail)
    Error.stackTraceLimit = stackTraceLimit
    this.name = 'Refusal'
  }
}
