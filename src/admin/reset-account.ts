import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccountState, Consequences } from '../contract/control.js'
import type { ScenarioAccount } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { discardAccountState } from '../runtime/expiry.js'
import { upToDate } from '../runtime/up-to-date.js'
import { readAccount, readingAccount, tokensOf, type SeedAccount } from '../scenario/accounts.js'
import { accountText, dumpAccount, dumpHead } from '../scenario/dump.js'
import { collectIssues, issue, type Issues } from '../scenario/issues.js'
import { loadAccount, writingAccount } from '../scenario/load.js'
import type { Staging, Tables } from '../store/index.js'
import { parsingJson } from '../text/json-parts.js'
import type { IsWanted, Work } from '../time-slices.js'
import { findTokenOwner } from '../world/token-owner.js'
import { writeBeside } from './beside.js'
import { ConsequencesAnswer, consequencesOf, countsOf, DryRunQuery, dueAfter } from './consequences.js'
import { accountIn, accountNamed } from './find.js'
import { chunksInSlices, sendChunks, wantedBy } from './json-text.js'
import { LARGE_BODY } from './large-body.js'
import { readContext } from './new-accounts.js'
import { AccountAnswer, AccountParams } from './schemas.js'
import { placeCall } from './timeline.js'
import { undoable } from './undoable.js'
import { textFromCopy } from './world-text.js'

/** Call that resets an account. */
type Resetting = FastifyRequest & { readonly params: Static<typeof AccountParams>, readonly query: Static<typeof DryRunQuery> }

/** Name of what is wrong in messages. */
const INITIAL = 'the initial state of the account'

/** Resets of single accounts. */
export const accountResetRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, machineTime, holdTime, eventBus } = context

  app.post('/accounts/:account/reset', {
    config: { isPlacedLater: true, endsRequests: true },
    schema: {
      summary: 'Reset an account to its initial state, and discard its faults and requests',
      params: AccountParams,
      querystring: DryRunQuery,
      response: { 200: Type.Union([AccountAnswer, ConsequencesAnswer]) }
    }
  }, async (request, reply) => {
    const { accountId } = accountNamed(request.params.account, store)
    const isLarge = store.isLarge(accountId) || store.accounts.originLength(accountId) >= LARGE_BODY
    if (!isLarge) return await resetNow(request, reply)
    const isWanted = wantedBy(request)
    return await context.inTurn(async () => await resetInTurn(request, reply, isWanted), isWanted) as never
  })

  async function resetNow (request: Resetting, reply: FastifyReply): Promise<AccountState | Consequences> {
    const isDry = request.query.dry_run === 'true'
    // Whatever falls due until then comes of the call.
    if (!isDry) placeCall(context, request, request.body)
    const account = accountIn(request.params, context)
    const { origin, expiresAt } = store.accounts.findRecord(account.accountId)
    const issues = collectIssues(INITIAL)
    const seed = readAccount(originOf(origin, account), readContext(context, machineTime()), issues)
    issues.throwIfAny()
    refuseTakenSince(seed, account, issues)
    const putBack = (): void => {
      store.accounts.remove(account.accountId)
      loadAccount(store, { ...seed, record: { origin, expiresAt } }, account.accountId)
    }
    if (isDry) return wouldPutBack(account, seed, putBack)
    undoable(context, account.name, request, reply, () => {
      // Requests that arrived earlier belong to the account as it was.
      store.flush()
      store.transaction(putBack)
    })
    const reset = dumpAccount(store, upToDate(context, putBackNow(account.accountId)), machineTime())
    await discardTwice(account)
    eventBus.publish('account', account.name, () => reset)
    return reset
  }

  /** Gives an account that has just been put back. A sweep does not count what its ledger came with as charged now. */
  function putBackNow (accountId: number) {
    const added = store.accounts.find(accountId)!
    context.probe?.begin([added])
    return added
  }

  /** Resets an account whose initial state is written beside the world, in slices, before it takes its place at one moment. */
  async function resetInTurn (request: Resetting, reply: FastifyReply, isWanted: IsWanted): Promise<unknown> {
    const account = accountIn(request.params, context)
    const { accountId, name, token } = account
    const at = holdTime()
    const { expiresAt } = store.accounts.findRecord(accountId)
    const text = store.accounts.originText(accountId)
    function * writing ({ tables, transaction }: Staging): Work<SeedAccount> {
      const origin = yield * parsingJson(text)
      const issues = collectIssues(INITIAL)
      const seed = yield * readingAccount(originOf(origin, account), readContext(context, at), issues)
      issues.throwIfAny()
      for (const write of writingAccount(tables, { ...seed, record: { origin, expiresAt } }, accountId)) {
        transaction(write)
        yield
      }
      return seed
    }
    const commit = async (add: () => void, seed: SeedAccount, beside: Tables): Promise<Consequences | Buffer[] | undefined> => {
      const present = store.accounts.findByName(name)
      if (present?.accountId !== accountId || present.token !== token) return undefined
      const putBack = (): void => {
        store.accounts.remove(accountId)
        add()
      }
      if (request.query.dry_run === 'true') return wouldPutBack(account, seed, putBack, false)
      const step = placeCall(context, request, request.body, at)
      step.isVoid = true
      undoable(context, name, request, reply, () => { store.replace(putBack, false) })
      step.isVoid = false
      const added = putBackNow(accountId)
      const reset = upToDate(context, added)
      const textOf = (tables: Tables): Iterable<string> => accountText(tables, reset, at)
      const text = reset === added ? textOf(beside) : textFromCopy(context, textOf)
      await discardTwice(account)
      eventBus.publish('account', name, () => dumpHead(store, reset, at))
      // The client may go meanwhile: what has happened stays.
      return await chunksInSlices(text)
    }
    const done = await writeBeside(context, { sources: new Set(), ids: 'same' }, writing, commit, isWanted)
    if (done === undefined) return await resetNow(request, reply)
    return Array.isArray(done) ? await sendChunks(reply, done) : done
  }

  function wouldPutBack (account: Account, { projects }: SeedAccount, putBack: () => void, areKeysChecked?: boolean): Consequences {
    const due = dueAfter(context, account.name, putBack, areKeysChecked)
    return consequencesOf(context, { due, removes: countsOf(context, account), adds: { accounts: 1, projects: projects.length } })
  }

  /**
   * Requests that were decided for the call are recorded as soon as it waits for anything; they are discarded as well. Nothing else has a turn
   * by then: what others set and send from now on belongs to the account as it has become.
   */
  async function discardTwice ({ name }: Account): Promise<void> {
    discardAccountState(context, name)
    await Promise.resolve()
    discardAccountState(context, name)
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

/** Gives the initial state of an account. Its token may come from another seed than today's, and the tokens of its projects derive from it. */
function originOf (origin: unknown, { token }: Account): ScenarioAccount & { readonly name: string } {
  return { ...origin as ScenarioAccount & { readonly name: string }, token }
}
