import { Type } from '@sinclair/typebox'
import { setWebhook, type SetWebhookFacts, type SetWebhookInput, type WebhookChange } from '../domain/set-webhook.js'
import type { Endpoint } from './endpoint.js'
import { ProjectId, Token } from './fields.js'
import { OrEmpty, WebAddress } from './project-fields.js'
import { GRANTED, GrantedAnswer } from './status-codes.js'

/** Webhook field (assumed); all of them are named as in create-project. */
const AssumedWebhook = OrEmpty(WebAddress('assumed'))

const Fields = Type.Object({
  token: Token,
  project_id: ProjectId,
  global_webhook: AssumedWebhook,
  event_webhook: AssumedWebhook,
  smart_reply_webhook: AssumedWebhook
})

/**
 * Endpoint `POST /pm/set-webhook` (assumed: only the name of its page is known, so the path can be changed or switched off): sets
 * a project's webhooks.
 */
export const setWebhookEndpoint: Endpoint<typeof Fields, SetWebhookInput, SetWebhookFacts, WebhookChange> = {
  name: 'set-webhook',
  path: '/pm/set-webhook',
  provenance: 'assumed',
  assumption: 'set-webhook-endpoint',
  rules: ['token-must-be-master', 'fields-must-be-valid', 'project-must-exist', 'project-must-be-active'],
  fields: Fields,
  answer: GrantedAnswer,
  toInput: fields => ({
    projectId: fields.project_id,
    webhooks: {
      ...fields.global_webhook !== undefined && { globalWebhook: fields.global_webhook },
      ...fields.event_webhook !== undefined && { eventWebhook: fields.event_webhook },
      ...fields.smart_reply_webhook !== undefined && { smartReplyWebhook: fields.smart_reply_webhook }
    }
  }),
  load: (store, facts, input) => ({
    ...facts,
    project: input && facts.account && store.projects.find(facts.account.accountId, input.projectId)
  }),
  decide: setWebhook,
  debit: () => 0,
  save (store, { account, projectId, details }) {
    store.projects.updateDetails(account.accountId, projectId, details)
    return null
  },
  present: () => GRANTED
}
