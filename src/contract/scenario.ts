import type { JournalEntry } from './journal-entry.js'

/**
 * The scenario format as a program writes it; `docs/scenarios.md` explains each field. Amounts are decimal strings in USD,
 * instants are ISO 8601. All of it is optional where a default makes sense.
 */
export interface Scenario {
  /** The world's clock; from 2020-06-16T12:00:00Z and running where it is left out. */
  readonly clock?: ScenarioClock
  readonly settings?: ScenarioSettings
  /** Rows of the plan table that differ from the bundled one, or are new. */
  readonly plans?: readonly ScenarioPlan[]
  readonly accounts?: readonly ScenarioAccount[]
  /** What goes wrong with requests, as `POST /__admin/faults` takes it. */
  readonly faults?: readonly ScenarioFault[]
  /** What had been asked and answered when it was saved, as the journal shows it. */
  readonly requests?: readonly JournalEntry[]
}

export interface ScenarioClock {
  readonly mode: 'system' | 'running' | 'frozen'
  /** Where the clock stands, or runs from; not with `system`. */
  readonly at?: string
}

export interface ScenarioSettings {
  readonly wire?: ScenarioWire
  /** By the names and choices of `docs/rules.md`. */
  readonly assumptions?: Readonly<Record<string, string>>
  readonly strict?: boolean
  /** From when on the API is disabled: a date, an instant, or `never`. */
  readonly cutoff?: string
}

export interface ScenarioWire {
  readonly types?: 'sample' | 'table'
  readonly http_status?: '200' | 'mapped'
  readonly content_type?: 'application/json' | 'text/html'
  readonly message?: 'detailed' | 'bare'
}

export interface ScenarioPlan {
  readonly plan_id: number
  readonly name?: string
  readonly service?: 1 | 2
  readonly price?: string
  readonly cycle?: 'month' | 'year'
}

export interface ScenarioAccount {
  readonly name?: string
  /** Made from the name where it is left out. */
  readonly token?: string
  /** `0` where it is left out. */
  readonly balance?: string
  readonly clock?: ScenarioClock
  readonly settings?: ScenarioSettings
  readonly projects?: readonly ScenarioProject[]
  /** What has been booked. Where it is left out, the balance is the opening one. */
  readonly ledger?: readonly ScenarioLedgerEntry[]
  /** A span of the machine's time, such as `10m`, after which the account goes by itself. */
  readonly ttl?: string
}

export interface ScenarioProject {
  /** The first number that is free where it is left out. */
  readonly project_id?: number
  readonly project_name?: string
  readonly project_status?: 'Active' | 'Expired' | 'Delete'
  readonly number?: string
  readonly company_name?: string
  /** By its ISO 3166-1 alpha-2 code. */
  readonly country?: string
  /** By its IANA name. */
  readonly time_zone?: string
  readonly date_format?: 'YYYY-MM-DD' | 'DD-MM-YYYY' | 'MM-DD-YYYY'
  /** Made from the account's token where it is left out. */
  readonly license_key?: string
  readonly unbranded_keyword?: string
  readonly branded_keyword?: string
  readonly global_webhook?: string
  readonly event_webhook?: string
  readonly smart_reply_webhook?: string
  readonly notes?: string
  readonly subscriptions?: readonly ScenarioSubscription[]
  /** The tokens of this project alone. */
  readonly api_tokens?: readonly ScenarioApiToken[]
}

export interface ScenarioApiToken {
  /** Made from the account's token where it is left out. */
  readonly token?: string
  /** The only address that may use it; any where it is left out. */
  readonly ip?: string
  readonly status?: 'enabled' | 'disabled' | 'deleted'
}

export interface ScenarioSubscription {
  readonly service: 1 | 2
  readonly plan_id: number
  /** Left out on a paid plan: at the end of a cycle that starts when the scenario is loaded. */
  readonly next_billing_date?: string
}

export interface ScenarioLedgerEntry {
  readonly at: string
  readonly kind: 'opening' | 'plan-change' | 'renewal' | 'credit' | 'adjustment'
  /** Negative for a debit. */
  readonly amount: string
  /** The wallet's balance after this entry. */
  readonly balance: string
  readonly project_id?: number | null
  readonly plan_id?: number | null
  readonly request_id?: string | null
}

export interface ScenarioFault {
  readonly kind: 'delay' | 'http_error' | 'api_refusal' | 'connection_reset' | 'empty_response' | 'hang' | 'truncated_body' | 'malformed_json' | 'slow_body'
  /** Before the request is decided on, or after all of it is booked; `before` where it is left out. */
  readonly when?: 'before' | 'after'
  /** The name of the account that it is for; everybody's where it is left out. */
  readonly account?: string
  /** The last part of the path, such as `change-billing`. */
  readonly endpoint?: string
  readonly project_id?: number
  readonly plan_id?: number
  /** How often it strikes; without a limit where it is left out. */
  readonly times?: number
  /** How many requests that it fits it lets pass first. */
  readonly skip?: number
  /** From 0 to 1, decided by `seed`. */
  readonly probability?: number
  readonly seed?: number
  /** A span of the machine's time, such as `10m`, after which it ends by itself. */
  readonly ttl?: string
  /** `delay`: how long, in milliseconds; 1000 where it is left out. */
  readonly delay?: ScenarioDelay
  /** `http_error`: the HTTP status; 500 where it is left out. */
  readonly http_status?: number
  /** `http_error`: the body, as text. */
  readonly body?: string
  /** `api_refusal`: the vendor's status; 101 where it is left out. */
  readonly status?: number
  /** `slow_body`: over how many milliseconds the body is spread; 1000 where it is left out. */
  readonly duration?: number
  /** How many requests it has matched so far. */
  readonly matched?: number
  /** How many of them it has triggered on. */
  readonly triggered?: number
  /** The former name of `triggered`. */
  readonly struck?: number
}

export interface ScenarioDelay {
  readonly fixed?: number
  readonly uniform?: readonly [number, number]
  readonly lognormal?: { readonly median: number, readonly sigma: number }
}
