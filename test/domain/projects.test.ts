import t from 'tap'
import type { Account } from '../../src/domain/account.js'
import type { ApiToken } from '../../src/domain/api-token.js'
import { assumptionLog, DEFAULT_CHOICES, namesIn, type AssumptionLog, type Choices, type RestsOn } from '../../src/domain/assumptions.js'
import { parseInstant } from '../../src/domain/clock.js'
import { createApiToken } from '../../src/domain/create-api-token.js'
import { createProject, type CreateProjectInput } from '../../src/domain/create-project.js'
import { parseCutoff } from '../../src/domain/cutoff.js'
import { getProjects } from '../../src/domain/get-projects.js'
import { manageApiToken, type TokenAction } from '../../src/domain/manage-api-token.js'
import type { Project, Subscription } from '../../src/domain/project.js'
import { Refusal } from '../../src/domain/refusal.js'
import type { RequestFacts } from '../../src/domain/request.js'
import { setWebhook } from '../../src/domain/set-webhook.js'
import { bundledPlans } from '../../src/scenario/bundled.js'

const NOW = parseInstant('2020-06-16T12:00:00Z')!
const PLANS = new Map(bundledPlans().map(plan => [plan.planId, plan]))
const ACCOUNT: Account = { accountId: 1, name: 'demo', token: 'secret', balanceMills: 5000, clock: null, settings: {}, dueAt: null }

const token = (name: string, status: ApiToken['status'] = 'enabled', ip = ''): ApiToken => ({ token: name, ip, status })

const PROJECT: Project = {
  projectId: 7,
  projectName: 'seven',
  status: 'Active',
  subscriptions: [],
  details: { notes: 'kept', globalWebhook: 'https://example.com/old', eventWebhook: 'https://example.com/event' },
  apiTokens: [token('first', 'enabled', '192.0.2.1'), token('second', 'disabled'), token('third', 'deleted')]
}
const EXPIRED: Project = { ...PROJECT, status: 'Expired' }
const DELETED: Project = { ...PROJECT, status: 'Delete' }

/** What a use case decides, or the rule that refuses it; every one of them begins with the rules that all requests must pass. */
function outcome<Input, Known> (decide: (asked: { body: object, token: string, input: Input | Refusal }, world: RequestFacts & Known) => unknown, input: Input | Refusal, known: Known, balanceMills = 5000, assumptions = assumptionLog(DEFAULT_CHOICES)): unknown {
  const world: RequestFacts = { now: NOW, cutoff: parseCutoff('2023-02-01')!, assumptions, account: { ...ACCOUNT, balanceMills }, apiToken: undefined }
  try {
    return decide({ body: {}, token: 'secret', input }, { ...world, ...known })
  } catch (error) {
    if (error instanceof Refusal) return error.rule
    throw error
  }
}

const invalid = new Refusal('fields-must-be-valid', 'broken')
/** A project's tokens are minted by their number, as they come. */
const nextApiToken = (projectId: number, index: number): string => `${projectId}-${index}`

t.test('the project that a request is about', async t => {
  const decisions: Array<[string, (project: Project | undefined) => unknown]> = [
    ['create-api-token', project => outcome(createApiToken, { projectId: 7, addresses: [] }, { project, nextApiToken })],
    ['manage-api-token', project => outcome(manageApiToken, { projectId: 7, token: 'first', action: 1 }, { project })],
    ['set-webhook', project => outcome(setWebhook, { projectId: 7, webhooks: {} }, { project })]
  ]
  for (const [name, decide] of decisions) {
    t.equal(decide(undefined), 'project-must-exist', `${name}: must be the account's`)
    for (const project of [EXPIRED, DELETED]) t.equal(decide(project), 'project-must-be-active', `${name}: must not be ${project.status}`)
    t.match(decide(PROJECT), { account: ACCOUNT }, `${name}: is an active one`)
  }
})

t.test('fields that are wrong are refused before anything is looked for', async t => {
  t.equal(outcome(createApiToken, invalid, { project: undefined, nextApiToken }), invalid.rule)
  t.equal(outcome(manageApiToken, invalid, { project: undefined }), invalid.rule)
  t.equal(outcome(setWebhook, invalid, { project: undefined }), invalid.rule)
  t.equal(outcome(getProjects, invalid, { projects: [] }), invalid.rule)
  t.equal(outcome(createProject, invalid, { plans: new Map(), nextProjectId: 8, nextApiToken }), invalid.rule)
})

t.test('create-project', async t => {
  const create = (input: Partial<CreateProjectInput>, balanceMills?: number) =>
    outcome(createProject, { projectName: 'new', service: 1, planId: 1, details: { notes: 'hello' }, tokenAddresses: null, ...input }, { plans: PLANS, nextProjectId: 8, nextApiToken }, balanceMills)
  const made = { projectId: 8, projectName: 'new', status: 'Active', details: { notes: 'hello' }, apiTokens: [] }

  t.same(create({}), { account: ACCOUNT, project: { ...made, subscriptions: [{ service: 1, planId: 1, nextBillingAt: null }] }, price: null, entry: null, balanceRestsOn: undefined }, 'on Pay As You Go costs nothing and has no cycle')
  t.same(create({ planId: 2 }), {
    account: ACCOUNT,
    project: { ...made, subscriptions: [{ service: 1, planId: 2, nextBillingAt: parseInstant('2020-07-16T23:59:59Z') }] },
    price: 5000,
    entry: { at: NOW, kind: 'plan-change', amountMills: -5000, balanceMills: 0, projectId: 8, planId: 2 },
    balanceRestsOn: undefined
  }, 'on a paid plan debits its price, exactly as much as there is, and starts its cycle')
  t.equal(create({ planId: 2 }, 4999), 'wallet-must-cover-price', 'one mill short')
  t.equal(create({ planId: 10 }), 'plan-must-exist')
  t.equal(create({ planId: 7 }, 0), 'plan-must-belong-to-service', 'before the wallet is looked into')
  t.match(create({ planId: 7, service: 2 }, 29_000), { price: 29_000, project: { subscriptions: [{ service: 2, planId: 7 }] } })
  t.match(create({ service: 2 }, 0), { project: { subscriptions: [{ service: 2, planId: 1, nextBillingAt: null }] } }, 'Pay As You Go, for either service')
  t.match(create({ tokenAddresses: ['192.0.2.1', '::1'] }), { project: { apiTokens: [token('8-0', 'enabled', '192.0.2.1'), token('8-1', 'enabled', '::1')] } }, 'with a token for each address, enabled')
})

t.test('get-projects', async t => {
  const found = (projectId: number, projects: readonly Project[]) => outcome(getProjects, { projectId }, { projects })
  const others = [PROJECT, EXPIRED, DELETED]

  t.same(found(7, [PROJECT]), { account: ACCOUNT, projects: [PROJECT], isList: false })
  for (const project of [EXPIRED, DELETED]) t.same(found(7, [project]), { account: ACCOUNT, projects: [project], isList: false }, `one that is ${project.status} is shown`)
  t.equal(found(7, []), 'project-must-exist')
  t.same(found(0, others), { account: ACCOUNT, projects: others, isList: true }, '0 asks for all of them')
  t.same(found(0, [PROJECT]), { account: ACCOUNT, projects: [PROJECT], isList: true }, 'also where there is only one')
  t.same(found(0, []), { account: ACCOUNT, projects: [], isList: true }, 'or none')
  t.same(found(1, [{ ...PROJECT, projectId: 1 }]), { account: ACCOUNT, projects: [{ ...PROJECT, projectId: 1 }], isList: false }, '1 asks for one')
})

t.test('create-api-token makes one for each address, behind those that there are or ever were', async t => {
  const create = (...addresses: string[]) => outcome(createApiToken, { projectId: 7, addresses }, { project: PROJECT, nextApiToken })
  t.same(create('192.0.2.1', ''), { account: ACCOUNT, projectId: 7, apiTokens: [token('7-3', 'enabled', '192.0.2.1'), token('7-4', 'enabled', '')] })
})

t.test('manage-api-token', async t => {
  const manage = (name: string, action: TokenAction) => outcome(manageApiToken, { projectId: 7, token: name, action }, { project: PROJECT })
  const becomes: Array<[string, TokenAction, ApiToken]> = [
    ['first', 1, token('first', 'disabled', '192.0.2.1')], ['first', 2, token('first', 'enabled', '192.0.2.1')], ['first', 3, token('first', 'deleted', '192.0.2.1')],
    ['second', 1, token('second', 'disabled')], ['second', 2, token('second', 'enabled')], ['second', 3, token('second', 'deleted')]
  ]
  for (const [name, action, apiToken] of becomes) t.same(manage(name, action), { account: ACCOUNT, apiToken }, `action ${action} makes the ${name} token ${apiToken.status}, whatever it was`)
  for (const action of [1, 2, 3] as const) t.equal(manage('third', action), 'api-token-must-exist', `a deleted token is not there any more for action ${action}`)
  t.equal(manage('another', 2), 'api-token-must-exist', 'nor is one that the project never had')
})

t.test('set-webhook changes what is given, takes away what is empty, and leaves the rest', async t => {
  const webhooks = { globalWebhook: '', smartReplyWebhook: 'https://example.com/new' }
  t.same(outcome(setWebhook, { projectId: 7, webhooks }, { project: PROJECT }), { account: ACCOUNT, projectId: 7, details: { ...PROJECT.details, ...webhooks } })
})

t.test('the choices for a project, and what an answer rests on by them', async t => {
  const log = (choices: Partial<Choices>): AssumptionLog => assumptionLog({ ...DEFAULT_CHOICES, ...choices })
  const outcomes = (project: Project, choices: Partial<Choices> = {}): unknown[] => [
    (log: AssumptionLog) => outcome(createApiToken, { projectId: 7, addresses: [] }, { project, nextApiToken }, 0, log),
    (log: AssumptionLog) => outcome(getProjects, { projectId: 7 }, { projects: [project] }, 0, log),
    (log: AssumptionLog) => outcome(getProjects, { projectId: 0 }, { projects: [PROJECT, project] }, 0, log)
  ].map(decide => {
    const assumptions = log(choices)
    const decided = decide(assumptions) as string | { projects?: Project[] }
    return [typeof decided === 'string' ? decided : decided.projects?.length ?? 'granted', ...namesIn(assumptions)]
  })
  const end = (ms: number): Project => ({ ...EXPIRED, statusRestsOn: ['auto-renew'], subscriptions: [{ service: 1, planId: 2, nextBillingAt: NOW - 14 * 86_400_000 + ms }] })
  const resting = { statusRestsOn: ['auto-renew'] } as const
  const gone = { 'deleted-project': 'gone' } as const
  const allow = { 'inactive-project': 'allow' } as const
  const never = { deletion: 'never' } as const
  t.same(outcomes(PROJECT), [['granted'], [1], [2]])
  t.same(outcomes({ ...PROJECT, ...resting }), [['granted', 'auto-renew'], [1, 'auto-renew'], [2, 'auto-renew']])
  t.same(outcomes(EXPIRED), [['project-must-be-active', 'inactive-project'], [1], [2]])
  t.same(outcomes({ ...EXPIRED, ...resting }, allow), [['granted', 'inactive-project'], [1, 'auto-renew'], [2, 'auto-renew']])
  t.same(outcomes(DELETED), [['project-must-be-active', 'deleted-project', 'inactive-project'], [1, 'deleted-project'], [2, 'deleted-project']])
  t.same(outcomes(DELETED, allow), [['granted', 'deleted-project', 'inactive-project'], [1, 'deleted-project'], [2, 'deleted-project']])
  t.same(outcomes({ ...DELETED, ...resting }, gone), [['project-must-exist', 'deleted-project', 'auto-renew'], ['project-must-exist', 'deleted-project', 'auto-renew'], [1, 'deleted-project', 'auto-renew']])
  t.same(outcomes(end(0), never), [['project-must-be-active', 'inactive-project', 'deletion', 'auto-renew'], [1, 'deletion', 'auto-renew'], [2, 'deletion', 'auto-renew']])
  t.same(outcomes(end(1), never), [['project-must-be-active', 'inactive-project', 'auto-renew'], [1, 'auto-renew'], [2, 'auto-renew']], 'one millisecond before')
  t.same(outcomes(end(0), { ...never, ...gone, ...allow }), [['granted', 'deletion', 'inactive-project', 'auto-renew'], [1, 'deletion', 'auto-renew'], [2, 'deletion', 'auto-renew']])
  t.same(outcomes(end(0), { ...never, ...allow }), [['granted', 'inactive-project'], [1, 'deletion', 'auto-renew'], [2, 'deletion', 'auto-renew']])

  const made = (tokenAddresses: readonly string[] | null, choices: Partial<Choices> = {}, planId = 1, service: 1 | 2 = 1) => {
    const assumptions = log(choices)
    const input = { projectName: 'new', service, planId, details: {}, tokenAddresses }
    const decided = outcome(createProject, input, { plans: PLANS, nextProjectId: 8, nextApiToken, account: { ...ACCOUNT, balanceMills: 29_000, balanceRestsOn: ['auto-renew'] } }, 0, assumptions)
    const { project: { apiTokens, subscriptions: [{ restsOn }] }, balanceRestsOn } = decided as { project: Project & { subscriptions: readonly [Subscription] }, balanceRestsOn: RestsOn }
    return [apiTokens.map(({ ip }) => ip), restsOn, balanceRestsOn, ...namesIn(assumptions)]
  }
  t.same(made(null), [[], undefined, ['auto-renew']])
  t.same(made([]), [[''], undefined, ['auto-renew'], 'token-without-address'])
  t.same(made([], { 'token-without-address': 'no-token' }), [[], undefined, ['auto-renew'], 'token-without-address'])
  t.same(made(['::1'], { 'token-without-address': 'no-token' }), [['::1'], undefined, ['auto-renew']])
  t.same(made(null, {}, 2), [[], undefined, ['auto-renew'], 'auto-renew'])
  t.same(made(null, {}, 7, 2), [[], undefined, ['auto-renew', 'plan-prices'], 'plan-prices', 'auto-renew'])
  t.same(made(null, {}, 1, 2), [[], ['pay-as-you-go-service'], ['auto-renew'], 'pay-as-you-go-service'])
})
