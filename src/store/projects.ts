import type { Service } from '../domain/plan.js'
import type { Project, ProjectStatus, Subscription } from '../domain/project.js'
import type { Db } from './database.js'

interface ProjectRow { project_name: string, status: ProjectStatus }
interface SubscriptionRow { service: Service, plan_id: number, next_billing_at: number | null }

export function projectTable (db: Db) {
  const find = db.prepare<{ accountId: number, projectId: number }, ProjectRow>(
    'SELECT project_name, status FROM project WHERE account_id = @accountId AND project_id = @projectId')
  const subscriptions = db.prepare<{ accountId: number, projectId: number }, SubscriptionRow>(
    `SELECT service, plan_id, next_billing_at FROM subscription
     WHERE account_id = @accountId AND project_id = @projectId ORDER BY service`)
  const ids = db.prepare<{ accountId: number }, number>('SELECT project_id FROM project WHERE account_id = @accountId ORDER BY project_id').pluck()
  const count = db.prepare<[], number>('SELECT count(*) FROM project').pluck()
  const insert = db.prepare<ProjectRow & { accountId: number, projectId: number }>(
    'INSERT INTO project (account_id, project_id, project_name, status) VALUES (@accountId, @projectId, @project_name, @status)')
  const subscribe = db.prepare<SubscriptionRow & { accountId: number, projectId: number }>(
    `INSERT INTO subscription (account_id, project_id, service, plan_id, next_billing_at)
     VALUES (@accountId, @projectId, @service, @plan_id, @next_billing_at)
     ON CONFLICT DO UPDATE SET plan_id = @plan_id, next_billing_at = @next_billing_at`)

  return {
    listIds (accountId: number): number[] {
      return ids.all({ accountId })
    },
    find (accountId: number, projectId: number): Project | undefined {
      const row = find.get({ accountId, projectId })
      return row && {
        projectId,
        projectName: row.project_name,
        status: row.status,
        subscriptions: subscriptions.all({ accountId, projectId }).map(subscriptionOf)
      }
    },
    count (): number {
      return count.get()!
    },
    insert (accountId: number, project: Project): void {
      insert.run({ accountId, projectId: project.projectId, project_name: project.projectName, status: project.status })
      for (const subscription of project.subscriptions) this.updateSubscription(accountId, project.projectId, subscription)
    },
    updateSubscription (accountId: number, projectId: number, { service, planId, nextBillingAt }: Subscription): void {
      subscribe.run({ accountId, projectId, service, plan_id: planId, next_billing_at: nextBillingAt })
    }
  }
}

function subscriptionOf (row: SubscriptionRow): Subscription {
  return { service: row.service, planId: row.plan_id, nextBillingAt: row.next_billing_at }
}
