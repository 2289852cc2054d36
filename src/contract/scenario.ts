import type { JournalEntry } from './journal-entry.js'

/**
 * The scenario format as a program writes it; `docs/scenarios.md` explains each field. Amounts are decimal strings in USD,
 * instants are ISO 8601. Whatever has a sensible default is optional.
 */
export interface Scenario {
  /** The world's clock; by default it runs from 2020-06-16T12:00:00Z. */
  readonly clock?: ScenarioClock
  readonly settings?: ScenarioSettings
  /** Rows of the plan table that differ from the bundled one, or are new. */
  readonly plans?: readonly ScenarioPlan[]
  readonly accounts?: readonly ScenarioAccount[]
  /** Faults, as `POST /__admin/faults` takes them. */
  readonly faults?: readonly ScenarioFault[]
  /** Requests up to the moment it was saved, as the journal shows them. */
  readonly requests?: readonly JournalEntry[]
}

export interface ScenarioClock {
  readonly mode: 'system' | 'running' | 'frozen'
  /** Instant at which the clock is frozen or from which it runs; not with `system`. */
  readonly at?: string
}

export interface ScenarioSettings {
  readonly wire?: ScenarioWire
  /** Choices by assumption, with the names of `docs/rules.md`. */
  readonly assumptions?: Readonly<Record<string, string>>
  readonly strict?: boolean
  /** When the API becomes disabled: a date, an instant, or `never`. */
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
  /** Whether the price is the emulator's assumption; a row that names a price leaves it out. */
  readonly price_assumed?: boolean
}

export interface ScenarioAccount {
  readonly name?: string
  /** Derived from the name by default. */
  readonly token?: string
  /** `0` by default. */
  readonly balance?: string
  readonly clock?: ScenarioClock
  readonly settings?: ScenarioSettings
  readonly projects?: readonly ScenarioProject[]
  /** Booked entries; by default one that opens with the balance. */
  readonly ledger?: readonly ScenarioLedgerEntry[]
  /** Duration in the machine's time, such as `10m`, after which the account is removed. */
  readonly ttl?: string
}

export interface ScenarioProject {
  /** The first free number by default. */
  readonly project_id?: number
  readonly project_name?: string
  readonly project_status?: 'Active' | 'Expired' | 'Delete'
  readonly number?: string
  readonly company_name?: string
  /** ISO 3166-1 alpha-2 code. */
  readonly country?: string
  /** IANA name. */
  readonly time_zone?: string
  readonly date_format?: 'YYYY-MM-DD' | 'DD-MM-YYYY' | 'MM-DD-YYYY'
  /** Derived from the account's token by default. */
  readonly license_key?: string
  readonly unbranded_keyword?: string
  readonly branded_keyword?: string
  readonly global_webhook?: string
  readonly event_webhook?: string
  readonly smart_reply_webhook?: string
  readonly notes?: string
  readonly subscriptions?: readonly ScenarioSubscription[]
  /** Tokens valid for this project only. */
  readonly api_tokens?: readonly ScenarioApiToken[]
}

export interface ScenarioApiToken {
  /** Derived from the account's token by default. */
  readonly token?: string
  /** The only address that may use it; any by default. */
  readonly ip?: string
  readonly status?: 'enabled' | 'disabled' | 'deleted'
}

export interface ScenarioSubscription {
  readonly service: 1 | 2
  readonly plan_id: number
  /** For a paid plan, by default the end of a cycle that starts when the scenario is loaded. */
  readonly next_billing_date?: string
  /** Day of the month on which the plan was bought, if a short month made the cycle end before it. */
  readonly anchor_day?: number
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
  /** Before the request is decided, or after it is booked; `before` by default. */
  readonly when?: 'before' | 'after'
  /** Name of the account whose requests it affects; all accounts by default. */
  readonly account?: string
  /** The last part of the path, such as `change-billing`. */
  readonly endpoint?: string
  readonly project_id?: number
  readonly plan_id?: number
  /** Maximum number of times it triggers; unlimited by default. */
  readonly times?: number
  /** Number of matching requests it lets pass first. */
  readonly skip?: number
  /** Probability from 0 to 1; `seed` makes it reproducible. */
  readonly probability?: number
  readonly seed?: number
  /** Duration in the machine's time, such as `10m`, after which it expires. */
  readonly ttl?: string
  /** `delay`: the delay in milliseconds; 1000 by default. */
  readonly delay?: ScenarioDelay
  /** `http_error`: the HTTP status; 500 by default. */
  readonly http_status?: number
  /** `http_error`: the body, as text. */
  readonly body?: string
  /** `api_refusal`: the vendor's status; 101 by default. */
  readonly status?: number
  /** `slow_body`: the milliseconds over which the body is spread; 1000 by default. */
  readonly duration?: number
  /** Number of requests it has matched so far. */
  readonly matched?: number
  /** Number of requests it has triggered on. */
  readonly triggered?: number
  /** The former name of `triggered`. */
  readonly struck?: number
}

export interface ScenarioDelay {
  readonly fixed?: number
  readonly uniform?: readonly [number, number]
  readonly lognormal?: { readonly median: number, readonly sigma: number }
}
