import type { Cycle } from '../domain/billing-cycle.js'
import type { Plan, Service } from '../domain/plan.js'
import type { Db } from './database.js'

interface PlanRow { plan_id: number, name: string, service: Service | null, price_mills: number | null, cycle: Cycle | null }

export function planTable (db: Db) {
  const find = db.prepare<{ planId: number }, PlanRow>('SELECT * FROM plan WHERE plan_id = @planId')
  const list = db.prepare<[], PlanRow>('SELECT * FROM plan ORDER BY plan_id')
  const upsert = db.prepare<PlanRow>(
    `INSERT INTO plan (plan_id, name, service, price_mills, cycle) VALUES (@plan_id, @name, @service, @price_mills, @cycle)
     ON CONFLICT DO UPDATE SET name = @name, service = @service, price_mills = @price_mills, cycle = @cycle`)

  return {
    find (planId: number): Plan | undefined {
      const row = find.get({ planId })
      return row && planOf(row)
    },
    list (): Plan[] {
      return list.all().map(planOf)
    },
    update (plan: Plan): void {
      upsert.run({
        plan_id: plan.planId,
        name: plan.name,
        service: plan.service,
        price_mills: plan.price?.mills ?? null,
        cycle: plan.price?.cycle ?? null
      })
    }
  }
}

/** The table's CHECK makes sure that service, price and cycle are all there or all absent. */
function planOf ({ plan_id: planId, name, service, price_mills: mills, cycle }: PlanRow): Plan {
  return service === null || mills === null || cycle === null
    ? { planId, name, service: null, price: null }
    : { planId, name, service, price: { mills, cycle } }
}
