import type { Case, CaseControlCall, CaseRequest } from '../contract/case.js'
import type { AccountState, FaultState, SnapshotState } from '../contract/control.js'
import type { Difference } from '../contract/replay.js'
import type { Scenario, ScenarioClock } from '../contract/scenario.js'
import { instantText } from '../domain/clock.js'
import { AbortController, sleep } from '../machine.js'
import { Problem } from '../problem.js'
import { DEFAULT_CLOCK } from '../scenario/read.js'
import { shownWord } from '../text/shown-command.js'
import { compareAnswers, differencesOf } from './compare.js'
import { control, type Answered } from './control.js'
import { idsInReplay } from './ids.js'
import { lateAnswer, type RemotePlayer, type Server } from './remote-player.js'
import { send, type Received } from './send.js'
import { LATE, within } from './within.js'

/** Pause between two looks at faults, in milliseconds. */
const PAUSE = 5

/**
 * Puts a case's start into an emulator, and plays the case there: its clocks are frozen at the instant of each step, so that no time goes by
 * but the case's. Calls of the control API are repeated, those that move clocks as well: one that undoes them needs their snapshots.
 */
export async function openEmulator (saved: Case, { url, adminToken, timeoutMs }: Server): Promise<RemotePlayer> {
  const { start, timeline, end } = saved
  const { scenario, reset_to: resetTo = scenario, initial = [] } = start
  refuseUnresettable(saved, initial.map(({ name }) => name!))
  const ask = control({ base: url, adminToken: adminToken ?? undefined }, timeoutMs)
  const before = await required('GET', '/state?requests=true')
  const { snapshot } = await required('PUT', '/state', scenario)
  const ids = idsInReplay()
  const active = await activeFaults()
  // The faults of a start are numbered from 1 in a case.
  ids.learnFaults(start.faults ?? active.map((_, index) => `fault-${index + 1}`), active.map(({ id }) => id))
  const flights = new Map<CaseRequest, Promise<Received | typeof LATE>>()
  /** Paths of clocks that are frozen, and where. */
  const frozen = new Map<string, string>()
  /** Paths of the clocks that accounts follow. */
  const clocks = new Map<string, string>()
  let stoppedAt: number | null = null

  return {
    async arrive (step) {
      await freeze(step.request.account, step.request.emulated_at)
      const triggered = await countTriggered()
      const received = take(step)
      flights.set(step, received)
      const answered = received.then(() => true)
      let isAnswered: unknown
      do {
        isAnswered = await Promise.race([answered, sleep(PAUSE)])
      } while (isAnswered !== true && await countTriggered() === triggered)
    },
    async decide (step, index) {
      await freeze(step.request.account, step.request.emulated_at)
      const received = await (flights.get(step) ?? (isLeft(step) ? left(step) : take(step)))
      flights.delete(step)
      if (received !== LATE) return compareAnswers(index, step.request, received)
      stoppedAt = index
      return [lateAnswer(index, timeoutMs)]
    },
    async call (step) {
      await freeze(step.account, step.emulated_at)
      const { method, path, body } = callOf(step)
      const answer = await ask(method, path, body)
      frozen.clear()
      clocks.clear()
      if (answer.problem !== undefined) return answer.problem
      ids.learn(step, answer.snapshot, answer.value)
      if (step.faults !== undefined) ids.learnFaults(step.faults, (await activeFaults()).map(({ id }) => id))
      return undefined
    },
    // It may have come to its end there as well.
    remove: ({ account }) => ask('DELETE', `/accounts/${encodeURIComponent(account)}`),
    stoppedAt: () => stoppedAt,
    async end () {
      frozen.clear()
      await freeze(null, clockAtEnd(end.scenario.clock))
      const { accounts = [] } = end.scenario
      for (const { name, clock } of accounts) if (clock !== undefined) await freeze(name!, clockAtEnd(clock))
      const { value } = await required('GET', '/state')
      const differences: Array<Omit<Difference, 'step'>> = differencesOf(booksIn(end.scenario), booksIn(value as Scenario))
      return differences.map(difference => ({ step: null, ...difference }))
    },
    async notes () {
      const id = await undoId()
      const back = id === null ? 'what it had before is too large to be brought back' : `POST /__admin/undo {"id":"${id}"} brings back what it had before`
      return [`${shownWord(url)} has the world of the case now; ${back}`]
    }
  }

  /** Sends a request. Aborting it closes its connection. */
  function take ({ request }: CaseRequest): Promise<Received | typeof LATE> {
    return within(timeoutMs, signal => send(url, request, signal))
  }

  /** Sends a request whose client did not wait for the end of the answer, and leaves as soon as it is decided. */
  async function left ({ request }: CaseRequest): Promise<Received> {
    const { requests: [newest] } = (await required('GET', '/requests?limit=1')).value as { requests: Array<{ id: string }> }
    const since = newest === undefined ? '' : `&since=${encodeURIComponent(newest.id)}`
    const client = new AbortController()
    const received = send(url, request, client.signal)
    await ask('GET', `/requests/wait?count=1&timeout=${Math.min(timeoutMs, MAX_WAIT)}ms${since}`)
    client.abort()
    return await received
  }

  /** Freezes the clock that an account follows, or the world's. */
  async function freeze (account: string | null, at: string): Promise<void> {
    const path = account === null ? '' : await clockOf(account)
    if (frozen.get(path) === at) return
    await required('PUT', `${path}/clock`, { mode: 'frozen', at } satisfies ScenarioClock)
    frozen.set(path, at)
  }

  async function clockOf (account: string): Promise<string> {
    const known = clocks.get(account)
    if (known !== undefined) return known
    const path = `/accounts/${encodeURIComponent(account)}`
    const { value } = await ask('GET', path)
    const followed = (value as AccountState | undefined)?.clock === undefined ? '' : path
    clocks.set(account, followed)
    return followed
  }

  async function activeFaults (): Promise<readonly FaultState[]> {
    return ((await required('GET', '/faults')).value as { faults: FaultState[] }).faults
  }

  async function countTriggered (): Promise<number> {
    return (await activeFaults()).reduce((sum, { triggered }) => sum + triggered, 0)
  }

  /** Gives the call that does there what a call of the case has done: a reset would go back to what that emulator was started with. */
  function callOf (step: CaseControlCall): { readonly method: string, readonly path: string, readonly body: unknown } {
    const clock = resetTo.clock ?? { mode: 'running', at: instantText(DEFAULT_CLOCK.at) }
    if (step.path === '/reset') return { method: 'PUT', path: '/state', body: resetTo }
    if (step.path === '/clock' && step.method === 'DELETE') return { method: 'PUT', path: '/clock', body: clock }
    return { method: step.method, ...ids.inCall(step) }
  }

  function clockAtEnd (clock: ScenarioClock | undefined): string {
    return clock?.at ?? end.at
  }

  /** Gives the snapshot of what was there before, which later ones may have displaced; `null` if there is none. */
  async function undoId (): Promise<string | null> {
    const { snapshots } = (await required('GET', '/snapshots')).value as { snapshots: SnapshotState[] }
    if (snapshot === null || snapshots.some(({ id }) => id === snapshot)) return snapshot
    const { value: after } = await required('GET', '/state?requests=true')
    await required('PUT', '/state', before.value)
    return (await required('PUT', '/state', after)).snapshot
  }

  async function required (method: string, path: string, body?: unknown): Promise<Answered> {
    const answer = await ask(method, path, body)
    if (answer.problem === undefined) return answer
    throw new Problem(`${shownWord(url)} refused ${method} /__admin${path}: ${answer.problem.detail}`)
  }

  /** Refuses a case with a reset of an account to a state of which an emulator can't be told. */
  function refuseUnresettable (of: Case, names: readonly string[]): void {
    const paths = names.map(name => `/accounts/${encodeURIComponent(name)}/reset`)
    const index = timeline.findIndex(step => step.step === 'control' && paths.includes(step.path))
    if (index === -1) return
    throw new Problem(`step ${index + 1} resets an account to what it was before ${of.start.at}, which only a replay without --against can do`)
  }
}

/** Maximum time that the control API waits for requests, in milliseconds. */
const MAX_WAIT = 300_000

/** Tells whether a client went away before all of its answer was there. */
function isLeft ({ request: { state, fault } }: CaseRequest): boolean {
  return state === 'client-gone' || state === 'under-way' || fault?.kind === 'hang'
}

/** Reduces a world to what is compared: balances, the amounts of ledgers, and subscriptions. */
function booksIn ({ accounts = [] }: Scenario): object {
  return {
    accounts: accounts.map(({ name, balance, ledger = [], projects = [] }) => ({
      name,
      balance,
      ledger: ledger.map(({ kind, amount }) => ({ kind, amount })),
      projects: projects.map(({ project_id: id, project_status: status, subscriptions }) => ({ project_id: id, project_status: status, subscriptions }))
    }))
  }
}
