import { Type, type Static } from '@sinclair/typebox'
import { createProject, type CreateProjectFacts, type CreateProjectInput, type ProjectCreation } from '../domain/create-project.js'
import type { ProjectDetails } from '../domain/project.js'
import { bookedOf, saveEntry, stateOf } from '../world/book.js'
import { nextApiToken } from '../world/generated.js'
import type { Endpoint } from './endpoint.js'
import { Token, WholeNumber } from './fields.js'
import { ProjectAnswer, projectAnswer, shownSubscription } from './project-answer.js'
import { Addresses, Country, DateFormatName, Notes, OrEmpty, ProjectName, Text, TimeZone, Webhook } from './project-fields.js'
import { GRANTED, GrantedAnswer } from './status-codes.js'

/** Documented request fields. None is marked as required, so all but the token are optional (assumed). */
const Fields = Type.Object({
  token: Token,
  project_name: Type.Optional(ProjectName),
  number: Type.Optional(Type.Union([Text(200), Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })], {
    description: 'a phone number, as a string or a whole number',
    'x-provenance': 'documented'
  })),
  company_name: Type.Optional(Text(200)),
  country: OrEmpty(Country),
  time_zone: OrEmpty(TimeZone),
  date_format: OrEmpty(DateFormatName),
  service: Type.Optional(Type.Unsafe<1>(Type.Integer({
    minimum: 1,
    maximum: 1,
    description: 'the number 1 (Phone Automation), the only service that a project can be created for',
    'x-provenance': 'documented'
  }))),
  billing_plan: Type.Optional(WholeNumber(1, Number.MAX_SAFE_INTEGER)),
  generate_api_token: Type.Optional(Type.Boolean({ description: 'true or false', 'x-provenance': 'documented' })),
  token_ip_address: Type.Optional(Addresses(0)),
  global_webhook: OrEmpty(Webhook),
  event_webhook: OrEmpty(Webhook),
  smart_reply_webhook: OrEmpty(Webhook),
  notes: Type.Optional(Notes)
})

/** Endpoint `POST /pm/create-project` (documented): creates a project and debits the account's wallet for its plan. */
export const createProjectEndpoint: Endpoint<typeof Fields, CreateProjectInput, CreateProjectFacts, ProjectCreation> = {
  name: 'create-project',
  path: '/pm/create-project',
  provenance: 'documented',
  rules: ['token-must-be-master', 'fields-must-be-valid', 'plan-must-exist', 'plan-must-belong-to-service', 'wallet-must-cover-price'],
  fields: Fields,
  answer: Type.Composite([GrantedAnswer, Type.Partial(ProjectAnswer)]),
  toInput: fields => ({
    projectName: fields.project_name ?? '',
    service: fields.service ?? 1,
    planId: fields.billing_plan ?? 1,
    details: detailsOf(fields),
    tokenAddresses: fields.generate_api_token === true ? fields.token_ip_address ?? [] : null
  }),
  load (store, facts) {
    const { now, cutoff, assumptions, account, apiToken } = facts
    const nextProjectId = account === undefined ? 1 : store.projects.nextId(account.accountId)
    const plans = store.plans.table()
    return { now, cutoff, assumptions, account, apiToken, plans, nextProjectId, nextApiToken: nextApiToken(store, account) }
  },
  decide: createProject,
  debit: ({ price }) => price ?? 0,
  save (store, creation, requestId) {
    const { account, project } = creation
    store.projects.insert(account.accountId, project)
    const entry = saveEntry(store, account, creation, requestId)
    const { projectId, status, subscriptions } = project
    return bookedOf(entry, subscriptions.map(subscription =>
      ({ projectId, service: subscription.service, before: null, after: stateOf(subscription, status) })))
  },
  present: ({ account, project, price }, wire, assumptions) =>
    projectAnswer(GRANTED, account, project, shownSubscription(project, assumptions), wire, price, true)
}

function detailsOf (fields: Static<typeof Fields>): ProjectDetails {
  return {
    ...fields.number !== undefined && { number: String(fields.number) },
    ...fields.company_name && { companyName: fields.company_name },
    ...fields.country && { country: fields.country },
    ...fields.time_zone && { timeZone: fields.time_zone },
    ...fields.date_format && { dateFormat: fields.date_format },
    ...fields.global_webhook && { globalWebhook: fields.global_webhook },
    ...fields.event_webhook && { eventWebhook: fields.event_webhook },
    ...fields.smart_reply_webhook && { smartReplyWebhook: fields.smart_reply_webhook },
    ...fields.notes && { notes: fields.notes }
  }
}
