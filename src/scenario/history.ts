import type { ScenarioHistoryEvent } from '../contract/scenario.js'
import type { HistoryEvent } from '../domain/history.js'
import { parseUsd } from '../domain/money.js'
import { readInstant } from './clock.js'
import type { Issues } from './issues.js'
import { HistoryEventSchema } from './schema.js'

type Key = Exclude<keyof ScenarioHistoryEvent, 'at' | 'event'>

/** The keys that each event has besides `at` and `event`, all of them required. */
const KEYS: Readonly<Record<HistoryEvent['event'], readonly Key[]>> = {
  renewed: ['project_id', 'service', 'plan_id', 'amount', 'balance'],
  expired: ['project_id', 'service', 'plan_id', 'reason', 'price', 'balance'],
  lapsed: ['project_id', 'service', 'plan_id', 'reason', 'price', 'balance'],
  deleted: ['project_id'],
  'clock-moved': ['from', 'mode'],
  'world-clock-moved': ['from', 'mode']
}

const ALL_KEYS = Object.keys(HistoryEventSchema.properties).filter(key => key !== 'at' && key !== 'event') as Key[]

/** Reads a history whose schema has been checked. */
export function readHistory (given: readonly ScenarioHistoryEvent[], issues: Issues): HistoryEvent[] {
  return given.map((event, index) => readEvent(event, issues.at(index)))
}

/** Reads the world's history, which has nothing but moves of its clock. */
export function readWorldHistory (given: readonly ScenarioHistoryEvent[], issues: Issues): HistoryEvent[] {
  given.forEach(({ event }, index) => {
    if (event !== 'clock-moved') issues.at(index, 'event').add(event, 'clock-moved, as the world\'s history has no other events')
  })
  return readHistory(given, issues)
}

function readEvent (given: ScenarioHistoryEvent, issues: Issues): HistoryEvent {
  const { event } = given
  for (const key of ALL_KEYS) {
    const isExpected = KEYS[event].includes(key)
    if (isExpected && given[key] === undefined) issues.at(key).add(undefined, HistoryEventSchema.properties[key].description!)
    if (!isExpected && given[key] !== undefined) issues.at(key).add(given[key], `no value: ${event} has no ${key}`)
  }
  const { project_id: projectId, service, plan_id: planId, reason, from, mode } = given
  const values = {
    at: readInstant(given.at, issues.at('at')),
    event,
    projectId,
    service,
    planId,
    reason,
    priceMills: parseUsd(given.amount ?? given.price ?? ''),
    balanceMills: parseUsd(given.balance ?? ''),
    from: from && readInstant(from, issues.at('from')),
    mode
  }
  // What an event does not have is left out.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as unknown as HistoryEvent
}
