import { closest, distance } from 'fastest-levenshtein'

/**
 * Finds the known name that was probably meant: the nearest one if at most a quarter of the letters differ; else one that has it as a
 * word; else the nearest one all the same, if at most half of the letters differ.
 */
export function nearest (name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > 200) return undefined
  const candidate = closest(name, known)
  const difference = distance(name, candidate) / Math.max(candidate.length, name.length)
  const longer = difference > 0.25 ? known.filter(other => other.split(/[-_]/).includes(name)) : []
  if (longer.length > 0) return closest(name, longer)
  return difference <= 0.5 ? candidate : undefined
}
