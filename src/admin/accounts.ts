import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ScenarioAccount, ScenarioProject } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import { Problem, type Issue } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { discardAccountState, scheduleExpiry } from '../runtime/expiry.js'
import { bringAllUpToDate, upToDate } from '../runtime/up-to-date.js'
import { readAccount, rejectDuplicateTokens, tokensOf, type ReadContext, type SeedAccount } from '../scenario/accounts.js'
import { dumpAccount } from '../scenario/dump.js'
import { issue, schemaIssues, throwIfInvalid } from '../scenario/issues.js'
import { loadAccount } from '../scenario/load.js'
import { AccountSchema } from '../scenario/schema.js'
import type { Store } from '../store/index.js'
import { findTokenOwner } from '../world/token-owner.js'
import { accountIn, accountNamed } from './find.js'
import { AccountAnswer, AccountParams } from './schemas.js'

const CopySchema = Type.Object({
  copy_of: Type.String({ description: 'the name of an account' }),
  name: Type.Optional(AccountSchema.properties.name),
  token: Type.Optional(AccountSchema.properties.token),
  ttl: Type.Optional(AccountSchema.properties.ttl)
}, { additionalProperties: false, description: 'a copy of an account' })

type Copy = Pick<ScenarioAccount, 'name' | 'token' | 'ttl'> & { readonly copy_of: string }

/** Accounts, each a sandbox of its own. */
export async function accountRoutes (app: FastifyInstance, context: Context): Promise<void> {
  const { store, pending, machineTime, eventBus } = context
  let generation = pending.generation()
  let highest = 0
  const shown = (account: Account) => dumpAccount(store, account, machineTime())

  app.get('/accounts', { schema: { summary: 'List the accounts', response: { 200: Type.Object({ accounts: Type.Array(AccountAnswer) }) } } }, async () => {
    bringAllUpToDate(context)
    return { accounts: store.accounts.list().map(shown) }
  })

  app.get('/accounts/:account', { schema: { summary: 'Show an account', params: AccountParams, response: { 200: AccountAnswer } } }, async request =>
    shown(accountIn(request, context)))

  app.post('/accounts', {
    schema: {
      summary: 'Make an account, or several',
      body: Type.Union([AccountSchema, CopySchema, Type.Array(Type.Union([AccountSchema, CopySchema]))], { description: 'an account as a scenario has it, {"copy_of":"demo"}, or a list of these' }),
      response: { 201: Type.Union([AccountAnswer, Type.Array(AccountAnswer)]) }
    },
    validatorCompiler: () => () => true
  }, async (request, reply) => {
    const given = request.body ?? {}
    settleSources([given].flat())
    const made = store.transaction(() => makeAccounts(Array.isArray(given) ? given : [given], Array.isArray(given)))
    const answers = made.map(name => shown(upToDate(context, store.accounts.findByName(name)!)))
    for (const answer of answers) eventBus.publish('account', answer.name, () => answer)
    scheduleExpiry(context)
    return await reply.code(201).send(Array.isArray(given) ? answers : answers[0])
  })

  app.delete('/accounts/:account', { schema: { summary: 'Remove an account and all that hangs on it', params: AccountParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const account = accountIn(request, context)
    store.transaction(() => store.accounts.remove(account.accountId))
    discardAccountState(context, account.name)
    return await reply.code(204).send()
  })

  app.post('/accounts/:account/reset', { schema: { summary: 'Put an account back as it was made, without faults and requests', params: AccountParams, response: { 200: AccountAnswer } } }, async request => {
    const account = accountIn(request, context)
    const { origin, expiresAt } = store.accounts.findRecord(account.accountId)
    const issues: Issue[] = []
    // The token may have been made from another seed than today's, and those of its projects from it.
    const seed = readAccount({ ...origin as ScenarioAccount & { name: string }, token: account.token }, '', surroundings(), issues)
    throwIfInvalid('the account as it was made', issues)
    refuseTakenSince(seed, account)
    // What came in before belongs to the account as it was.
    store.flush()
    store.transaction(() => {
      store.accounts.remove(account.accountId)
      loadAccount(store, { ...seed, record: { origin, expiresAt } }, account.accountId)
    })
    const reset = shown(upToDate(context, store.accounts.find(account.accountId)!))
    discardAccountState(context, account.name)
    // What was being answered in this very moment is recorded by then, and forgotten as well.
    await sleep(0)
    discardAccountState(context, account.name)
    eventBus.publish('account', account.name, () => reset)
    return reset
  })

  function surroundings (): ReadContext {
    const { clock, settings } = store.world.find()!
    return { clock, settings, plans: store.plans.table(), machineTime: machineTime(), seed: context.seed }
  }

  /** Makes all of them or none; gives their names. */
  function makeAccounts (given: readonly unknown[], inList: boolean): string[] {
    const around = surroundings()
    return given.map((input, index) => {
      const at = inList ? `/${index}` : ''
      const seed = readNew(input, at, around)
      refuseTaken(seed, at, store)
      loadAccount(store, seed)
      return seed.account.name
    })
  }

  function readNew (input: unknown, at: string, around: ReadContext): SeedAccount {
    const isCopy = Object.hasOwn(Object(input), 'copy_of')
    const issues = schemaIssues(isCopy ? CopySchema : AccountSchema, input).map(({ pointer, ...rest }) => ({ pointer: at + pointer, ...rest }))
    throwIfInvalid('the account', issues)
    const given = isCopy ? copied(input as Copy, `${at}/copy_of`) : input as ScenarioAccount
    const seed = readAccount({ ...given, name: given.name ?? freeName() }, at, around, issues)
    rejectDuplicateTokens(tokensOf(seed, at), issues)
    throwIfInvalid('the account', issues)
    return seed
  }

  /**
   * `account-N`: the same calls give the same names, and until a reset none comes twice, so that a late request of a
   * test that has removed its account can't reach the account of the next one.
   */
  function freeName (): string {
    if (generation.aborted) [generation, highest] = [pending.generation(), 0]
    highest = Math.max(highest, store.accounts.count()) + 1
    while (store.accounts.findByName(`account-${highest}`) !== undefined) highest++
    return `account-${highest}`
  }

  /** Before the transaction: what time has brought stays, also where the copy is refused. */
  function settleSources (given: readonly unknown[]): void {
    for (const { copy_of: name } of given.map(Object) as Array<{ copy_of?: unknown }>) {
      const source = typeof name === 'string' ? store.accounts.findByName(name) : undefined
      if (source !== undefined) upToDate(context, source)
    }
  }

  function copied ({ copy_of: name, ...own }: Copy, at: string): ScenarioAccount {
    const { name: _name, token: _token, ttl: _ttl, projects, ...rest } = shown(accountNamed(name, store, at))
    return { ...rest, projects: projects!.map(withoutSecrets), ...own }
  }

  /** A project that is gone has lost its tokens, and somebody else may have them since. */
  function refuseTakenSince (seed: SeedAccount, { accountId }: Account): void {
    for (const { token, at } of tokensOf(seed, '')) {
      const by = findTokenOwner(store, token)?.account
      if (by !== undefined && by.accountId !== accountId) {
        throw new Problem('another account has a token by now that this one was made with', {
          status: 409,
          issues: [issue(at, token, 'one that no other account has')],
          advice: `remove the other account with DELETE /__admin/accounts/${encodeURIComponent(by.name)}`
        })
      }
    }
  }
}

/** A copy's tokens and licence keys are its own: a request is told by its token whose it is. */
function withoutSecrets ({ api_tokens: apiTokens, license_key: _licenseKey, ...project }: ScenarioProject): ScenarioProject {
  return { ...project, ...apiTokens && { api_tokens: apiTokens.map(({ token: _token, ...rest }) => rest) } }
}

function refuseTaken (seed: SeedAccount, at: string, store: Store): void {
  const { account, record } = seed
  const namesake = store.accounts.findByName(account.name)
  if (namesake !== undefined) throw taken('name', account.name, `${at}/name`, (record.origin as ScenarioAccount).name !== undefined, namesake)
  for (const { token, at: pointer } of tokensOf(seed, at)) {
    const owner = findTokenOwner(store, token)
    if (owner !== undefined) throw taken('token', token, pointer, (record.origin as ScenarioAccount).token !== undefined, owner.account)
  }
}

function taken (key: 'name' | 'token', found: string, at: string, isGiven: boolean, by: Account): Problem {
  return new Problem(`there is an account with this ${key} already`, {
    status: 409,
    issues: [issue(at, found, 'one that no account has yet')],
    advice: `${isGiven ? `leave the ${key} out and one is made up` : `give it a ${key} of its own`}, or remove the account with DELETE /__admin/accounts/${encodeURIComponent(by.name)}`
  })
}
