import { Type } from '@sinclair/typebox'
import { createApiToken, type CreateApiTokenFacts, type CreateApiTokenInput, type TokenCreation } from '../domain/create-api-token.js'
import { nextApiToken } from '../world/generated.js'
import type { Endpoint } from './endpoint.js'
import { ProjectId, Token } from './fields.js'
import { tokenAnswers } from './project-answer.js'
import { Addresses, TokenAnswer } from './project-fields.js'
import { GRANTED, GrantedAnswer } from './status-codes.js'

/** Documented request fields. */
const Fields = Type.Object({
  token: Token,
  project_id: ProjectId,
  ip_whitelist: Addresses(1)
})

const Answer = Type.Composite([GrantedAnswer, Type.Object({
  project_id: Type.Optional(Type.Integer({ 'x-provenance': 'documented' })),
  api_token: Type.Optional(Type.Array(TokenAnswer, { description: 'one for each address', 'x-provenance': 'documented' }))
})])

/** Endpoint `POST /pm/create-api-token` (documented): creates a token of a project for each address. */
export const createApiTokenEndpoint: Endpoint<typeof Fields, CreateApiTokenInput, CreateApiTokenFacts, TokenCreation> = {
  name: 'create-api-token',
  path: '/pm/create-api-token',
  provenance: 'documented',
  rules: ['token-must-be-master', 'fields-must-be-valid', 'project-must-exist', 'project-must-be-active'],
  fields: Fields,
  answer: Answer,
  toInput: fields => ({ projectId: fields.project_id, addresses: fields.ip_whitelist }),
  load (store, facts, input) {
    const { account } = facts
    const project = input && account && store.projects.find(account.accountId, input.projectId)
    return { ...facts, project, nextApiToken: nextApiToken(store, account) }
  },
  decide: createApiToken,
  debit: () => 0,
  save (store, { account, projectId, apiTokens }) {
    for (const apiToken of apiTokens) store.projects.insertApiToken(account.accountId, projectId, apiToken)
    return null
  },
  // The documented sample has `api_token` here, and `api_tokens` in get-projects; `project_id` is a number in both dialects.
  present: ({ projectId, apiTokens }) => ({ ...GRANTED, project_id: projectId, api_token: tokenAnswers(apiTokens) })
}
