import { chargeText, totalOf, type AccountBooks } from '../domain/account-books.js'
import { usd } from '../domain/money.js'
import { unmatched } from '../domain/unmatched.js'
import { counted } from '../text/counted.js'

/** Maximum number of charges to list: a suite may have thousands. */
const MAX_LISTED = 10

/** Says, line by line, what customers were charged between two states of the books. */
export function chargedLines (before: readonly AccountBooks[], after: readonly AccountBooks[]): string[] {
  const usual = new Map(before.map(({ account, charges }) => [account, charges]))
  const charges = after.flatMap(({ account, charges }) => unmatched(charges, usual.get(account) ?? [], chargeText).map(charge => ({ account, charge })))
  const listed = charges.slice(0, MAX_LISTED).map(({ account, charge }) => `${account} was charged ${chargeText(charge)}`)
  if (charges.length === 0) return ['no account was charged']
  if (charges.length === 1) return listed
  const total = usd(totalOf(charges.map(({ charge }) => charge)))
  const left = charges.length - listed.length
  return [...listed, left === 0 ? `${total} USD in all` : `and ${counted(left, 'more charge')}, ${total} USD in all`]
}
