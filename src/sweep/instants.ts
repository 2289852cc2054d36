import { STATUS_TEXTS } from '../api/status-codes.js'
import { instantText } from '../domain/clock.js'

/** Statuses of the vendor that refuse a call. */
export const REFUSALS = Object.keys(STATUS_TEXTS).map(Number).filter(status => status !== 100)

/** The eve of a short month, both last days of February, and the last second of a year. */
const ENDS = ['2022-01-31T12:00:00Z', '2022-02-28T12:00:00Z', '2020-02-29T12:00:00Z', '2021-12-31T23:59:59Z']

/** Lists instants at which clients have gone wrong: the ends of months and of a year, and both sides of the switch-off. */
export function instantsAround (disabledAt: number): string[] {
  return Number.isFinite(disabledAt) ? [...ENDS, instantText(disabledAt - 1), instantText(disabledAt)] : ENDS
}
