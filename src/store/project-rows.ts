import type { ApiTokenStatus } from '../domain/api-token.js'
import type { Service } from '../domain/plan.js'
import { restingSubscription, type Project, type ProjectBilling, type ProjectStatus, type Subscription } from '../domain/project.js'
import { restsOnReader, restsOnText } from './rests-on.js'

/** Parts of a project that billing does not need. */
export type Description = Pick<Project, 'projectName' | 'details' | 'apiTokens'>

export interface Key { accountId: number, projectId: number }
export interface OfProject { project_id: number }
export interface ProjectRow { project_name: string, status: ProjectStatus, status_rests_on: string, details: string }
export interface SubscriptionRow { service: Service, plan_id: number, next_billing_at: number | null, anchor_day: number | null, rests_on: string }
export interface StandingRow extends SubscriptionRow { status: ProjectStatus, status_rests_on: string }
export interface TokenRow { token: string, ip: string, status: ApiTokenStatus }

const restsOnOf = restsOnReader()

export function keyOf (accountId: number, projectId: number): string {
  return `${accountId}/${projectId}`
}

export function billingOf (projectId: number, status: ProjectStatus, restsOn: string, subscriptions: readonly Subscription[]): ProjectBilling {
  return restsOn === '' ? { projectId, status, subscriptions } : { projectId, status, statusRestsOn: restsOnOf(restsOn), subscriptions }
}

/** Puts a project together. Listed rather than spread, here and below: V8 gives each spread object a new hidden class, which is slow. */
export function projectWith ({ projectId, status, statusRestsOn, subscriptions }: ProjectBilling, { projectName, details, apiTokens }: Description): Project {
  return statusRestsOn === undefined
    ? { projectId, projectName, status, subscriptions, details, apiTokens }
    : { projectId, projectName, status, statusRestsOn, subscriptions, details, apiTokens }
}

export function subscriptionOf (row: SubscriptionRow): Subscription {
  const { service, plan_id: planId, next_billing_at: nextBillingAt, anchor_day: anchorDay, rests_on: restsOn } = row
  const subscription = restingSubscription({ service, planId, nextBillingAt }, restsOn === '' ? undefined : restsOnOf(restsOn))
  return anchorDay === null ? subscription : { ...subscription, anchorDay }
}

export function subscriptionRow (
  accountId: number, projectId: number, { service, planId, nextBillingAt, anchorDay, restsOn }: Subscription
): SubscriptionRow & Key {
  return {
    accountId,
    projectId,
    service,
    plan_id: planId,
    next_billing_at: nextBillingAt,
    anchor_day: anchorDay ?? null,
    rests_on: restsOnText(restsOn)
  }
}

/** Gives the rows of one project after the other; both must be in the order of the projects' ids. */
export function byProject<Row extends OfProject> (rows: readonly Row[]): (projectId: number) => readonly Row[] {
  let next = 0
  return projectId => {
    const start = next
    while (rows[next]?.project_id === projectId) next++
    return rows.slice(start, next)
  }
}

/** Values of a `StandingRow` that has a subscription, after the project's id. */
export type StandingValues = readonly [
  projectId: number, status: ProjectStatus, statusRestsOn: string,
  service: Service, planId: number, nextBillingAt: number | null, anchorDay: number | null, restsOn: string
]

/** Reads projects from rows, in which those of one follow each other. */
export function standingsIn (rows: readonly StandingValues[]): ProjectBilling[] {
  const standings: ProjectBilling[] = []
  let subscriptions: Subscription[] = []
  let last: number | undefined
  for (const [projectId, status, statusRestsOn, service, planId, nextBillingAt, anchorDay, restsOn] of rows) {
    if (projectId !== last) standings.push(billingOf(projectId, status, statusRestsOn, subscriptions = []))
    subscriptions.push(subscriptionOf({ service, plan_id: planId, next_billing_at: nextBillingAt, anchor_day: anchorDay, rests_on: restsOn }))
    last = projectId
  }
  return standings
}

/** Rows of several projects that are alike but for the project. */
export interface Alike<Row> {
  readonly row: Row
  readonly projectIds: number[]
}

/** Puts rows together that are alike. */
export function alike<Row extends Key> (rows: Iterable<Row>): Iterable<Alike<Omit<Row, 'projectId'>>> {
  const groups = new Map<string, Alike<Omit<Row, 'projectId'>>>()
  for (const { projectId, ...row } of rows) {
    const key = Object.values(row).join()
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { row, projectIds: [projectId] })
    else group.projectIds.push(projectId)
  }
  return groups.values()
}
