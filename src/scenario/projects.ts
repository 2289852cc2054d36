import type { ScenarioApiToken, ScenarioProject, ScenarioSubscription } from '../contract/scenario.js'
import type { ApiToken } from '../domain/api-token.js'
import { assumptionLog, restingOn, type AssumptionLog, type Choices, type RestsOn } from '../domain/assumptions.js'
import { nextCycle } from '../domain/billing-cycle.js'
import { dayOfMonth, monthsLater } from '../domain/calendar.js'
import { instantText, parseInstant, type Instant } from '../domain/clock.js'
import { belongsToService, isPaid, type PlanTable, type Service } from '../domain/plan.js'
import { restingSubscription, type Project, type ProjectDetails, type Subscription } from '../domain/project.js'
import type { Work } from '../time-slices.js'
import { deriveApiToken } from '../world/generated.js'
import { readInstant } from './clock.js'
import { rejectDuplicates, type Issues } from './issues.js'

/** Account that projects are read for. */
export interface ProjectReadContext {
  readonly now: Instant
  readonly choices: Choices
  readonly plans: PlanTable
  /** Token of the account, from which the tokens that are left out are derived. */
  readonly masterToken: string
}

/** Number of projects between two pauses. */
const PART = 16

/** Reads an account's projects, whose schema has been checked. A project without an id gets the first free one. */
export function * readingProjects (given: readonly ScenarioProject[], context: ProjectReadContext, issues: Issues): Work<Project[]> {
  const ids = new Set(given.map(project => project.project_id))
  let free = 1
  const freeId = (): number => {
    while (ids.has(free)) free++
    ids.add(free)
    return free
  }
  const projects: Project[] = []
  for (const [index, project] of given.entries()) {
    projects.push(readProject(hasId(project) ? project : { ...project, project_id: freeId() }, context, issues.at(index)))
    if (index % PART === PART - 1) yield
  }
  rejectDuplicates(projects.map(({ projectId }) => projectId), index => issues.at(index, 'project_id'))
  return projects
}

function hasId (project: ScenarioProject): project is ScenarioProject & { readonly project_id: number } {
  return project.project_id !== undefined
}

/** Reads one project whose schema has been checked. */
export function readProject (given: ScenarioProject & { readonly project_id: number }, context: ProjectReadContext, issues: Issues): Project {
  const subscriptions = (given.subscriptions ?? []).map((subscription, index) =>
    readSubscription(subscription, context, issues.at('subscriptions', index)))
  const restsOn = restingOn(given.status_rests_on as RestsOn | undefined)
  rejectDuplicates(subscriptions.map(({ service }) => service), index => issues.at('subscriptions', index, 'service'))
  return {
    projectId: given.project_id,
    projectName: given.project_name ?? `project ${given.project_id}`,
    status: given.project_status ?? 'Active',
    ...restsOn !== undefined && { statusRestsOn: restsOn },
    subscriptions,
    details: readDetails(given),
    apiTokens: readApiTokens(given.api_tokens ?? [], given.project_id, context.masterToken)
  }
}

/** Derives a token that is left out from its index, or from the next index whose token the project does not have yet. */
function readApiTokens (given: readonly ScenarioApiToken[], projectId: number, masterToken: string): ApiToken[] {
  if (given.length === 0) return []
  const taken = new Set(given.map(({ token }) => token))
  let skipped = 0
  const derived = (index: number): string => {
    for (;;) {
      const token = deriveApiToken(masterToken, projectId, index + skipped)
      if (!taken.has(token)) return token
      skipped++
    }
  }
  return given.map(({ token, ip = '', status = 'enabled' }, index) => ({ token: token ?? derived(index), ip, status }))
}

/** Names of the details, on the wire and in the domain. */
const DETAILS = {
  number: 'number',
  company_name: 'companyName',
  country: 'country',
  time_zone: 'timeZone',
  date_format: 'dateFormat',
  license_key: 'licenseKey',
  unbranded_keyword: 'unbrandedKeyword',
  branded_keyword: 'brandedKeyword',
  global_webhook: 'globalWebhook',
  event_webhook: 'eventWebhook',
  smart_reply_webhook: 'smartReplyWebhook',
  notes: 'notes'
} as const satisfies Partial<Record<keyof ScenarioProject, keyof ProjectDetails>>

const DETAIL_NAMES = Object.entries(DETAILS) as Array<[keyof typeof DETAILS, keyof ProjectDetails]>

/** Reads the details. An empty one counts as left out. */
function readDetails (given: ScenarioProject): ProjectDetails {
  const details: Record<string, string> = {}
  for (const [name, detail] of DETAIL_NAMES) if (given[name]) details[detail] = given[name]
  return details
}

function detailsRow (details: ProjectDetails): Partial<ScenarioProject> {
  const row: Record<string, string> = {}
  for (const [name, detail] of DETAIL_NAMES) if (details[detail]) row[name] = details[detail]
  return row
}

/** Writes a project as a scenario has it. */
export function projectRow ({ projectId, projectName, status, statusRestsOn, subscriptions, details, apiTokens }: Project): ScenarioProject & { readonly project_id: number } {
  return {
    project_id: projectId,
    project_name: projectName,
    project_status: status,
    ...statusRestsOn !== undefined && { status_rests_on: statusRestsOn },
    ...detailsRow(details),
    subscriptions: subscriptions.map(subscriptionRow),
    ...apiTokens.length > 0 && { api_tokens: apiTokens.map(({ token, ip, status }) => ({ token, ...ip !== '' && { ip }, status })) }
  }
}

function subscriptionRow ({ service, planId, nextBillingAt, anchorDay, restsOn }: Subscription): ScenarioSubscription {
  return {
    service,
    plan_id: planId,
    ...nextBillingAt !== null && { next_billing_date: instantText(nextBillingAt) },
    ...anchorDay !== undefined && { anchor_day: anchorDay },
    ...restsOn !== undefined && { rests_on: restsOn }
  }
}

function readSubscription (given: ScenarioSubscription, context: ProjectReadContext, issues: Issues): Subscription {
  const assumptions = assumptionLog(context.choices)
  const subscription = readCycle(given, context, assumptions, issues)
  return restingSubscription(subscription, restingOn(given.rests_on as RestsOn | undefined, assumptions.used))
}

/** Reads a plan and its cycle, whose end may rest on assumptions if it is left out. */
function readCycle (given: ScenarioSubscription, { now, plans }: ProjectReadContext, assumptions: AssumptionLog, issues: Issues): Subscription {
  const { service, plan_id: planId, next_billing_date: date, anchor_day: anchorDay } = given
  const plan = plans.get(planId)
  if (plan === undefined || !belongsToService(plan, service)) {
    issues.at('plan_id').add(planId, `a plan of service ${service}: ${idsOf(plans, service)}`)
    return { service, planId, nextBillingAt: null }
  }
  if (!isPaid(plan)) {
    for (const key of ['next_billing_date', 'anchor_day'] as const) {
      if (given[key] !== undefined) issues.at(key).add(given[key], 'no value: Pay As You Go has no billing cycle')
    }
    return { service, planId, nextBillingAt: null }
  }
  if (date === undefined) {
    if (anchorDay !== undefined) issues.at('anchor_day').add(anchorDay, 'no value without next_billing_date, whose day it is compared with')
    return { service, planId, ...nextCycle(now, undefined, plan.price.cycle, assumptions) }
  }
  const nextBillingAt = readBillingDate(date, issues.at('next_billing_date'))
  if (anchorDay === undefined) return { service, planId, nextBillingAt }
  if (anchorDay <= dayOfMonth(nextBillingAt)) issues.at('anchor_day').add(anchorDay, 'a later day of the month than that of next_billing_date')
  return { service, planId, nextBillingAt, anchorDay }
}

/** Reads a billing date, which may lie a year beyond the last instant of a clock: a cycle that starts in that year ends in the next. */
function readBillingDate (text: string, issues: Issues): Instant {
  const yearBefore = text.startsWith('9999-') ? parseInstant(text.replace('9999', '9998')) : undefined
  return yearBefore === undefined ? readInstant(text, issues) : monthsLater(yearBefore, 12)
}

function idsOf (plans: PlanTable, service: Service): string {
  return [...plans.values()].filter(plan => belongsToService(plan, service)).map(plan => plan.planId).join(', ')
}
