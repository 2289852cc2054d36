import type { TObject, TSchema, TUnion } from '@sinclair/typebox'
import { Value, ValueErrorType, type ValueError } from '@sinclair/typebox/value'
import { SECRET_FIELDS } from '../api/secret-fields.js'
import { Problem, type Issue } from '../problem.js'
import { nearest } from '../text/nearest.js'

/** How many issues of a document are told at once. */
const MAX_ISSUES = 20

/** What a document has that its schema does not allow; empty if nothing. */
export function schemaIssues (schema: TSchema, value: unknown): Issue[] {
  const issues = new Map<string, Issue>()
  for (const error of errorsOfVariants(Value.Errors(schema, value))) {
    if (!issues.has(error.path)) issues.set(error.path, issueOf(error))
    if (issues.size === MAX_ISSUES) break
  }
  return [...issues.values()]
}

export function issue (pointer: string, found: unknown, expected: string): Issue {
  return { pointer, found: excerpt(found, pointer), expected }
}

/** Finds values that must be there only once, and are there twice. */
export function rejectDuplicates (values: ReadonlyArray<string | number>, pointerTo: (index: number) => string, issues: Issue[]): void {
  const seen = new Set<string | number>()
  values.forEach((value, index) => {
    if (seen.has(value)) issues.push(issue(pointerTo(index), value, 'something that is there only once'))
    seen.add(value)
  })
}

/** Throws a `Problem` that names the first issue, if there is one, and holds them all. */
export function throwIfInvalid (what: string, issues: readonly Issue[]): void {
  const [first, ...more] = issues
  if (first === undefined) return
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  throw new Problem(`${what} is wrong at ${first.pointer || 'its root'}: found ${first.found}, expected ${first.expected}${others}`, { issues })
}

/** Replaces the error of a union by the errors of the variant that the value was meant for, where that is known. */
function * errorsOfVariants (errors: Iterable<ValueError>): Iterable<ValueError> {
  for (const error of errors) {
    const variant = error.type === ValueErrorType.Union ? variantMeant((error.schema as TUnion).anyOf, error.value) : -1
    if (variant === -1) yield error
    else yield * errorsOfVariants(error.errors[variant]!)
  }
}

/** The index of the most demanding object or list among the variants that has all its required keys in the value; -1 if there is none. */
function variantMeant (variants: readonly TSchema[], value: unknown): number {
  const required = variants.map(({ type, required = [] }): readonly string[] | null => {
    const isOfType = Array.isArray(value) ? type === 'array' : type === 'object' && typeof value === 'object' && value !== null
    return isOfType && required.every((key: string) => Object.hasOwn(Object(value), key)) ? required : null
  })
  return required.reduce((best, keys, index) => keys !== null && keys.length > (required[best]?.length ?? -1) ? index : best, -1)
}

function issueOf (error: ValueError): Issue {
  const expected = String(error.schema.description)
  switch (error.type) {
    case ValueErrorType.ObjectRequiredProperty: return { pointer: error.path, found: 'nothing', expected }
    case ValueErrorType.ObjectAdditionalProperties: return { pointer: error.path, found: 'an unknown key', expected: knownKeys(error) }
    default: return issue(error.path, error.value, expected)
  }
}

function knownKeys ({ schema, path }: ValueError): string {
  const keys = Object.keys((schema as TObject).properties)
  const meant = nearest(path.slice(path.lastIndexOf('/') + 1), keys)
  return `${meant === undefined ? '' : `${meant}? The keys here are `}${keys.join(', ')}`
}

/** A value as a message may quote it: JSON without secrets, cut off where it is long. */
function excerpt (value: unknown, pointer: string): string {
  const text = jsonText(value, pointer) ?? 'nothing'
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}

function jsonText (value: unknown, pointer: string): string | undefined {
  try {
    return JSON.stringify(withoutSecrets(value, nameIn(pointer)))
  } catch {
    // Either calls itself for each level; a value nested by the thousand ends in a full stack.
    return 'something nested too deeply'
  }
}

/** A token that stands right in the list, where an object should be, is a secret as well. */
const SECRETS = new Set([...SECRET_FIELDS, 'api_tokens'])

function withoutSecrets (value: unknown, name: string | undefined): unknown {
  if (Array.isArray(value)) return value.map(inner => withoutSecrets(inner, name))
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner, key)]))
  return SECRETS.has(name!) && Boolean(value) ? '[redacted]' : value
}

/** What a value is called; one in a list is called as the list is. */
function nameIn (pointer: string): string | undefined {
  return pointer.split('/').findLast(segment => !/^\d*$/.test(segment))
}
