import { FormatRegistry, Type, type TSchema } from '@sinclair/typebox'
import { URL } from 'node:url'
import { DATE_FORMATS, type DateFormat } from '../domain/project.js'
import type { Provenance } from '../domain/refusal.js'
import { isAddress } from '../text/address.js'
import { COUNTRIES } from './countries.js'
import { SECRET } from './fields.js'

// The fields of a project, as endpoints take and give them and as a scenario has them.

FormatRegistry.Set('iso-3166-alpha-2', text => COUNTRIES.has(text))
FormatRegistry.Set('iana-time-zone', isTimeZone)
FormatRegistry.Set('ip-address', isAddress)
FormatRegistry.Set('web-address', isWebAddress)

const documented = { 'x-provenance': 'documented' }

/** Builds the schema of a string limited to a number of characters, not bytes or UTF-16 units. Lone surrogates are invalid. */
export function Text (maximum: number) {
  return Type.String({
    pattern: atMost(maximum),
    description: `a string of at most ${maximum} characters`,
    ...documented
  })
}

function atMost (maximum: number): string {
  return `^(?:[^\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff]){0,${maximum}}$`
}

export const ProjectName = Text(20)
export const Notes = Text(250)
export const Country = Type.String({
  format: 'iso-3166-alpha-2',
  description: 'an ISO 3166-1 alpha-2 country code, such as "IN"',
  ...documented
})
export const TimeZone = Type.String({ format: 'iana-time-zone', description: 'an IANA time zone, such as "Asia/Kolkata"', ...documented })
export const DateFormatName = Type.Unsafe<DateFormat>(Type.Union(DATE_FORMATS.map(format => Type.Literal(format)), {
  description: `one of ${DATE_FORMATS.join(', ')}`,
  ...documented
}))
export const IpAddress = Type.String({ format: 'ip-address', description: 'an IPv4 or IPv6 address', ...documented })
export const Webhook = WebAddress('documented')

export function WebAddress (known: Provenance) {
  return Type.String({
    format: 'web-address',
    pattern: atMost(2048),
    description: 'an absolute http or https URL of at most 2048 characters',
    'x-provenance': known
  })
}

/** Maximum number of addresses in one request (assumed: no limit is documented). */
const MAX_ADDRESSES = 100

/** Builds the schema of a list of addresses to create tokens for. */
export function Addresses (minimum: number) {
  return Type.Array(IpAddress, {
    minItems: minimum,
    maxItems: MAX_ADDRESSES,
    description: `an array of ${minimum} to ${MAX_ADDRESSES} IP addresses`,
    ...documented
  })
}

/** Makes a field optional. An empty string is the same as leaving it out, as in answers (assumed). */
export function OrEmpty<Schema extends TSchema> (schema: Schema) {
  return Type.Optional(Type.Union([Type.Literal(''), schema], {
    description: schema.description!,
    'x-provenance': schema['x-provenance'] as Provenance
  }))
}

/** Token with its address, as answers list it (documented sample). */
export const TokenAnswer = Type.Object({
  ip: Type.String({ description: 'empty for any address', ...documented }),
  token: Type.String({ description: '40 hex digits', [SECRET]: true, ...documented })
})

/** Names that the platform accepts although they are not IANA's: ambiguous abbreviations such as `IST` or `BST`, and `SystemV/`. */
const NOT_IANA = /^(?:(?!UTC|UCT|GMT|CET|EET|EST|HST|MET|MST|WET|PRC|ROC|ROK)[a-z]{3}|SystemV\/.*)$/i

/** Accepts any spelling in the platform's time zone data, including links and old names, but not an offset. */
function isTimeZone (text: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(text) || NOT_IANA.test(text)) return false
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: text }))
  } catch {
    return false
  }
}

function isWebAddress (text: string): boolean {
  return /^https?:\/\/(?:[^\s\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])+$/i.test(text) && URL.canParse(text)
}
