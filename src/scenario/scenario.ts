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
}

export interface ScenarioProject {
  readonly project_id: number
  readonly project_name?: string
  readonly project_status?: 'Active' | 'Expired' | 'Delete'
  readonly subscriptions?: readonly ScenarioSubscription[]
}

export interface ScenarioSubscription {
  readonly service: 1 | 2
  readonly plan_id: number
  /** Left out on a paid plan: at the end of a cycle that starts when the scenario is loaded. */
  readonly next_billing_date?: string
}
