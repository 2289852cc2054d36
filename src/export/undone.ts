import type { CaseControlCall, CaseStep } from '../contract/case.js'

/** State that is followed through a case, and that an undo puts back: that of an account, or all of it where that is `null`. */
interface Followed {
  readonly save: () => (account: string | null) => void
}

/** Follows the snapshots of a case: their ids are others wherever more or fewer calls are made. */
export function snapshotsOf (
  timeline: readonly CaseStep[], wordsFor: (name: string, fallback: string) => string, followed: readonly Followed[]
) {
  const { remembered, undone } = undonePairs(timeline, wordsFor)
  const saved = new Map<CaseControlCall, { readonly account: string | null, readonly restore: (account: string | null) => void }>()

  return {
    /** Takes note of a call that is about to be made; gives the variable for its snapshot, if an undo needs it. */
    take (step: CaseControlCall, account: string | null): string | undefined {
      const restores = followed.map(({ save }) => save())
      // What undoes an undo is about the same account.
      const source = saved.get(undone.get(step)!)
      saved.set(step, {
        account: source === undefined ? account : source.account,
        restore: account => restores.forEach(restore => restore(account))
      })
      return remembered.get(step)
    },

    /** Puts back what an undo restores, and gives the snapshot's variable; `undefined` if the snapshot is not one of a call of the script. */
    restore (step: CaseControlCall): string | undefined {
      const source = undone.get(step)
      const before = source && saved.get(source)
      if (before === undefined) {
        // What is left out can't be undone either.
        saved.delete(step)
        return undefined
      }
      before.restore(before.account)
      return remembered.get(source!)
    }
  }
}

/** Finds the calls that are undone later, with variables for their snapshots, and the call that each undo undoes. */
function undonePairs (timeline: readonly CaseStep[], wordsFor: (name: string, fallback: string) => string) {
  const remembered = new Map<CaseControlCall, string>()
  const undone = new Map<CaseControlCall, CaseControlCall>()
  let taken: CaseControlCall[] = []
  for (const step of timeline) {
    if (step.step !== 'control') continue
    const of = isUndo(step) ? restoredBy(step, taken) : undefined
    if (step.snapshot !== undefined) taken = [...taken, step]
    if (of === undefined) continue
    remembered.set(of, wordsFor('snapshot', 'snapshot'))
    undone.set(step, of)
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
