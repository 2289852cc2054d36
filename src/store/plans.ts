import type { Cycle } from '../domain/billing-cycle.js'
import type { Plan, PlanTable, Service } from '../domain/plan.js'
import type { Statements } from './statements.js'
import type { Memo } from './memo.js'

interface PlanRow { plan_id: number, name: string, service: Service | null, price_mills: number | null, cycle: Cycle | null, price_assumed: 0 | 1 }

/** Creates the queries on the plan table. */
export function planTable (db: Statements, memo: Memo) {
  const removeAll = db.prepare('DELETE FROM plan')
  const list = db.prepare<[], PlanRow>('SELECT * FROM plan ORDER BY plan_id')
  const upsert = db.prepare<PlanRow>(
    `INSERT INTO plan (plan_id, name, service, price_mills, cycle, price_assumed)
     VALUES (@plan_id, @name, @service, @price_mills, @cycle, @price_assumed)
     ON CONFLICT DO UPDATE SET
       name = @name, service = @service, price_mills = @price_mills, cycle = @cycle, price_assumed = @price_assumed`)

  return {
    list: (): Plan[] => list.all().map(planOf),
    table: (): PlanTable => memo.read('plans', () => new Map(list.all().map(row => [row.plan_id, planOf(row)]))),
    removeAll (): void {
      memo.invalidate()
      removeAll.run()
    },
    update (plan: Plan): void {
      memo.invalidate()
      upsert.run({
        plan_id: plan.planId,
        name: plan.name,
        service: plan.service,
        price_mills: plan.price?.mills ?? null,
        cycle: plan.price?.cycle ?? null,
        price_assumed: plan.price?.isAssumed === true ? 1 : 0
      })
    }
  }
}

/** Reads a row. A CHECK of the table ensures that service, price and cycle are all present or all absent. */
function planOf ({ plan_id: planId, name, service, price_mills: mills, cycle, price_assumed: isAssumed }: PlanRow): Plan {
  return service === null || mills === null || cycle === null
    ? { planId, name, service: null, price: null }
    : { planId, name, service, price: { mills, cycle, ...isAssumed === 1 && { isAssumed: true } } }
}
