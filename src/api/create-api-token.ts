import { Type } from '@sinclair/typebox'
import { createApiToken, type TokenCreation, type TokenOrder, type TokenWorld } from '../domain/create-api-token.js'
import { minter } from '../world/generated.js'
import type { Endpoint } from './endpoint.js'
import { ProjectId, Token } from './fields.js'
import { tokenAnswers } from './project-answer.js'
import { Addresses, TokenAnswer } from './project-fields.js'
import { GRANTED, GrantedAnswer } from './status-codes.js'

/** The documented request fields. */
const Fields = Type.Object({
  token: Token,
  project_id: ProjectId,
  ip_whitelist: Addresses(1)
})

const Answer = Type.Composite([GrantedAnswer, Type.Object({
  project_id: Type.Optional(Type.Integer({ 'x-provenance': 'documented' })),
  api_token: Type.Optional(Type.Array(TokenAnswer, { description: 'one for each address', 'x-provenance': 'documented' }))
})])

/** `POST /pm/create-api-token` (documented): makes a token of a project for each address. */
export const createApiTokenEndpoint: Endpoint<typeof Fields, TokenOrder, TokenWorld, TokenCreation> = {
  name: 'create-api-token',
  path: '/pm/create-api-token',
  known: 'documented',
  rules: ['token-must-be-master', 'fields-must-be-valid', 'project-must-exist', 'project-must-be-active'],
  fields: Fields,
  answer: Answer,
  orderOf: fields => ({ projectId: fields.project_id, addresses: fields.ip_whitelist }),
  load (store, world, order) {
    const { account } = world
    const project = order && account && store.projects.find(account.accountId, order.projectId)
    return { ...world, project, mintToken: minter(store, account) }
  },
  decide: createApiToken,
  debit: () => 0,
  save (store, { account, projectId, apiTokens }) {
    for (const apiToken of apiTokens) store.projects.insertApiToken(account.accountId, projectId, apiToken)
  },
  // The documented sample has `api_token` here, get-projects has `api_tokens`; `project_id` is a number here in both readings.
  present: ({ projectId, apiTokens }) => ({ ...GRANTED, project_id: projectId, api_token: tokenAnswers(apiTokens) })
}
