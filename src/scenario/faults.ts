import { STATUS_CODES } from 'node:http'
import { ENDPOINT_NAMES } from '../api/index.js'
import type { FaultState } from '../contract/control.js'
import type { ScenarioFault } from '../contract/scenario.js'
import type { Instant } from '../domain/clock.js'
import { FAULT_KINDS, FAULTS, type ActiveFault, type Fault, type FaultKind } from '../domain/fault.js'
import { parseDuration } from '../text/duration.js'
import { nearest } from '../text/nearest.js'
import type { Issues } from './issues.js'

/** The fields that only one kind of fault has, as the domain and as a scenario names them. */
const OWN_FIELDS = {
  delay: 'delay',
  httpStatus: 'http_status',
  body: 'body',
  status: 'status',
  duration: 'duration'
} as const satisfies Partial<Record<keyof Fault, keyof ScenarioFault>>

function ownFieldsOf (kind: FaultKind): ReadonlyArray<typeof OWN_FIELDS[keyof typeof OWN_FIELDS]> {
  return FAULTS[kind].fields.map(field => OWN_FIELDS[field])
}

/**
 * Adds an issue for what would keep a fault from working as meant: an unknown endpoint, a field of another kind
 * (`{"kind":"http_error","status":503}` would answer with another status), a range whose minimum is above its maximum, or a count whose
 * two names disagree. The caller checks its account.
 */
export function checkFault (given: ScenarioFault, issues: Issues): void {
  rejectForeignFields(given, issues)
  const { endpoint, delay, triggered, struck } = given
  if (endpoint !== undefined && !ENDPOINT_NAMES.includes(endpoint)) issues.at('endpoint').add(endpoint, `one of ${ENDPOINT_NAMES.join(', ')}${meant(endpoint)}`)
  const [least = 0, most = least] = delay?.uniform ?? []
  if (least > most) issues.at('delay', 'uniform').add(delay!.uniform, 'the minimum first, then the maximum')
  if (triggered !== undefined && struck !== undefined && triggered !== struck) {
    issues.at('triggered').add(triggered, 'the same number as struck, its former name')
    issues.at('struck').add(struck, 'the same number as triggered')
  }
}

function meant (endpoint: string): string {
  const name = nearest(endpoint, ENDPOINT_NAMES)
  return name === undefined ? '' : `; did you mean ${name}?`
}

function rejectForeignFields (given: ScenarioFault, issues: Issues): void {
  const own = ownFieldsOf(given.kind)
  for (const kind of FAULT_KINDS) {
    for (const field of ownFieldsOf(kind)) {
      if (given[field] === undefined || own.includes(field)) continue
      issues.at(field).add(given[field], `nothing, as only ${kind} has it; ${given.kind} has ${own.join(' and ') || 'no field of its own'}`)
    }
  }
}

/** Reads a fault whose schema has been checked; its `ttl` counts from `machineTime`. */
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
      body: given.body ?? `<html><body><h1>${STATUS_CODES[given.http_status ?? 500] ?? 'Error'}</h1></body></html>`,
      status: given.status ?? 101,
      duration: given.duration ?? 1000
    },
    matched: given.matched ?? 0,
    triggered: given.triggered ?? given.struck ?? 0,
    expiresAt: ttl === undefined ? null : machineTime + ttl
  }
}

/** Writes a fault as a scenario has it, with the fields of its kind. */
export function faultRow ({ fault, matched, triggered, expiresAt }: ActiveFault, machineTime: number): Omit<FaultState, 'id'> {
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

/** Writes the remaining time in the smallest unit in which it has at most nine digits. */
export function ttlText (expiresAt: Instant, machineTime: Instant): string {
  const left = Math.max(0, expiresAt - machineTime)
  const [unit, ms] = ([['ms', 1], ['s', 1000], ['m', 60_000]] as const).find(([, ms]) => left / ms < 1e9) ?? ['h', 3_600_000]
  return `${Math.floor(left / ms)}${unit}`
}
