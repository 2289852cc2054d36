import { ENDPOINTS } from '../api/index.js'
import { isSecretName } from '../api/secret-fields.js'
import { headersOf } from './headers.js'
import type { EntryFacts, Lint } from './record.js'
import { parametersOf } from './redact.js'

const THIRTY_DAYS = 30 * 86_400_000

/** Maximum number of unknown fields to name, and maximum length of a name. */
const MAX_FIELDS = 20
const MAX_NAME_LENGTH = 40

/** Finds the lints of a request with these headers; none if it did not reach an endpoint. */
export function lintOf (entry: EntryFacts, headers = headersOf(entry.headers)): readonly Lint[] {
  if (entry.lint !== undefined) return entry.lint
  const endpoint = ENDPOINTS.find(({ name }) => name === entry.endpoint)
  if (endpoint === undefined) return []
  const { properties } = endpoint.fields
  const body = bodyOf(entry.body)
  const lints: Lint[] = []
  const note = (name: Lint['name'], says: string): void => { lints.push({ name, says }) }

  for (const place of placesOfTokens(headers, entry.url)) {
    note('token-outside-body', `${place} holds a token; it belongs in the body`)
  }
  const unknown = Object.keys(body).filter(name => !Object.hasOwn(properties, name))
  for (const name of unknown.slice(0, MAX_FIELDS)) {
    note('unknown-field', `${name.length > MAX_NAME_LENGTH ? longName(name) : name} is not a field of ${entry.endpoint}`)
  }
  for (const [name, field] of Object.entries(properties)) {
    if (field.type === 'integer' && typeof body[name] === 'string') {
      note('numeric-string', `${name} is a string; the documented sample has a number`)
    }
  }
  const contentType = headers['content-type']
  if (entry.body !== '' && !/^application\/json\s*(;|$)/i.test(contentType ?? '')) {
    note('content-type', `content-type is ${contentType ?? 'missing'}, not application/json`)
  }
  const { accept } = headers
  if (accept !== undefined && !/\*\/\*|application\/(\*|json)/i.test(accept)) {
    note('accept', `accept is ${accept}, which excludes JSON`)
  }
  if (entry.retryOf !== null) note('charged-retry', `the identical request ${entry.retryOf} has already been charged`)
  const left = entry.disabledAt - entry.emulatedAt
  if (left > 0 && left <= THIRTY_DAYS) {
    const days = Math.ceil(left / 86_400_000)
    note('near-switch-off', `the API is switched off within ${days === 1 ? 'a day' : `${days} days`}`)
  }
  return lints
}

function placesOfTokens (headers: Readonly<Record<string, string>>, url: string): string[] {
  const inHeaders = Object.entries(headers)
    .filter(([name, value]) => name === 'authorization' || isSecretName(name === 'cookie' ? value : name))
  const inQuery = parametersOf(url).filter(({ name }) => isSecretName(name))
  return [
    ...inHeaders.map(([name]) => `the header ${name}`),
    ...inQuery.map(({ name }) => name.length > MAX_NAME_LENGTH ? `a query parameter, with ${longName(name)},` : `the query parameter ${name}`)
  ]
}

/** Stands for a name that is too long to be quoted: of a token, a part would no longer be known as one. */
function longName (name: string): string {
  return `a name of ${name.length} characters`
}

function bodyOf (text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body as Record<string, unknown> : {}
  } catch {
    return {}
  }
}
