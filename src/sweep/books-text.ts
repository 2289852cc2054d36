import type { SweepCall } from '../contract/sweep-report.js'
import { chargeText, totalOf, type AccountBooks, type AccountDifference, type Charge, type Difference } from '../domain/account-books.js'
import { usd } from '../domain/money.js'
import { counted } from '../text/counted.js'

/** Maximum number of things of a kind that a sentence lists one by one. */
const MAX_LISTED = 3

type Run = { readonly books: readonly AccountBooks[] }

/** Says in words of money how the books of a run differ from the reference; empty if they do not. What `call` names is not said again. */
export function booksText ({ accounts }: Difference, { books }: Run, call: SweepCall | null): string {
  const texts = accounts.slice(0, MAX_LISTED).map(difference => {
    // An account that was reset, or brought back, has several books.
    const charges = books.filter(({ account }) => account === difference.account).flatMap(({ charges }) => charges)
    const text = accountText(difference, charges, call)
    return new Set(books.map(({ account }) => account)).size > 1 ? `in the account ${difference.account}, ${text}` : text
  })
  return [...texts, ...more(accounts.length, 'other account differs', 'other accounts differ')].join('; ')
}

function accountText ({ more: added, less, says }: AccountDifference, charges: readonly Charge[], call: SweepCall | null): string {
  const named = new Set([...added, ...less].map(({ projectId }) => projectId))
  // That a project is on another plan goes without saying where it is said what was bought for it instead.
  const rest = says.filter(text => ![...named].some(projectId => text.startsWith(`project ${projectId} is `)))
  const money = added.length > 0 && less.length > 0
    ? [`${amountText(added)} ${wereBooked(added)}${forText(added, null)} instead of ${amountText(less)}${forText(less, null)}`]
    : [...added.length > 0 ? addedTexts(added, charges, call) : [], ...less.length > 0 ? lessTexts(less, call) : []]
  return [...money, ...rest.slice(0, MAX_LISTED), ...more(rest.length, 'other project differs', 'other projects differ')].join('; ')
}

function addedTexts (added: readonly Charge[], all: readonly Charge[], call: SweepCall | null): string[] {
  return listed(alike(added), charges => {
    const times = all.filter(other => chargeText(other) === chargeText(charges[0])).length
    const amount = `${usd(charges[0].mills)} USD`
    if (times <= charges.length) return `another ${amountText(charges)} ${wereBooked(charges)}${forText(charges, null)}`
    return `${amount} ${wereBooked([charges[0]])} ${times === 2 ? 'a second time' : `${times} times`}${forText([charges[0]], call)}`
  }, charges => `another ${amountText(charges)} ${wereBooked(charges)} in ${counted(charges.length, 'charge')}`)
}

function lessTexts (less: readonly Charge[], call: SweepCall | null): string[] {
  return listed(alike(less), charges => `${amountText(charges)} ${wereBooked(charges, 'never ')}${forText(charges, call)}`,
    charges => `${amountText(charges)} in ${counted(charges.length, 'charge')} ${wereBooked(charges, 'never ')}`)
}

type Charges = readonly [Charge, ...Charge[]]

/** Says each of a few things, and of many their sum. */
function listed (groups: readonly Charges[], text: (charges: Charges) => string, sum: (charges: readonly Charge[]) => string): string[] {
  return groups.length <= MAX_LISTED ? groups.map(text) : [sum(groups.flat())]
}

/** Groups charges for the same thing. */
function alike (charges: readonly Charge[]): Charges[] {
  const texts = [...new Set(charges.map(chargeText))]
  return texts.map(text => charges.filter(charge => chargeText(charge) === text) as [Charge, ...Charge[]])
}

function amountText (charges: readonly Charge[]): string {
  return `${usd(totalOf(charges))} USD`
}

function wereBooked (charges: readonly Charge[], how = ''): string {
  return `${totalOf(charges) === 1000 ? 'was' : 'were'} ${how}booked`
}

/** Says what charges are for; empty for what the sentence has named already. */
function forText (charges: readonly Charge[], call: SweepCall | null): string {
  const texts = [...new Set(charges.filter(({ projectId, planId }) => projectId !== call?.project_id || planId !== call.plan_id)
    .map(({ kind, projectId, planId }) => `${kind === 'renewal' ? 'a renewal of ' : ''}plan ${planId} of project ${projectId}`))]
  return texts.length === 0 ? '' : ` for ${[...texts.slice(0, MAX_LISTED), ...more(texts.length, 'more', 'more')].join(' and ')}`
}

function more (count: number, one: string, several: string): string[] {
  const left = count - MAX_LISTED
  return left < 1 ? [] : [`${left} ${left === 1 ? one : several}`]
}
