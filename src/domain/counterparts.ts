/** What a project is known by. */
export interface Known {
  readonly projectId: number
  /** `null` for a name that tells nothing. */
  readonly name: string | null
  /** What belongs to it, and was charged for it, in a text. */
  readonly content: string
}

/** Which projects of a run are which of the reference. */
export interface Counterparts {
  /** The number in the reference, by that in the run; none for a project that has no counterpart there. */
  readonly numbers: ReadonlyMap<number, number>
  /** Projects that have the name of another one in excess of the reference, each with the number of the one of that name that has a counterpart. */
  readonly again: ReadonlyMap<number, number>
  /** Whether each project of either has a counterpart of its name. */
  readonly isComplete: boolean
}

/**
 * Pairs the projects of a run with those of the reference that have their names; then what is left, by what belongs to it and at last by its
 * number: its name tells nothing, or the other side does not know it, as a client may draw it, or count its attempts.
 */
export function counterparts (reference: readonly Known[], run: readonly Known[]): Counterparts {
  const numbers = new Map<number, number>()
  const left = new Map(reference.map(known => [known.projectId, known]))
  let others = [...run]
  const pairWhere = (find: (project: Known) => Known | undefined): void => {
    others = others.filter(project => {
      const found = find(project)
      if (found === undefined || !left.delete(found.projectId)) return true
      numbers.set(project.projectId, found.projectId)
      return false
    })
  }
  const pairBy = (textOf: (project: Known) => string | null): void => {
    const alike = new Map<string | null, Known[]>([...left.values()].map(known => [textOf(known), []]))
    for (const known of left.values()) alike.get(textOf(known))!.push(known)
    alike.delete(null)
    pairWhere(project => alike.get(textOf(project))?.shift())
  }
  // Of several of one name, by what belongs to each.
  pairBy(({ name, content }) => name === null ? null : JSON.stringify([name, content]))
  pairBy(({ name }) => name)
  const isComplete = left.size + others.length === 0
  const known = new Set(reference.map(({ name }) => name))
  const namesakes = new Map(run.filter(({ projectId }) => numbers.has(projectId)).toReversed().map(({ projectId, name }) => [name, projectId]))
  const again = new Map(others.filter(({ name }) => name !== null && known.has(name)).map(({ projectId, name }) => [projectId, namesakes.get(name)!]))
  pairBy(({ content }) => content)
  pairWhere(({ projectId }) => left.get(projectId))
  return { numbers, again, isComplete }
}
