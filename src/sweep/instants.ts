import { GRANTED, STATUS_TEXTS } from '../api/status-codes.js'
import { instantText } from '../domain/clock.js'
import type { FaultChoice } from '../domain/sweep-plan.js'

/** Status of a refusal that names none. */
const USUAL_REFUSAL = 101

/** Lists the statuses with which the vendor refuses, but for what the faults try anyway. */
export function refusalsBeside (faults: readonly FaultChoice[]): number[] {
  const isTried = faults.some(({ kind, when, status }) => kind === 'api_refusal' && when === 'before' && status === undefined)
  return Object.keys(STATUS_TEXTS).map(Number).filter(status => status !== GRANTED.status && !(isTried && status === USUAL_REFUSAL))
}

/** The eve of a short month, both last days of February, and the last second of a year. */
const ENDS = ['2022-01-31T12:00:00Z', '2022-02-28T12:00:00Z', '2020-02-29T12:00:00Z', '2021-12-31T23:59:59Z']

/** Lists instants at which clients have gone wrong: the ends of months and of a year, and both sides of the switch-off. */
export function instantsAround (disabledAt: number): string[] {
  return Number.isFinite(disabledAt) ? [...ENDS, instantText(disabledAt - 1), instantText(disabledAt)] : ENDS
}
