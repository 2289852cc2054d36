import type { ApiToken } from './api-token.js'
import { assume, relyOn, type AssumptionLog, type RestsOn } from './assumptions.js'
import { DAY } from './calendar.js'
import type { Instant } from './clock.js'
import { PAY_AS_YOU_GO, type Service } from './plan.js'
import { Refusal } from './refusal.js'

/** Statuses as the vendor spells them. 14 days after a project has expired, its data is deleted and its status becomes `Delete`. */
export const PROJECT_STATUSES = ['Active', 'Expired', 'Delete'] as const
export type ProjectStatus = typeof PROJECT_STATUSES[number]

/** Parts of a project that billing needs. */
export interface ProjectBilling {
  readonly projectId: number
  readonly status: ProjectStatus
  readonly subscriptions: readonly Subscription[]
  /** Assumptions that the status rests on. */
  readonly statusRestsOn?: RestsOn | undefined
}

export interface Project extends ProjectBilling {
  readonly projectName: string
  readonly details: ProjectDetails
  readonly apiTokens: readonly ApiToken[]
}

/** Details that the emulator only stores and returns; a detail left out is empty on the wire. */
export interface ProjectDetails {
  readonly number?: string
  readonly companyName?: string
  readonly country?: string
  readonly timeZone?: string
  readonly dateFormat?: DateFormat
  /** Derived from the account's token if left out. */
  readonly licenseKey?: string
  readonly unbrandedKeyword?: string
  readonly brandedKeyword?: string
  readonly globalWebhook?: string
  readonly eventWebhook?: string
  readonly smartReplyWebhook?: string
  readonly notes?: string
}

/** Date formats of the API (documented). */
export const DATE_FORMATS = ['YYYY-MM-DD', 'DD-MM-YYYY', 'MM-DD-YYYY'] as const
export type DateFormat = typeof DATE_FORMATS[number]

/** Plan that a project is on for one service, and the end of its cycle (`null` on Pay As You Go). */
export interface Subscription {
  readonly service: Service
  readonly planId: number
  readonly nextBillingAt: Instant | null
  /** Day of the month on which the plan was bought, if a short month made the cycle end on another one. */
  readonly anchorDay?: number
  readonly restsOn?: RestsOn | undefined
}

/** Returns a project's subscription to a service. Without a chosen plan, it is on Pay As You Go (assumed). */
export function subscriptionTo ({ subscriptions }: ProjectBilling, service: Service): Subscription {
  return subscriptions.find(subscription => subscription.service === service) ?? onPayAsYouGo(service)
}

export function onPayAsYouGo (service: Service, restsOn?: RestsOn): Subscription {
  return restingSubscription({ service, planId: PAY_AS_YOU_GO, nextBillingAt: null }, restsOn)
}

/** Adds to a subscription the names of the assumptions that it rests on, if any. */
export function restingSubscription (subscription: Subscription, restsOn: RestsOn | undefined): Subscription {
  if (restsOn === undefined) return subscription
  // Spreading would make an object that V8 reads slowly, for every renewal.
  const { service, planId, nextBillingAt, anchorDay } = subscription
  return anchorDay === undefined ? { service, planId, nextBillingAt, restsOn } : { service, planId, nextBillingAt, anchorDay, restsOn }
}

/** Time between the expiry and the deletion of a project (documented). */
export const KEPT_WHEN_EXPIRED = 14 * DAY

/**
 * Returns the instant of a project's next billing event: the end of its next cycle or, once it has expired, 14 days after the
 * end of the cycle at which it did, unless expired projects are never deleted; `null` if there is none.
 */
export function dueAt ({ status, subscriptions }: ProjectBilling, isDeletedLater = true): Instant | null {
  if (status === 'Delete' || (status === 'Expired' && !isDeletedLater)) return null
  let first: Instant | null = null
  for (const { nextBillingAt } of subscriptions) {
    if (nextBillingAt !== null && (first === null || nextBillingAt < first)) first = nextBillingAt
  }
  return first !== null && status === 'Expired' ? first + KEPT_WHEN_EXPIRED : first
}

/** Part of a request's facts that a project is looked at with. */
interface ProjectFacts { readonly now: Instant, readonly assumptions: AssumptionLog }

/** Refuses a project that the account does not have, even if another account does (assumed). A deleted one may be gone by choice. */
export function projectMustExist<Known extends ProjectBilling> (project: Known | undefined, projectId: number, facts: ProjectFacts): Known {
  if (project !== undefined && isShown(project, facts)) return project
  throw new Refusal('project-must-exist', `this account has no project ${projectId}`)
}

/** Tells whether the API still knows a project. By choice it does not know a deleted one. */
export function isShown (project: ProjectBilling, facts: ProjectFacts): boolean {
  const { assumptions } = facts
  if (assumptions.choices['deleted-project'] === 'gone') statusOf(project, facts)
  return project.status !== 'Delete' || assume(assumptions, 'deleted-project') === 'shown'
}

/** Reads a project's status, and records what it rests on: also that an expired one is not deleted by now, if that is a choice. */
export function statusOf (project: ProjectBilling, { now, assumptions }: ProjectFacts): ProjectStatus {
  const { status, statusRestsOn } = project
  relyOn(assumptions, statusRestsOn)
  if (status === 'Expired' && assumptions.choices.deletion === 'never' && (dueAt(project) ?? Infinity) <= now) assume(assumptions, 'deletion')
  return status
}

/** Refuses an inactive project: the status table has a code for it (observed). That `Expired` and `Delete` are inactive is assumed. */
export function projectMustBeActive<Known extends ProjectBilling> (project: Known, facts: ProjectFacts): Known {
  const status = statusOf(project, facts)
  if (status === 'Active') return project
  throw new Refusal('project-must-be-active', `project ${project.projectId} has the status ${status}`)
}

/** Refuses to change the tokens and webhooks of an inactive project, or by choice does not. */
export function projectMustBeChangeable<Known extends ProjectBilling> (project: Known, facts: ProjectFacts): Known {
  const isAllowed = project.status !== 'Active' && assume(facts.assumptions, 'inactive-project') === 'allow'
  return isAllowed ? project : projectMustBeActive(project, facts)
}
