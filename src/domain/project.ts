import type { Instant } from './clock.js'
import type { Service } from './plan.js'

/** As the vendor spells them: 14 days after it has expired a project's data is deleted, and its status is `Delete`. */
export const PROJECT_STATUSES = ['Active', 'Expired', 'Delete'] as const
export type ProjectStatus = typeof PROJECT_STATUSES[number]

export interface Project {
  readonly projectId: number
  readonly projectName: string
  readonly status: ProjectStatus
  readonly subscriptions: readonly Subscription[]
}

/** The plan that a project is on for one service, and when its cycle ends (`null` on Pay As You Go). */
export interface Subscription {
  readonly service: Service
  readonly planId: number
  readonly nextBillingAt: Instant | null
}

export function subscriptionTo (project: Project, service: Service): Subscription | undefined {
  return project.subscriptions.find(subscription => subscription.service === service)
}
