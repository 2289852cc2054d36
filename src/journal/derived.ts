import { canBeParsed } from '../api/body.js'
import { requestedPlan } from '../domain/call-purpose.js'
import { lastOf } from '../last-of.js'
import { entryOf, hidingOf, type Hiding } from './entry.js'
import { lintOf } from './lint.js'
import type { Entry, Lint } from './record.js'

/**
 * What is made of an entry for those who look at it: once for all of them. As soon as a request has arrived, everyone who waits for one
 * looks at it, and a body of 1 MB takes a fraction of a second to parse or to search for secrets.
 */
export interface Derived {
  readonly lintOf: (entry: Entry) => readonly Lint[]
  readonly fieldsOf: (entry: Entry) => BodyFields
  readonly hidingOf: (entry: Entry) => Hiding
  /** Gives an entry as JSON text, without its secrets: only of one that no longer changes. */
  readonly textOf: (entry: Entry) => string
  /** The same of one that is still under way. */
  readonly textUnderWayOf: (entry: Entry) => string
}

/** Fields of a request's body by which it can be found. */
export interface BodyFields {
  readonly projectId: string | number | null
  readonly planId: string | number | null
}

/** Creates what keeps what was made of the last entry of a journal that was looked at, and of none before it. */
export function createDerived (): Derived {
  const text = (entry: Entry): string => JSON.stringify(entryOf(entry))
  return {
    lintOf: lastOf((entry: Entry) => lintOf(entry)),
    fieldsOf: lastOf(fieldsOf),
    hidingOf: lastOf(hidingOf),
    textOf: lastOf(text),
    textUnderWayOf: lastOf(text)
  }
}

function fieldsOf ({ endpoint, body }: Entry): BodyFields {
  if (!canBeParsed(body)) return { projectId: null, planId: null }
  try {
    const fields = Object(JSON.parse(body)) as Record<string, unknown>
    return { projectId: simple(fields.project_id), planId: simple(requestedPlan(endpoint, fields)) }
  } catch {
    return { projectId: null, planId: null }
  }
}

function simple (value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}
