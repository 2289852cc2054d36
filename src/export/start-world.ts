import type { Scenario, ScenarioAccount, ScenarioClock, ScenarioLedgerEntry, ScenarioPlan, ScenarioProject } from '../contract/scenario.js'
import { isFilled } from './terms.js'

/** Rows of the plan table that need not be said: those of fixtures/plans.json, which no program in a browser can read. */
export const USUAL_PLANS: readonly ScenarioPlan[] = [
  { plan_id: 1, name: 'Pay As You Go' },
  { plan_id: 2, name: 'Phone Automation Small', service: 1, price: '5', cycle: 'month' },
  { plan_id: 3, name: 'Phone Automation Medium', service: 1, price: '10', cycle: 'month', price_assumed: true },
  { plan_id: 4, name: 'Phone Automation Large', service: 1, price: '15', cycle: 'month', price_assumed: true },
  { plan_id: 5, name: 'Phone Automation Unlimited', service: 1, price: '25', cycle: 'month', price_assumed: true },
  { plan_id: 6, name: 'Phone Automation Yearly Unlimited', service: 1, price: '250', cycle: 'year', price_assumed: true },
  { plan_id: 7, name: 'Medium WhatsApp Official Account', service: 2, price: '29', cycle: 'month', price_assumed: true },
  { plan_id: 8, name: 'Large WhatsApp Official Account', service: 2, price: '49', cycle: 'month', price_assumed: true },
  { plan_id: 9, name: 'Unlimited WhatsApp Official Account', service: 2, price: '99', cycle: 'month', price_assumed: true }
]

/** Gives the rows of a plan table that differ from the usual ones. */
export function unusualPlans (plans: readonly ScenarioPlan[] = []): readonly ScenarioPlan[] {
  return plans.filter(({ price_assumed: isAssumed, ...row }) => {
    const usual = USUAL_PLANS.find(({ plan_id: planId }) => planId === row.plan_id)
    return usual === undefined || (['name', 'service', 'price', 'cycle'] as const).some(key => row[key] !== usual[key])
  })
}

/** Leaves out of a scenario what it has by default, what says where it came from, and the accounts that do not matter. */
export function trimmedWorld ({ clock, settings, plans, accounts = [] }: Scenario, matters: (name: string) => boolean): Scenario {
  const unusual = unusualPlans(plans)
  return {
    ...clock !== undefined && { clock: clockOf(clock) },
    ...settings !== undefined && isFilled(settings) && { settings },
    ...unusual.length > 0 && { plans: unusual },
    accounts: accounts.filter(({ name }) => matters(name!)).map(trimmedAccount)
  }
}

/** Gives a clock as a program writes it. Some files have a text instead, such as `frozen:2020-06-16T12:00:00Z`. */
export function clockOf (clock: ScenarioClock | string): ScenarioClock {
  if (typeof clock !== 'string') return clock
  if (clock === 'system') return { mode: 'system' }
  return clock.startsWith('frozen:') ? { mode: 'frozen', at: clock.slice('frozen:'.length) } : { mode: 'running', at: clock }
}

/** The same of an account. An account with a `ttl` is removed by a step. */
export function trimmedAccount (account: ScenarioAccount): ScenarioAccount {
  const { name, token, balance, clock, settings, projects = [], ledger } = account
  return {
    ...name !== undefined && { name },
    ...token !== undefined && { token },
    ...balance !== undefined && { balance },
    ...clock !== undefined && { clock: clockOf(clock) },
    ...settings !== undefined && isFilled(settings) && { settings },
    ...projects.length > 0 && { projects: projects.map(trimmedProject) },
    ...ledger !== undefined && !isOnlyOpened(ledger, balance) && { ledger: ledger.map(trimmedEntry) }
  }
}

function trimmedEntry ({ at, kind, amount, balance, project_id: projectId, plan_id: planId }: ScenarioLedgerEntry): ScenarioLedgerEntry {
  return { at, kind, amount, balance, ...projectId != null && { project_id: projectId }, ...planId != null && { plan_id: planId } }
}

function isOnlyOpened ([first, ...others]: readonly ScenarioLedgerEntry[], balance: string | undefined): boolean {
  return others.length === 0 && first?.kind === 'opening' && first.amount === balance
}

function trimmedProject (project: ScenarioProject): ScenarioProject {
  const { project_id: projectId, project_name: name, project_status: status, ...others } = project
  const { status_rests_on: _restsOn, subscriptions = [], api_tokens: apiTokens = [], ...details } = others
  return {
    ...projectId !== undefined && { project_id: projectId },
    ...name !== undefined && name !== `project ${projectId}` && { project_name: name },
    ...status !== undefined && status !== 'Active' && { project_status: status },
    ...details,
    ...subscriptions.length > 0 && { subscriptions: subscriptions.map(({ rests_on: _restsOn, ...subscription }) => subscription) },
    ...apiTokens.length > 0 && {
      api_tokens: apiTokens.map(({ status, ...token }) => ({ ...token, ...status !== undefined && status !== 'enabled' && { status } }))
    }
  } as ScenarioProject
}
