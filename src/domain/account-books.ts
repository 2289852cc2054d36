import type { LedgerKind } from './account.js'
import { counterparts, type Counterparts, type Known } from './counterparts.js'
import { usd, type Mills } from './money.js'
import type { ProjectStatus } from './project.js'
import { unmatched } from './unmatched.js'

/** What an account was charged in a run, and what it had at the end. */
export interface AccountBooks {
  readonly account: string
  /**
   * Whether its name tells whose books these are: the emulator has not generated it, the account was not reset or made again meanwhile, and every
   * run of the reference books the same under it.
   */
  readonly isNamed: boolean
  /** Purchases and renewals, oldest first. */
  readonly charges: readonly Charge[]
  readonly projects: readonly Holding[]
}

/** Debit of a wallet. */
export interface Charge {
  readonly kind: LedgerKind
  /** Amount, positive. */
  readonly mills: Mills
  readonly projectId: number | null
  readonly planId: number | null
  /** Id of the request that caused it; `null` for a renewal. */
  readonly requestId: string | null
}

/** Project as a customer has it. */
export interface Holding {
  readonly projectId: number
  /** `null` where the client draws it, so that it tells nothing. */
  readonly name: string | null
  readonly status: ProjectStatus
  /** Plans, in the order of their services. */
  readonly plans: readonly number[]
  readonly apiTokens: number
  /** What else a call may set, by what it is called, such as `global webhook`; without what the client draws. */
  readonly details: Readonly<Record<string, string>>
}

/** How the books of a run differ from those of the reference: whether customers were charged more or less, or have something else. */
export interface Difference {
  readonly kind: 'same' | 'more' | 'less' | 'other'
  readonly accounts: readonly AccountDifference[]
}

export interface AccountDifference {
  readonly account: string
  readonly mills: { readonly reference: Mills, readonly run: Mills }
  /** Charges that the reference lacks, and those that only the reference has. */
  readonly more: readonly Charge[]
  readonly less: readonly Charge[]
  /** What a customer has otherwise than in the reference, in sentences. */
  readonly says: readonly string[]
  /** Whether something was bought more often than in the reference, whatever was charged in all. */
  readonly isBoughtAgain: boolean
}

/** Compares the books of a run with those of the reference, account by account, whatever the order of the accounts. */
export function compareBooks (reference: readonly AccountBooks[], run: readonly AccountBooks[]): Difference {
  return comparePairs(pairsOf(reference, run))
}

/** Compares books that have been paired. */
export function comparePairs (pairs: readonly Pair[]): Difference {
  const accounts = pairs.map(([before, after]) => differenceOf(before, after)).filter(isDifferent)
  const has = (test: (account: AccountDifference) => boolean): boolean => accounts.some(test)
  const kind = has(({ mills, isBoughtAgain }) => mills.run > mills.reference || isBoughtAgain)
    ? 'more'
    : has(({ mills }) => mills.run < mills.reference) ? 'less' : accounts.length > 0 ? 'other' : 'same'
  return { kind, accounts }
}

type Pair = readonly [AccountBooks, AccountBooks]

/** Tells whether an account of the reference is one of the run. */
type IsPair = (reference: AccountBooks, run: AccountBooks) => boolean

/**
 * Pairs accounts by their names where those tell whose books they are, and then by what they hold: tests that run side by side may have got each
 * other's names, and so may those behind one that was tried again, which makes more accounts than there are in the reference. Where what they hold
 * differs, the names of their projects tell more.
 */
export function pairsOf (reference: readonly AccountBooks[], run: readonly AccountBooks[]): Pair[] {
  const shapes = new Map([...reference, ...run].map(books => [books, shapeOf(books)]))
  const projectNames = new Map([...reference, ...run].map(books => [books, projectNamesIn(books)]))
  // Comparing each of many accounts with each would take long.
  const areAlike: IsPair = (a, b) => shapes.get(a) === shapes.get(b) && !isDifferent(differenceOf(a, b))
  const haveOneName: IsPair = (a, b) => a.account === b.account
  const both = (...tests: IsPair[]): IsPair => (a, b) => tests.every(test => test(a, b))
  const areOfOneTest = both((a, b) => projectNames.get(a) === projectNames.get(b), areAlike)
  const mayBeOfOneTest = both(areAlike, mayHaveNamesOf)
  const named = [
    // Of an account that was made again, or reset, each with that of the same test.
    both(haveOneName, areOfOneTest),
    ...run.length <= reference.length ? [both(a => a.isNamed, haveOneName)] : []
  ]
  const pairs = pairedBy([...named, areAlike], reference, run)
  if (comparePairs(pairs).kind === 'same') return pairs
  const rounds = [areOfOneTest, both(haveOneName, mayBeOfOneTest), mayBeOfOneTest, haveOneName, shareProject, areAlike, () => true]
  return pairedBy([...named, ...rounds], reference, run)
}

/** Pairs accounts in rounds, each for those that are left, and at last with nothing. */
function pairedBy (rounds: readonly IsPair[], reference: readonly AccountBooks[], run: readonly AccountBooks[]): Pair[] {
  const others = [...run]
  const pairs: Pair[] = []
  let left = [...reference]
  for (const isPair of rounds) {
    left = left.filter(books => {
      const index = others.findIndex(other => isPair(books, other))
      if (index !== -1) pairs.push([books, others.splice(index, 1)[0]!])
      return index === -1
    })
  }
  return [
    ...pairs,
    ...left.map(books => [books, emptyBooks(books)] as const),
    // One that was charged nothing is of a test that was tried again: nobody has lost by it.
    ...others.filter(({ charges }) => charges.length > 0).map(books => [emptyBooks(books), books] as const)
  ]
}

/** Gives what is the same of books that don't differ, whatever the numbers and the names of their projects. */
function shapeOf (books: AccountBooks): string {
  return JSON.stringify([books.charges.length, [...contentsOf(books).values()].sort()])
}

function projectNamesIn ({ projects }: AccountBooks): string {
  return JSON.stringify(projects.map(({ name }) => name).sort())
}

/** Tells whether projects of a run have the names of those of the reference, as far as names tell something. */
function mayHaveNamesOf (reference: AccountBooks, run: AccountBooks): boolean {
  return unmatched(run.projects.filter(({ name }) => name !== null), reference.projects, ({ name }) => String(name)).length === 0
}

/** Tells whether accounts have a project of one name, which tells something. */
function shareProject (a: AccountBooks, b: AccountBooks): boolean {
  return a.projects.some(({ name }) => name !== null && b.projects.some(project => project.name === name))
}

function emptyBooks ({ account, isNamed }: AccountBooks): AccountBooks {
  return { account, isNamed, charges: [], projects: [] }
}

function isDifferent (difference: AccountDifference): boolean {
  return isCharged(difference) || difference.says.length > 0
}

/** Tells whether something else was charged. */
function isCharged ({ more, less }: AccountDifference): boolean {
  return more.length + less.length > 0
}

/**
 * Compares the books of an account. A project is known by its name where both have that, and else by its number, or by what belongs to it: of
 * projects that are created in another order, such as one after a failure, each has the number of another one.
 */
function differenceOf (reference: AccountBooks, run: AccountBooks): AccountDifference {
  const byNumber = differenceByNumber(reference, run)
  if (!isDifferent(byNumber) && haveSameNames(reference.projects, run.projects)) return byNumber
  const { numbers, again, isComplete } = counterparts(knownIn(reference), knownIn(run))
  if (again.size > 0) return byNumber.mills.run > byNumber.mills.reference ? byNumber : withNamesakes(byNumber, reference, run, { numbers, again })
  const byName = differenceByNumber(reference, renumbered(run, numbers))
  if (!isDifferent(byName)) return byName
  return isDifferent(byNumber) || !isComplete ? byNumber : { ...byNumber, says: exchangesIn(numbers) }
}

/** Tells whether projects of the same numbers have the same names; there are as many of both. */
function haveSameNames (reference: readonly Holding[], run: readonly Holding[]): boolean {
  return reference.every(({ name }, index) => name === run[index]!.name)
}

function knownIn (books: AccountBooks): Known[] {
  const contents = contentsOf(books)
  return books.projects.map(({ projectId, name, details }) => ({ projectId, name, content: JSON.stringify([contents.get(projectId), details]) }))
}

/** Writes what each project is, and what was charged for it, without its number, its name and its details. */
export function contentsOf ({ charges, projects }: AccountBooks): ReadonlyMap<number, string> {
  const ofProjects = new Map<number | null, string[]>(projects.map(({ projectId }) => [projectId, []]))
  for (const charge of charges) ofProjects.get(charge.projectId)?.push(chargeText({ ...charge, projectId: null }))
  return new Map(projects.map(holding => [holding.projectId, JSON.stringify([holdingText(holding), ofProjects.get(holding.projectId)!.sort()])]))
}

function differenceByNumber (reference: AccountBooks, run: AccountBooks): AccountDifference {
  return {
    account: run.account,
    mills: { reference: totalOf(reference.charges), run: totalOf(run.charges) },
    more: unmatched(run.charges, reference.charges, chargeText),
    less: unmatched(reference.charges, run.charges, chargeText),
    says: holdingsSay(reference.projects, run.projects),
    isBoughtAgain: false
  }
}

/** Gives the projects of an account the numbers of their counterparts in the reference. */
export function numberedAs (reference: AccountBooks, run: AccountBooks): AccountBooks {
  return renumbered(run, counterparts(knownIn(reference), knownIn(run)).numbers)
}

function renumbered ({ charges, projects, ...account }: AccountBooks, numbers: Counterparts['numbers']): AccountBooks {
  // One without a counterpart has no number of another one.
  const given = new Map(projects.map(({ projectId }) => [projectId, numbers.get(projectId) ?? NaN]))
  return {
    ...account,
    charges: charges.map(charge => ({ ...charge, projectId: given.get(charge.projectId!) ?? charge.projectId })),
    projects: projects.map(project => ({ ...project, projectId: given.get(project.projectId)! }))
  }
}

/** Adds that projects were created again under a name that another one has: instead of those that are missing, or that were not yet to come. */
function withNamesakes (
  difference: AccountDifference, reference: AccountBooks, run: AccountBooks, { numbers, again }: Pick<Counterparts, 'numbers' | 'again'>
): AccountDifference {
  const more = run.charges.filter(charge => isPurchase(charge) && again.has(charge.projectId!))
  const says = [...again].map(([projectId, namesake]) => `project ${projectId} has the name of project ${namesake}`)
  if (more.length > 0) return { ...difference, more, less: [], says: [...says, ...difference.says], isBoughtAgain: true }
  if (!isCharged(difference)) return isDifferent(difference) ? difference : { ...difference, says }
  // One that was created for nothing may have taken the number of one that was bought.
  const others = differenceByNumber(reference, renumbered({ ...run, projects: run.projects.filter(({ projectId }) => !again.has(projectId)) }, numbers))
  return { ...others, says: [...says, ...others.says] }
}

function exchangesIn (numbers: Counterparts['numbers']): string[] {
  return [...numbers].filter(([run, reference]) => run !== reference)
    .map(([run, reference]) => `project ${run} has the name of project ${reference} in the reference, and not what belongs to that`)
}

/** Tells whether a charge is for what was ordered, and not for what time brought. */
export function isPurchase ({ kind }: Charge): boolean {
  return kind === 'plan-change'
}

export function totalOf (charges: readonly Charge[]): Mills {
  return charges.reduce((sum, { mills }) => sum + mills, 0)
}

/** Describes a charge, such as `5 USD for plan 2 of project 5786`. */
export function chargeText ({ kind, mills, projectId, planId }: Charge): string {
  return `${usd(mills)} USD for ${kind === 'renewal' ? 'a renewal of ' : ''}plan ${planId} of project ${projectId}`
}

function holdingsSay (reference: readonly Holding[], run: readonly Holding[]): string[] {
  const [before, after] = [holdingsOf(reference), holdingsOf(run)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap(id => {
    const [was, is] = [holdingText(before.get(id)), holdingText(after.get(id))]
    return was === is ? detailsSay(before.get(id)!, after.get(id)!) : [`project ${id} is ${is}, and in the reference ${was}`]
  })
}

function holdingsOf (projects: readonly Holding[]): ReadonlyMap<number, Holding> {
  return new Map(projects.map(holding => [holding.projectId, holding]))
}

/** Names the details that differ, without their values: a webhook may have a secret in it. */
function detailsSay (reference: Holding, { projectId, details }: Holding): string[] {
  const others = Object.keys(reference.details).filter(name => details[name] !== reference.details[name])
  return others.map(name => `project ${projectId} has another ${name} than in the reference`)
}

function holdingText (holding: Holding | undefined): string {
  if (holding === undefined) return 'missing'
  const { status, plans, apiTokens } = holding
  const on = plans.length === 0 ? 'without a plan' : `on plan ${plans.join(' and ')}`
  return `${status} ${on}${apiTokens === 0 ? '' : ` with ${apiTokens} API token${apiTokens === 1 ? '' : 's'}`}`
}
