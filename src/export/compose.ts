import type { Case, CaseControlCall } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { Scenario, ScenarioAccount, ScenarioClock, ScenarioHistoryEvent } from '../contract/scenario.js'
import { usd } from '../domain/money.js'
import { soleAccount, withFirstClocks } from './begin.js'
import { standingClocks, type ClockCall } from './clocks.js'
import { newAccountsIn, type ReadCall } from './control-calls.js'
import { closingOf } from './closing.js'
import { movedPaths } from './paths.js'
import { plotOf } from './plot.js'
import { faultOf, requestStep, whyNotSent } from './request-step.js'
import type { Actor, ControlStep, RequestStep, Script, Step } from './script.js'
import { capitalized, sentenceOf, titleOf } from './sentence.js'
import { trimmedAccount, trimmedWorld } from './start-world.js'
import { snapshotsOf } from './undone.js'
import { valuesOf } from './values.js'
import { variableWords } from './words.js'
import type { Term } from './terms.js'

/** Makes a script of a case. */
export function scriptOf (given: Case): Script {
  const { start, timeline, end } = given
  const { calls, requests, accounts, sole } = plotOf(given)
  const wordsFor = variableWords()
  const actors = [...accounts].map(([name, token], index): Actor => ({
    name,
    token,
    words: sole === null ? wordsFor(name, `account ${index + 1}`) : wordsFor('account', 'account'),
    start: name === sole ? soleAccount(start.scenario, name) : null
  }))
  const actorOf = (name: string | null): Actor | null => actors.find(actor => actor.name === name) ?? null
  const clocks = standingClocks(start, sole)
  const values = valuesOf(given, requests, actors, wordsFor)
  const snapshots = snapshotsOf(timeline, wordsFor)
  const saved = new Map<string, ReturnType<typeof clocks.save>>()
  const taken = new Set<string>()
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
        if (actorOf(step.account) !== null) steps.push({ step: 'control', call: 'remove', actor: actorOf(step.account) })
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
    const snapshot = snapshots.remembered.get(step)
    if (step.snapshot !== undefined) saved.set(step.snapshot, clocks.save())
    const before = steps.length
    translate(call, step)
    const made = steps.at(-1)
    if (snapshot === undefined || steps.length === before || made!.step !== 'control') return
    taken.add(snapshot)
    steps.splice(-1, 1, { ...made!, snapshot })
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
        control('create', made.name, newAccount(made as ScenarioAccount, at))
      })
      case 'wallet': {
        const { credit, set } = body as Readonly<Record<string, string>>
        stop(clocks.hold(account, at))
        return control(credit === undefined ? 'set' : 'credit', account, credit === undefined ? { set: set! } : { credit })
      }
      case 'put-project': case 'settings': case 'plans':
        stop(clocks.hold(account, at))
        return control(call, account, body, projectId)
      case 'reset':
        if (account === null) return load(start.reset_to ?? start.scenario)
        clocks.reset(account)
        return reset(account)
      case 'load': return load(body as Scenario)
      case 'undo': {
        const undone = snapshots.undone.get(step)
        if (undone === undefined || !taken.has(undone.words)) {
          steps.push({ step: 'omission', says: 'An undo is left out: what it restored is not in the case.' })
        } else {
          clocks.restore(saved.get(undone.id)!)
          steps.push({ step: 'control', call, actor: null, restores: undone.words })
        }
        return
      }
      default: return control(call, account, undefined, projectId)
    }
  }

  /** An account is reset to what it was created as, which need not be how the script begins. */
  function reset (name: string): void {
    const initial = start.initial?.find(account => account.name === name)
    if (initial === undefined) return control('reset', name)
    control('remove', name)
    control('create', name, { ...trimmedAccount(initial), name, token: accounts.get(name)! })
  }

  function load (scenario: Scenario): void {
    clocks.load(scenario)
    control('load', null, trimmedWorld(scenario, name => accounts.has(name)))
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

/** A client that had no answer, and asks the same again. */
function isRetryOf (last: JournalEntry, entry: JournalEntry): boolean {
  return (last.fault !== null || last.state === 'client-gone') && last.path === entry.path && last.account === entry.account &&
    last.request.text === entry.request.text
}

function eventText ({ event, project_id: projectId, amount }: ScenarioHistoryEvent): string {
  const project = `project ${Number(projectId)}`
  switch (event) {
    case 'renewed': return `${project} is renewed for ${usd(Math.round(Number(amount) * 1000))} USD`
    case 'expired': return `${project} expires`
    case 'lapsed': return `a plan of ${project} lapses`
    default: return `the data of ${project} is deleted`
  }
}
