import { restingOn, type AssumptionName, type RestsOn } from '../domain/assumptions.js'
import { lastOf } from '../last-of.js'

/** Writes names of assumptions as a column holds them: separated by spaces. */
export const restsOnText = lastOf((restsOn: RestsOn | undefined): string => restsOn === undefined ? '' : restsOn.join(' '))

/** Creates a reader of such a column that is not empty. Rows that follow each other mostly rest on the same. */
export function restsOnReader (): (text: string) => RestsOn | undefined {
  return lastOf((text: string) => restingOn(text.split(' ') as AssumptionName[]))
}
