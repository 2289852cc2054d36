/// <reference lib="esnext.disposable" preserve="true" />
import type { Case } from '../contract/case.js'
import type {
  AccountState, AccountSummary, Audit, ClockMoved, ClockState, FaultState, HistoryEvent, LedgerEntry, ProjectPatch, RequestFilter,
  SnapshotState, Undone, WaitOptions
} from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { Scenario, ScenarioAccount, ScenarioClock, ScenarioFault, ScenarioHistoryEvent, ScenarioPlan, ScenarioProject, ScenarioSettings } from '../contract/scenario.js'
import { checkArgument, checkConnectOptions, queryOf, wrongArgument } from './arguments.js'
import { call as callControlApi } from './call.js'
import type { ControlError } from './control-error.js'
import { asyncDispose } from './dispose.js'
import type { Fetch } from '../contract/fetch.js'
import { withoutTrailing } from '../text/trailing.js'

export type { ControlError } from './control-error.js'
export type { CallInit, CallResponse, Fetch } from '../contract/fetch.js'
export type * from '../contract/case.js'
export type * from '../contract/scenario.js'
export type * from '../contract/control.js'
export type * from '../contract/journal-entry.js'

/** The world's clock, or an account's. Each call answers when everything that was due has happened. */
export interface ClockControl {
  /** Gives its setting and its time. */
  readonly get: () => Promise<ClockState>
  /** Sets it as a scenario does. */
  readonly set: (clock: ScenarioClock) => Promise<ClockMoved>
  /** Freezes it at an instant. */
  readonly freeze: (at: string) => Promise<ClockMoved>
  /** Lets it run from an instant on. */
  readonly run: (from: string) => Promise<ClockMoved>
  /** Moves it by an ISO 8601 duration; `-P1D` is backwards. */
  readonly advance: (by: string) => Promise<ClockMoved>
  /** Moves it to an instant, or to `disabled`, `disabled-1s`, `next-billing`, `next-billing+1s`. */
  readonly jump: (to: string) => Promise<ClockMoved>
  /** Lets an account follow the world's clock again, or puts the world's clock back to where it started. */
  readonly release: () => Promise<ClockMoved>
}

/** The journal of requests, of all accounts or of one. */
export interface RequestsControl {
  /** Gives the newest hundred (or `limit`) matching requests, newest last; `before` and `after` an id page through them. */
  readonly list: (filter?: RequestFilter & Page) => Promise<readonly JournalEntry[]>
  /** Counts the matching requests. */
  readonly count: (filter?: RequestFilter) => Promise<number>
  /** Gives one request by its id. */
  readonly get: (id: string) => Promise<JournalEntry>
  /** Waits for matching requests, counting those already in the journal; rejects with the nearest misses. */
  readonly wait: (options?: WaitOptions) => Promise<readonly JournalEntry[]>
  /** Rejects as soon as there is a matching request: one already in the journal, or one that arrives within `timeout` (500ms by default). */
  readonly expectNone: (options?: Omit<WaitOptions, 'count'>) => Promise<void>
  /** Removes the matching requests, or all, and gives their number. */
  readonly clear: (filter?: RequestFilter) => Promise<number>
}

/** Part of a long list. */
interface Page {
  /** Maximum number of requests; 100 by default, at most 1000. */
  readonly limit?: number
  /** Id of a request; only later ones. */
  readonly after?: string
  /** Id of a request; only earlier ones. */
  readonly before?: string
}

/** Settings of the world, or of an account. */
export interface SettingsControl {
  /** Gives all settings in effect, chosen or default. */
  readonly get: () => Promise<ScenarioSettings>
  /** Changes the given settings, and gives all that are then in effect. */
  readonly change: (settings: SettingsPatch) => Promise<ScenarioSettings>
}

/** Settings to change; `null` returns an account's to the world's, and the world's to its default. */
export type SettingsPatch = Patch<ScenarioSettings>

/** A part of an object; `null` removes what it stands for. */
type Patch<T> = T extends object ? { readonly [Key in keyof T]: Patch<T[Key]> | null } : T

/** Options of an audit. */
export interface AuditOptions {
  /** Whether what was set and never met is a violation. */
  readonly strict?: boolean
}

/** Options of a case. */
export interface CaseOptions {
  /** Id of a request with which the case is to begin: its start is the world as it was by then. */
  readonly from?: string
}

/** A sandbox: nothing done to it affects another account. */
export interface Account {
  /** Name in the control API and in the log. */
  readonly name: string
  /** The token that a client sends as `token`. */
  readonly token: string
  /** Gives its current state, as a scenario has it. */
  readonly state: () => Promise<AccountState>
  /** Gives its balance, ledger, projects and requests as they are at one moment, in one call. */
  readonly summary: () => Promise<AccountSummary>
  /** Its clock, which follows the world's until it is set. */
  readonly clock: ClockControl
  /** Its settings, which override the world's. */
  readonly settings: SettingsControl
  /** The requests that its clients sent. */
  readonly requests: RequestsControl
  /** Its wallet, in USD. */
  readonly wallet: {
    /** Gives the balance. */
    readonly balance: () => Promise<string>
    /** Tops up by an amount in USD, such as `25`, and gives the new balance. */
    readonly credit: (amount: string) => Promise<string>
    /** Sets the balance, books the difference, and gives the new balance. */
    readonly set: (balance: string) => Promise<string>
  }
  /** Gives all that was booked, oldest first. */
  readonly ledger: () => Promise<readonly LedgerEntry[]>
  /** What time brought, and how its clock was moved, oldest first. */
  readonly history: () => Promise<readonly ScenarioHistoryEvent[]>
  /** Adds a project, or replaces it. */
  readonly setProject: (projectId: number, project: ScenarioProject) => Promise<ScenarioProject>
  /** Changes the given fields of a project, and gives all of it; a plan replaces only that of its service. */
  readonly changeProject: (projectId: number, fields: ProjectPatch) => Promise<ScenarioProject>
  /** Removes a project with its plans and tokens. */
  readonly removeProject: (projectId: number) => Promise<void>
  /** Adds a fault to this account's requests. */
  readonly fail: (fault: ScenarioFault) => Promise<FaultState>
  /** Gives the faults that were added to its requests, used-up ones included. */
  readonly faults: () => Promise<readonly FaultState[]>
  /** Removes the faults that were added to its requests. */
  readonly clearFaults: () => Promise<void>
  /** Checks its books, and lists what was set for it and never met; in a `strict` audit that is a violation. */
  readonly audit: (options?: AuditOptions) => Promise<Audit>
  /** Puts it back as it was created, without faults and requests. */
  readonly reset: () => Promise<AccountState>
  /** Saves how it came to be as it is: its start, all that happened, and its end. */
  readonly case: (options?: CaseOptions) => Promise<Case>
  /** Undoes the newest call about this account that can be undone; works after `remove`, too. */
  readonly undo: () => Promise<Undone>
  /** Removes it with everything that belongs to it. */
  readonly remove: () => Promise<void>
  /** Removes it, unless it is already gone. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** A new account. Everything is optional; what is left out is generated. */
export type NewAccount = ScenarioAccount | {
  /** Name of the account to copy. */
  readonly copy_of: string
  /** Its name; generated by default. */
  readonly name?: string
  /** Its token; generated by default. */
  readonly token?: string
  /** Duration in the machine's time, such as `10m`, after which it is removed. */
  readonly ttl?: string
}

/** A question that the documentation leaves open. */
interface OpenQuestion {
  /** Its name, such as `same-plan`. */
  readonly name: string
  /** The question in one sentence. */
  readonly question: string
  /** The choice by default. */
  readonly default: string
  /** The choices that there are. */
  readonly choices: readonly string[]
  /** Why that one is the default. */
  readonly why: string
  /** The choice in effect. */
  readonly chosen: string
}

/** A running emulator, reached over HTTP. */
export interface RemoteEmulator {
  /** The base URL that a client uses in place of `https://pickyassist.com`. */
  readonly url: string
  /** Creates an account; what is left out is generated. */
  readonly createAccount: (account?: NewAccount) => Promise<Account>
  /** Creates all of them, or none. */
  readonly createAccounts: (accounts: readonly NewAccount[]) => Promise<readonly Account[]>
  /** Gives an account by its name; rejects if there is none. */
  readonly account: (name: string) => Promise<Account>
  /** Gives all accounts. */
  readonly accounts: () => Promise<readonly Account[]>
  /** The world's clock. */
  readonly clock: ClockControl
  /** The world's settings. */
  readonly settings: SettingsControl
  /** The requests of all accounts, and those that belong to none. */
  readonly requests: RequestsControl
  /** Adds a fault to the requests of all accounts, or of the one that it names. */
  readonly fail: (fault: ScenarioFault) => Promise<FaultState>
  /** Gives all faults, used-up ones included. */
  readonly faults: () => Promise<readonly FaultState[]>
  /** Removes all faults. */
  readonly clearFaults: () => Promise<void>
  /** The plan table. */
  readonly plans: {
    /** Gives all rows. */
    readonly list: () => Promise<readonly ScenarioPlan[]>
    /** Overrides rows, adds new ones, and gives all. */
    readonly change: (rows: readonly ScenarioPlan[]) => Promise<readonly ScenarioPlan[]>
  }
  /** Gives the open questions with the world's choices, or an account's. */
  readonly assumptions: (account?: string) => Promise<readonly OpenQuestion[]>
  /** Checks the books of all accounts, and lists what was set and never met; in a `strict` audit that is a violation. */
  readonly audit: (options?: AuditOptions) => Promise<Audit>
  /** What time brought to all accounts, oldest first; at most the newest thousand events. */
  readonly history: () => Promise<readonly HistoryEvent[]>
  /** Exports the whole world as a scenario. */
  readonly state: () => Promise<Scenario>
  /** Replaces the whole world by a scenario, and gives it as it is then. */
  readonly load: (scenario: Scenario) => Promise<Scenario>
  /** Puts everything back as the emulator started. */
  readonly reset: () => Promise<Scenario>
  /** Saves how the world came to be as it is: its start, all that happened, and its end. */
  readonly case: (options?: CaseOptions) => Promise<Case>
  /** Lists the snapshots that `undo` can restore, newest last. */
  readonly snapshots: () => Promise<readonly SnapshotState[]>
  /** Undoes the newest call that can be undone, or restores a snapshot by its id. */
  readonly undo: (id?: string) => Promise<Undone>
}

/** Options of `connect`. */
export interface ConnectOptions {
  /** The token that the emulator was started with (`--admin-token`). */
  readonly adminToken?: string
  /** Function like `fetch` to make the calls with, such as one that goes through a proxy; the global `fetch` by default. */
  readonly fetch?: Fetch
}

/**
 * Controls an emulator over HTTP. It needs nothing but `fetch`, so it works from another process and in a browser test
 * too. A call that the emulator refuses rejects with a `ControlError` that says what was wrong and what to do next.
 */
export function connect (url: string, options: ConnectOptions = {}): RemoteEmulator {
  if (typeof url !== 'string') throw wrongArgument('connect', String(url), 'the URL of an emulator as a string, such as "http://localhost:4290"')
  checkConnectOptions(options)
  const { adminToken, fetch } = options
  const base = withoutTrailing(url, '/')

  async function call<T> (method: string, path: string, body?: unknown): Promise<T> {
    return await callControlApi<T>({ base, adminToken, fetch }, method, path, body === undefined ? undefined : JSON.stringify(body))
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
      change: async settings => {
        checkArgument('settings.change', settings, 'object', '{ strict: true }')
        return await call('PATCH', `${path}/settings`, settings)
      }
    }
  }

  function requestsOf (scope: RequestFilter): RequestsControl {
    const scoped = (name: string, filter: RequestFilter, usual: object = {}, set: object = {}): string => {
      const asked = `requests.${name}`
      checkArgument(asked, filter, 'object', FILTER)
      return queryOf(asked, { ...usual, ...filter, ...set, ...scope }, FILTER)
    }
    const listed = async (path: string, query: string): Promise<readonly JournalEntry[]> =>
      (await call<{ requests: JournalEntry[] }>('GET', `${path}${query}`)).requests
    return {
      list: async (filter = {}) => await listed('/requests', scoped('list', filter)),
      count: async (filter = {}) => (await call<{ count: number }>('GET', `/requests/count${scoped('count', filter)}`)).count,
      get: id => call('GET', `/requests/${encodeURIComponent(id)}`),
      wait: async (options = {}) => await listed('/requests/wait', scoped('wait', options)),
      expectNone: async (options = {}) => { await listed('/requests/wait', scoped('expectNone', options, { timeout: '500ms' }, { count: 0 })) },
      clear: async (filter = {}) => (await call<{ removed: number }>('DELETE', `/requests${scoped('clear', filter)}`)).removed
    }
  }

  function faultsAt (path: string) {
    return {
      fail: (fault: ScenarioFault) => call<FaultState>('POST', `${path}/faults`, fault),
      faults: async () => (await call<{ faults: FaultState[] }>('GET', `${path}/faults`)).faults,
      clearFaults: () => call<void>('DELETE', `${path}/faults`)
    }
  }

  function auditAt (path: string) {
    return async (options: AuditOptions = {}) => await call<Audit>('GET', `${path}/audit${queryOf('audit', options, '{ strict: true }')}`)
  }

  function accountOf ({ name, token }: AccountState): Account {
    const path = `/accounts/${encodeURIComponent(name)}`
    const remove = () => call<void>('DELETE', path)
    const booked = async (entry: object): Promise<string> => (await call<{ balance: string }>('POST', `${path}/wallet`, entry)).balance
    return {
      name,
      token,
      state: () => call('GET', path),
      summary: () => call('GET', `${path}/summary`),
      clock: clockAt(path),
      settings: settingsAt(path),
      requests: requestsOf({ account: name }),
      wallet: {
        balance: async () => (await call<{ balance: string }>('GET', `${path}/wallet`)).balance,
        credit: credit => booked({ credit }),
        set: balance => booked({ set: balance })
      },
      ledger: async () => (await call<{ ledger: LedgerEntry[] }>('GET', `${path}/ledger`)).ledger,
      history: async () => (await call<{ history: ScenarioHistoryEvent[] }>('GET', `${path}/history`)).history,
      setProject: async (projectId, project) => {
        checkArgument('setProject', project, 'object', '{ project_name: "test" }')
        return await call('PUT', `${path}/projects/${projectId}`, project)
      },
      changeProject: async (projectId, fields) => {
        checkArgument('changeProject', fields, 'object', '{ project_status: "Expired" }')
        return await call('PATCH', `${path}/projects/${projectId}`, fields)
      },
      removeProject: projectId => call('DELETE', `${path}/projects/${projectId}`),
      ...faultsAt(path),
      audit: auditAt(path),
      reset: () => call('POST', `${path}/reset`),
      case: async (options = {}) => await call('GET', caseOf(options, name)),
      undo: async (...given: unknown[]) => {
        // It would undo something else. Whatever else there is comes from a test runner, which may be given this as a hook.
        if (typeof given[0] === 'string') throw wrongArgument('account.undo', JSON.stringify(given[0]), 'nothing: undo of the emulator restores a snapshot by its id')
        return await call('POST', '/undo', { account: name })
      },
      remove,
      [asyncDispose]: () => remove().catch(ignoreGone)
    }
  }

  function caseOf (options: CaseOptions, account?: string): string {
    checkArgument('case', options, 'object', CASE)
    return `/case${queryOf('case', { ...options, account }, CASE)}`
  }

  return {
    url: base,
    createAccount: async (account = {}) => {
      checkArgument('createAccount', account, 'object', '{ balance: "100" }')
      return accountOf(await call('POST', '/accounts', account))
    },
    createAccounts: async accounts => {
      checkArgument('createAccounts', accounts, 'list', '[{ name: "one" }, { name: "other" }]')
      return (await call<AccountState[]>('POST', '/accounts', accounts)).map(accountOf)
    },
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
    assumptions: async account => (await call<{ assumptions: [] }>('GET', `/assumptions${queryOf('assumptions', { account }, '')}`)).assumptions,
    audit: auditAt(''),
    history: async () => (await call<{ history: HistoryEvent[] }>('GET', '/history')).history,
    state: () => call('GET', '/state'),
    load: async scenario => {
      checkArgument('load', scenario, 'object', '{ accounts: [{ name: "one" }] }')
      return await call('PUT', '/state', scenario)
    },
    reset: () => call('POST', '/reset'),
    case: async (options = {}) => await call('GET', caseOf(options)),
    snapshots: async () => (await call<{ snapshots: SnapshotState[] }>('GET', '/snapshots')).snapshots,
    undo: id => call('POST', '/undo', id === undefined ? undefined : { id })
  }
}

/** Examples of arguments. */
const FILTER = '{ endpoint: "change-billing" }'
const CASE = '{ from: "1-3" }'

function ignoreGone (error: ControlError): void {
  if (error.problem.status !== 404) throw error
}
