import { Type, type Static, type TObject, type TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { Check } from '@sinclair/typebox/value'
import type { Service } from '../domain/plan.js'
import { Refusal } from '../domain/refusal.js'
import { literalAt } from '../text/json-literal.js'

/** Builds the schema of a number field. Its `description` completes "must be", as in every field. */
export function WholeNumber (minimum: number, maximum: number) {
  return Type.Integer({ minimum, maximum, description: `a whole number from ${minimum} to ${maximum}`, 'x-provenance': 'documented' })
}

/** Keyword that marks a field as secret in its schema; the journal derives from it what it must not show. */
export const SECRET = 'x-secret'

/** Master API token of the account. A separate rule checks it before the other fields. */
export const Token = Type.String({ description: 'the account\'s master API token', [SECRET]: true, 'x-provenance': 'documented' })

/** Project id. The documentation calls it a *string*, with a description copied from another field; its sample sends a number. */
export const ProjectId = WholeNumber(1, Number.MAX_SAFE_INTEGER)

/** Service number: 1 is Phone Automation, 2 is WhatsApp Official (documented). */
export const ServiceNumber = Type.Unsafe<Service>(Type.Integer({
  minimum: 1,
  maximum: 2,
  description: 'the number 1 (Phone Automation) or 2 (WhatsApp Official)',
  'x-provenance': 'documented'
}))

/**
 * Reads an endpoint's fields from a body, or refuses the wrong ones, quoting numbers from the body's text. The token is not among them:
 * it is checked before.
 */
export type FieldReader<Fields extends TObject> = (body: object, text: string, strict: boolean) => Static<Fields> | Refusal

/** Creates a field reader. Unless `strict`, a numeric string counts as the number (assumed). Unknown fields are ignored. */
export function fieldReader<Fields extends TObject> (schema: Fields): FieldReader<Fields> {
  let fields: ReturnType<typeof compiledFields> | undefined

  return (body, text, strict) => {
    // With the first request: most processes never ask most endpoints.
    fields ??= compiledFields(schema)
    const read: Record<string, unknown> = {}
    const issues: string[] = []
    for (const { name, field, isRequired, holds } of fields) {
      const given = (body as Record<string, unknown>)[name]
      if (given === undefined && !isRequired) continue
      const value = strict ? given : numberMeant(field, given)
      if (holds.Check(value)) read[name] = value
      else issues.push(issueOf([name], field, given, text))
    }
    return issues.length === 0 ? read as Static<Fields> : new Refusal('fields-must-be-valid', issues.join('; '))
  }
}

function compiledFields ({ required, properties }: TObject) {
  return Object.entries(properties)
    .filter(([name]) => name !== 'token')
    .map(([name, field]) => ({ name, field, isRequired: required?.includes(name) === true, holds: TypeCompiler.Compile(field) }))
}

/** Pattern of a string that counts as a number. */
export const DIGITS = /^\d{1,16}$/

function numberMeant (field: TSchema, given: unknown): unknown {
  return field.type === 'integer' && typeof given === 'string' && DIGITS.test(given) ? Number(given) : given
}

function issueOf (path: readonly [string, ...number[]], field: TSchema, given: unknown, text: string): string {
  if (Array.isArray(given)) {
    const wrong = given.findIndex(item => !Check(field.items as TSchema | undefined ?? Type.Any(), item))
    if (wrong !== -1) return issueOf([...path, wrong], field.items as TSchema, given[wrong], text)
  }
  const name = path.map((step, index) => index === 0 ? step : `[${step}]`).join('')
  if (given === undefined) return `${name} is missing; it must be ${field.description}`
  const found = Array.isArray(given) && field.type === 'array' ? `an array of ${given.length}` : shown(given, () => literalAt(text, path))
  return `${name} must be ${field.description}, not ${found}`
}

/** Describes a value from a request for a message: its kind, and the value itself if it is short; a number by its `literal`. */
export function shown (value: unknown, literal: () => string): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  switch (typeof value) {
    case 'number': return shownNumber(literal())
    case 'string': return value.length <= 40 ? `the string ${JSON.stringify(value)}` : `a string of ${charactersIn(value)} characters`
    case 'boolean': return String(value)
    default: return 'an object'
  }
}

/** Counts as the limits of texts do: not in units of UTF-16. */
function charactersIn (text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) count++
  return count
}

function shownNumber (literal: string): string {
  return literal.length <= 40 ? literal : `a number of ${literal.length} characters`
}
