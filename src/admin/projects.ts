import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { ProjectPatch } from '../contract/control.js'
import type { ScenarioProject } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import type { Project } from '../domain/project.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { upToDate } from '../runtime/up-to-date.js'
import { apiTokensOf, rejectDuplicateTokens } from '../scenario/accounts.js'
import { collectIssues } from '../scenario/issues.js'
import { projectRow, readProject } from '../scenario/projects.js'
import { ProjectSchema } from '../scenario/schema.js'
import { findTokenOwner } from '../world/token-owner.js'
import { viewOf } from '../world/view.js'
import { ConsequencesAnswer, consequencesOf, DryRunQuery, dueAfter } from './consequences.js'
import { accountIn, accountNamed } from './find.js'
import { mergePatch, mergePatchOf } from './merge-patch.js'
import { AccountParams } from './schemas.js'
import { undoable } from './undoable.js'

const ProjectParams = Type.Composite([AccountParams, Type.Object({
  project_id: Type.String({ description: 'a whole number from 1 to 9007199254740991', pattern: '^[1-9]\\d{0,15}$' })
})])

const ProjectAnswer = Type.Unsafe<ScenarioProject>(ProjectSchema)
const PatchSchema = Type.Unsafe<ProjectPatch>(mergePatchOf(ProjectSchema))

/** The projects of an account. */
export const projectRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, machineTime, eventBus } = context

  app.put('/accounts/:account/projects/:project_id', {
    schema: {
      summary: 'Create or replace a project',
      params: ProjectParams,
      querystring: DryRunQuery,
      body: ProjectSchema,
      response: { 200: Type.Union([ProjectAnswer, ConsequencesAnswer]) }
    }
  }, async (request, reply) => {
    const account = accountIn(request.params, context)
    const projectId = projectIdIn(request.params)
    const project = read(account, projectId, request.body)
    if (request.query.dry_run === 'true') {
      const due = dueAfter(context, account.name, () => put(account, project))
      const isNew = store.projects.find(account.accountId, projectId) === undefined
      return consequencesOf(context, { due, removes: { projects: isNew ? 0 : 1 }, adds: { projects: 1 } })
    }
    undoable(context, account.name, request, reply, () => store.transaction(() => put(account, project)))
    return settled(account, projectId)
  })

  app.patch('/accounts/:account/projects/:project_id', {
    schema: {
      summary: 'Change a project; null removes a field, and a plan replaces only that of its service',
      params: ProjectParams,
      querystring: DryRunQuery,
      body: PatchSchema,
      response: { 200: Type.Union([ProjectAnswer, ConsequencesAnswer]) }
    }
  }, async (request, reply) => {
    const account = accountIn(request.params, context)
    const projectId = projectIdIn(request.params)
    // Whoever sends no plan means something by it, and what is not sent stays.
    if (request.body.subscriptions?.length === 0) collectIssues('the project').at('subscriptions').refuse([], 'the plans that change, or null to remove all')
    // Within the transaction: another process on the same file may change it meanwhile.
    const change = (): void => {
      const now = accountNamed(account.name, store)
      put(now, read(now, projectId, patched(projectRow(projectIn(now, projectId)), request.body)))
    }
    if (request.query.dry_run === 'true') return consequencesOf(context, { due: dueAfter(context, account.name, change) })
    undoable(context, account.name, request, reply, () => store.transaction(change))
    return settled(account, projectId)
  })

  app.delete('/accounts/:account/projects/:project_id', {
    schema: {
      summary: 'Remove a project',
      params: ProjectParams,
      querystring: DryRunQuery,
      response: { 200: ConsequencesAnswer, 204: Type.Null() }
    }
  }, async (request, reply) => {
    const account = accountIn(request.params, context)
    const { projectId } = projectIn(account, projectIdIn(request.params))
    if (request.query.dry_run === 'true') return consequencesOf(context, { removes: { projects: 1 } })
    undoable(context, account.name, request, reply, () => store.transaction(() => store.projects.remove(account.accountId, projectId)))
    eventBus.publish('project', account.name, () => null)
    return await reply.code(204).send(null)
  })

  function projectIn (account: Account, projectId: number): Project {
    const project = store.projects.find(account.accountId, projectId)
    if (project !== undefined) return project
    throw new Problem(`the account has no project ${projectId}`, {
      status: 404,
      advice: `GET /__admin/accounts/${encodeURIComponent(account.name)} lists its projects`
    })
  }

  function read (account: Account, projectId: number, given: ScenarioProject): Project {
    const issues = collectIssues('the project')
    if (given.project_id !== undefined && given.project_id !== projectId) {
      issues.at('project_id').add(given.project_id, `${projectId}, as in the path`)
    }
    const { settings, facts: world } = viewOf(store, account, machineTime())
    const into = { now: world.now, choices: settings.assumptions, plans: store.plans.table(), masterToken: account.token }
    const project = readProject({ ...given, project_id: projectId }, into, issues)
    const tokens = apiTokensOf(project, issues)
    rejectDuplicateTokens(tokens)
    for (const { token, issues: here } of tokens) {
      const owner = findTokenOwner(store, token)
      const isItsOwn = owner?.account.accountId === account.accountId && owner.project?.projectId === projectId
      if (owner !== undefined && !isItsOwn) here.add(token, 'a token that no account and no other project uses')
    }
    issues.throwIfAny()
    return project
  }

  function put ({ accountId }: Account, project: Project): void {
    store.projects.remove(accountId, project.projectId)
    store.projects.insert(accountId, project)
  }

  /** Settles what the change made due, and publishes the project as it is then. */
  function settled ({ accountId, name }: Account, projectId: number): ScenarioProject {
    upToDate(context, store.accounts.find(accountId)!)
    const answer = projectRow(store.projects.find(accountId, projectId)!)
    eventBus.publish('project', name, () => answer)
    return answer
  }
}

/** Changes a project as it is shown. What is set rests on no assumption any more, and a plan says nothing of the other service's. */
function patched (shown: ScenarioProject, patch: ProjectPatch): ScenarioProject {
  const { status_rests_on: restsOn, subscriptions = [], ...others } = shown
  const given = patch.subscriptions
  const keeps = given == null ? [] : subscriptions.filter(({ service }) => !given.some(subscription => subscription.service === service))
  return mergePatch(
    { ...others, ...patch.project_status === undefined && restsOn !== undefined && { status_rests_on: restsOn }, subscriptions },
    { ...patch, ...given != null && { subscriptions: [...given, ...keeps] } }
  ) as ScenarioProject
}

/** Refuses the numbers that the pattern of the path allows but that are too large to be exact. */
function projectIdIn ({ project_id: text }: { readonly project_id: string }): number {
  if (Number.isSafeInteger(Number(text))) return Number(text)
  return collectIssues('the path').at('project_id').refuse(text, `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`)
}
