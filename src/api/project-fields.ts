import { FormatRegistry, Type, type TSchema } from '@sinclair/typebox'
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

/** A text of so many characters at the most: characters, not bytes and not UTF-16 units. Half a surrogate pair is none. */
export function Text (most: number) {
  return Type.String({ pattern: `^(?:[^\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff]){0,${most}}$`, description: `a string of at most ${most} characters`, ...documented })
}

export const ProjectName = Text(20)
export const Notes = Text(250)
export const Country = Type.String({ format: 'iso-3166-alpha-2', description: 'a country by its ISO 3166-1 alpha-2 code, such as "IN"', ...documented })
export const TimeZone = Type.String({ format: 'iana-time-zone', description: 'an IANA time zone, such as "Asia/Kolkata"', ...documented })
export const DateFormatName = Type.Unsafe<DateFormat>(Type.Union(DATE_FORMATS.map(format => Type.Literal(format)), { description: `one of ${DATE_FORMATS.join(', ')}`, ...documented }))
export const IpAddress = Type.String({ format: 'ip-address', description: 'an IPv4 or IPv6 address', ...documented })
export const Webhook = WebAddress('documented')

export function WebAddress (known: Provenance) {
  return Type.String({ format: 'web-address', maxLength: 2048, description: 'an absolute http or https URL of at most 2048 characters', 'x-provenance': known })
}

/** How many addresses may be named at once (assumed: a bound is not documented). */
const MAX_ADDRESSES = 100

/** A list of addresses, each of which is to get a token. */
export function Addresses (least: number) {
  return Type.Array(IpAddress, { minItems: least, maxItems: MAX_ADDRESSES, description: `an array of ${least} to ${MAX_ADDRESSES} IP addresses`, ...documented })
}

/** Assumed: an empty text means the same as leaving the field out, as in answers. */
export function OrEmpty<Schema extends TSchema> (schema: Schema) {
  return Type.Optional(Type.Union([Type.Literal(''), schema], { description: schema.description!, 'x-provenance': schema['x-provenance'] as Provenance }))
}

/** A token and for which address it is, as answers list them (documented sample). */
export const TokenAnswer = Type.Object({
  ip: Type.String({ description: 'empty for any address', ...documented }),
  token: Type.String({ description: '40 hex digits', [SECRET]: true, ...documented })
})

/** The platform also knows abbreviations that are not IANA's, each as one of the zones that it may mean: `IST` as India, `BST` as Bangladesh. */
const NOT_IANA = /^(?:(?!UTC|UCT|GMT|CET|EET|EST|HST|MET|MST|WET|PRC|ROC|ROK)[a-z]{3}|SystemV\/.*)$/i

/** In any spelling that the platform's time zone data knows, links and old names included; an offset is no time zone. */
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
