import type { Account } from './account.js'
import { tokensFor } from './api-token.js'
import type { Mills } from './money.js'
import { isPaid, type PlanTable, type Service } from './plan.js'
import { onPayAsYouGo, type Project, type ProjectDetails } from './project.js'
import { planMustBelongToService, planMustExist, purchase, type Purchase } from './purchase.js'
import { authorize, type ParsedRequest, type RequestFacts } from './request.js'

/** "Make a project, on that plan." */
export interface CreateProjectInput {
  readonly projectName: string
  readonly service: Service
  readonly planId: number
  readonly details: ProjectDetails
  /** For which addresses a token is wanted; `''` for any. */
  readonly tokenAddresses: readonly string[]
}

export interface CreateProjectFacts extends RequestFacts {
  readonly plans: PlanTable
  /** The id that the account's next project gets. */
  readonly nextProjectId: number
  /** Makes the n-th token of a project: always the same for the same account, project and n. */
  readonly nextApiToken: (projectId: number, index: number) => string
}

/** A project that is to be made, and what is debited for its plan. */
export interface ProjectCreation {
  readonly account: Account
  readonly project: Project
  /** `null` on Pay As You Go. */
  readonly price: Mills | null
  readonly entry: Purchase['entry']
}

/** Decides on a new project. A paid plan is bought as with a change of plan: same rules, same price. Throws a `Refusal`. */
export function createProject (request: ParsedRequest<CreateProjectInput>, facts: CreateProjectFacts): ProjectCreation {
  const { account, input } = authorize(request, facts)
  const { projectName, service, details, tokenAddresses } = input
  const plan = planMustBelongToService(planMustExist(facts.plans, input.planId), service)
  const projectId = facts.nextProjectId
  const { subscription, entry } = isPaid(plan)
    ? purchase(account, projectId, plan, plan.price.mills, facts)
    : { subscription: onPayAsYouGo(service), entry: null }
  const apiTokens = tokensFor(tokenAddresses, index => facts.nextApiToken(projectId, index))
  return {
    account,
    project: { projectId, projectName, status: 'Active', subscriptions: [subscription], details, apiTokens },
    price: isPaid(plan) ? plan.price.mills : null,
    entry
  }
}
