import type { Case, CaseControlCall } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { Scenario, ScenarioAccount, ScenarioClock, ScenarioHistoryEvent } from '../contract/scenario.js'
import { soleAccount, withFirstClocks } from './begin.js'
import { standingClocks, type ClockCall } from './clocks.js'
import { newAccountsIn, type ReadCall } from './control-calls.js'
import { closingOf } from './closing.js'
import { movedPaths } from './paths.js'
import { plotOf, type Plot } from './plot.js'
import { faultOf, requestStep, whyNotSent } from './request-step.js'
import type { Actor, ControlStep, RequestStep, Script, Step } from './script.js'
import { capitalized, eventText, isRetryOf, sentenceOf, titleOf } from './sentence.js'
import { trimmedAccount, trimmedWorld } from './start-world.js'
import { sendsLiteralToken, standingAccounts } from './tokens.js'
import { snapshotsOf } from './undone.js'
import { valuesOf } from './values.js'
import { variableWords } from './words.js'
import type { Term } from './terms.js'

/** Makes a script of a case. */
export function scriptOf (given: Case): Script {
  const plot = plotOf(given)
  const script = composed(given, plot)
  // In another world the account has another token, and what it was sent with in the case is unknown there.
  return plot.sole !== null && script.steps.some(sendsLiteralToken) ? composed(given, { ...plot, sole: null }) : script
}

function composed (given: Case, { calls, requests, accounts, sole }: Plot): Script {
  const { start, timeline, end } = given
  const wordsFor = variableWords()
  const actors = [...accounts].map(([name, token], index): Actor => ({
    name,
    token,
    words: sole === null ? wordsFor(name, `account ${index + 1}`) : wordsFor('account', 'account'),
    start: name === sole ? soleAccount(start.scenario, name) : null
  }))
  const actorOf = (name: string | null): Actor | null => actors.find(actor => actor.name === name) ?? null
  const clocks = standingClocks(start, sole)
  const there = standingAccounts(start.scenario)
  const values = valuesOf(given, requests, actors, hasVariable, wordsFor)
  const snapshots = snapshotsOf(timeline, wordsFor, [clocks, there])
  /** Accounts that have a variable by now: those of the start, and those that a step has made or named. */
  const named = new Set((start.scenario.accounts ?? []).map(({ name }) => name!))
  const sentences: string[] = []
  const steps: Step[] = []
  let last: JournalEntry | undefined

  for (const step of timeline) {
    switch (step.step) {
      case 'request':
        // One whose body is not kept was refused for its body.
        if (step.sendable) takeRequest(step.request)
        break
      case 'control':
        takeCall(step)
        break
      case 'events':
        for (const { account, ...event } of step.events) takeEvent(account, event)
        break
      case 'removal':
        if (actorOf(step.account) !== null) remove(step.account)
    }
  }
  for (const actor of actors) {
    const account = end.scenario.accounts?.find(({ name }) => name === actor.name)
    if (account === undefined) continue
    const clock = account.clock ?? end.scenario.clock
    if (clocks.isBehind(actor.name)) stop(clocks.hold(actor.name, clock?.at ?? end.at, true))
    steps.push(closingOf(given, actor, account, [...calls.values()]))
  }
  const world = sole === null ? trimmedWorld(start.scenario, name => accounts.has(name)) : null
  return withFirstClocks({
    title: titleOf(sentences),
    world,
    paths: movedPaths(given),
    actors,
    projects: values.projects,
    steps
  })

  function takeRequest (entry: JournalEntry): void {
    const why = whyNotSent(entry)
    if (why !== null) {
      steps.push({ step: 'omission', says: `A request is left out: ${why}.` })
      return
    }
    const isExact = entry.api_status === 101 || (entry.booked?.due.total ?? 0) > 0
    stop(clocks.hold(entry.account, entry.emulated_at, isExact))
    const fault = faultOf(entry)
    const says = sentenceOf(entry, last !== undefined && isRetryOf(last, entry))
    const step = requestStep(entry, `${capitalized(says)}.`, fault && controlStep('fail', entry.account, fault), values)
    sentences.push(says)
    steps.push({ ...step, keeps: values.keepsOf(step) } satisfies RequestStep)
    last = entry
  }

  function takeEvent (account: string | null, event: ScenarioHistoryEvent): void {
    if (account === null || event.project_id === undefined || actorOf(account) === null) return
    clocks.bring(account, event.at)
    sentences.push(eventText(event))
  }

  function takeCall (step: CaseControlCall): void {
    const call = calls.get(step)
    if (call === null) return
    if (call === undefined) {
      steps.push({ step: 'omission', says: 'A call of the control API is left out: it is not one that this version knows.' })
      return
    }
    const snapshot = snapshots.take(step, call.account)
    const before = steps.length
    translate(call, step)
    // A call about a clock need not be one of the script, but here it is needed for what it leaves to be put back.
    if (snapshot !== undefined && steps.length === before) stop(clocks.hold(call.account, step.emulated_at, true))
    // Making an account leaves nothing to put back.
    const index = steps.findLastIndex(made => made.step === 'control' && made.call !== 'create')
    if (snapshot === undefined || index < before) return
    steps.splice(index, 1, { ...steps[index] as ControlStep, snapshot })
  }

  function translate ({ call, account, body, projectId }: ReadCall, step: CaseControlCall): void {
    const { emulated_at: at } = step
    switch (call) {
      case 'set-clock': return stop(clocks.set(account, body as ScenarioClock))
      case 'move-clock': return stop(clocks.move(account, body as Readonly<Record<string, unknown>>, at))
      case 'release': return stop(clocks.release(account))
      case 'create': return newAccountsIn({ call, account, body, projectId }).forEach(made => {
        if (sole === null) stop(clocks.hold(null, at))
        clocks.create(made.name, made as ScenarioAccount, at)
        there.create(made.name, made.token)
        named.add(made.name)
        control('create', made.name, newAccount(made as ScenarioAccount, at))
      })
      case 'wallet': {
        const { credit, set } = body as Readonly<Record<string, string>>
        stop(clocks.hold(account, at))
        return control(credit === undefined ? 'set' : 'credit', account, credit === undefined ? { set: set! } : { credit })
      }
      case 'put-project': case 'change-project': case 'settings': case 'plans':
        stop(clocks.hold(account, at))
        return control(call, account, body, projectId)
      case 'reset':
        if (account === null) return load(start.reset_to ?? start.scenario)
        clocks.reset(account)
        return reset(account)
      case 'load': return load(body as Scenario)
      case 'undo': {
        const restores = snapshots.restore(step)
        steps.push(restores === undefined
          ? { step: 'omission', says: 'An undo is left out: what it restored is not in the case.' }
          : { step: 'control', call, actor: null, restores })
        return
      }
      case 'remove': return remove(account!)
      default: return control(call, account, undefined, projectId)
    }
  }

  /** An account is reset to what it was created as, which need not be how the script begins. */
  function reset (name: string): void {
    const initial = start.initial?.find(account => account.name === name)
    const present = there.find(name)
    if (initial === undefined || present?.isFirst !== true) return control('reset', name)
    control('remove', name)
    control('create', name, { ...trimmedAccount(initial), name, token: present.token! })
  }

  function remove (name: string): void {
    there.remove(name)
    control('remove', name)
  }

  function load (scenario: Scenario): void {
    clocks.load(scenario)
    there.load(scenario)
    control('load', null, trimmedWorld(scenario, name => accounts.has(name)))
  }

  /** Tells whether a request can take an account's token out of its variable, which is set where the account is first named. */
  function hasVariable ({ name }: Actor): boolean {
    if (there.find(name) !== undefined) named.add(name)
    return named.has(name)
  }

  function newAccount ({ ttl: _ttl, ...account }: ScenarioAccount, at: string): object {
    if (sole === null) return account
    const { name: _name, token: _token, ...rest } = account
    return { ...rest, clock: { mode: 'frozen', at: rest.clock?.at ?? at } }
  }

  function control (call: ControlStep['call'], name: string | null, body?: unknown, projectId: number | null = null): void {
    steps.push(controlStep(call, name, body, projectId))
  }

  function controlStep (call: ControlStep['call'], name: string | null, body?: unknown, projectId: number | null = null): ControlStep {
    const actor = actorOf(name)
    return { step: 'control', call, actor, ...body !== undefined && { body: body as Term }, ...projectId !== null && { projectId } }
  }

  function stop (made: readonly ClockCall[]): void {
    for (const { call, account, body } of made) control(call, account, call === 'freeze' ? { mode: 'frozen', ...body } : body)
  }
}
