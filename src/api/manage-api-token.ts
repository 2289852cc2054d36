import { Type } from '@sinclair/typebox'
import { manageApiToken, type ManageApiTokenFacts, type ManageApiTokenInput, type TokenAction, type TokenChange } from '../domain/manage-api-token.js'
import type { Endpoint } from './endpoint.js'
import { ProjectId, SECRET, Token } from './fields.js'
import { GRANTED, GrantedAnswer } from './status-codes.js'

/** Documented request fields. */
const Fields = Type.Object({
  token: Token,
  project_id: ProjectId,
  api_token: Type.String({ description: 'an API token of the project', [SECRET]: true, 'x-provenance': 'documented' }),
  action: Type.Unsafe<TokenAction>(Type.Integer({
    minimum: 1,
    maximum: 3,
    description: 'the number 1 (disable), 2 (enable) or 3 (delete)',
    'x-provenance': 'documented'
  }))
})

/** Endpoint `POST /pm/manage-api-token` (documented): disables, enables or deletes a token of a project. */
export const manageApiTokenEndpoint: Endpoint<typeof Fields, ManageApiTokenInput, ManageApiTokenFacts, TokenChange> = {
  name: 'manage-api-token',
  path: '/pm/manage-api-token',
  provenance: 'documented',
  rules: ['token-must-be-master', 'fields-must-be-valid', 'project-must-exist', 'project-must-be-active', 'api-token-must-exist'],
  fields: Fields,
  answer: GrantedAnswer,
  toInput: fields => ({ projectId: fields.project_id, token: fields.api_token, action: fields.action }),
  load: (store, facts, input) => ({
    ...facts,
    project: input && facts.account && store.projects.find(facts.account.accountId, input.projectId)
  }),
  decide: manageApiToken,
  debit: () => 0,
  save (store, { apiToken }) {
    store.projects.updateApiToken(apiToken)
    return null
  },
  present: () => GRANTED
}
