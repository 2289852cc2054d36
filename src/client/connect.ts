/// <reference lib="esnext.disposable" preserve="true" />
import type { AccountState, Audit, ClockMoved, ClockState, FaultState, LedgerEntry, RequestFilter, WaitOptions } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { Scenario, ScenarioAccount, ScenarioClock, ScenarioFault, ScenarioPlan, ScenarioProject, ScenarioSettings } from '../contract/scenario.js'

export type * from '../contract/scenario.js'
export type * from '../contract/control.js'
export type * from '../contract/journal-entry.js'

/** The world's clock, or an account's. All of it answers when everything that was due has happened. */
export interface ClockControl {
  readonly get: () => Promise<ClockState>
  readonly set: (clock: ScenarioClock) => Promise<ClockMoved>
  readonly freeze: (at: string) => Promise<ClockMoved>
  /** Lets it run on from an instant. */
  readonly run: (from: string) => Promise<ClockMoved>
  /** Moves it by an ISO 8601 duration; `-P1D` is backwards. */
  readonly advance: (by: string) => Promise<ClockMoved>
  /** To an instant, or `disabled`, `disabled-1s`, `next-billing`, `next-billing+1s`. */
  readonly jump: (to: string) => Promise<ClockMoved>
  /** An account's goes back to the world's, the world's to where it started. */
  readonly release: () => Promise<ClockMoved>
}

export interface RequestsControl {
  /** The newest hundred (or `limit`), newest last. */
  readonly list: (filter?: RequestFilter & { readonly limit?: number, readonly after?: string, readonly before?: string }) => Promise<readonly JournalEntry[]>
  readonly count: (filter?: RequestFilter) => Promise<number>
  readonly get: (id: string) => Promise<JournalEntry>
  /** Waits for matching requests, looking back first; rejects with the nearest misses. */
  readonly wait: (wish?: WaitOptions) => Promise<readonly JournalEntry[]>
  /** Rejects as soon as a matching request is there, or comes within the time (500ms where it is left out). */
  readonly expectNone: (wish?: Omit<WaitOptions, 'count'>) => Promise<void>
  readonly clear: (filter?: RequestFilter) => Promise<number>
}

export interface SettingsControl {
  /** All that hold, whoever chose them. */
  readonly get: () => Promise<ScenarioSettings>
  readonly change: (settings: SettingsPatch) => Promise<ScenarioSettings>
}

/** Settings to change; `null` gives one back to what it is without a choice. */
export type SettingsPatch = Patch<ScenarioSettings>

type Patch<T> = T extends object ? { readonly [Key in keyof T]: Patch<T[Key]> | null } : T

/** A sandbox: what is done with it touches no other account. */
export interface Account {
  readonly name: string
  /** What a client sends as `token`. */
  readonly token: string
  readonly state: () => Promise<AccountState>
  readonly clock: ClockControl
  readonly settings: SettingsControl
  readonly requests: RequestsControl
  readonly wallet: {
    readonly balance: () => Promise<string>
    /** Tops up by an amount in USD, such as `25`. */
    readonly credit: (amount: string) => Promise<string>
    readonly set: (balance: string) => Promise<string>
  }
  readonly ledger: () => Promise<readonly LedgerEntry[]>
  /** Adds a project, or sets one to what is given. */
  readonly setProject: (projectId: number, project: ScenarioProject) => Promise<ScenarioProject>
  /** Lets something go wrong with this account's requests. */
  readonly fail: (fault: ScenarioFault) => Promise<FaultState>
  readonly faults: () => Promise<readonly FaultState[]>
  readonly clearFaults: () => Promise<void>
  /** As it was made, without faults and requests. */
  readonly reset: () => Promise<AccountState>
  readonly remove: () => Promise<void>
  /** Removes it, unless it has gone already. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** A new account: all of it is optional, and made up where it is left out. */
export type NewAccount = ScenarioAccount | { readonly copy_of: string, readonly name?: string, readonly token?: string, readonly ttl?: string }

/** An emulator that runs somewhere. */
export interface RemoteEmulator {
  /** What a client takes for `https://pickyassist.com`. */
  readonly url: string
  readonly createAccount: (account?: NewAccount) => Promise<Account>
  /** All of them, or none. */
  readonly createAccounts: (accounts: readonly NewAccount[]) => Promise<readonly Account[]>
  readonly account: (name: string) => Promise<Account>
  readonly accounts: () => Promise<readonly Account[]>
  readonly clock: ClockControl
  readonly settings: SettingsControl
  readonly requests: RequestsControl
  readonly fail: (fault: ScenarioFault) => Promise<FaultState>
  readonly faults: () => Promise<readonly FaultState[]>
  readonly clearFaults: () => Promise<void>
  readonly plans: {
    readonly list: () => Promise<readonly ScenarioPlan[]>
    readonly change: (rows: readonly ScenarioPlan[]) => Promise<readonly ScenarioPlan[]>
  }
  readonly assumptions: (account?: string) => Promise<ReadonlyArray<{ readonly name: string, readonly question: string, readonly choices: readonly string[], readonly chosen: string }>>
  readonly audit: () => Promise<Audit>
  /** The whole world as a scenario. */
  readonly state: () => Promise<Scenario>
  readonly load: (scenario: Scenario) => Promise<Scenario>
  /** Back to what the emulator started with. */
  readonly reset: () => Promise<Scenario>
}

export interface ConnectOptions {
  /** What the emulator was started with as `--admin-token`. */
  readonly adminToken?: string
}

/**
 * What the control API refused: its problem document, told in the message. Where no emulator answers, the problem says
 * that, and its status is what the other server answered, or 0 if nothing did.
 */
export interface ControlError extends Error {
  readonly problem: { readonly status: number, readonly detail: string, readonly [more: string]: unknown }
}

/**
 * Controls an emulator over HTTP. It needs nothing but `fetch`, so it works in another process and in a browser's test
 * too. Whatever the emulator refuses is rejected with a `ControlError` that says what was wrong and what to do next.
 */
export function connect (url: string, { adminToken }: ConnectOptions = {}): RemoteEmulator {
  const base = url.replace(/\/+$/, '')

  async function call<T> (method: string, path: string, body?: unknown): Promise<T> {
    const init = {
      method,
      headers: {
        ...body !== undefined && { 'content-type': 'application/json' },
        ...adminToken !== undefined && { authorization: `Bearer ${adminToken}` }
      },
      ...body !== undefined && { body: JSON.stringify(body) }
    }
    const answered = await exchange(`${base}/__admin${path}`, init).catch(error => unreachable(base, error))
    if (answered.ok && answered.value !== NO_JSON) return answered.value as T
    throw controlError(`${method} /__admin${path}`, problemIn(answered) ?? foreign(base, answered))
  }

  function clockAt (path: string): ClockControl {
    return {
      get: () => call('GET', `${path}/clock`),
      set: clock => call('PUT', `${path}/clock`, clock),
      freeze: at => call('PUT', `${path}/clock`, { mode: 'frozen', at }),
      run: from => call('PUT', `${path}/clock`, { mode: 'running', at: from }),
      advance: by => call('POST', `${path}/clock/advance`, { by }),
      jump: to => call('POST', `${path}/clock/advance`, { to }),
      release: () => call('DELETE', `${path}/clock`)
    }
  }

  function settingsAt (path: string): SettingsControl {
    return {
      get: () => call('GET', `${path}/settings`),
      change: settings => call('PATCH', `${path}/settings`, settings)
    }
  }

  function requestsOf (scope: RequestFilter): RequestsControl {
    const listed = async (path: string, query: object): Promise<readonly JournalEntry[]> =>
      (await call<{ requests: JournalEntry[] }>('GET', `${path}${queryOf({ ...query, ...scope })}`)).requests
    return {
      list: (filter = {}) => listed('/requests', filter),
      count: async (filter = {}) => (await call<{ count: number }>('GET', `/requests/count${queryOf({ ...filter, ...scope })}`)).count,
      get: id => call('GET', `/requests/${encodeURIComponent(id)}`),
      wait: (wish = {}) => listed('/requests/wait', wish),
      expectNone: async (wish = {}) => { await listed('/requests/wait', { timeout: '500ms', ...wish, count: 0 }) },
      clear: async (filter = {}) => (await call<{ removed: number }>('DELETE', `/requests${queryOf({ ...filter, ...scope })}`)).removed
    }
  }

  function faultsAt (path: string) {
    return {
      fail: (fault: ScenarioFault) => call<FaultState>('POST', `${path}/faults`, fault),
      faults: async () => (await call<{ faults: FaultState[] }>('GET', `${path}/faults`)).faults,
      clearFaults: () => call<void>('DELETE', `${path}/faults`)
    }
  }

  function accountOf ({ name, token }: AccountState): Account {
    const path = `/accounts/${encodeURIComponent(name)}`
    const remove = () => call<void>('DELETE', path)
    const booked = async (entry: object): Promise<string> => (await call<{ balance: string }>('POST', `${path}/wallet`, entry)).balance
    return {
      name,
      token,
      state: () => call('GET', path),
      clock: clockAt(path),
      settings: settingsAt(path),
      requests: requestsOf({ account: name }),
      wallet: {
        balance: async () => (await call<{ balance: string }>('GET', `${path}/wallet`)).balance,
        credit: credit => booked({ credit }),
        set: balance => booked({ set: balance })
      },
      ledger: async () => (await call<{ ledger: LedgerEntry[] }>('GET', `${path}/ledger`)).ledger,
      setProject: (projectId, project) => call('PUT', `${path}/projects/${projectId}`, project),
      ...faultsAt(path),
      reset: () => call('POST', `${path}/reset`),
      remove,
      [Symbol.asyncDispose]: () => remove().catch(passOverGone)
    }
  }

  return {
    url: base,
    createAccount: async (account = {}) => accountOf(await call('POST', '/accounts', account)),
    createAccounts: async accounts => (await call<AccountState[]>('POST', '/accounts', accounts)).map(accountOf),
    account: async name => accountOf(await call('GET', `/accounts/${encodeURIComponent(name)}`)),
    accounts: async () => (await call<{ accounts: AccountState[] }>('GET', '/accounts')).accounts.map(accountOf),
    clock: clockAt(''),
    settings: settingsAt(''),
    requests: requestsOf({}),
    ...faultsAt(''),
    plans: {
      list: async () => (await call<{ plans: ScenarioPlan[] }>('GET', '/plans')).plans,
      change: async rows => (await call<{ plans: ScenarioPlan[] }>('PUT', '/plans', rows)).plans
    },
    assumptions: async account => (await call<{ assumptions: [] }>('GET', `/assumptions${queryOf({ account })}`)).assumptions,
    audit: () => call('GET', '/audit'),
    state: () => call('GET', '/state'),
    load: scenario => call('PUT', '/state', scenario),
    reset: () => call('POST', '/reset')
  }
}

function queryOf (filter: object): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter) as Array<[string, unknown]>) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query.toString()}`
}

/** What answered, which may not be an emulator at all: its text, and its value if that is JSON. */
interface HttpAnswer {
  readonly ok: boolean
  readonly status: number
  readonly text: string
  readonly value: unknown
}

const NO_JSON = Symbol('no JSON')

async function exchange (url: string, init: RequestInit): Promise<HttpAnswer> {
  const response = await fetch(url, init)
  const text = await response.text()
  return { ok: response.ok, status: response.status, text, value: text === '' ? undefined : jsonIn(text) }
}

function jsonIn (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return NO_JSON
  }
}

function problemIn ({ status, value }: HttpAnswer): ControlError['problem'] | undefined {
  const problem = { status, ...Object(value) as object } as ControlError['problem']
  return typeof problem.detail === 'string' ? problem : undefined
}

function foreign (base: string, { status, text }: HttpAnswer): ControlError['problem'] {
  return {
    status,
    detail: `what answers at ${base} is no emulator: ${text.slice(0, 200)}`,
    advice: 'give the URL that the emulator printed when it started, without a path'
  }
}

/** `fetch` says no more than "fetch failed"; why is in its cause. */
function unreachable (base: string, { message, cause }: Error & { readonly cause?: { readonly code?: string, readonly message?: string } }): HttpAnswer {
  const problem = {
    status: 0,
    detail: `${base} can't be reached (${cause?.code ?? cause?.message ?? message})`,
    advice: 'start the emulator, or give the URL that it printed when it started'
  }
  return { ok: false, status: 0, text: '', value: problem }
}

function controlError (call: string, problem: ControlError['problem']): ControlError {
  const details = Object.entries(problem).filter(([name]) => !['type', 'title', 'status', 'detail', 'advice'].includes(name))
  const message = [
    `${call}: ${problem.detail}`,
    ...problem.advice === undefined ? [] : [String(problem.advice)],
    ...details.map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  ].join('\n')
  return Object.assign(new Error(message), { name: 'ControlError', problem })
}

function passOverGone (error: ControlError): void {
  if (error.problem.status !== 404) throw error
}
