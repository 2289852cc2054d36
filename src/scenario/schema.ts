import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { ASSUMPTION_NAMES, ASSUMPTIONS } from '../domain/assumptions.js'
import { PROJECT_STATUSES } from '../domain/project.js'
import type { Scenario } from './scenario.js'

/** The schemas say by their `description` what would be right: it completes "expected …" in a flaw. */
const only = { additionalProperties: false }

export function OneOf<const Choice extends string> (choices: readonly Choice[]) {
  return Type.Unsafe<Choice>(Type.Union(choices.map(choice => Type.Literal(choice)), { description: `one of ${choices.join(', ')}` }))
}

const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}` })
const Name = Type.String({ minLength: 1, maxLength: 200, description: 'a text of 1 to 200 characters' })
const Service = Type.Unsafe<1 | 2>(Type.Integer({ minimum: 1, maximum: 2, description: '1 (Phone Automation) or 2 (WhatsApp Official)' }))
const Amount = Type.String({ pattern: '^(0|[1-9]\\d{0,11})(\\.\\d{1,3})?$', description: 'an amount in USD as a string with at most three decimals, such as "4.99"' })
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
  price: Type.Optional(Amount),
  cycle: Type.Optional(OneOf(['month', 'year']))
}, { ...only, description: 'a plan' })

const SubscriptionSchema = Type.Object({
  service: Service,
  plan_id: Id,
  next_billing_date: Type.Optional(Instant)
}, { ...only, description: 'a subscription' })

const ProjectSchema = Type.Object({
  project_id: Id,
  project_name: Type.Optional(Name),
  project_status: Type.Optional(OneOf(PROJECT_STATUSES)),
  subscriptions: Type.Optional(Type.Array(SubscriptionSchema, { description: 'a list of subscriptions' }))
}, { ...only, description: 'a project' })

export const AccountSchema = Type.Object({
  name: Type.Optional(Name),
  token: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'a text of 1 to 200 characters' })),
  balance: Type.Optional(Amount),
  clock: Type.Optional(ClockSchema),
  settings: Type.Optional(SettingsSchema),
  projects: Type.Optional(Type.Array(ProjectSchema, { description: 'a list of projects' }))
}, { ...only, description: 'an account' })

export const PlansSchema = Type.Array(PlanSchema, { description: 'a list of plans' })

export const ScenarioSchema = Type.Object({
  clock: Type.Optional(ClockSchema),
  settings: Type.Optional(SettingsSchema),
  plans: Type.Optional(PlansSchema),
  accounts: Type.Optional(Type.Array(AccountSchema, { description: 'a list of accounts' }))
}, { ...only, description: 'a scenario' })

/** Keeps the schema and the interface, which programs use without the schema library, from drifting apart. */
type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T
type Same<A, B> = [A, B] extends [B, A] ? true : never
export const scenarioMatchesItsSchema: Same<Frozen<Static<typeof ScenarioSchema>>, Scenario> = true
