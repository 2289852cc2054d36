import type { Instant } from './clock.js'
import { dueAt, type ProjectBilling } from './project.js'

interface Due { readonly at: Instant, readonly project: ProjectBilling }

/** Projects by when something is due of them, and by id at the same instant: a binary heap. */
export function dueQueue (projects: readonly ProjectBilling[]) {
  const heap: Due[] = projects.flatMap(dueOf).sort((a, b) => isBefore(a, b) ? -1 : 1)

  return {
    first: (): Due | undefined => heap[0],
    /** Puts back the first project as it stands now; one of which nothing is due any more is gone. */
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

function dueOf (project: ProjectBilling): Due[] {
  const at = dueAt(project)
  return at === null ? [] : [{ at, project }]
}

function isBefore (a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.project.projectId < b.project.projectId)
}
