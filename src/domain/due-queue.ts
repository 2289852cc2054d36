import type { Instant } from './clock.js'
import { dueAt, type ProjectBilling } from './project.js'

interface Due { readonly at: Instant, readonly project: ProjectBilling }

/** Orders projects by the instant at which they are next due, then by id, in a binary heap. */
export function dueQueue (projects: readonly ProjectBilling[], areDeletedLater: boolean) {
  const dueOf = (project: ProjectBilling): Due[] => {
    const at = dueAt(project, areDeletedLater)
    return at === null ? [] : [{ at, project }]
  }
  const heap: Due[] = projects.flatMap(dueOf).sort((a, b) => isBefore(a, b) ? -1 : 1)

  return {
    first: (): Due | undefined => heap[0],
    /** Replaces the first project by its new state, or removes it if it is never due again. */
    replaceFirst (project: ProjectBilling): void {
      const [due] = dueOf(project)
      const moved = due ?? heap.pop()!
      if (heap.length > 0) sink(moved)
    }
  }

  function sink (moved: Due): void {
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left
      if (child >= heap.length || !isBefore(heap[child]!, moved)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = moved
  }
}

function isBefore (a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.project.projectId < b.project.projectId)
}
