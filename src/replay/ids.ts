import type { CaseControlCall } from '../contract/case.js'

/** Ids that faults and snapshots of a case have in its replay: ids count up from 1, also where a case leaves some out. */
export interface ReplayIds {
  readonly of: (id: string) => string
  /** Gives the id in the case of a fault of the replay. */
  readonly inCase: (id: string) => string
  /** Notes the ids that a call gave: the snapshot in its header, and what is in its body. */
  readonly learn: (step: Pick<CaseControlCall, 'fault' | 'snapshot'>, snapshot: string | null | undefined, body: unknown) => void
  /** Notes the ids that faults of a world have, in their order: those that the case has, and those in the replay. */
  readonly learnFaults: (inCase: readonly string[], inReplay: readonly string[]) => void
  /** Gives the path and the body that a call has in the replay. */
  readonly inCall: (step: CaseControlCall) => { readonly path: string, readonly body: unknown }
}

/** Creates an empty table of ids. */
export function idsInReplay (): ReplayIds {
  const ids = new Map<string, string>()
  const idOf = (id: string): string => ids.get(id) ?? id

  return {
    of: idOf,
    inCase: id => [...ids].find(([, inReplay]) => inReplay === id)?.[0] ?? id,
    learn (step, snapshot, body) {
      const { id, redo } = Object(body) as { readonly id?: string, readonly redo?: string }
      if (step.fault !== undefined && id !== undefined) ids.set(step.fault, id)
      const taken = snapshot ?? redo
      if (step.snapshot !== undefined && taken !== undefined) ids.set(step.snapshot, taken)
    },
    learnFaults (inCase, inReplay) {
      inReplay.forEach((id, index) => { if (inCase[index] !== undefined) ids.set(inCase[index], id) })
    },
    inCall ({ path, body }) {
      const { id } = Object(body) as { readonly id?: unknown }
      return {
        path: path.replace(/^(.*\/faults\/)([^/?]+)/, (_, before: string, fault: string) => before + encodeURIComponent(idOf(decoded(fault)))),
        body: path === '/undo' && typeof id === 'string' ? { id: idOf(id) } : body
      }
    }
  }
}

/** A path may be of a file that was written by hand. */
function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
