import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from '@sinclair/typebox'
import type { AccountState } from '../contract/control.js'
import type { ScenarioAccount, ScenarioProject } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import { sleep } from '../machine.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { discardAccountState, scheduleExpiry } from '../runtime/expiry.js'
import { memoryBounds } from '../runtime/memory.js'
import { bringAllUpToDate, upToDate } from '../runtime/up-to-date.js'
import { readAccount, rejectDuplicateTokens, tokensOf, type ReadContext, type SeedAccount } from '../scenario/accounts.js'
import { accountsText, accountText, dumpAccount } from '../scenario/dump.js'
import { collectIssues, issue, type Issues } from '../scenario/issues.js'
import { loadAccount } from '../scenario/load.js'
import { AccountSchema } from '../scenario/schema.js'
import type { Store } from '../store/index.js'
import { findTokenOwner } from '../world/token-owner.js'
import { ConsequencesAnswer, consequencesOf, countsOf, DryRunQuery, dueAfter } from './consequences.js'
import { accountIn, accountNamed } from './find.js'
import { AccountAnswer, AccountParams } from './schemas.js'
import { undoable } from './undoable.js'
import { sendInTurn, textFromCopy } from './world-text.js'

const CopySchema = Type.Object({
  copy_of: Type.String({ description: 'the name of an account' }),
  name: Type.Optional(AccountSchema.properties.name),
  token: Type.Optional(AccountSchema.properties.token),
  ttl: Type.Optional(AccountSchema.properties.ttl)
}, { additionalProperties: false, description: 'a copy of an account' })

const NewAccountSchema = Type.Union([AccountSchema, CopySchema], { description: 'an account, or {"copy_of":"demo"}' })
type NewAccount = Static<typeof NewAccountSchema>

/** `null`, like no body at all, asks for an account with nothing but defaults. */
const NewAccountsSchema = Type.Union([AccountSchema, CopySchema, Type.Array(NewAccountSchema, { description: 'a list of accounts' }), Type.Null()], {
  description: 'an account as in a scenario, {"copy_of":"demo"}, or a list of these'
})

/** Accounts: sandboxes that never see each other. */
export const accountRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, timeline, pending, machineTime, eventBus } = context
  let generation = pending.generation()
  let highest = 0
  const shown = (account: Account) => dumpAccount(store, account, machineTime())

  app.get('/accounts', {
    schema: { summary: 'List the accounts', response: { 200: Type.Object({ accounts: Type.Array(AccountAnswer) }) } }
  }, async (_request, reply) => {
    bringAllUpToDate(context)
    if (!store.isLarge()) return { accounts: store.accounts.list().map(shown) }
    return await sendInTurn(context, reply, () => {
      bringAllUpToDate(context)
      const at = machineTime()
      return textFromCopy(context, tables => accountsText(tables, at))
    }) as never
  })

  app.get('/accounts/:account', {
    schema: { summary: 'Show an account', params: AccountParams, response: { 200: AccountAnswer } }
  }, async (request, reply) => {
    const account = accountIn(request.params, context)
    if (!store.isLarge(account.accountId)) return shown(account)
    return await sendInTurn(context, reply, () => {
      const account = accountIn(request.params, context)
      const at = machineTime()
      return textFromCopy(context, tables => accountText(tables, account, at))
    }) as never
  })

  app.post('/accounts', {
    bodyLimit: memoryBounds().scenario,
    config: {
      // With the names and tokens that were given to them, under which they can be made again.
      noteAnswer (step, answer: AccountState | readonly AccountState[]) {
        const made = [answer].flat()
        const given = [step.body ?? {}].flat() as object[]
        const bodies = given.map((account, index) => ({ ...account, name: made[index]!.name, token: made[index]!.token }))
        step.accounts = made.map(({ name }) => name!)
        step.body = Array.isArray(answer) ? bodies : bodies[0]
        timeline.begin(step.accounts)
      }
    },
    schema: {
      summary: 'Create an account, or several at once',
      body: NewAccountsSchema,
      response: { 201: Type.Union([AccountAnswer, Type.Array(AccountAnswer)]) }
    }
  }, async (request, reply) => {
    const given = request.body ?? {}
    settleSources([given].flat())
    const created = store.transaction(() => createAccounts(given))
    const answers = created.map(name => shown(upToDate(context, store.accounts.findByName(name)!)))
    for (const answer of answers) eventBus.publish('account', answer.name, () => answer)
    scheduleExpiry(context)
    return await reply.code(201).send(Array.isArray(given) ? answers : answers[0]!)
  })

  app.delete('/accounts/:account', {
    schema: {
      summary: 'Remove an account and everything that belongs to it',
      params: AccountParams,
      querystring: DryRunQuery,
      response: { 200: ConsequencesAnswer, 204: Type.Null() }
    }
  }, async (request, reply) => {
    const account = accountIn(request.params, context)
    if (request.query.dry_run === 'true') return consequencesOf(context, { removes: countsOf(context, account) })
    undoable(context, account.name, request, reply, () => {
      store.replace(() => { store.accounts.remove(account.accountId) }, !store.isLarge(account.accountId))
      discardAccountState(context, account.name)
    })
    return await reply.code(204).send(null)
  })

  app.post('/accounts/:account/reset', {
    schema: {
      summary: 'Reset an account to its initial state, and discard its faults and requests',
      params: AccountParams,
      querystring: DryRunQuery,
      response: { 200: Type.Union([AccountAnswer, ConsequencesAnswer]) }
    }
  }, async (request, reply) => {
    const account = accountIn(request.params, context)
    const { origin, expiresAt } = store.accounts.findRecord(account.accountId)
    const issues = collectIssues('the initial state of the account')
    // The token may come from another seed than today's, and the tokens of its projects derive from it.
    const seed = readAccount({ ...origin as ScenarioAccount & { name: string }, token: account.token }, readContext(), issues)
    issues.throwIfAny()
    refuseTakenSince(seed, account, issues)
    const putBack = (): void => {
      store.accounts.remove(account.accountId)
      loadAccount(store, { ...seed, record: { origin, expiresAt } }, account.accountId)
    }
    if (request.query.dry_run === 'true') {
      const due = dueAfter(context, account.accountId, putBack)
      return consequencesOf(context, { due, removes: countsOf(context, account), adds: { accounts: 1, projects: seed.projects.length } })
    }
    undoable(context, account.name, request, reply, () => {
      // Requests that arrived earlier belong to the account as it was.
      store.flush()
      store.transaction(putBack)
    })
    const reset = shown(upToDate(context, store.accounts.find(account.accountId)!))
    discardAccountState(context, account.name)
    // A request that was being answered at this very moment has been recorded by now; discard it as well.
    await sleep(0)
    discardAccountState(context, account.name)
    eventBus.publish('account', account.name, () => reset)
    return reset
  })

  function readContext (): ReadContext {
    const { clock, settings } = store.world.find()!
    return { clock, settings, plans: store.plans.table(), machineTime: machineTime(), seed: context.seed }
  }

  /** Creates all of them or none, and returns their names. */
  function createAccounts (given: NewAccount | NewAccount[]): string[] {
    const world = readContext()
    const issues = collectIssues('the account')
    const create = (input: NewAccount, issues: Issues): string => {
      const seed = readNew(input, world, issues)
      refuseTaken(seed, issues, store)
      loadAccount(store, seed)
      return seed.account.name
    }
    return Array.isArray(given) ? given.map((input, index) => create(input, issues.at(index))) : [create(given, issues)]
  }

  function readNew (input: NewAccount, world: ReadContext, issues: Issues): SeedAccount {
    const given = 'copy_of' in input ? copied(input, issues) : input
    const seed = readAccount({ ...given, name: given.name ?? freeName() }, world, issues)
    rejectDuplicateTokens(tokensOf(seed, issues))
    issues.throwIfAny()
    return seed
  }

  /**
   * `account-N`: the same calls give the same names, and no name is reused before a reset, so that a late request of
   * one test can't reach the account of the next.
   */
  function freeName (): string {
    if (generation.aborted) [generation, highest] = [pending.generation(), 0]
    highest = Math.max(highest, store.accounts.count()) + 1
    while (store.accounts.findByName(`account-${highest}`) !== undefined) highest++
    return `account-${highest}`
  }

  /** Settles the accounts to be copied, before the transaction: billing events stay even if the copy is refused. */
  function settleSources (given: readonly NewAccount[]): void {
    for (const input of given) {
      const source = 'copy_of' in input ? store.accounts.findByName(input.copy_of) : undefined
      if (source !== undefined) upToDate(context, source)
    }
  }

  function copied ({ copy_of: name, ...own }: Static<typeof CopySchema>, issues: Issues): ScenarioAccount {
    const { name: _name, token: _token, ttl: _ttl, projects, ...rest } = shown(accountNamed(name, store, issues.at('copy_of').pointer))
    return { ...rest, projects: projects!.map(withoutSecrets), ...own }
  }

  /** A removed project gives up its tokens, and another account may have taken them since. */
  function refuseTakenSince (seed: SeedAccount, { accountId }: Account, issues: Issues): void {
    for (const { token, issues: { pointer } } of tokensOf(seed, issues)) {
      const by = findTokenOwner(store, token)?.account
      if (by !== undefined && by.accountId !== accountId) {
        throw new Problem('another account now uses a token of this account\'s initial state', {
          status: 409,
          issues: [issue(pointer, token, 'a token that no other account uses')],
          advice: `remove the other account with DELETE /__admin/accounts/${encodeURIComponent(by.name)}`
        })
      }
    }
  }
}

/** Drops tokens and licence keys, so that a copy gets new ones: a request is attributed by its token alone. */
function withoutSecrets ({ api_tokens: apiTokens, license_key: _licenseKey, ...project }: ScenarioProject): ScenarioProject {
  return { ...project, ...apiTokens && { api_tokens: apiTokens.map(({ token: _token, ...rest }) => rest) } }
}

function refuseTaken (seed: SeedAccount, issues: Issues, store: Store): void {
  const { account, record } = seed
  const namesake = store.accounts.findByName(account.name)
  const given = record.origin as ScenarioAccount
  if (namesake !== undefined) throw taken('name', account.name, issues.at('name').pointer, given.name !== undefined, namesake)
  for (const { token, issues: { pointer } } of tokensOf(seed, issues)) {
    const owner = findTokenOwner(store, token)
    if (owner !== undefined) throw taken('token', token, pointer, given.token !== undefined, owner.account)
  }
}

function taken (key: 'name' | 'token', found: string, pointer: string, isGiven: boolean, by: Account): Problem {
  return new Problem(`an account with this ${key} already exists`, {
    status: 409,
    issues: [issue(pointer, found, `a ${key} that no account uses yet`)],
    advice: `${isGiven ? `omit the ${key} to have one generated` : `choose a ${key}`}, ` +
      `or remove the account with DELETE /__admin/accounts/${encodeURIComponent(by.name)}`
  })
}
