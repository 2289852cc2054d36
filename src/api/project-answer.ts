import { Type } from '@sinclair/typebox'
import type { Account } from '../domain/account.js'
import type { ApiToken } from '../domain/api-token.js'
import { assume, relyOn, type AssumptionLog } from '../domain/assumptions.js'
import type { Instant } from '../domain/clock.js'
import type { Mills } from '../domain/money.js'
import { subscriptionTo, type Project, type Subscription } from '../domain/project.js'
import type { WireDialect } from '../domain/settings.js'
import { resultsOf } from '../last-of.js'
import { deriveLicenseKey } from '../world/generated.js'
import { SECRET } from './fields.js'
import { TokenAnswer } from './project-fields.js'
import { NOT_APPLICABLE, wireAmount, wireDate } from './wire.js'

const documented = { 'x-provenance': 'documented' }
const text = (description?: string) => Type.String({ ...description !== undefined && { description }, ...documented })

/** Project in the answers of create-project and get-projects; a field that does not apply is empty. */
export const ProjectAnswer = Type.Object({
  project_status: text('Active, Expired or Delete'),
  project_id: Type.Union([Type.String(), Type.Integer()], { description: 'a string in the sample, a number in the table', ...documented }),
  project_name: text(),
  number: text(),
  company_name: text(),
  country: text('ISO 3166-1 alpha-2'),
  time_zone: text('IANA'),
  date_format: text(),
  service: Type.Integer(documented),
  billing_plan: Type.Optional(Type.Union([Type.Integer(), Type.String()], {
    description: 'a number in the sample dialect, a string in the table dialect; get-projects has it only in the latter',
    ...documented
  })),
  license_key: Type.String({ description: '30 hex digits', [SECRET]: true, ...documented }),
  qr_code_base64: text('a URL in base64'),
  unbranded_keyword: text(),
  branded_keyword: text(),
  api_tokens: Type.Array(TokenAnswer, documented),
  global_webhook: text(),
  event_webhook: text(),
  smart_reply_webhook: text(),
  next_billing_date: text('ISO 8601 with +00:00'),
  amount_debited: Type.Union([Type.String(), Type.Number()], {
    description: 'USD; a string in the sample, a number in the table',
    ...documented
  }),
  notes: text()
})

/** Fields that an answer begins with. A project in a list has none of them. */
export interface Beginning<Status, Message> { readonly status: Status, readonly message: Message }
export const IN_A_LIST = { status: undefined, message: undefined } as const

/**
 * Builds a project's answer with one of its subscriptions, its keys in order: after the beginning, as in the documented sample. Those
 * that are undefined are left out of the JSON text. `debited` is the amount that this request took for its plan (`null` for none, shown
 * as empty). The position of `billing_plan`, which the sample lacks, is assumed.
 */
export function projectAnswer<Status, Message> (
  { status, message }: Beginning<Status, Message>,
  { token }: Account,
  project: Project,
  { service, planId, nextBillingAt }: Subscription,
  { types }: WireDialect,
  debited: Mills | null,
  withPlan: boolean
): Beginning<Status, Message> {
  const { projectId, projectName, details } = project
  const planName = types === 'sample' ? planId : String(planId)
  // In one piece: V8 makes a slow object of one with so many properties that is spread into another, and JSON of it takes twice as long.
  const answer = {
    status,
    message,
    project_status: project.status,
    project_id: types === 'sample' ? String(projectId) : projectId,
    project_name: projectName,
    number: details.number ?? NOT_APPLICABLE,
    company_name: details.companyName ?? NOT_APPLICABLE,
    country: details.country ?? NOT_APPLICABLE,
    time_zone: details.timeZone ?? NOT_APPLICABLE,
    date_format: details.dateFormat ?? NOT_APPLICABLE,
    service,
    billing_plan: withPlan ? planName : undefined,
    license_key: details.licenseKey ?? deriveLicenseKey(token, projectId),
    qr_code_base64: qrCode(projectId),
    unbranded_keyword: details.unbrandedKeyword ?? NOT_APPLICABLE,
    branded_keyword: details.brandedKeyword ?? NOT_APPLICABLE,
    api_tokens: tokenAnswers(project.apiTokens),
    global_webhook: details.globalWebhook ?? NOT_APPLICABLE,
    event_webhook: details.eventWebhook ?? NOT_APPLICABLE,
    smart_reply_webhook: details.smartReplyWebhook ?? NOT_APPLICABLE,
    next_billing_date: dateOrEmpty(nextBillingAt),
    amount_debited: debited === null ? NOT_APPLICABLE : wireAmount(debited, types),
    notes: details.notes ?? NOT_APPLICABLE
  }
  return answer
}

/** Lists tokens for an answer: a disabled token is listed, a deleted one is not (assumed). */
export function tokenAnswers (apiTokens: readonly ApiToken[]): Array<Pick<ApiToken, 'ip' | 'token'>> {
  return apiTokens.filter(({ status }) => status !== 'deleted').map(({ ip, token }) => ({ ip, token }))
}

/** Picks the one service that an answer has room for: of those with a chosen plan, else Phone Automation (assumed). */
export function shownSubscription (project: Project, assumptions: AssumptionLog): Subscription {
  const { subscriptions } = project
  const isLast = subscriptions.length > 1 && assume(assumptions, 'shown-service') === 'last'
  const shown = subscriptions.at(isLast ? -1 : 0) ?? subscriptionTo(project, 1)
  relyOn(assumptions, shown.restsOn)
  return shown
}

/** Makes up the URL, in base64, of the QR code's picture: an unresolvable one, so that no client calls a real host (assumed). */
const qrCode = resultsOf((projectId: number): string =>
  Buffer.from(`https://pickyassist.invalid/qr-code/${projectId}.png`).toString('base64'))

function dateOrEmpty (instant: Instant | null): string {
  return instant === null ? NOT_APPLICABLE : wireDate(instant)
}
