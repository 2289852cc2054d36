import type { TimeEvent } from './client/shapes.js'
import type { Context } from './context.js'
import type { Account } from './domain/account.js'
import type { AssumptionName, Choices } from './domain/assumptions.js'
import { instantText, timeOn, type Instant } from './domain/clock.js'
import { usd } from './domain/money.js'
import { settingsFor } from './domain/settings.js'
import { MOST_HAPPENINGS, settle, type Happening } from './domain/settlement.js'
import type { Store } from './store/index.js'

/** Whether anything may be due of an account's projects. */
export function isDue ({ dueAt }: Account, now: Instant): boolean {
  return dueAt !== null && dueAt <= now
}

export interface Settled {
  /** As it is now. */
  readonly account: Account
  readonly happened: readonly Happening[]
  /** Which open questions decided what happened. */
  readonly restsOn: ReadonlySet<AssumptionName>
  readonly isComplete: boolean
}

/** Books what is due of an account's projects up to now. To be run within the transaction that asks. */
export function settleAccount (store: Store, account: Account, now: Instant, choices: Choices, most: number = MOST_HAPPENINGS): Settled {
  const { accountId } = account
  const { balanceMills, entries, standings, happenings, restsOn, isComplete } = settle(account, store.projects.listDue(accountId, now), store.plans.table(), choices, now, most)
  for (const entry of entries) store.ledger.insert(accountId, entry)
  for (const standing of standings) store.projects.updateStanding(accountId, standing)
  if (entries.length > 0) store.accounts.updateBalance(accountId, balanceMills)
  const dueAt = store.projects.nextDue(accountId)
  store.accounts.updateDue(accountId, dueAt)
  return { account: { ...account, balanceMills, dueAt }, happened: happenings, restsOn, isComplete }
}

/** Settles an account by the clock and the settings that hold for it, within the transaction that is open. */
export function settleByItsClock (store: Store, account: Account, machineTime: Instant, most?: number): Settled {
  const world = store.world.find()!
  const now = timeOn(account.clock ?? world.clock, machineTime)
  if (!isDue(account, now)) return { account, happened: [], restsOn: new Set(), isComplete: true }
  return settleAccount(store, account, now, settingsFor(world.settings, account.settings).assumptions, most)
}

/** Settles every account of which something is due, within the transaction that is open. How much is settled at once holds for all of them together. */
export function settleAll (store: Store, machineTime: Instant): Pick<Settled, 'happened' | 'isComplete'> {
  const all: Happening[] = []
  for (const account of dueAccounts(store, machineTime)) {
    const { happened, isComplete } = settleByItsClock(store, account, machineTime, MOST_HAPPENINGS - all.length)
    for (const happening of happened) all.push(happening)
    if (!isComplete) return { happened: all, isComplete }
  }
  return { happened: all, isComplete: true }
}

/** The account as it is when everything due is settled: what the control API shows and changes. */
export function upToDate ({ store, machineTime, news }: Context, account: Account): Account {
  const at = machineTime()
  if (!isDue(account, timeOn(account.clock ?? store.world.find()!.clock, at))) return account
  const settled = store.transaction(() => settleByItsClock(store, store.accounts.find(account.accountId)!, at))
  tellHappenings({ news }, settled.happened)
  return settled.account
}

/** Sees to it that everything due of every account is settled, or as much of it as is settled at once. */
export function bringAllUpToDate ({ store, machineTime, news }: Context): void {
  const at = machineTime()
  if (dueAccounts(store, at).length === 0) return
  tellHappenings({ news }, store.transaction(() => settleAll(store, at)).happened)
}

function dueAccounts (store: Store, machineTime: Instant): Account[] {
  const { clock } = store.world.find()!
  return store.accounts.listDue(timeOn(clock, machineTime)).filter(account => isDue(account, timeOn(account.clock ?? clock, machineTime)))
}

/** Tells listeners what time has brought with it. */
export function tellHappenings ({ news }: Pick<Context, 'news'>, happenings: readonly Happening[]): void {
  const byAccount = new Map<string, Happening[]>()
  for (const happening of happenings) {
    const known = byAccount.get(happening.account)
    if (known === undefined) byAccount.set(happening.account, [happening])
    else known.push(happening)
  }
  for (const [account, its] of byAccount) news.tell('billing', account, () => ({ events: its.slice(0, MOST_EVENTS).map(happeningRow), total: its.length }))
}

/** How many events are listed; there may be more, which are counted. */
export const MOST_EVENTS = 1000

/** What happened, as the control API writes it. */
export function happeningRow (happening: Happening): TimeEvent {
  const { event, account, projectId } = happening
  const row = { at: instantText(happening.at), event, account, project_id: projectId }
  switch (happening.event) {
    case 'renewed': return { ...row, service: happening.service, plan_id: happening.planId, amount: usd(happening.priceMills), balance: usd(happening.balanceMills) }
    case 'expired': return { ...row, service: happening.service, plan_id: happening.planId }
    case 'deleted': return row
  }
}
