import type { LedgerKind } from './account.js'
import { usd, type Mills } from './money.js'
import type { ProjectStatus } from './project.js'
import { unmatched } from './unmatched.js'

/** What an account was charged in a run, and what it had at the end. */
export interface AccountBooks {
  readonly account: string
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
  readonly name: string
  readonly status: ProjectStatus
  /** Plans, in the order of their services. */
  readonly plans: readonly number[]
  readonly apiTokens: number
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
}

/** Compares the books of a run with those of the reference, account by account, whatever the order of the accounts. */
export function compareBooks (reference: readonly AccountBooks[], run: readonly AccountBooks[]): Difference {
  const accounts = pairsOf(reference, run).map(([before, after]) => differenceOf(before, after)).filter(isDifferent)
  const has = (test: (account: AccountDifference) => boolean): boolean => accounts.some(test)
  const kind = has(({ mills }) => mills.run > mills.reference)
    ? 'more'
    : has(({ mills }) => mills.run < mills.reference) ? 'less' : accounts.length > 0 ? 'other' : 'same'
  return { kind, accounts }
}

type Pair = readonly [AccountBooks, AccountBooks]

/**
 * Pairs accounts: those with the same books; then the others by name; then what is left in order. Names are
 * not enough: tests that run side by side may have got each other's generated names.
 */
function pairsOf (reference: readonly AccountBooks[], run: readonly AccountBooks[]): Pair[] {
  const others = [...run]
  const pairs: Pair[] = []
  let left = [...reference]
  const pairBy = (isPair: (a: AccountBooks, b: AccountBooks) => boolean): void => {
    left = left.filter(books => {
      const index = others.findIndex(other => isPair(books, other))
      if (index !== -1) pairs.push([books, others.splice(index, 1)[0]!])
      return index === -1
    })
  }
  pairBy((a, b) => !isDifferent(differenceOf(a, b)))
  pairBy((a, b) => a.account === b.account)
  pairBy(() => true)
  return [
    ...pairs,
    ...left.map(books => [books, emptyBooks(books)] as const),
    // One that was charged nothing is of a test that was tried again: nobody has lost by it.
    ...others.filter(({ charges }) => charges.length > 0).map(books => [emptyBooks(books), books] as const)
  ]
}

function emptyBooks ({ account }: AccountBooks): AccountBooks {
  return { account, charges: [], projects: [] }
}

function isDifferent ({ more, less, says }: AccountDifference): boolean {
  return more.length + less.length + says.length > 0
}

function differenceOf (reference: AccountBooks, run: AccountBooks): AccountDifference {
  return {
    account: run.account,
    mills: { reference: totalOf(reference.charges), run: totalOf(run.charges) },
    more: unmatched(run.charges, reference.charges, chargeText),
    less: unmatched(reference.charges, run.charges, chargeText),
    says: holdingsSay(reference.projects, run.projects)
  }
}

export function totalOf (charges: readonly Charge[]): Mills {
  return charges.reduce((sum, { mills }) => sum + mills, 0)
}

/** Describes a charge, such as `5 USD for plan 2 of project 5786`. */
export function chargeText ({ kind, mills, projectId, planId }: Charge): string {
  return `${usd(mills)} USD for ${kind === 'renewal' ? 'a renewal of ' : ''}plan ${planId} of project ${projectId}`
}

function holdingsSay (reference: readonly Holding[], run: readonly Holding[]): string[] {
  const before = new Map(reference.map(holding => [holding.projectId, holdingText(holding)]))
  const after = new Map(run.map(holding => [holding.projectId, holdingText(holding)]))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap(id => {
    const [was, is] = [before.get(id) ?? 'missing', after.get(id) ?? 'missing']
    return was === is ? [] : [`project ${id} is ${is}, and in the reference ${was}`]
  })
}

function holdingText ({ status, plans, apiTokens }: Holding): string {
  const on = plans.length === 0 ? 'without a plan' : `on plan ${plans.join(' and ')}`
  return `${status} ${on}${apiTokens === 0 ? '' : ` with ${apiTokens} API token${apiTokens === 1 ? '' : 's'}`}`
}
