import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { ENDPOINT_NAMES } from '../api/index.js'
import { Country, DateFormatName, IpAddress, TimeZone, Webhook } from '../api/project-fields.js'
import { STATUS_TEXTS } from '../api/status-codes.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { Scenario } from '../contract/scenario.js'
import { LEDGER_KINDS } from '../domain/account.js'
import { API_TOKEN_STATUSES } from '../domain/api-token.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS } from '../domain/assumptions.js'
import { FAULT_KINDS, MAX_DELAY } from '../domain/fault.js'
import { PROJECT_STATUSES } from '../domain/project.js'
import { RULE_NAMES } from '../domain/refusal.js'
import { LINTS } from '../journal/record.js'

/** The schemas say by their `description` what would be right: it completes "expected …" in a issue. */
const only = { additionalProperties: false }

export function OneOf<const Choice extends string> (choices: readonly Choice[]) {
  return Type.Unsafe<Choice>(Type.Union(choices.map(choice => Type.Literal(choice)), { description: `one of ${choices.join(', ')}` }))
}

function OrNull<Schema extends TSchema> (schema: Schema) {
  return Type.Union([schema, Type.Null()], { description: `${schema.description}, or null` })
}

const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}` })

/** SQLite would replace half a surrogate pair, and what is kept would not be what was given. */
const WELL_FORMED = '(?:[^\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff])*'
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: `^${WELL_FORMED}$`, description: 'a text of 1 to 200 characters, none of them half a surrogate pair' })
/** A dot or two as a part of a path lead elsewhere, however they are encoded. */
const AccountName = Type.String({ ...Name, pattern: `^(?!\\.{1,2}$)${WELL_FORMED}$`, description: `${Name.description}; and not "." or "..", which no URL can hold` })
const Service = Type.Unsafe<1 | 2>(Type.Integer({ minimum: 1, maximum: 2, description: '1 (Phone Automation) or 2 (WhatsApp Official)' }))
export const AmountSchema = Type.String({ pattern: '^(0|[1-9]\\d{0,11})(\\.\\d{1,3})?$', description: 'an amount in USD as a string with at most three decimals, such as "4.99"' })
const SignedAmount = Type.String({ pattern: '^-?(0|[1-9]\\d{0,11})(\\.\\d{1,3})?$', description: 'an amount in USD as a string, such as "-4.99"' })
const Ttl = Type.String({ pattern: '^\\d{1,9}(ms|s|m|h)$', description: 'a span of time such as "500ms", "30s", "10m" or "1h"' })
const Instant = Type.String({ description: 'an ISO 8601 date, or date and time with an offset, such as "2023-01-31T23:59:59Z", from 1970 to 9998' })

export const ClockSchema = Type.Object({
  mode: OneOf(['system', 'running', 'frozen']),
  at: Type.Optional(Instant)
}, { ...only, description: 'a clock such as {"mode":"frozen","at":"2023-01-31T23:59:59Z"}' })

const WireSchema = Type.Object({
  types: Type.Optional(OneOf(['sample', 'table'])),
  http_status: Type.Optional(OneOf(['200', 'mapped'])),
  content_type: Type.Optional(OneOf(['application/json', 'text/html'])),
  message: Type.Optional(OneOf(['detailed', 'bare']))
}, { ...only, description: 'an object with the wire dialect' })

const AssumptionsSchema = Type.Unsafe<Record<string, string>>(Type.Object(
  Object.fromEntries(ASSUMPTION_NAMES.map((name): [string, TSchema] => [name, Type.Optional(OneOf(ASSUMPTIONS[name].choices))])),
  { ...only, description: 'an object of choices by the names of the assumptions' }))

export const SettingsSchema = Type.Object({
  wire: Type.Optional(WireSchema),
  assumptions: Type.Optional(AssumptionsSchema),
  strict: Type.Optional(Type.Boolean({ description: 'true or false' })),
  cutoff: Type.Optional(Type.String({ description: 'a date, an instant, or "never"' }))
}, { ...only, description: 'an object of settings' })

export const PlanSchema = Type.Object({
  plan_id: Id,
  name: Type.Optional(Name),
  service: Type.Optional(Service),
  price: Type.Optional(AmountSchema),
  cycle: Type.Optional(OneOf(['month', 'year']))
}, { ...only, description: 'a plan' })

const SubscriptionSchema = Type.Object({
  service: Service,
  plan_id: Id,
  next_billing_date: Type.Optional(Instant)
}, { ...only, description: 'a subscription' })

const ApiTokenSchema = Type.Object({
  token: Type.Optional(Name),
  ip: Type.Optional(IpAddress),
  status: Type.Optional(OneOf(API_TOKEN_STATUSES))
}, { ...only, description: 'an API token' })

/** What a project says of itself. Longer than the API takes it, so that what there might be can be tried. */
const Detail = Type.String({ maxLength: 1000, pattern: `^${WELL_FORMED}$`, description: 'a text of at most 1000 characters, none of them half a surrogate pair' })

export const ProjectSchema = Type.Object({
  project_id: Type.Optional(Id),
  // The API lets a project be made without one.
  project_name: Type.Optional(Type.String({ maxLength: 200, pattern: `^${WELL_FORMED}$`, description: 'a text of at most 200 characters, none of them half a surrogate pair' })),
  project_status: Type.Optional(OneOf(PROJECT_STATUSES)),
  number: Type.Optional(Detail),
  company_name: Type.Optional(Detail),
  country: Type.Optional(Country),
  time_zone: Type.Optional(TimeZone),
  date_format: Type.Optional(DateFormatName),
  license_key: Type.Optional(Detail),
  unbranded_keyword: Type.Optional(Detail),
  branded_keyword: Type.Optional(Detail),
  global_webhook: Type.Optional(Webhook),
  event_webhook: Type.Optional(Webhook),
  smart_reply_webhook: Type.Optional(Webhook),
  notes: Type.Optional(Detail),
  subscriptions: Type.Optional(Type.Array(SubscriptionSchema, { description: 'a list of subscriptions' })),
  api_tokens: Type.Optional(Type.Array(ApiTokenSchema, { description: 'a list of API tokens' }))
}, { ...only, description: 'a project' })

export const LedgerEntrySchema = Type.Object({
  at: Instant,
  kind: OneOf(LEDGER_KINDS),
  amount: SignedAmount,
  balance: AmountSchema,
  project_id: Type.Optional(OrNull(Id)),
  plan_id: Type.Optional(OrNull(Id)),
  request_id: Type.Optional(OrNull(Name))
}, { ...only, description: 'a ledger entry' })

export const AccountSchema = Type.Object({
  name: Type.Optional(AccountName),
  token: Type.Optional(Name),
  balance: Type.Optional(AmountSchema),
  clock: Type.Optional(ClockSchema),
  settings: Type.Optional(SettingsSchema),
  projects: Type.Optional(Type.Array(ProjectSchema, { description: 'a list of projects' })),
  ledger: Type.Optional(Type.Array(LedgerEntrySchema, { description: 'a list of ledger entries' })),
  ttl: Type.Optional(Ttl)
}, { ...only, description: 'an account' })

const Milliseconds = Type.Number({ minimum: 0, maximum: MAX_DELAY, description: `a number of milliseconds from 0 to ${MAX_DELAY}` })
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000_000, description: 'a whole number from 0' })

const REFUSALS = Object.keys(STATUS_TEXTS).map(Number).filter(status => status !== 100)
const VendorStatus = Type.Unsafe<number>(Type.Union(REFUSALS.map(status => Type.Literal(status)), { description: `one of ${REFUSALS.join(', ')}` }))

const DelaySchema = Type.Object({
  fixed: Type.Optional(Milliseconds),
  uniform: Type.Optional(Type.Unsafe<[number, number]>(Type.Array(Milliseconds, { minItems: 2, maxItems: 2, description: 'two numbers of milliseconds, the least and the most' }))),
  lognormal: Type.Optional(Type.Object({
    median: Milliseconds,
    sigma: Type.Number({ minimum: 0, maximum: 10, description: 'a number from 0 to 10' })
  }, { ...only, description: 'an object such as {"median":90,"sigma":0.4}' }))
}, { ...only, minProperties: 1, maxProperties: 1, description: 'one of {"fixed":200}, {"uniform":[100,300]}, {"lognormal":{"median":90,"sigma":0.4}}' })

export const FaultSchema = Type.Object({
  kind: OneOf(FAULT_KINDS),
  when: Type.Optional(OneOf(['before', 'after'])),
  account: Type.Optional(Name),
  endpoint: Type.Optional(Name),
  project_id: Type.Optional(Id),
  plan_id: Type.Optional(Id),
  times: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'a whole number from 1; leave it out for no limit' })),
  skip: Type.Optional(Count),
  probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'a number from 0 to 1' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: 'a whole number from 0 to 4294967295' })),
  ttl: Type.Optional(Ttl),
  delay: Type.Optional(DelaySchema),
  http_status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599, description: 'an HTTP status from 400 to 599' })),
  body: Type.Optional(Type.String({ maxLength: 65_536, description: 'a text of at most 65536 characters' })),
  status: Type.Optional(VendorStatus),
  duration: Type.Optional(Milliseconds),
  matched: Type.Optional(Count),
  triggered: Type.Optional(Count),
  struck: Type.Optional(Count)
}, { ...only, description: 'a fault' })

export const PlansSchema = Type.Array(PlanSchema, { description: 'a list of plans' })

const Texts = Type.Record(Type.String(), Type.String({ description: 'a text' }), { description: 'an object of texts' })
const Anything = Type.Unknown({ description: 'any value' })

const RequestSchema = Type.Unsafe<JournalEntry>(Type.Object({
  id: Name,
  account: OrNull(Name),
  endpoint: OrNull(OneOf(ENDPOINT_NAMES)),
  method: Name,
  path: Type.String({ maxLength: 100_000, description: 'a path, with its query' }),
  at: Instant,
  emulated_at: Instant,
  duration_ms: Type.Number({ minimum: 0, description: 'a number of milliseconds' }),
  request: Type.Object({ headers: Texts, body: Anything }, { ...only, description: 'an object with headers and body' }),
  response: OrNull(Type.Object({ http_status: Type.Integer({ minimum: 100, maximum: 599, description: 'an HTTP status' }), headers: Texts, body: Anything }, { ...only, description: 'an object with http_status, headers and body' })),
  api_status: OrNull(Type.Integer({ description: 'a status such as 100' })),
  rule: OrNull(OneOf(RULE_NAMES)),
  assumptions: Type.Array(OneOf(ASSUMPTION_NAMES), { description: 'a list of assumptions' }),
  charged: Type.Boolean({ description: 'true or false' }),
  lint: Type.Array(Type.Object({ name: OneOf(Object.keys(LINTS)), says: Type.String({ description: 'a text' }) }, { ...only, description: 'a lint' }), { description: 'a list of lints' }),
  fault: OrNull(Type.Object({ id: Name, kind: OneOf(FAULT_KINDS), when: OneOf(['before', 'after']), matched: Count }, { ...only, description: 'a fault that struck' }))
}, { ...only, description: 'a request as the journal shows it' }))

export const ScenarioSchema = Type.Object({
  clock: Type.Optional(ClockSchema),
  settings: Type.Optional(SettingsSchema),
  plans: Type.Optional(PlansSchema),
  accounts: Type.Optional(Type.Array(AccountSchema, { description: 'a list of accounts' })),
  faults: Type.Optional(Type.Array(FaultSchema, { description: 'a list of faults' })),
  requests: Type.Optional(Type.Array(RequestSchema, { description: 'a list of requests' }))
}, { ...only, description: 'a scenario' })

/** Keeps the schema and the interface, which programs use without the schema library, from drifting apart. */
type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T
type Same<A, B> = [A, B] extends [B, A] ? true : never
export const scenarioMatchesItsSchema: Same<Frozen<Static<typeof ScenarioSchema>>, Scenario> = true
