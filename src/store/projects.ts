import type { Account } from '../domain/account.js'
import type { ApiToken, ApiTokenStatus } from '../domain/api-token.js'
import type { RestsOn } from '../domain/assumptions.js'
import type { Instant } from '../domain/clock.js'
import { dueAt, KEPT_WHEN_EXPIRED, type Project, type ProjectBilling, type ProjectDetails, type ProjectStatus, type Subscription } from '../domain/project.js'
import { ACCOUNTS_ON_CLOCK, type accountTable, type Span } from './accounts.js'
import type { Statements } from './statements.js'
import type { Memo } from './memo.js'
import {
  alike, billingOf, byProject, keyOf, projectWith, subscriptionOf, subscriptionRow,
  standingsIn, type Description, type Key, type OfProject, type ProjectRow, type StandingRow, type StandingValues, type SubscriptionRow, type TokenRow
} from './project-rows.js'
import { restsOnText } from './rests-on.js'
import type { TokenFeed } from './tokens.js'

/** Number of projects in a part. */
const PART = 200

/** Project as a read would find it, and the rest of it once that has been asked for. */
interface CachedProject {
  billing: ProjectBilling
  description: Description | undefined
}

interface StatusRow extends Key { status: ProjectStatus, restsOn: string }

/** JSON text of a list of projects' ids. */
interface Many { projectIds: string }

/** Number of projects from which on they are updated together where they are alike: half a microsecond for each, instead of three. */
const MANY = 50

/** Creates the queries on projects, their subscriptions and their API tokens. */
export function projectTable (
  db: Statements,
  memo: Memo,
  accounts: Pick<ReturnType<typeof accountTable>, 'lowerDue'>,
  tokenFeed: Pick<TokenFeed, 'note'>
) {
  const findStanding = db.prepare<Key, StandingRow | StandingRow & { service: null }>(
    `SELECT status, status_rests_on, service, plan_id, next_billing_at, anchor_day, rests_on
     FROM project LEFT JOIN subscription USING (account_id, project_id)
     WHERE account_id = @accountId AND project_id = @projectId ORDER BY service`)
  const describe = db.prepare<Key, { project_name: string, details: string }>(
    'SELECT project_name, details FROM project WHERE account_id = @accountId AND project_id = @projectId')
  const LIST = `SELECT project_id, project_name, status, status_rests_on, details FROM project
     WHERE account_id = @accountId AND project_id > @after ORDER BY project_id`
  const list = db.prepare<{ accountId: number, after: number }, ProjectRow & OfProject>(LIST)
  // A parameter as the limit makes SQLite prepare the statement again for each run, which takes ten times as long as one row.
  const listFirst = db.prepare<{ accountId: number, after: number, limit: number }, ProjectRow & OfProject>(`${LIST} LIMIT @limit`)
  // As one text, as rows of their own take three times as long.
  const listDue = db.prepare<{ accountId: number, at: number }, string>(
    `SELECT json_group_array(json_array(project_id, status, status_rests_on, service, plan_id, next_billing_at, anchor_day, rests_on) ORDER BY project_id, service)
     FROM project CROSS JOIN subscription USING (account_id, project_id)
     WHERE account_id = @accountId AND project_id IN (
       SELECT project_id FROM subscription CROSS JOIN project USING (account_id, project_id)
       WHERE account_id = @accountId AND next_billing_at <= @at AND status <> 'Delete')`).pluck()
  const nextEnd = db.prepare<{ accountId: number, status: ProjectStatus, after: number }, number>(
    `SELECT next_billing_at FROM subscription CROSS JOIN project USING (account_id, project_id)
     WHERE account_id = @accountId AND next_billing_at > @after AND status = @status ORDER BY next_billing_at LIMIT 1`).pluck()
  const nextEndOfFollowers = db.prepare<{ after: number }, number | null>(
    `SELECT min((SELECT next_billing_at FROM subscription CROSS JOIN project USING (account_id, project_id)
       WHERE account_id = account.account_id AND next_billing_at > @after AND status = 'Active' ORDER BY next_billing_at LIMIT 1))
     FROM account WHERE clock IS NULL`).pluck()
  const listSubscriptions = db.prepare<{ accountId: number, after: number, last: number }, SubscriptionRow & OfProject>(
    `SELECT project_id, service, plan_id, next_billing_at, anchor_day, rests_on FROM subscription
     WHERE account_id = @accountId AND project_id > @after AND project_id <= @last ORDER BY project_id, service`)
  const listTokens = db.prepare<{ accountId: number, after: number, last: number }, TokenRow & OfProject>(
    `SELECT project_id, token, ip, status FROM api_token
     WHERE account_id = @accountId AND project_id > @after AND project_id <= @last ORDER BY project_id, position`)
  const tokens = db.prepare<Key, TokenRow>(
    'SELECT token, ip, status FROM api_token WHERE account_id = @accountId AND project_id = @projectId ORDER BY position')
  const findToken = db.prepare<{ token: string }, TokenRow & { account_id: number, project_id: number }>(
    'SELECT account_id, project_id, token, ip, status FROM api_token WHERE token = @token')
  const lastId = db.prepare<{ accountId: number }, number | null>(
    'SELECT max(project_id) FROM project WHERE account_id = @accountId').pluck()
  const firstGap = db.prepare<{ accountId: number }, number>(
    `SELECT min(free) FROM (SELECT 1 AS free UNION ALL SELECT project_id + 1 FROM project WHERE account_id = @accountId)
     WHERE NOT EXISTS (SELECT 1 FROM project WHERE account_id = @accountId AND project_id = free)`).pluck()
  const isOn = db.prepare<{ planId: number }, 1>('SELECT 1 FROM subscription WHERE plan_id = @planId LIMIT 1').pluck()
  const count = db.prepare<[], number>('SELECT count(*) FROM project').pluck()
  const countOf = db.prepare<{ accountId: number }, number>('SELECT count(*) FROM project WHERE account_id = @accountId').pluck()
  // What time has deleted rests on the choice that it does; what a file or a call says is deleted does not.
  const countEnded = db.prepare<Span & { kept: number }, { expired: number, deleted: number }>(
    `SELECT count(*) FILTER (WHERE ended_at > @after AND ended_at <= @until) AS expired,
       count(*) FILTER (WHERE status = 'Delete' AND ' ' || rests_on || ' ' LIKE '% deletion %'
         AND ended_at + @kept > @after AND ended_at + @kept <= @until) AS deleted
     FROM (SELECT status, status_rests_on AS rests_on, min(next_billing_at) AS ended_at FROM project JOIN subscription USING (account_id, project_id)
       WHERE status <> 'Active' AND account_id IN ${ACCOUNTS_ON_CLOCK} GROUP BY account_id, project_id)`)
  const insert = db.prepare<ProjectRow & Key>(
    `INSERT INTO project (account_id, project_id, project_name, status, status_rests_on, details)
     VALUES (@accountId, @projectId, @project_name, @status, @status_rests_on, @details)`)
  const insertToken = db.prepare<TokenRow & Key>(
    `INSERT INTO api_token (account_id, project_id, position, token, ip, status)
     VALUES (@accountId, @projectId,
       (SELECT coalesce(max(position), 0) + 1 FROM api_token WHERE account_id = @accountId AND project_id = @projectId),
       @token, @ip, @status)`)
  const remove = db.prepare<Key>('DELETE FROM project WHERE account_id = @accountId AND project_id = @projectId')
  const insertSubscription = db.prepare<SubscriptionRow & Key>(
    `INSERT INTO subscription (account_id, project_id, service, plan_id, next_billing_at, anchor_day, rests_on)
     VALUES (@accountId, @projectId, @service, @plan_id, @next_billing_at, @anchor_day, @rests_on)`)
  const changeSubscription = db.prepare<SubscriptionRow & Key>(
    `UPDATE subscription SET plan_id = @plan_id, next_billing_at = @next_billing_at, anchor_day = @anchor_day, rests_on = @rests_on
     WHERE account_id = @accountId AND project_id = @projectId AND service = @service`)
  const updateStatus = db.prepare<StatusRow>(
    'UPDATE project SET status = @status, status_rests_on = @restsOn WHERE account_id = @accountId AND project_id = @projectId')
  const changeAlike = db.prepare<Omit<SubscriptionRow & Key, 'projectId'> & Many>(
    `UPDATE subscription SET plan_id = @plan_id, next_billing_at = @next_billing_at, anchor_day = @anchor_day, rests_on = @rests_on
     WHERE account_id = @accountId AND service = @service AND project_id IN (SELECT value FROM json_each(@projectIds))`)
  const updateStatusAlike = db.prepare<Omit<StatusRow, 'projectId'> & Many>(
    `UPDATE project SET status = @status, status_rests_on = @restsOn
     WHERE account_id = @accountId AND project_id IN (SELECT value FROM json_each(@projectIds)) AND (status <> @status OR status_rests_on <> @restsOn)`)
  const updateDetails = db.prepare<Key & { details: string }>(
    'UPDATE project SET details = @details WHERE account_id = @accountId AND project_id = @projectId')
  const updateToken = db.prepare<{ token: string, status: ApiTokenStatus }>('UPDATE api_token SET status = @status WHERE token = @token')

  // Almost always there is a row already, and updating it costs half as much as an upsert.
  const subscribe = (row: SubscriptionRow & Key): void => {
    if (changeSubscription.run(row).changes === 0) insertSubscription.run(row)
    change(row)
  }
  const rows = memo.rows<string, CachedProject>()
  /** Changes a cached subscription as a statement has changed it. */
  const change = (row: SubscriptionRow & Key): void => {
    const key = keyOf(row.accountId, row.projectId)
    const known = rows.get(key)
    if (known === undefined) return
    const subscriptions = [...known.billing.subscriptions]
    const place = subscriptions.findIndex(({ service }) => service === row.service)
    if (place === -1) return rows.delete(key)
    subscriptions[place] = subscriptionOf(row)
    known.billing = { ...known.billing, subscriptions }
  }
  const descriptionOf = (accountId: number, projectId: number): Description => {
    const known = rows.get(keyOf(accountId, projectId))
    if (known?.description !== undefined) return known.description
    const { project_name: projectName, details } = describe.get({ accountId, projectId })!
    const description = { projectName, details: JSON.parse(details) as ProjectDetails, apiTokens: tokens.all({ accountId, projectId }) }
    if (known !== undefined) known.description = description
    return description
  }

  return {
    find (accountId: number, projectId: number): Project | undefined {
      const billing = this.findStanding(accountId, projectId)
      return billing && projectWith(billing, descriptionOf(accountId, projectId))
    },
    /** Finds the parts of a project that billing needs. */
    findStanding (accountId: number, projectId: number): ProjectBilling | undefined {
      const key = keyOf(accountId, projectId)
      const known = rows.get(key)
      if (known !== undefined) return known.billing
      const found = findStanding.all({ accountId, projectId })
      const [first] = found
      if (first === undefined) return undefined
      const subscriptions = first.service === null ? [] : found.map(row => subscriptionOf(row as StandingRow))
      const billing = billingOf(projectId, first.status, first.status_rests_on, subscriptions)
      rows.set(key, { billing, description: undefined })
      return billing
    },
    /**
     * Lists all projects, or the first ones up to a limit, perhaps those after an id: three statements, as one for each project takes twice
     * as long.
     */
    list (accountId: number, limit?: number, after = 0): Project[] {
      const rows = limit === undefined ? list.all({ accountId, after }) : listFirst.all({ accountId, after, limit })
      const last = rows.at(-1)?.project_id ?? 0
      const subscriptionsOf = byProject(listSubscriptions.all({ accountId, after, last }))
      const tokensOf = byProject(listTokens.all({ accountId, after, last }))
      return rows.map(({ project_id: projectId, project_name: projectName, status, status_rests_on: restsOn, details }) => projectWith(
        billingOf(projectId, status, restsOn, subscriptionsOf(projectId).map(subscriptionOf)),
        {
          projectName,
          details: JSON.parse(details) as ProjectDetails,
          apiTokens: tokensOf(projectId).map(({ token, ip, status }) => ({ token, ip, status }))
        }
      ))
    },
    /** Lists all projects, in parts that are read when they are asked for. */
    * listInParts (accountId: number): Iterable<Project[]> {
      let part = this.list(accountId, PART)
      while (part.length > 0) {
        yield part
        part = part.length < PART ? [] : this.list(accountId, PART, part.at(-1)!.projectId)
      }
    },
    /** Lists the projects of which something may be due at an instant. */
    listDue (accountId: number, at: Instant): ProjectBilling[] {
      return standingsIn(JSON.parse(listDue.get({ accountId, at })!) as StandingValues[])
    },
    /** Returns the next end of an active project's cycle after an instant: of an account, or of all that follow the world's clock (`null`). */
    nextCycleEnd: (accountId: number | null, after: Instant) =>
      (accountId === null ? nextEndOfFollowers.get({ after }) : nextEnd.get({ accountId, status: 'Active', after })) ?? null,
    /** Returns the instant at which any project is next due; expired ones only if they are deleted later. */
    nextDue (accountId: number, areDeletedLater = true): Instant | null {
      const nextCycle = nextEnd.get({ accountId, status: 'Active', after: -1 }) ?? Infinity
      const firstExpired = areDeletedLater ? nextEnd.get({ accountId, status: 'Expired', after: -1 }) : undefined
      const nextDeletion = (firstExpired ?? Infinity) + KEPT_WHEN_EXPIRED
      const first = Math.min(nextCycle, nextDeletion)
      return first === Infinity ? null : first
    },
    /** Returns the id of the account's next project: one more than the highest, or the first gap if there is no higher one. */
    nextId (accountId: number): number {
      const last = lastId.get({ accountId }) ?? 0
      return last < Number.MAX_SAFE_INTEGER ? last + 1 : firstGap.get({ accountId })!
    },
    /** Finds the project that an API token belongs to. */
    findByApiToken (token: string): { readonly accountId: number, readonly projectId: number, readonly apiToken: ApiToken } | undefined {
      const row = findToken.get({ token })
      return row && { accountId: row.account_id, projectId: row.project_id, apiToken: { token, ip: row.ip, status: row.status } }
    },
    /** Tells whether any project of any account is on a plan. */
    isAnyOn: (planId: number) => isOn.get({ planId }) !== undefined,
    count: () => count.get()!,
    countOf: (accountId: number) => countOf.get({ accountId })!,
    /** Counts the projects of an account, or of those on the world's clock, that expired or were deleted in a span of time. */
    countEnded: (span: Span) => countEnded.get({ ...span, kept: KEPT_WHEN_EXPIRED })!,
    insert (accountId: number, project: Project): void {
      this.insertAll(accountId, [project])
    },
    /** Inserts projects, and notes once when the first of them is due. */
    insertAll (accountId: number, projects: readonly Project[]): void {
      let first = Infinity
      for (const { projectId, projectName, status, statusRestsOn, details, subscriptions, apiTokens } of projects) {
        insert.run({ accountId, projectId, project_name: projectName, status, status_rests_on: restsOnText(statusRestsOn), details: JSON.stringify(details) })
        for (const subscription of subscriptions) {
          insertSubscription.run(subscriptionRow(accountId, projectId, subscription))
          first = Math.min(first, subscription.nextBillingAt ?? Infinity)
        }
        for (const apiToken of apiTokens) this.insertApiToken(accountId, projectId, apiToken)
      }
      if (first !== Infinity) accounts.lowerDue(accountId, first)
    },
    insertApiToken (accountId: number, projectId: number, { token, ip, status }: ApiToken): void {
      rows.delete(keyOf(accountId, projectId))
      insertToken.run({ accountId, projectId, token, ip, status })
      tokenFeed.note(token)
    },
    /** Removes a project with its subscriptions and tokens. */
    remove (accountId: number, projectId: number): void {
      rows.delete(keyOf(accountId, projectId))
      remove.run({ accountId, projectId })
    },
    updateSubscription ({ accountId, dueAt }: Account, projectId: number, subscription: Subscription): void {
      const { nextBillingAt } = subscription
      subscribe(subscriptionRow(accountId, projectId, subscription))
      if (nextBillingAt !== null && (dueAt === null || nextBillingAt < dueAt)) accounts.lowerDue(accountId, nextBillingAt)
    },
    /**
     * Sets a project's status, with the assumptions that it rests on, and moves the due instant of its account forward: a revived
     * project's cycles end before its deletion.
     */
    updateStatus (accountId: number, projectId: number, status: ProjectStatus, restsOn?: RestsOn): void {
      rows.delete(keyOf(accountId, projectId))
      updateStatus.run({ accountId, projectId, status, restsOn: restsOnText(restsOn) })
      const at = dueAt(this.findStanding(accountId, projectId)!)
      if (at !== null) accounts.lowerDue(accountId, at)
    },
    updateBilling (accountId: number, { projectId, status, statusRestsOn, subscriptions }: ProjectBilling): void {
      rows.delete(keyOf(accountId, projectId))
      updateStatus.run({ accountId, projectId, status, restsOn: restsOnText(statusRestsOn) })
      for (const subscription of subscriptions) subscribe(subscriptionRow(accountId, projectId, subscription))
    },
    /** Updates the same of projects of an account whose subscriptions are there. */
    updateBillings (accountId: number, projects: readonly ProjectBilling[]): void {
      if (projects.length < MANY) {
        for (const project of projects) this.updateBilling(accountId, project)
        return
      }
      rows.clear()
      const statuses = projects.map(({ projectId, status, statusRestsOn }) => ({ accountId, projectId, status, restsOn: restsOnText(statusRestsOn) }))
      for (const { row, projectIds } of alike(statuses)) updateStatusAlike.run({ ...row, projectIds: JSON.stringify(projectIds) })
      const subscriptions = projects.flatMap(({ projectId, subscriptions }) => subscriptions.map(one => subscriptionRow(accountId, projectId, one)))
      for (const { row, projectIds } of alike(subscriptions)) changeAlike.run({ ...row, projectIds: JSON.stringify(projectIds) })
    },
    updateDetails (accountId: number, projectId: number, details: ProjectDetails): void {
      rows.delete(keyOf(accountId, projectId))
      updateDetails.run({ accountId, projectId, details: JSON.stringify(details) })
    },
    updateApiToken ({ token, status }: ApiToken): void {
      rows.clear()
      updateToken.run({ token, status })
    }
  }
}
