import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccountState } from '../contract/control.js'
import type { ScenarioAccount } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import type { Context } from '../runtime/context.js'
import { scheduleExpiry } from '../runtime/expiry.js'
import { memoryBounds } from '../runtime/memory.js'
import { NOTE_OVERHEAD, type TimelineCall } from '../runtime/timeline.js'
import { upToDate } from '../runtime/up-to-date.js'
import { checkingAccounts } from '../scenario/check.js'
import { accountListText, accountText, dumpAccount, dumpHead } from '../scenario/dump.js'
import { collectIssues } from '../scenario/issues.js'
import { openCopy, type Staging, type Tables } from '../store/index.js'
import { doAtOnce, doInSlices, type Work } from '../time-slices.js'
import { writeBeside } from './beside.js'
import { chunksInSlices, sendChunks, wantedBy } from './json-text.js'
import { LargeBody, readLargeBody } from './large-body.js'
import { NewAccountSchema, newAccounts, NewAccountsSchema, type NewAccounts, type Place } from './new-accounts.js'
import { checkerExceptBody } from './part-checker.js'
import { AccountAnswer } from './schemas.js'
import { placeCall } from './timeline.js'
import { textFromCopy } from './world-text.js'

/** From how many accounts on, or projects and ledger entries of theirs, they are not created without a break: fewer take some milliseconds. */
const MANY_ACCOUNTS = 100
const MANY_ROWS = 1000

/** Creation of accounts. */
export const accountCreationRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, timeline, machineTime, holdTime, bodies, eventBus } = context
  const writing = newAccounts(context)

  app.post('/accounts', {
    bodyLimit: memoryBounds().scenario,
    config: { isReadInTurn: true, isPlacedLater: true },
    schema: {
      summary: 'Create an account, or several at once',
      body: NewAccountsSchema,
      response: { 201: Type.Union([AccountAnswer, Type.Array(AccountAnswer)]) }
    },
    validatorCompiler: checkerExceptBody
  }, async (request, reply) => {
    const { body } = request as { readonly body: unknown }
    const isWanted = wantedBy(request)
    reply.code(201)
    if (body instanceof LargeBody) {
      const release = bodies.keep(body.bytes)
      return await context.inTurn(async () => await createInTurn(readLargeBody(body), request, reply), isWanted).finally(release) as never
    }
    const given = collectIssues('the body').check(NewAccountsSchema, body ?? null) ?? {}
    if (!isLong(given)) return createNow(given, request)
    return await context.inTurn(async () => await createInTurn(given, request, reply), isWanted) as never
  })

  /** Tells whether accounts to create are too many, or have too much, to be written without a break. */
  function isLong (given: NewAccounts): boolean {
    const copied = sourcesOf(given).reduce((sum, { accountId }) => sum + store.projects.countOf(accountId), 0)
    const rows = [given].flat().reduce((sum, { projects = [], ledger = [] }: ScenarioAccount) => sum + projects.length + ledger.length, copied)
    return [given].flat().length >= MANY_ACCOUNTS || rows >= MANY_ROWS
  }

  /** Lists the accounts to be copied, each as often as it is. */
  function sourcesOf (given: NewAccounts): Account[] {
    return [given].flat().flatMap(input => ('copy_of' in input ? store.accounts.findByName(input.copy_of) : undefined) ?? [])
  }

  /** Settles the accounts to be copied, before the transaction: billing events stay even if the copy is refused. */
  function settleSources (given: NewAccounts): ReadonlySet<number> {
    return new Set(sourcesOf(given).map(account => upToDate(context, account).accountId))
  }

  function createNow (given: NewAccounts, request: FastifyRequest): AccountState | AccountState[] {
    const step = placeCall(context, request, given)
    settleSources(given)
    const place: Place = { tables: store, world: store, at: machineTime(), transaction: write => write() }
    const created = madeNow(step, given, named(store.transaction(() => doAtOnce(writing(given, place)))))
    const answers = created.map(account => dumpAccount(store, account, machineTime()))
    for (const answer of answers) eventBus.publish('account', answer.name, () => answer)
    if (answers.some(({ ttl }) => ttl !== undefined)) scheduleExpiry(context)
    return Array.isArray(given) ? answers : answers[0]!
  }

  /** Creates accounts that are written beside the world, in slices, before it has them at one moment. */
  async function createInTurn (input: unknown, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const isWanted = wantedBy(request)
    const given = await doInSlices(checkingAccounts(input, NewAccountSchema, NewAccountsSchema, collectIssues('the body')), isWanted) as NewAccounts
    // To write beside the world takes some milliseconds more.
    if (!isLong(given)) return createNow(given, request)
    const sources = settleSources(given)
    const at = holdTime()
    const { tables: world, close } = sources.size === 0 ? { tables: store, close () {} } : openCopy(store)
    const write = ({ tables, transaction }: Staging): Work<string[]> => writing(given, { tables, world, at, transaction })
    const commit = async (add: () => void, names: readonly string[], beside: Tables): Promise<Buffer[]> => {
      store.replace(add, false)
      const step = placeCall(context, request, given, at)
      const added = named(names)
      const created = madeNow(step, given, added)
      for (const account of created) eventBus.publish('account', account.name, () => dumpHead(store, account, at))
      const textOf = (tables: Tables): Iterable<string> => {
        const accounts = named(names, tables)
        return Array.isArray(given) ? accountListText(tables, accounts, at) : accountText(tables, accounts[0]!, at)
      }
      const isAsAdded = created.every((account, index) => account === added[index])
      // The client may go meanwhile: what has happened stays.
      return await chunksInSlices(isAsAdded ? textOf(beside) : textFromCopy(context, textOf))
    }
    const chunks = await writeBeside(context, { sources, ids: 'new' }, write, commit, isWanted).finally(close)
    if (chunks === undefined) return createNow(given, request)
    scheduleExpiry(context)
    return await sendChunks(reply, chunks)
  }

  /** Notes accounts that have just been created, with the names and tokens that were given to them, under which they can be made again. */
  function madeNow (step: TimelineCall, given: NewAccounts, added: readonly Account[]): Account[] {
    context.probe?.begin(added)
    const created = added.map(account => upToDate(context, account))
    // A spread of what JSON.parse gave would take four times the memory.
    const bodies = [given].flat().map((account, index) => Object.assign({}, account, { name: created[index]!.name, token: created[index]!.token }))
    step.accounts = added.map(({ name }) => name)
    step.body = Array.isArray(given) ? bodies : bodies[0]
    timeline.begin(step.accounts)
    timeline.enlarge(step, NOTE_OVERHEAD * added.length)
    return created
  }

  function named (names: readonly string[], { accounts }: Tables = store): Account[] {
    return names.map(name => accounts.findByName(name)!)
  }
}
