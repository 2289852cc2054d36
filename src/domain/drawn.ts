import { contentsOf, type AccountBooks, type Holding } from './account-books.js'

/**
 * Details of projects that a client does not draw: each run of the reference has them equally often. Names of projects and accounts under which each
 * books the same: those that are counted while tests run side by side belong to another test each time.
 */
export type Steady = ReadonlySet<string>

/** Finds what several runs have equally often. */
export function steadyIn (runs: ReadonlyArray<readonly AccountBooks[]>): Steady {
  const [first, ...others] = runs.map(textsIn)
  return new Set([...first!].filter(([text, all]) => others.every(texts => isSame(texts.get(text), all))).map(([text]) => text))
}

/** Leaves out of books the names and details that are drawn: they differ in each run, and tell nothing. */
export function withoutDrawn (books: readonly AccountBooks[], steady: Steady): AccountBooks[] {
  return books.map(({ projects, ...account }) => ({
    ...account,
    isNamed: account.isNamed && steady.has(accountText(account)),
    projects: projects.map(project => ({
      ...project,
      name: steady.has(nameText(project)) ? project.name : null,
      details: Object.fromEntries(Object.entries(project.details).filter(detail => steady.has(detailText(detail))))
    }))
  }))
}

function isSame (some: readonly string[] = [], others: readonly string[]): boolean {
  return some.length === others.length && some.toSorted().join() === others.toSorted().join()
}

/** Lists names of projects and accounts, with what is booked under each, and details of projects, each as often as it is there. */
function textsIn (books: readonly AccountBooks[]): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, string[]>()
  const add = (text: string, content = text): void => {
    if (!texts.has(text)) texts.set(text, [])
    texts.get(text)!.push(content)
  }
  for (const account of books) {
    const contents = contentsOf(account)
    add(accountText(account), bookedIn(account))
    for (const project of account.projects) {
      add(nameText(project), contents.get(project.projectId)!)
      for (const detail of Object.entries(project.details)) add(detailText(detail))
    }
  }
  return texts
}

/** Gives what is booked of an account, without what is drawn: its projects may have each other's numbers. */
function bookedIn ({ charges, projects }: AccountBooks): string {
  return JSON.stringify([
    charges.map(({ kind, mills, planId }) => `${kind} ${mills} ${planId}`).sort(),
    projects.map(({ status, plans, apiTokens }) => `${status} ${plans.join()} ${apiTokens}`).sort()
  ])
}

function accountText ({ account }: Pick<AccountBooks, 'account'>): string {
  return `account ${account}`
}

function nameText ({ name }: Holding): string {
  return `name ${name}`
}

function detailText ([name, value]: readonly [string, string]): string {
  return `${name} ${value}`
}
