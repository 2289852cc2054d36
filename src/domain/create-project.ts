import type { Account } from './account.js'
import { tokensFor } from './api-token.js'
import { assume } from './assumptions.js'
import { leftIn } from './left-in.js'
import type { Mills } from './money.js'
import { isPaid, type PlanTable, type Service } from './plan.js'
import { onPayAsYouGo, type Project, type ProjectDetails } from './project.js'
import { planMustBelongToService, planMustExist, purchase, type Purchase } from './purchase.js'
import { authorize, type ParsedRequest, type RequestFacts } from './request.js'

/** Request to create a project on a plan. */
export interface CreateProjectInput {
  readonly projectName: string
  readonly service: Service
  readonly planId: number
  readonly details: ProjectDetails
  /** Addresses to create a token for; `null` to create none. */
  readonly tokenAddresses: readonly string[] | null
}

export interface CreateProjectFacts extends RequestFacts {
  readonly plans: PlanTable
  /** Id of the account's next project. */
  readonly nextProjectId: number
  /** Derives the n-th token of a project: always the same for the same account, project and n. */
  readonly nextApiToken: (projectId: number, index: number) => string
}

/** Project to create, and the debit for its plan. */
export interface ProjectCreation {
  readonly account: Account
  readonly project: Project
  /** `null` on Pay As You Go. */
  readonly price: Mills | null
  readonly entry: Purchase['entry']
  readonly balanceRestsOn: Purchase['balanceRestsOn']
}

/** Decides on a new project. A paid plan is bought by the same rules and at the same price as in a change of plan. Throws a `Refusal`. */
export function createProject (request: ParsedRequest<CreateProjectInput>, facts: CreateProjectFacts): ProjectCreation {
  const { account, input } = authorize(request, facts)
  const { projectName, service, details, tokenAddresses } = input
  const plan = planMustBelongToService(planMustExist(facts.plans, input.planId), service, facts)
  const projectId = facts.nextProjectId
  const { subscription, entry, balanceRestsOn } = isPaid(plan)
    ? purchase(account, projectId, plan, plan.price.mills, facts)
    : { subscription: onPayAsYouGo(service, leftIn('subscription', facts.assumptions)), entry: null, balanceRestsOn: account.balanceRestsOn }
  const apiTokens = tokensFor(addressesOf(tokenAddresses, facts), index => facts.nextApiToken(projectId, index))
  return {
    account,
    project: { projectId, projectName, status: 'Active', subscriptions: [subscription], details, apiTokens },
    price: isPaid(plan) ? plan.price.mills : null,
    entry,
    balanceRestsOn
  }
}

/** Returns the addresses to create a token for, `''` for any. Without a named one, there is one token for any address (assumed). */
function addressesOf (given: readonly string[] | null, { assumptions }: RequestFacts): readonly string[] {
  if (given === null || given.length > 0) return given ?? []
  return assume(assumptions, 'token-without-address') === 'any-address' ? [''] : []
}
