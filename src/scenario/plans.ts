import type { ScenarioPlan } from '../contract/scenario.js'
import { parseUsd, usd } from '../domain/money.js'
import { isPaid, PAY_AS_YOU_GO, type Plan, type PlanTable } from '../domain/plan.js'
import { Problem, type Issue } from '../problem.js'
import { collectIssues, issue, rejectDuplicates, type Issues } from './issues.js'
import { PlansSchema } from './schema.js'

/** Reads a plan table, or throws a `Problem`. Columns that a row leaves out come from the row of `base` with its id. */
export function readPlans (input: unknown, base: readonly Plan[]): Plan[] {
  const issues = collectIssues('the plan table')
  const plans = planTableOf(issues.check(PlansSchema, input), base, issues)
  issues.throwIfAny()
  return plans
}

/** Overrides a plan table with rows whose schema has been checked. */
export function planTableOf (rows: readonly ScenarioPlan[], base: readonly Plan[], issues: Issues): Plan[] {
  rejectDuplicates(rows.map(row => row.plan_id), index => issues.at(index, 'plan_id'))
  const plans = new Map(base.map(plan => [plan.planId, plan]))
  rows.forEach((row, index) => plans.set(row.plan_id, readPlan(row, plans.get(row.plan_id), issues.at(index))))
  return [...plans.values()].sort((a, b) => a.planId - b.planId)
}

/** Throws a `Problem` if rows move a plan in use to the other service, which is then the wrong one of those who are on it. */
export function refuseMovedPlans (rows: readonly ScenarioPlan[], before: PlanTable, isInUse: (planId: number) => boolean): void {
  const moved: string[] = []
  const issues = rows.flatMap(({ plan_id: planId, service }, index): Issue[] => {
    const old = before.get(planId)
    const moves = service !== undefined && old !== undefined && service !== old.service
    if (!moves || !isInUse(planId)) return []
    moved.push(`plan ${planId} (${old.name})`)
    return [issue(`/${index}/service`, service, `${old.service}, as long as projects use this plan`)]
  })
  if (issues.length === 0) return
  throw new Problem(`a plan in use can't move to the other service: ${moved.join(', ')}`, {
    status: 409,
    issues,
    advice: 'move these projects to another plan first'
  })
}

/** Writes a plan as a scenario has it. */
export function planRow (plan: Plan): ScenarioPlan {
  const row = { plan_id: plan.planId, name: plan.name }
  if (!isPaid(plan)) return row
  const { mills, cycle, isAssumed } = plan.price
  return { ...row, service: plan.service, price: usd(mills), cycle, ...isAssumed && { price_assumed: true } }
}

function readPlan (given: ScenarioPlan, base: Plan | undefined, issues: Issues): Plan {
  return given.plan_id === PAY_AS_YOU_GO ? readPayAsYouGo(given, base, issues) : readPaidPlan({ ...base && rowBelow(base, given), ...given }, issues)
}

/** Writes the row that another one overrides. A price that the other one names is not assumed any more. */
function rowBelow (base: Plan, { price }: ScenarioPlan): ScenarioPlan {
  const { price_assumed: isAssumed, ...row } = planRow(base)
  return price === undefined && isAssumed === true ? { ...row, price_assumed: true } : row
}

function readPayAsYouGo (given: ScenarioPlan, base: Plan | undefined, issues: Issues): Plan {
  for (const key of ['service', 'price', 'cycle', 'price_assumed'] as const) {
    if (given[key] !== undefined) issues.at(key).add(given[key], 'no value: Pay As You Go has no price or cycle, and belongs to both services')
  }
  return { planId: PAY_AS_YOU_GO, name: given.name ?? base?.name ?? 'Pay As You Go', service: null, price: null }
}

function readPaidPlan (row: ScenarioPlan, issues: Issues): Plan {
  const { plan_id: planId, name, service, price, cycle, price_assumed: isAssumed } = row
  if (name !== undefined && service !== undefined && price !== undefined && cycle !== undefined) {
    return { planId, name, service, price: { mills: parseUsd(price)!, cycle, ...isAssumed === true && { isAssumed } } }
  }
  issues.add(row, 'a row with name, service, price and cycle, as the plan table has no plan with this plan_id')
  return { planId, name: '', service: null, price: null }
}
