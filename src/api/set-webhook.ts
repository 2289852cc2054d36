import { Type } from '@sinclair/typebox'
import { setWebhook, type SetWebhookFacts, type SetWebhookInput, type WebhookChange } from '../domain/set-webhook.js'
import type { Endpoint } from './endpoint.js'
import { ProjectId, Token } from './fields.js'
import { OrEmpty, WebAddress } from './project-fields.js'
import { GRANTED, GrantedAnswer } from './status-codes.js'

/** Assumed, all of them: named as create-project names them. */
const AssumedWebhook = OrEmpty(WebAddress('assumed'))

const Fields = Type.Object({
  token: Token,
  project_id: ProjectId,
  global_webhook: AssumedWebhook,
  event_webhook: AssumedWebhook,
  smart_reply_webhook: AssumedWebhook
})

/** `POST /pm/set-webhook` (assumed: only the page's name is known, so the path can be set and switched off): sets a project's webhooks. */
export const setWebhookEndpoint: Endpoint<typeof Fields, SetWebhookInput, SetWebhookFacts, WebhookChange> = {
  name: 'set-webhook',
  path: '/pm/set-webhook',
  provenance: 'assumed',
  rules: ['token-must-be-master', 'fields-must-be-valid', 'project-must-exist', 'project-must-be-active'],
  fields: Fields,
  answer: GrantedAnswer,
  toInput: ({ project_id: projectId, global_webhook: globalWebhook, event_webhook: eventWebhook, smart_reply_webhook: smartReplyWebhook }) => ({
    projectId,
    webhooks: {
      ...globalWebhook !== undefined && { globalWebhook },
      ...eventWebhook !== undefined && { eventWebhook },
      ...smartReplyWebhook !== undefined && { smartReplyWebhook }
    }
  }),
  load: (store, facts, input) => ({ ...facts, project: input && facts.account && store.projects.find(facts.account.accountId, input.projectId) }),
  decide: setWebhook,
  debit: () => 0,
  save (store, { account, projectId, details }) {
    store.projects.updateDetails(account.accountId, projectId, details)
  },
  present: () => GRANTED
}
