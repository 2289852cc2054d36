import { FAULT_KINDS } from '../domain/fault.js'
import { ALL_FAULTS, faultId, QUICK_FAULTS, type FaultChoice } from '../domain/sweep-plan.js'
import { Problem } from '../problem.js'
import { nearest } from '../text/nearest.js'

/**
 * Reads names of sets of faults, of kinds, and of kinds at one moment; what several of them name is tried once. Throws a `Problem` that names
 * `setting`.
 */
export function faultsNamed (names: readonly string[], setting: string): readonly FaultChoice[] {
  return [...new Map(names.flatMap(name => named(name, setting)).map(fault => [faultId(fault), fault])).values()]
}

function named (text: string, setting: string): readonly FaultChoice[] {
  if (text === 'quick') return QUICK_FAULTS
  if (text === 'all') return ALL_FAULTS
  const found = ALL_FAULTS.filter(({ kind, when }) => text === kind || text === `${kind}.${when}`)
  if (found.length > 0) return found
  const meant = nearest(text, FAULT_KINDS)
  throw new Problem(`${setting} is wrong: found ${JSON.stringify(text)}, expected quick, all, or one of ${FAULT_KINDS.join(', ')}, \
each also with .before or .after${meant === undefined ? '' : ` (did you mean ${meant}?)`}`)
}
