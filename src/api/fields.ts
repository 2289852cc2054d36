import { Type, type Static, type TObject, type TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { Value } from '@sinclair/typebox/value'
import type { Service } from '../domain/plan.js'
import { Refusal } from '../domain/refusal.js'

/** A field that holds a number; `description` completes "must be". */
export function WholeNumber (minimum: number, maximum: number) {
  return Type.Integer({ minimum, maximum, description: `a whole number from ${minimum} to ${maximum}`, 'x-provenance': 'documented' })
}

/** Marks a field that holds a secret in its schema; the journal derives from it what it must not show. */
export const SECRET = 'x-secret'

/** The account's master API token. It is looked at before the other fields, by a rule of its own. */
export const Token = Type.String({ description: 'the account\'s master API token', [SECRET]: true, 'x-provenance': 'documented' })

/** Typed *string* in the documentation, with a description copied from another field; the sample sends a number. */
export const ProjectId = WholeNumber(1, Number.MAX_SAFE_INTEGER)

/** 1 is Phone Automation, 2 is WhatsApp Official (documented). */
export const ServiceNumber = Type.Unsafe<Service>(Type.Integer({ minimum: 1, maximum: 2, description: 'the number 1 (Phone Automation) or 2 (WhatsApp Official)', 'x-provenance': 'documented' }))

/** Reads an endpoint's fields from a body, or says which are wrong. The token is not among them: it is looked at before. */
export type FieldReader<Fields extends TObject> = (body: object, strict: boolean) => Static<Fields> | Refusal

/** A numeric string counts as the number (assumed), unless `strict`. Fields that the endpoint does not know are passed over. */
export function fieldReader<Fields extends TObject> (schema: Fields): FieldReader<Fields> {
  const required = new Set(schema.required)
  const fields = Object.entries(schema.properties)
    .filter(([name]) => name !== 'token')
    .map(([name, field]) => ({ name, field, isRequired: required.has(name), holds: TypeCompiler.Compile(field) }))

  return (body, strict) => {
    const read: Record<string, unknown> = {}
    const issues: string[] = []
    for (const { name, field, isRequired, holds } of fields) {
      const given = (body as Record<string, unknown>)[name]
      if (given === undefined && !isRequired) continue
      const value = strict ? given : numberMeant(field, given)
      if (holds.Check(value)) read[name] = value
      else issues.push(issueOf(name, field, given))
    }
    return issues.length === 0 ? read as Static<Fields> : new Refusal('fields-must-be-valid', issues.join('; '))
  }
}

/** A string that counts as a number. */
export const DIGITS = /^\d{1,16}$/

function numberMeant (field: TSchema, given: unknown): unknown {
  return field.type === 'integer' && typeof given === 'string' && DIGITS.test(given) ? Number(given) : given
}

function issueOf (name: string, field: TSchema, given: unknown): string {
  if (Array.isArray(given)) {
    const wrong = given.findIndex(item => !Value.Check(field.items as TSchema | undefined ?? Type.Any(), item))
    if (wrong !== -1) return issueOf(`${name}[${wrong}]`, field.items as TSchema, given[wrong])
  }
  if (given === undefined) return `${name} is missing; it must be ${field.description}`
  return `${name} must be ${field.description}, not ${Array.isArray(given) && field.type === 'array' ? `one of ${given.length}` : shown(given)}`
}

/** A value from a request as a message may quote it: its kind, and itself if it is short. */
export function shown (value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  switch (typeof value) {
    case 'number': return Number.isFinite(value) ? String(value) : 'a number beyond all bounds'
    case 'string': return value.length <= 40 ? `the string ${JSON.stringify(value)}` : `a string of ${value.length} characters`
    case 'boolean': return String(value)
    default: return 'an object'
  }
}
