import type { ScenarioHistoryEvent, ScenarioLedgerEntry } from './books.js'
import type { JournalEntry } from './journal-entry.js'

export type { ScenarioHistoryEvent, ScenarioLedgerEntry } from './books.js'

/**
 * The scenario format as a program writes it; `docs/scenarios.md` explains each field. Amounts are decimal strings in USD,
 * instants are ISO 8601. Whatever has a sensible default is optional.
 */
export interface Scenario {
  /** The world's clock; by default it runs from 2020-06-16T12:00:00Z. */
  readonly clock?: ScenarioClock
  /** Settings of the world: how requests are decided, and how responses look. */
  readonly settings?: ScenarioSettings
  /** Rows of the plan table that differ from the bundled one, or are new. */
  readonly plans?: readonly ScenarioPlan[]
  /** Accounts, each a sandbox; none by default. */
  readonly accounts?: readonly ScenarioAccount[]
  /** How the world's clock was moved: events `clock-moved`. */
  readonly history?: readonly ScenarioHistoryEvent[]
  /** Faults, as `POST /__admin/faults` takes them. */
  readonly faults?: readonly ScenarioFault[]
  /** Requests up to the moment it was saved, as the journal shows them. */
  readonly requests?: readonly JournalEntry[]
}

/** Setting of a clock: of the world, or of an account. */
export interface ScenarioClock {
  /** `system`: the machine's time; `running`: runs from `at`, starting when it is set; `frozen`: always `at`. */
  readonly mode: 'system' | 'running' | 'frozen'
  /** Instant at which the clock is frozen or from which it runs; not with `system`. */
  readonly at?: string
}

/** Settings of a world or of an account, whose own win. */
export interface ScenarioSettings {
  /** Format of the responses. */
  readonly wire?: ScenarioWire
  /** Choices by assumption, with the names of `docs/rules.md`. */
  readonly assumptions?: Readonly<Record<string, string>>
  /** Whether numeric strings are refused where a number is documented; `false` by default. */
  readonly strict?: boolean
  /** When the API becomes disabled: a date, an instant, or `never`. */
  readonly cutoff?: string
}

/** Wire dialect: where the documentation contradicts itself, the reading that responses follow. */
export interface ScenarioWire {
  /** Types of a success's fields: those of the documented `sample`, the default, or of the documented `table`. */
  readonly types?: 'sample' | 'table'
  /** HTTP status: `200` for every response, the default, or one `mapped` from the status in the body. */
  readonly http_status?: '200' | 'mapped'
  /** Content type of every response; `application/json` by default. */
  readonly content_type?: 'application/json' | 'text/html'
  /** Text of `message`: `detailed`, the default, or `bare`, only the status table's text. */
  readonly message?: 'detailed' | 'bare'
}

/** Row of the plan table. It takes what it leaves out from the bundled row of the same `plan_id`; a new row must be complete. */
export interface ScenarioPlan {
  /** The id on the wire. */
  readonly plan_id: number
  /** Name of the plan. */
  readonly name?: string
  /** Service that it belongs to: 1 Phone Automation, 2 WhatsApp Official. */
  readonly service?: 1 | 2
  /** Price of a cycle in USD. */
  readonly price?: string
  /** Length of a billing cycle. */
  readonly cycle?: 'month' | 'year'
  /** Whether the price is the emulator's assumption; a row that names a price leaves it out. */
  readonly price_assumed?: boolean
}

/** An account: a token's wallet, projects, clock and settings. */
export interface ScenarioAccount {
  /** Name in the control API and in the log, unique; `account-1`, `account-2`, … by default. */
  readonly name?: string
  /** The token that a client sends, unique; derived from the name by default. */
  readonly token?: string
  /** The wallet's balance in USD; `0` by default. */
  readonly balance?: string
  /** Assumptions that the balance rests on. */
  readonly balance_rests_on?: readonly string[]
  /** Its own clock; the world's by default. */
  readonly clock?: ScenarioClock
  /** Its own settings; the world's by default. */
  readonly settings?: ScenarioSettings
  /** Its projects; none by default. */
  readonly projects?: readonly ScenarioProject[]
  /** Booked entries; by default one that opens with the balance. */
  readonly ledger?: readonly ScenarioLedgerEntry[]
  /** What time brought, and how the clock was moved; at most 1000 events. */
  readonly history?: readonly ScenarioHistoryEvent[]
  /** Duration in the machine's time, such as `10m`, after which the account is removed. */
  readonly ttl?: string
}

/** A project of an account. Texts are empty by default. */
export interface ScenarioProject {
  /** The id on the wire, unique within the account; the first free one by default. */
  readonly project_id?: number
  /** Name; `project` and the id by default. */
  readonly project_name?: string
  /** Status as the API shows it; `Active` by default. */
  readonly project_status?: 'Active' | 'Expired' | 'Delete'
  /** Assumptions that the status rests on. */
  readonly status_rests_on?: readonly string[]
  /** Phone number. */
  readonly number?: string
  /** Name of the company. */
  readonly company_name?: string
  /** Country by its ISO 3166-1 alpha-2 code, such as `IN`. */
  readonly country?: string
  /** Time zone by its IANA name, such as `Asia/Kolkata`. */
  readonly time_zone?: string
  /** Format in which its dates are shown. */
  readonly date_format?: 'YYYY-MM-DD' | 'DD-MM-YYYY' | 'MM-DD-YYYY'
  /** License key; 30 hex digits derived from the account's token by default. */
  readonly license_key?: string
  /** Keyword without a brand. */
  readonly unbranded_keyword?: string
  /** Keyword with a brand. */
  readonly branded_keyword?: string
  /** Absolute `http` or `https` URL of the global webhook. */
  readonly global_webhook?: string
  /** URL of the event webhook. */
  readonly event_webhook?: string
  /** URL of the smart reply webhook. */
  readonly smart_reply_webhook?: string
  /** Notes. */
  readonly notes?: string
  /** Plans, at most one for each service; on Pay As You Go by default. */
  readonly subscriptions?: readonly ScenarioSubscription[]
  /** Tokens valid for this project only; none by default. */
  readonly api_tokens?: readonly ScenarioApiToken[]
}

/** A token of one project, beside the token of its account. */
export interface ScenarioApiToken {
  /** The token that a client sends, unique; derived from the account's token by default. */
  readonly token?: string
  /** The only address that may use it; any by default. */
  readonly ip?: string
  /** Whether it is accepted; `enabled` by default. */
  readonly status?: 'enabled' | 'disabled' | 'deleted'
}

/** A project's plan for one service. */
export interface ScenarioSubscription {
  /** 1 Phone Automation, 2 WhatsApp Official. */
  readonly service: 1 | 2
  /** A plan of that service. */
  readonly plan_id: number
  /** For a paid plan, by default the end of a cycle that starts when the scenario is loaded. */
  readonly next_billing_date?: string
  /** Day of the month on which the plan was bought, if a short month made the cycle end before it. */
  readonly anchor_day?: number
  /** Assumptions that the plan and its billing date rest on. */
  readonly rests_on?: readonly string[]
}

/** A fault: how requests that match it go wrong. */
export interface ScenarioFault {
  /** What happens: the response is late, wrong, cut short or missing. */
  readonly kind: 'delay' | 'http_error' | 'api_refusal' | 'connection_reset' | 'empty_response' | 'hang' | 'truncated_body' | 'malformed_json' | 'slow_body'
  /** Before the request is decided, or after it is booked; `before` by default. */
  readonly when?: 'before' | 'after'
  /** Name of the account whose requests it affects; all accounts by default. */
  readonly account?: string
  /** The last part of the path of requests that match, such as `change-billing`; all by default. */
  readonly endpoint?: string
  /** Project in requests that match; all by default. */
  readonly project_id?: number
  /** Plan in requests that match; all by default. */
  readonly plan_id?: number
  /** Maximum number of times it triggers; unlimited by default. */
  readonly times?: number
  /** Number of matching requests that it lets pass first; 0 by default. */
  readonly skip?: number
  /** Probability from 0 to 1, the default; `seed` makes it reproducible. */
  readonly probability?: number
  /** Seed of its decisions and delays. */
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

/** Length of a delay in milliseconds: one of these. */
export interface ScenarioDelay {
  /** Always the same. */
  readonly fixed?: number
  /** Evenly distributed between two lengths. */
  readonly uniform?: readonly [number, number]
  /** Log-normally distributed, as latencies are. */
  readonly lognormal?: {
    /** Half of the delays are shorter. */
    readonly median: number
    /** Spread: the standard deviation of the logarithm. */
    readonly sigma: number
  }
}
