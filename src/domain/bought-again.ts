import type { LedgerKind } from './account.js'
import type { Mills } from './money.js'

interface Charged {
  readonly kind: LedgerKind
  readonly mills: Mills
  readonly projectId: number | null
  readonly planId: number | null
}

/** What books tell of purchases. */
interface Purchases {
  readonly charges: readonly Charged[]
  readonly projects: ReadonlyArray<{ readonly projectId: number, readonly name: string }>
}

/** Tells whether a purchase of the reference was charged more often. */
export function isChargedMoreOften (charge: Charged, reference: Purchases, run: Purchases): boolean {
  const [usual, times] = [timesCharged(charge, reference), timesCharged(charge, run)]
  return charge.kind === 'plan-change' && usual > 0 && times > usual
}

function timesCharged ({ kind, mills, projectId, planId }: Charged, { charges }: Purchases): number {
  return charges.filter(other => other.kind === kind && other.mills === mills && other.projectId === projectId && other.planId === planId).length
}

/**
 * Counts the projects that were paid for, other than in the reference, under a name which another one has and in the place of a third: an order
 * sent twice makes two of them. Names themselves are not compared, as a client may draw them at random.
 */
export function namesakesBeyond (reference: Purchases, run: Purchases): number {
  const [usual, names] = [namesBought(reference), namesBought(run)]
  // In addition to those of the reference, it is one that a suite had no time to remove, unless more was charged.
  return names.length > usual.length ? 0 : repeatsIn(names) - repeatsIn(usual)
}

function namesBought ({ charges, projects }: Purchases): string[] {
  const bought = new Set(charges.filter(({ kind }) => kind === 'plan-change').map(({ projectId }) => projectId))
  return projects.filter(({ projectId }) => bought.has(projectId)).map(({ name }) => name)
}

function repeatsIn (names: readonly string[]): number {
  return names.length - new Set(names).size
}
