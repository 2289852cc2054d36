import type { CaseControlCall, CaseStep } from '../contract/case.js'

/** Which calls of a case are undone later. */
export interface Snapshots {
  /** Variables for the snapshots that are restored later, by the calls that they were taken before. */
  readonly remembered: ReadonlyMap<CaseControlCall, string>
  /** What each undo restores: the snapshot's id in the case, and its variable. */
  readonly undone: ReadonlyMap<CaseControlCall, { readonly id: string, readonly words: string }>
}

/** Follows the snapshots of a case: their ids are others wherever more or fewer calls are made. */
export function snapshotsOf (timeline: readonly CaseStep[], wordsFor: (name: string, fallback: string) => string): Snapshots {
  const remembered = new Map<CaseControlCall, string>()
  const undone = new Map<CaseControlCall, { readonly id: string, readonly words: string }>()
  let taken: CaseControlCall[] = []
  for (const step of timeline) {
    if (step.step !== 'control') continue
    const of = isUndo(step) ? restoredBy(step, taken) : undefined
    if (step.snapshot !== undefined) taken = [...taken, step]
    if (of === undefined) continue
    const words = wordsFor('snapshot', 'snapshot')
    remembered.set(of, words)
    undone.set(step, { id: of.snapshot!, words })
    taken = taken.filter(other => other !== of)
  }
  return { remembered, undone }
}

function restoredBy ({ body }: CaseControlCall, taken: readonly CaseControlCall[]): CaseControlCall | undefined {
  // A case says which snapshot it was, also where the call did not.
  const { id } = Object(body) as Readonly<Record<string, unknown>>
  return taken.filter(({ snapshot }) => snapshot !== undefined && snapshot === id).at(-1)
}

function isUndo ({ method, path }: CaseControlCall): boolean {
  return method === 'POST' && path === '/undo'
}
