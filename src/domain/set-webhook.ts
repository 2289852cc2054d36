import type { Account } from './account.js'
import { projectMustBeActive, projectMustExist, type Project, type ProjectDetails } from './project.js'
import { admitted, type Asked, type World } from './request.js'

/** "Call these addresses from now on"; what is left out stays as it is, an empty one is taken away. */
export interface WebhookOrder {
  readonly projectId: number
  readonly webhooks: Pick<ProjectDetails, 'globalWebhook' | 'eventWebhook' | 'smartReplyWebhook'>
}

export interface WebhookWorld extends World {
  readonly project: Project | undefined
}

export interface WebhookChange {
  readonly account: Account
  readonly projectId: number
  readonly details: ProjectDetails
}

/** Decides on a project's webhooks. The page is named in the vendor's menu; all that it says is assumed. Throws a `Refusal`. */
export function setWebhook (asked: Asked<WebhookOrder>, world: WebhookWorld): WebhookChange {
  const { account, order } = admitted(asked, world)
  const { projectId, details } = projectMustBeActive(projectMustExist(world.project, order.projectId))
  return { account, projectId, details: { ...details, ...order.webhooks } }
}
