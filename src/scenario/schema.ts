import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { ENDPOINT_NAMES } from '../api/index.js'
import { Country, DateFormatName, IpAddress, TimeZone, Webhook } from '../api/project-fields.js'
import { STATUS_TEXTS } from '../api/status-codes.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { Scenario } from '../contract/scenario.js'
import { LEDGER_KINDS } from '../domain/account.js'
import { API_TOKEN_STATUSES } from '../domain/api-token.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS } from '../domain/assumptions.js'
import { BILLING_EVENTS, EXPIRY_REASONS } from '../domain/billing-events.js'
import { FAULT_KINDS, MAX_DELAY, MAX_FAULT_COUNT, MAX_FAULTS } from '../domain/fault.js'
import { HISTORY_EVENTS } from '../domain/history.js'
import { PROJECT_STATUSES } from '../domain/project.js'
import { RULE_NAMES } from '../domain/refusal.js'
import { LINTS, MAX_DUE, REQUEST_STATES } from '../journal/record.js'
import { MAX_HISTORY } from '../store/history.js'

/** The `description` of a schema says what is valid: it completes "expected …" in an issue. */
const only = { additionalProperties: false }

export function OneOf<const Choice extends string> (choices: readonly Choice[]) {
  return Type.Unsafe<Choice>(Type.Union(choices.map(choice => Type.Literal(choice)), { description: `one of ${choices.join(', ')}` }))
}

export function OrNull<Schema extends TSchema> (schema: Schema) {
  return Type.Union([schema, Type.Null()], { description: `${schema.description}, or null` })
}

const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}` })

/** Id as a request may have it: get-projects has 0 for all projects. */
const RequestedId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}` })

/** Excludes lone surrogates, which SQLite would replace. */
const WELL_FORMED = '(?:[^\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff])*'
const Name = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: `^${WELL_FORMED}$`,
  description: 'a string of 1 to 200 characters, without lone surrogates'
})
/** Excludes "." and "..", which lead elsewhere as a segment of a path, however they are encoded. */
const AccountName = Type.String({
  ...Name,
  pattern: `^(?!\\.{1,2}$)${WELL_FORMED}$`,
  description: `${Name.description}; not "." or "..", which no URL path can hold`
})
const Service = Type.Unsafe<1 | 2>(Type.Integer({ minimum: 1, maximum: 2, description: '1 (Phone Automation) or 2 (WhatsApp Official)' }))
export const AmountSchema = Type.String({
  pattern: '^(0|[1-9]\\d{0,11})(\\.\\d{1,3})?$',
  description: 'an amount in USD as a string of at most 12 digits and 3 decimals, such as "4.99"'
})
const SignedAmount = Type.String({ pattern: '^-?(0|[1-9]\\d{0,11})(\\.\\d{1,3})?$', description: 'an amount in USD as a string of at most 12 digits and 3 decimals, such as "-4.99"' })
const Ttl = Type.String({ pattern: '^\\d{1,9}(ms|s|m|h)$', description: 'a duration such as "500ms", "30s", "10m" or "1h"' })
export const InstantSchema = Type.String({
  description: 'an ISO 8601 date, or date and time with an offset, such as "2023-01-31T23:59:59Z", from 1970 to 9998'
})

export const ClockSchema = Type.Object({
  mode: OneOf(['system', 'running', 'frozen']),
  at: Type.Optional(InstantSchema)
}, { ...only, description: 'a clock such as {"mode":"frozen","at":"2023-01-31T23:59:59Z"}' })

/** Completes "expected …" for a clock as text. */
export const CLOCK_TEXT = 'system, an instant from 1970 to 9998 to run from such as 2023-01-31T23:59:59Z, or frozen:INSTANT'

/** A clock in a file. A program writes it as an object, which is therefore its type. */
const ClockOrText = Type.Unsafe<Static<typeof ClockSchema>>(Type.Union([
  ClockSchema,
  Type.String({ description: CLOCK_TEXT })
], { description: `${ClockSchema.description}, or a text such as "frozen:2023-01-31T23:59:59Z"` }))

export const WireSchema = Type.Object({
  types: Type.Optional(OneOf(['sample', 'table'])),
  http_status: Type.Optional(OneOf(['200', 'mapped'])),
  content_type: Type.Optional(OneOf(['application/json', 'text/html'])),
  message: Type.Optional(OneOf(['detailed', 'bare']))
}, { ...only, description: 'an object such as {"types":"table"}' })

const AssumptionsSchema = Type.Unsafe<Record<string, string>>(Type.Object(
  Object.fromEntries(ASSUMPTION_NAMES.map((name): [string, TSchema] => [name, Type.Optional(OneOf(ASSUMPTIONS[name].choices))])),
  { ...only, description: 'an object such as {"same-plan":"charge-again"}' }))

/** Names that a part of a state rests on. */
const RestsOnSchema = Type.Array(Type.Unsafe<string>(OneOf(ASSUMPTION_NAMES)), { description: 'a list of assumptions' })

export const SettingsSchema = Type.Object({
  wire: Type.Optional(WireSchema),
  assumptions: Type.Optional(AssumptionsSchema),
  strict: Type.Optional(Type.Boolean({ description: 'true or false' })),
  cutoff: Type.Optional(Type.String({ description: 'a date, an instant, or "never"' }))
}, { ...only, description: 'a settings object' })

export const PlanSchema = Type.Object({
  plan_id: Id,
  name: Type.Optional(Name),
  service: Type.Optional(Service),
  price: Type.Optional(AmountSchema),
  cycle: Type.Optional(OneOf(['month', 'year'])),
  price_assumed: Type.Optional(Type.Boolean({ description: 'true or false' }))
}, { ...only, description: 'a plan' })

const SubscriptionSchema = Type.Object({
  service: Service,
  plan_id: Id,
  next_billing_date: Type.Optional(InstantSchema),
  anchor_day: Type.Optional(Type.Integer({ minimum: 1, maximum: 31, description: 'a day of the month from 1 to 31' })),
  rests_on: Type.Optional(RestsOnSchema)
}, { ...only, description: 'a subscription' })

const ApiTokenSchema = Type.Object({
  token: Type.Optional(Name),
  ip: Type.Optional(IpAddress),
  status: Type.Optional(OneOf(API_TOKEN_STATUSES))
}, { ...only, description: 'an API token' })

/** Detail of a project. Longer than the API accepts, to try clients with data that may exist. */
const Detail = Type.String({
  maxLength: 1000,
  pattern: `^${WELL_FORMED}$`,
  description: 'a string of at most 1000 characters, without lone surrogates'
})

export const ProjectSchema = Type.Object({
  project_id: Type.Optional(Id),
  // Empty as well: the API creates projects without a name.
  project_name: Type.Optional(Type.String({
    maxLength: 200,
    pattern: `^${WELL_FORMED}$`,
    description: 'a string of at most 200 characters, without lone surrogates'
  })),
  project_status: Type.Optional(OneOf(PROJECT_STATUSES)),
  status_rests_on: Type.Optional(RestsOnSchema),
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
  at: InstantSchema,
  kind: OneOf(LEDGER_KINDS),
  amount: SignedAmount,
  balance: AmountSchema,
  project_id: Type.Optional(OrNull(Id)),
  plan_id: Type.Optional(OrNull(Id)),
  request_id: Type.Optional(OrNull(Name))
}, { ...only, description: 'a ledger entry' })

export const HistoryEventSchema = Type.Object({
  at: InstantSchema,
  event: OneOf(HISTORY_EVENTS),
  project_id: Type.Optional(Id),
  service: Type.Optional(Service),
  plan_id: Type.Optional(Id),
  amount: Type.Optional(AmountSchema),
  reason: Type.Optional(OneOf(EXPIRY_REASONS)),
  price: Type.Optional(AmountSchema),
  balance: Type.Optional(AmountSchema),
  from: Type.Optional(InstantSchema),
  mode: Type.Optional(OneOf(['system', 'running', 'frozen']))
}, { ...only, description: 'an event' })

const BillingEventSchema = Type.Object({
  ...Type.Omit(HistoryEventSchema, ['event', 'from', 'mode']).properties,
  event: OneOf(BILLING_EVENTS)
}, { ...only, description: 'an event that time brings' })

/** Events of any accounts, each with the name of its own. */
export const EventsSchema = Type.Array(Type.Object({
  ...HistoryEventSchema.properties,
  account: Type.String({ minLength: 1, description: 'the name of an account' })
}, { ...only, description: 'an event' }), { maxItems: MAX_DUE, description: `a list of at most ${MAX_DUE} events` })

const HistorySchema = Type.Array(HistoryEventSchema, { maxItems: MAX_HISTORY, description: `a list of at most ${MAX_HISTORY} events` })

export const AccountSchema = Type.Object({
  name: Type.Optional(AccountName),
  token: Type.Optional(Name),
  balance: Type.Optional(AmountSchema),
  balance_rests_on: Type.Optional(RestsOnSchema),
  clock: Type.Optional(ClockOrText),
  settings: Type.Optional(SettingsSchema),
  projects: Type.Optional(Type.Array(ProjectSchema, { description: 'a list of projects' })),
  ledger: Type.Optional(Type.Array(LedgerEntrySchema, { description: 'a list of ledger entries' })),
  history: Type.Optional(HistorySchema),
  ttl: Type.Optional(Ttl)
}, { ...only, description: 'an account' })

const Milliseconds = Type.Number({ minimum: 0, maximum: MAX_DELAY, description: `a number of milliseconds from 0 to ${MAX_DELAY}` })
const Count = Type.Integer({ minimum: 0, maximum: MAX_FAULT_COUNT, description: `a whole number from 0 to ${MAX_FAULT_COUNT}` })

const REFUSALS = Object.keys(STATUS_TEXTS).map(Number).filter(status => status !== 100)
const VendorStatus = Type.Unsafe<number>(Type.Union(REFUSALS.map(status => Type.Literal(status)), { description: `one of ${REFUSALS.join(', ')}` }))

const DelaySchema = Type.Object({
  fixed: Type.Optional(Milliseconds),
  uniform: Type.Optional(Type.Unsafe<[number, number]>(Type.Array(Milliseconds,
    { minItems: 2, maxItems: 2, description: 'two numbers of milliseconds, a minimum and a maximum' }))),
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
  project_id: Type.Optional(RequestedId),
  plan_id: Type.Optional(RequestedId),
  times: Type.Optional(Type.Integer({
    minimum: 1,
    maximum: MAX_FAULT_COUNT,
    description: `a whole number from 1 to ${MAX_FAULT_COUNT}; leave it out for no limit`
  })),
  skip: Type.Optional(Count),
  probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'a number from 0 to 1' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: 'a whole number from 0 to 4294967295' })),
  ttl: Type.Optional(Ttl),
  delay: Type.Optional(DelaySchema),
  http_status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599, description: 'an HTTP status from 400 to 599' })),
  body: Type.Optional(Type.String({ maxLength: 65_536, description: 'a string of at most 65536 characters' })),
  status: Type.Optional(VendorStatus),
  duration: Type.Optional(Milliseconds),
  matched: Type.Optional(Count),
  triggered: Type.Optional(Count),
  struck: Type.Optional(Type.Integer({ ...Count, description: 'a whole number from 0, the same as triggered, whose former name this is' }))
}, { ...only, description: 'a fault' })

export const PlansSchema = Type.Array(PlanSchema, { description: 'a list of plans' })

/** A method, or the name of a header, in HTTP. */
export const TOKEN = '^[a-zA-Z0-9!#$%&\'*+.^_`|~-]+$'

/** Body as it was sent: of at most 1 MiB, of which each character may have been a secret. It is read once more, to see whether it is JSON. */
const SentText = Type.String({ maxLength: 8_388_608, description: 'a string of at most 8388608 characters' })
/** Headers: those of a request have 16 KiB together. */
const Texts = Type.Record(Type.String(), Type.String({ maxLength: 131_072, description: 'a string of at most 131072 characters' }), {
  maxProperties: 16_384,
  description: 'an object of at most 16384 strings'
})
const Anything = Type.Unknown({ description: 'any value' })

const SubscriptionStateSchema = Type.Object({
  plan_id: Id,
  project_status: OneOf(PROJECT_STATUSES),
  next_billing_date: OrNull(InstantSchema)
}, { ...only, description: 'an object with plan_id, project_status and next_billing_date' })

const BookedSchema = Type.Object({
  ledger: Type.Array(LedgerEntrySchema, { description: 'a list of ledger entries' }),
  subscriptions: Type.Array(Type.Object({
    project_id: Id,
    service: Service,
    before: OrNull(SubscriptionStateSchema),
    after: SubscriptionStateSchema
  }, { ...only, description: 'a changed plan' }), { description: 'a list of changed plans' }),
  due: Type.Object({
    events: Type.Array(BillingEventSchema, { maxItems: MAX_DUE, description: `a list of at most ${MAX_DUE} events` }),
    total: Count
  }, { ...only, description: 'an object with events and total' })
}, { ...only, description: 'an object with ledger, subscriptions and due' })

export const RequestSchema = Type.Unsafe<JournalEntry>(Type.Object({
  id: Name,
  account: OrNull(Name),
  endpoint: OrNull(OneOf(ENDPOINT_NAMES)),
  method: Type.String({ maxLength: 200, pattern: `^$|${TOKEN}`, description: 'a method of HTTP, such as "POST"' }),
  path: Type.String({
    maxLength: 100_000,
    // An authority is the target of CONNECT.
    pattern: '^(/|\\*$|[a-zA-Z][a-zA-Z0-9+.-]*://)[^\\x00-\\x20\\x7f]*$|^([\\w.\\[\\]-][\\w.:\\[\\]-]*:\\d+)?$',
    description: 'a path that begins with a slash, with its query, without spaces and control characters'
  }),
  at: InstantSchema,
  emulated_at: InstantSchema,
  state: Type.Optional(OneOf(REQUEST_STATES)),
  duration_ms: Type.Number({ minimum: 0, description: 'a number of milliseconds' }),
  request: Type.Object({ headers: Texts, body: Anything, text: Type.Optional(SentText) }, {
    ...only,
    description: 'an object with headers, body and text'
  }),
  response: OrNull(Type.Object({
    http_status: Type.Integer({ minimum: 100, maximum: 599, description: 'an HTTP status' }),
    headers: Texts,
    body: Anything
  }, { ...only, description: 'an object with http_status, headers and body' })),
  api_status: OrNull(Type.Integer({ description: 'a status such as 100' })),
  rule: OrNull(OneOf(RULE_NAMES)),
  assumptions: Type.Array(OneOf(ASSUMPTION_NAMES), { description: 'a list of assumptions' }),
  charged: Type.Boolean({ description: 'true or false' }),
  booked: Type.Optional(OrNull(BookedSchema)),
  lint: Type.Array(Type.Object({
    name: OneOf(Object.keys(LINTS)),
    says: Type.String({ description: 'a string' })
  }, { ...only, description: 'a lint' }), { description: 'a list of lints' }),
  fault: OrNull(Type.Object({
    id: Name,
    kind: OneOf(FAULT_KINDS),
    when: OneOf(['before', 'after']),
    matched: Count
  }, { ...only, description: 'a triggered fault' }))
}, { ...only, description: 'a request as the journal shows it' }))

export const ScenarioSchema = Type.Object({
  clock: Type.Optional(ClockOrText),
  settings: Type.Optional(SettingsSchema),
  plans: Type.Optional(PlansSchema),
  accounts: Type.Optional(Type.Array(AccountSchema, { description: 'a list of accounts' })),
  faults: Type.Optional(Type.Array(FaultSchema, { maxItems: MAX_FAULTS, description: `a list of at most ${MAX_FAULTS} faults` })),
  requests: Type.Optional(Type.Array(RequestSchema, { description: 'a list of requests' })),
  history: Type.Optional(HistorySchema)
}, { ...only, description: 'a scenario' })

/** Is `true` if a schema and an interface have the same type, and `never` if they have drifted apart. */
export type Matches<Schema extends TSchema, Interface> = Same<Frozen<Static<Schema>>, Interface>

type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T
type Same<A, B> = [A, B] extends [B, A] ? true : never

/** Fails to compile when the schema and the interface, which programs use without the schema library, drift apart. */
export const scenarioMatchesItsSchema: Matches<typeof ScenarioSchema, Scenario> = true
