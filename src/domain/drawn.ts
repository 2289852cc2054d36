import type { AccountBooks, Holding } from './account-books.js'

/** Names and details of projects that a client does not draw: each run of the reference has them equally often. */
export type Steady = ReadonlySet<string>

/** Finds what several runs have equally often. */
export function steadyIn (runs: ReadonlyArray<readonly AccountBooks[]>): Steady {
  const [first, ...others] = runs.map(textsIn)
  return new Set([...first!].filter(([text, all]) => others.every(texts => texts.get(text)?.length === all.length)).map(([text]) => text))
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

/** Lists names and details of projects, each as often as it is there. */
function textsIn (books: readonly AccountBooks[]): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, string[]>()
  for (const project of books.flatMap(({ projects }) => projects)) {
    for (const text of [nameText(project), ...Object.entries(project.details).map(detailText)]) {
      if (!texts.has(text)) texts.set(text, [])
      texts.get(text)!.push(text)
    }
  }
  return texts
}

function nameText ({ name }: Holding): string {
  return `name ${name}`
}

function detailText ([name, value]: readonly [string, string]): string {
  return `${name} ${value}`
}
