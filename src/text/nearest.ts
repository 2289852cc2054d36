import { closest, distance } from 'fastest-levenshtein'

/** Finds the known name that was probably meant: the nearest one, if at most half of the letters differ. */
export function nearest (name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > 200) return undefined
  const candidate = closest(name, known)
  return distance(name, candidate) <= Math.max(candidate.length, name.length) / 2 ? candidate : undefined
}
