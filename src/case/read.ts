import type { Case } from '../contract/case.js'
import { Problem } from '../problem.js'

/** Reads a case. Throws a `Problem` for what is none. */
export function readCase (value: unknown): Case {
  const { case: version, timeline } = Object(value) as Readonly<Record<string, unknown>>
  if (version === 1 && Array.isArray(timeline)) return value as Case
  throw new Problem('it is not a case of this version; GET /__admin/case saves one', {
    issues: [{ pointer: '/case', found: JSON.stringify(version) ?? 'nothing', expected: '1' }]
  })
}
