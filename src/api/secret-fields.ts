import type { TSchema } from '@sinclair/typebox'
import { SECRET } from './fields.js'
import { ENDPOINTS } from './index.js'

/** All fields of requests and answers, at any depth: derived from the schemas, so that none is missed. */
const FIELDS = ENDPOINTS.flatMap(({ fields, answer }) => [...fieldsIn(fields), ...fieldsIn(answer)])

/** Names of the fields that hold a secret. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set(FIELDS.filter(([, field]) => field[SECRET] === true).map(([name]) => name))

/** Lists whose items hold a secret among other fields, such as `api_tokens`: the schema of an item, by name. */
export const LISTS: ReadonlyMap<string, TSchema> = new Map(FIELDS.flatMap(([name, { items }]) =>
  items !== undefined && hasSecret(items as TSchema) ? [[name, items as TSchema]] : []))

/** Names of the fields that hold no secret, even if they sound like it, such as `generate_api_token`. */
export const OPEN_FIELDS: ReadonlySet<string> = new Set(FIELDS.map(([name]) => name)
  .filter(name => !SECRET_FIELDS.has(name) && !LISTS.has(name)))

function fieldsIn (schema: TSchema): Array<[string, TSchema]> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, TSchema>)
  const inner = [...properties.map(([, field]) => field), ...schema.items === undefined ? [] : [schema.items as TSchema]]
  return [...properties, ...inner.flatMap(fieldsIn)]
}

function hasSecret (schema: TSchema): boolean {
  return fieldsIn(schema).some(([, field]) => field[SECRET] === true)
}

/** Secret fields by their letters. */
const SECRET_LETTERS: ReadonlySet<string> = new Set([...SECRET_FIELDS].map(lettersOf))

/** Verdicts on names. Requests have the same few again and again. */
const verdicts = new Map<string, boolean>()

/** Maximum number of verdicts to keep. */
const MAX_VERDICTS = 500

/** Tells whether a name is or contains that of a secret field: `Token`, `x-token`, `api_token`, `apiToken`, `token[]`. */
export function isSecretName (name: string): boolean {
  const known = verdicts.get(name)
  if (known !== undefined) return known
  const verdict = isSecret(name)
  if (verdicts.size === MAX_VERDICTS) verdicts.clear()
  if (name.length <= MAX_NAME_LENGTH) verdicts.set(name, verdict)
  return verdict
}

function isSecret (name: string): boolean {
  if (OPEN_FIELDS.has(name)) return false
  const letters = lettersOf(name)
  for (const field of SECRET_LETTERS) if (letters.includes(field)) return true
  return false
}

/** Tells whether a text is the name of a secret field, however it is spelled, and nothing more. */
export function isSecretFieldName (text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && SECRET_LETTERS.has(lettersOf(text))
}

/** Maximum length, in characters, of a text that may be a name. */
const MAX_NAME_LENGTH = 40

export function lettersOf (name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}
