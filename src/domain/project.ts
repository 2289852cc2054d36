import type { ApiToken } from './api-token.js'
import { DAY } from './calendar.js'
import type { Instant } from './clock.js'
import { PAY_AS_YOU_GO, type Service } from './plan.js'
import { Refusal } from './refusal.js'

/** As the vendor spells them: 14 days after it has expired a project's data is deleted, and its status is `Delete`. */
export const PROJECT_STATUSES = ['Active', 'Expired', 'Delete'] as const
export type ProjectStatus = typeof PROJECT_STATUSES[number]

/** Where a project stands: all that billing asks of it. */
export interface ProjectBilling {
  readonly projectId: number
  readonly status: ProjectStatus
  readonly subscriptions: readonly Subscription[]
}

export interface Project extends ProjectBilling {
  readonly projectName: string
  readonly details: ProjectDetails
  readonly apiTokens: readonly ApiToken[]
}

/** What a project says of itself, and the emulator only gives back; what is left out is empty on the wire. */
export interface ProjectDetails {
  readonly number?: string
  readonly companyName?: string
  readonly country?: string
  readonly timeZone?: string
  readonly dateFormat?: DateFormat
  /** Where it is left out, one is made from the account's token. */
  readonly licenseKey?: string
  readonly unbrandedKeyword?: string
  readonly brandedKeyword?: string
  readonly globalWebhook?: string
  readonly eventWebhook?: string
  readonly smartReplyWebhook?: string
  readonly notes?: string
}

/** Documented. */
export const DATE_FORMATS = ['YYYY-MM-DD', 'DD-MM-YYYY', 'MM-DD-YYYY'] as const
export type DateFormat = typeof DATE_FORMATS[number]

/** The plan that a project is on for one service, and when its cycle ends (`null` on Pay As You Go). */
export interface Subscription {
  readonly service: Service
  readonly planId: number
  readonly nextBillingAt: Instant | null
}

/** Assumed: a project that has not chosen a plan for a service yet counts as on Pay As You Go. */
export function subscriptionTo ({ subscriptions }: ProjectBilling, service: Service): Subscription {
  return subscriptions.find(subscription => subscription.service === service) ?? onPayAsYouGo(service)
}

export function onPayAsYouGo (service: Service): Subscription {
  return { service, planId: PAY_AS_YOU_GO, nextBillingAt: null }
}

/** How long after it has expired a project is deleted (documented). */
export const KEPT_WHEN_EXPIRED = 14 * DAY

/**
 * When something happens to a project by itself: the end of its next cycle; or, when it has expired, which it did at the
 * end of a cycle, 14 days later. `null`: nothing does.
 */
export function dueAt ({ status, subscriptions }: ProjectBilling): Instant | null {
  if (status === 'Delete') return null
  let first: Instant | null = null
  for (const { nextBillingAt } of subscriptions) {
    if (nextBillingAt !== null && (first === null || nextBillingAt < first)) first = nextBillingAt
  }
  return first !== null && status === 'Expired' ? first + KEPT_WHEN_EXPIRED : first
}

/** Assumed: another account's project does not exist either. */
export function projectMustExist<Known extends ProjectBilling> (project: Known | undefined, projectId: number): Known {
  if (project === undefined) throw new Refusal('project-must-exist', `this account has no project ${projectId}`)
  return project
}

/** The status table has a code for it (observed). That it is `Expired` and `Delete` which are not active is assumed. */
export function projectMustBeActive<Known extends ProjectBilling> (project: Known): Known {
  if (project.status === 'Active') return project
  throw new Refusal('project-must-be-active', `project ${project.projectId} has the status ${project.status}`)
}
