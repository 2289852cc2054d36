import type { Instant } from '../domain/clock.js'
import type { Service } from '../domain/plan.js'
import type { Project, ProjectStatus, Subscription } from '../domain/project.js'
import type { Db } from './database.js'

interface Key { accountId: number, projectId: number }
interface ProjectRow { project_name: string, status: ProjectStatus }
interface SubscriptionRow { service: Service, plan_id: number, next_billing_at: number | null }

export function projectTable (db: Db) {
  const find = db.prepare<Key, ProjectRow & { service: Service | null, plan_id: number, next_billing_at: number | null }>(
    `SELECT project_name, status, service, plan_id, next_billing_at
     FROM project LEFT JOIN subscription USING (account_id, project_id)
     WHERE account_id = @accountId AND project_id = @projectId ORDER BY service`)
  const list = db.prepare<{ accountId: number, limit: number }, ProjectRow & { project_id: number }>(
    'SELECT project_id, project_name, status FROM project WHERE account_id = @accountId ORDER BY project_id LIMIT @limit')
  const subscriptions = db.prepare<Key, SubscriptionRow>(
    `SELECT service, plan_id, next_billing_at FROM subscription
     WHERE account_id = @accountId AND project_id = @projectId ORDER BY service`)
  const cycles = db.prepare<{ accountId: number }, SubscriptionRow & { project_id: number, next_billing_at: number }>(
    `SELECT project_id, service, plan_id, next_billing_at FROM subscription
     WHERE account_id = @accountId AND next_billing_at IS NOT NULL ORDER BY next_billing_at, project_id, service`)
  const isOn = db.prepare<{ planId: number }, 1>('SELECT 1 FROM subscription WHERE plan_id = @planId LIMIT 1').pluck()
  const count = db.prepare<[], number>('SELECT count(*) FROM project').pluck()
  const insert = db.prepare<ProjectRow & Key>(
    'INSERT INTO project (account_id, project_id, project_name, status) VALUES (@accountId, @projectId, @project_name, @status)')
  const remove = db.prepare<Key>('DELETE FROM project WHERE account_id = @accountId AND project_id = @projectId')
  const subscribe = db.prepare<SubscriptionRow & Key>(
    `INSERT INTO subscription (account_id, project_id, service, plan_id, next_billing_at)
     VALUES (@accountId, @projectId, @service, @plan_id, @next_billing_at)
     ON CONFLICT DO UPDATE SET plan_id = @plan_id, next_billing_at = @next_billing_at`)

  const projectOf = (accountId: number, projectId: number, { project_name: projectName, status }: ProjectRow): Project =>
    ({ projectId, projectName, status, subscriptions: subscriptions.all({ accountId, projectId }).map(subscriptionOf) })

  return {
    find (accountId: number, projectId: number): Project | undefined {
      const rows = find.all({ accountId, projectId })
      const [first] = rows
      return first && {
        projectId,
        projectName: first.project_name,
        status: first.status,
        subscriptions: rows.flatMap(row => row.service === null ? [] : [{ service: row.service, planId: row.plan_id, nextBillingAt: row.next_billing_at }])
      }
    },
    list: (accountId: number, limit = -1) => list.all({ accountId, limit }).map(row => projectOf(accountId, row.project_id, row)),
    /** The paid cycles that an account's projects are in, by their ends. */
    listCycles: (accountId: number): Array<{ projectId: number, service: Service, planId: number, nextBillingAt: Instant }> =>
      cycles.all({ accountId }).map(row => ({ projectId: row.project_id, service: row.service, planId: row.plan_id, nextBillingAt: row.next_billing_at })),
    /** Whether any account's project is on a plan. */
    isAnyOn: (planId: number) => isOn.get({ planId }) !== undefined,
    count: () => count.get()!,
    insert (accountId: number, project: Project): void {
      insert.run({ accountId, projectId: project.projectId, project_name: project.projectName, status: project.status })
      for (const subscription of project.subscriptions) this.updateSubscription(accountId, project.projectId, subscription)
    },
    /** Its subscriptions go with it. */
    remove (accountId: number, projectId: number): void {
      remove.run({ accountId, projectId })
    },
    updateSubscription (accountId: number, projectId: number, { service, planId, nextBillingAt }: Subscription): void {
      subscribe.run({ accountId, projectId, service, plan_id: planId, next_billing_at: nextBillingAt })
    }
  }
}

function subscriptionOf (row: SubscriptionRow): Subscription {
  return { service: row.service, planId: row.plan_id, nextBillingAt: row.next_billing_at }
}
