import type { ScenarioFault } from '../contract/scenario.js'
import type { Instant } from '../domain/clock.js'
import { FAULT_KINDS, FAULTS, type ActiveFault, type Fault, type FaultKind } from '../domain/fault.js'
import type { Issue } from '../problem.js'
import { parseDuration } from '../text/duration.js'
import { issue } from './issues.js'

/** The fields that only one kind of fault has, as the domain and as a scenario names them. */
const OWN_FIELDS = { delay: 'delay', httpStatus: 'http_status', body: 'body', status: 'status', duration: 'duration' } as const satisfies Partial<Record<keyof Fault, keyof ScenarioFault>>

function ownFieldsOf (kind: FaultKind): ReadonlyArray<typeof OWN_FIELDS[keyof typeof OWN_FIELDS]> {
  return FAULTS[kind].fields.map(field => OWN_FIELDS[field])
}

/** Finds fields that only another kind of fault has: `{"kind":"http_error","status":503}` would fail with another status than was meant. */
export function foreignFields (given: ScenarioFault, pointer: string): Issue[] {
  const own = ownFieldsOf(given.kind)
  return FAULT_KINDS.flatMap(kind => ownFieldsOf(kind).map(field => ({ kind, field })))
    .filter(({ field }) => given[field] !== undefined && !own.includes(field))
    .map(({ kind, field }) => issue(`${pointer}/${field}`, given[field], `nothing, as only ${kind} has it; ${given.kind} has ${own.join(' and ') || 'no field of its own'}`))
}

export function readFault (given: ScenarioFault, seed: number, machineTime: number): ActiveFault {
  const ttl = given.ttl === undefined ? undefined : parseDuration(given.ttl)!
  return {
    fault: {
      kind: given.kind,
      when: given.when ?? 'before',
      ...given.account !== undefined && { account: given.account },
      ...given.endpoint !== undefined && { endpoint: given.endpoint },
      ...given.project_id !== undefined && { projectId: given.project_id },
      ...given.plan_id !== undefined && { planId: given.plan_id },
      ...given.times !== undefined && { times: given.times },
      skip: given.skip ?? 0,
      probability: given.probability ?? 1,
      seed: given.seed ?? seed,
      delay: (given.delay ?? { fixed: 1000 }) as Fault['delay'],
      httpStatus: given.http_status ?? 500,
      body: given.body ?? '<html><body><h1>Internal Server Error</h1></body></html>',
      status: given.status ?? 101,
      duration: given.duration ?? 1000
    },
    matched: given.matched ?? 0,
    triggered: given.triggered ?? given.struck ?? 0,
    expiresAt: ttl === undefined ? null : machineTime + ttl
  }
}

/** A fault as a scenario writes it, with what matters for its kind. */
export function faultRow ({ fault, matched, triggered, expiresAt }: ActiveFault, machineTime: number): ScenarioFault {
  const { kind, when, account, endpoint, projectId, planId, times, skip, probability, seed } = fault
  return {
    kind,
    when,
    ...account !== undefined && { account },
    ...endpoint !== undefined && { endpoint },
    ...projectId !== undefined && { project_id: projectId },
    ...planId !== undefined && { plan_id: planId },
    ...times !== undefined && { times },
    skip,
    probability,
    seed,
    ...expiresAt !== null && { ttl: ttlText(expiresAt, machineTime) },
    ...Object.fromEntries(FAULTS[kind].fields.map(field => [OWN_FIELDS[field], fault[field]])),
    matched,
    triggered,
    struck: triggered
  }
}

/** The time that is left, in the first unit in which nine digits hold it. */
export function ttlText (expiresAt: Instant, machineTime: Instant): string {
  const left = Math.max(0, expiresAt - machineTime)
  const [unit, ms] = ([['ms', 1], ['s', 1000], ['m', 60_000]] as const).find(([, ms]) => left / ms < 1e9) ?? ['h', 3_600_000]
  return `${Math.floor(left / ms)}${unit}`
}
