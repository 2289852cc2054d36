import type { Static, TObject, TSchema, TUnion } from '@sinclair/typebox'
import { Errors, ValueErrorType, type ValueError } from '@sinclair/typebox/errors'
import { Check } from '@sinclair/typebox/value'
import { SECRET } from '../api/fields.js'
import { SECRET_FIELDS } from '../api/secret-fields.js'
import { redactText } from '../journal/redact.js'
import { Problem, type Issue } from '../problem.js'
import { pointerTo } from '../text/json.js'
import { nearest } from '../text/nearest.js'
import { wholeWords } from '../text/shortened.js'

/** Maximum number of issues that are told one by one: a document can have millions. */
const MAX_ISSUES = 20

/**
 * Collector of the issues of a document, positioned at a place in it. A reader takes one for its part, and passes
 * `issues.at('projects', index)` to the reader of a smaller part.
 */
export interface Issues {
  /** JSON pointer (RFC 6901) of the place; empty for the document itself. */
  readonly pointer: string
  /** Gives the same collector, positioned further in. */
  readonly at: (...path: Array<string | number>) => Issues
  /** Adds an issue at this place, or only counts it if there are many; `expected` completes "expected …". */
  readonly add: (found: unknown, expected: string) => void
  /** Types a value of this place by its schema. Throws if it violates the schema, as readers rely on the schema. */
  readonly check: <Schema extends TSchema>(schema: Schema, value: unknown) => Static<Schema>
  /** Throws a `Problem` with the first issues, whose message tells the very first and how many others there are, if there are any. */
  readonly throwIfAny: () => void
  /** Adds an issue at this place and throws. */
  readonly refuse: (found: unknown, expected: string) => never
}

/** Starts a collector at the root of a document; `what` is its name in the message, such as `the scenario`. */
export function collectIssues (what: string): Issues {
  return new IssuesAt({ what, issues: [], untold: 0 }, undefined, [])
}

/** Issues found so far, which the collectors of all places of a document share. */
interface Found {
  readonly what: string
  readonly issues: Issue[]
  untold: number
}

/** Collector at a place. A world of 100 000 projects makes half a million of them, so that a place becomes a pointer when it is asked for. */
class IssuesAt implements Issues {
  constructor (
    private readonly found: Found,
    private readonly around: IssuesAt | undefined,
    private readonly path: ReadonlyArray<string | number>
  ) {}

  get pointer (): string {
    return this.around === undefined ? '' : this.around.pointer + pointerTo([...this.path])
  }

  at (...path: Array<string | number>): Issues {
    return new IssuesAt(this.found, this, path)
  }

  add (value: unknown, expected: string): void {
    const { issues } = this.found
    if (issues.length < MAX_ISSUES) issues.push(issue(this.pointer, value, expected))
    else this.found.untold++
  }

  check<Schema extends TSchema> (schema: Schema, value: unknown): Static<Schema> {
    // Listing errors takes three times as long as finding that there are none.
    if (!Check(schema, value)) this.found.issues.push(...schemaIssues(schema, value, this.pointer))
    this.throwIfAny()
    return value as Static<Schema>
  }

  throwIfAny (): void {
    if (this.found.issues.length > 0) throw problemOf(this.found)
  }

  refuse (value: unknown, expected: string): never {
    this.add(value, expected)
    throw problemOf(this.found)
  }
}

function problemOf ({ what, issues, untold }: Found): Problem {
  const [first] = issues as [Issue, ...Issue[]]
  const more = issues.length - 1 + untold
  const others = more === 0 ? '' : ` (and ${more} more)`
  const place = first.pointer === '' ? '' : ` at ${first.pointer}`
  return new Problem(`${what} is wrong${place}: found ${first.found}, expected ${first.expected}${others}`, { issues })
}

/** Adds an issue for each value that occurred before. */
export function rejectDuplicates (values: ReadonlyArray<string | number>, issuesAt: (index: number) => Issues): void {
  if (values.length < 2) return
  const seen = new Set<string | number>()
  values.forEach((value, index) => {
    if (seen.has(value)) issuesAt(index).add(value, 'a value used only once')
    seen.add(value)
  })
}

/** Makes a single issue, for a `Problem` with its own message. */
export function issue (pointer: string, found: unknown, expected: string): Issue {
  return { pointer, found: excerpt(found, pointer), expected }
}

function schemaIssues (schema: TSchema, value: unknown, base: string): Issue[] {
  const issues = new Map<string, Issue>()
  for (const error of errorsOfVariants(Errors(schema, value))) {
    if (!issues.has(error.path)) issues.set(error.path, issueOf(error, base + error.path))
    if (issues.size === MAX_ISSUES) break
  }
  return [...issues.values()]
}

/** Replaces the error of a union by the errors of the variant that the value was meant for, where that is known. */
function * errorsOfVariants (errors: Iterable<ValueError>): Iterable<ValueError> {
  for (const error of errors) {
    const variant = error.type === ValueErrorType.Union ? variantMeant((error.schema as TUnion).anyOf, error.value) : -1
    if (variant === -1) yield error
    else yield * errorsOfVariants(error.errors[variant]!)
  }
}

/**
 * The index of the list, or of the object with the most required keys, all of them given, among the variants that say by
 * their `description` what would be right, or else the only object there is; -1 if there is none.
 */
function variantMeant (variants: readonly TSchema[], value: unknown): number {
  const required = variants.map(({ type, description, required = [] }): readonly string[] | null => {
    const isOfType = Array.isArray(value) ? type === 'array' : type === 'object' && typeof value === 'object' && value !== null
    return isOfType && description !== undefined && required.every((key: string) => Object.hasOwn(Object(value), key)) ? required : null
  })
  const objects = variants.flatMap(({ type, description }, index) => type === 'object' && description !== undefined ? [index] : [])
  if (objects.length === 1 && typeof value === 'object' && value !== null && !Array.isArray(value)) return objects[0]!
  return required.reduce((best, keys, index) => keys !== null && keys.length > (required[best]?.length ?? -1) ? index : best, -1)
}

function issueOf (error: ValueError, pointer: string): Issue {
  const expected = String(error.schema.description)
  switch (error.type) {
    case ValueErrorType.ObjectRequiredProperty: return { pointer, found: 'nothing', expected }
    case ValueErrorType.ObjectAdditionalProperties: return { pointer, found: 'an unknown key', expected: knownKeys(error) }
    default: return error.schema[SECRET] === true ? { pointer, found: '"[redacted]"', expected } : issue(pointer, error.value, expected)
  }
}

function knownKeys ({ schema, path }: ValueError): string {
  const keys = Object.keys((schema as TObject).properties)
  if (keys.length === 0) return String(schema.description)
  const meant = nearest(path.slice(path.lastIndexOf('/') + 1), keys)
  return `${meant === undefined ? '' : `${meant}? The keys here are `}${keys.join(', ')}`
}

/** Writes a value for a message: as JSON, without secrets, cut off at 60 characters. */
function excerpt (value: unknown, pointer: string): string {
  const text = jsonText(value, pointer) ?? 'nothing'
  if (text.length <= 60) return text
  const beginning = wholeWords(text, 57)
  return beginning === '"' ? `a word of ${String(value).length} characters` : `${beginning}...`
}

function jsonText (value: unknown, pointer: string): string | undefined {
  return isNotFinite(value) ? numberText(value) : JSON.stringify(beginningOf(value, nameIn(pointer)))
}

/** True for a number of which JSON would make null: a document may have 1e400, and a program may give NaN. */
function isNotFinite (value: unknown): value is number {
  return typeof value === 'number' && !Number.isFinite(value)
}

function numberText (value: number): string {
  return Number.isNaN(value) ? 'NaN' : `a number too ${value > 0 ? 'large' : 'small'}`
}

const REDACTED = '[redacted]'

/**
 * Maximum number of values, and of characters in them, that are looked at for an excerpt: many times what it shows. It also bounds the levels,
 * of which thousands would overflow the stack.
 */
const MAX_LOOKED_AT = 512

/**
 * Gives a value as far as an excerpt may show it, as what is wrong can be a body of 64 MB. What secret fields hold is replaced, whole lists
 * and objects too, and tokens directly in `api_tokens`, in place of an object.
 */
function beginningOf (value: unknown, name: string | undefined): unknown {
  let left = MAX_LOOKED_AT
  return withoutSecrets(value, name)

  function withoutSecrets (value: unknown, name: string | undefined): unknown {
    if (SECRET_FIELDS.has(name!) && Boolean(value)) return REDACTED
    if (Array.isArray(value)) return upTo(value, inner => withoutSecrets(inner, name))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(upTo(Object.keys(value), key => [atMost(key), withoutSecrets((value as Readonly<Record<string, unknown>>)[key], key)]))
    }
    if (name === 'api_tokens' && Boolean(value)) return REDACTED
    if (isNotFinite(value)) return numberText(value)
    if (typeof value === 'bigint') return `${value}n`
    // A text may hold secrets with their names, such as a scenario that was made to JSON twice.
    return typeof value === 'string' ? redactText(atMost(value)) : value
  }

  function upTo<Item, Made> (items: readonly Item[], make: (item: Item) => Made): Made[] {
    const made: Made[] = []
    for (const item of items) {
      if (left-- <= 0) break
      made.push(make(item))
    }
    return made
  }

  function atMost (text: string): string {
    const beginning = text.slice(0, Math.max(left, 0))
    left -= beginning.length
    return beginning
  }
}

/** Gives the key of a value: that of the secret field it is in, if it is in one; for an element of a list, that of the list. */
function nameIn (pointer: string): string | undefined {
  const segments = pointer.split('/')
  return segments.find(segment => SECRET_FIELDS.has(segment)) ?? segments.findLast(segment => !/^\d*$/.test(segment))
}
