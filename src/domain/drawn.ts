import type { AccountBooks, Holding } from './account-books.js'

/** Names and details of projects that a client does not draw: each run of the reference has them equally often. */
export type Steady = ReadonlySet<string>

/** Finds what several runs have equally often. */
export function steadyIn (runs: ReadonlyArray<readonly AccountBooks[]>): Steady {
  const [first, ...others] = runs.map(countsIn)
  return new Set([...first!.keys()].filter(text => others.every(counts => counts.get(text) === first!.get(text))))
}

/** Leaves out of books the names and details that are drawn: they differ in each run, and tell nothing. */
export function withoutDrawn (books: readonly AccountBooks[], steady: Steady): AccountBooks[] {
  return books.map(({ projects, ...account }) => ({
    ...account,
    projects: projects.map(project => ({
      ...project,
      name: steady.has(nameText(project)) ? project.name : null,
      details: Object.fromEntries(Object.entries(project.details).filter(detail => steady.has(detailText(detail))))
    }))
  }))
}

function countsIn (books: readonly AccountBooks[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const project of books.flatMap(({ projects }) => projects)) {
    for (const text of [nameText(project), ...Object.entries(project.details).map(detailText)]) counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return counts
}

function nameText ({ name }: Holding): string {
  return `name ${name}`
}

function detailText ([name, value]: readonly [string, string]): string {
  return `${name} ${value}`
}
