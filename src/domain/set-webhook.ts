import type { Account } from './account.js'
import { projectMustBeChangeable, projectMustExist, type Project, type ProjectDetails } from './project.js'
import { authorize, type ParsedRequest, type RequestFacts } from './request.js'

/** Request to set a project's webhooks. A webhook left out stays as it is; an empty one is removed. */
export interface SetWebhookInput {
  readonly projectId: number
  readonly webhooks: Pick<ProjectDetails, 'globalWebhook' | 'eventWebhook' | 'smartReplyWebhook'>
}

export interface SetWebhookFacts extends RequestFacts {
  readonly project: Project | undefined
}

export interface WebhookChange {
  readonly account: Account
  readonly projectId: number
  readonly details: ProjectDetails
}

/** Decides on a project's webhooks. The vendor's menu names the page; everything else is assumed. Throws a `Refusal`. */
export function setWebhook (request: ParsedRequest<SetWebhookInput>, facts: SetWebhookFacts): WebhookChange {
  const { account, input } = authorize(request, facts)
  const { projectId, details } = projectMustBeChangeable(projectMustExist(facts.project, input.projectId, facts), facts)
  return { account, projectId, details: { ...details, ...input.webhooks } }
}
