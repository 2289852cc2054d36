/** Kinds of arguments, with the names that `Object.prototype.toString` has for them in every realm. */
const KINDS = { object: '[object Object]', list: '[object Array]' } as const

/**
 * Throws a `TypeError` that names the call if an argument is of another kind than it takes. The emulator refuses what is wrong in an object
 * or a list, but would never see that something else was given: `requests.clear('change-billing')` would remove all requests.
 */
export function checkArgument (call: string, found: unknown, kind: keyof typeof KINDS, example: string): void {
  if (tagOf(found) !== KINDS[kind]) throw wrongArgument(call, shown(found), `${kind === 'list' ? 'a list' : 'an object'} such as ${example}`)
}

/** Makes the error of an argument that a call does not take. */
export function wrongArgument (call: string, found: string, expected: string): TypeError {
  return new TypeError(`${call}: found ${found}, expected ${expected}`)
}

/** Checks the options of `connect`. A token of another type is not quoted: it may be secret. */
export function checkConnectOptions (options: object): void {
  checkArgument('connect', options, 'object', '{ adminToken: "…" }')
  for (const [name, value] of Object.entries(options)) {
    if (name === 'adminToken' && value !== undefined && typeof value !== 'string') throw wrongArgument('connect', 'an adminToken that is none', 'a string')
    if (name !== 'adminToken' && name !== 'fetch') throw wrongArgument('connect', `the unknown option ${shown(name)}`, 'adminToken or fetch')
  }
}

/** Writes the query of a call. Throws like `checkArgument` for what has no text in a query, such as an object. */
export function queryOf (call: string, query: object, example: string): string {
  checkArgument(call, query, 'object', example)
  // eslint-disable-next-line no-restricted-globals -- a browser has no node:url
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(query) as Array<[string, unknown]>) {
    if (value === undefined) continue
    const isText = Array.isArray(value) ? value.every(inner => typeof inner === 'string') : value === null || TEXTS.includes(typeof value)
    if (!isText || Number.isNaN(value)) throw wrongArgument(call, `${shown(value)} for ${name}`, 'a text, a number, true, false or null')
    pairs.set(name, String(value))
  }
  // Older environments know no `size`.
  const text = pairs.toString()
  return text === '' ? '' : `?${text}`
}

/** Types of values that a query has as text. */
const TEXTS: readonly string[] = ['string', 'number', 'boolean', 'bigint']

function tagOf (value: unknown): string {
  return Object.prototype.toString.call(value)
}

/** Names a value for a message: a simple one as it is, any other by its kind, such as `Array` or `Promise`. */
function shown (value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  return value === null || TEXTS.includes(typeof value) || value === undefined ? String(value) : tagOf(value).slice('[object '.length, -1)
}
