import { REDACTED } from '../journal/redact.js'

/** Names of secrets of a kind that have no alias: the first, and how the n-th one is told from it. What has such a form stands for itself. */
interface StandIn {
  readonly first: string
  readonly nth: (n: number) => string
  readonly form: RegExp
}

export const TEXT: StandIn = { first: REDACTED, nth: n => `[redacted-${n}]`, form: /^\[redacted(?:-\d+)?\]$/ }
export const NUMBER: StandIn = { first: '0', nth: String, form: /^\d{1,8}$/ }
export const LIST: StandIn = { first: '[]', nth: n => `[${n}]`, form: /^\[\d*\]$/ }
export const OBJECT: StandIn = { first: '{}', nth: n => `{"n":${n}}`, form: /^\{(?:"n":\d+)?\}$/ }

/** Creates the function that names other secrets: alike where they are the same alone, so that a request that differs in one still differs. */
export function standIns (): (secret: string, kind: StandIn) => string {
  const named = new Map([TEXT, NUMBER, LIST, OBJECT].map(kind => [kind, new Map<string, string>()]))
  return (secret, kind) => {
    if (kind.form.test(secret)) return secret
    const ofKind = named.get(kind)!
    const name = ofKind.get(secret) ?? (ofKind.size === 0 ? kind.first : kind.nth(ofKind.size + 1))
    ofKind.set(secret, name)
    return name
  }
}
