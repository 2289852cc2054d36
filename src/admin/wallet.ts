import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { LedgerEntry as LedgerEntryState } from '../contract/control.js'
import type { Account, LedgerEntry } from '../domain/account.js'
import { MAX_MILLS, parseUsd, usd, type Mills } from '../domain/money.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { ledgerText } from '../scenario/dump.js'
import { issue } from '../scenario/issues.js'
import { AmountSchema, LedgerEntrySchema } from '../scenario/schema.js'
import { entryRow } from '../world/ledger-row.js'
import { viewOf } from '../world/view.js'
import { accountIn, accountNamed } from './find.js'
import { AccountParams } from './schemas.js'
import { sendInTurn, textFromCopy } from './world-text.js'

const WalletSchema = Type.Object({
  credit: Type.Optional(AmountSchema),
  set: Type.Optional(AmountSchema)
}, { additionalProperties: false, minProperties: 1, maxProperties: 1, description: 'either {"credit":"25"} or {"set":"4.99"}' })

const BalanceAnswer = Type.Object({ balance: AmountSchema })
const EntryAnswer = Type.Unsafe<LedgerEntryState>(LedgerEntrySchema)
const LedgerAnswer = Type.Object({ ledger: Type.Array(EntryAnswer) })

/** Wallets and ledgers. */
export const walletRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, machineTime, eventBus } = context

  app.get('/accounts/:account/wallet', {
    schema: { summary: 'Show the balance of a wallet', params: AccountParams, response: { 200: BalanceAnswer } }
  }, async request => ({ balance: usd(accountIn(request.params, context).balanceMills) }))

  app.post('/accounts/:account/wallet', {
    schema: {
      summary: 'Credit a wallet, or set its balance',
      params: AccountParams,
      body: WalletSchema,
      response: { 200: Type.Composite([BalanceAnswer, Type.Object({ entry: EntryAnswer })]) }
    }
  }, async request => {
    const { credit, set } = request.body
    // What is due is settled first: a refusal must not undo what listeners have already been told.
    const { name: account } = accountIn(request.params, context)
    const entry = store.transaction(() => book(accountNamed(account, store), credit, set))
    const answer = { balance: usd(entry.balanceMills), entry: entryRow(entry) }
    eventBus.publish('wallet', account, () => answer)
    return answer
  })

  app.get('/accounts/:account/ledger', {
    schema: { summary: 'List the ledger entries of an account, oldest first', params: AccountParams, response: { 200: LedgerAnswer } }
  }, async (request, reply) => {
    const { accountId } = accountIn(request.params, context)
    if (!store.isLarge(accountId)) return { ledger: store.ledger.list(accountId).map(entryRow) }
    return await sendInTurn(context, reply, () => {
      const account = accountIn(request.params, context)
      return textFromCopy(context, tables => ledgerText(tables, account))
    }) as never
  })

  function book (account: Account, credit: string | undefined, set: string | undefined): LedgerEntry {
    const balanceMills = credit === undefined ? parseUsd(set!)! : account.balanceMills + parseUsd(credit)!
    refuseTooMuch(balanceMills)
    const entry: LedgerEntry = {
      at: viewOf(store, account, machineTime()).facts.now,
      kind: credit === undefined ? 'adjustment' : 'credit',
      amountMills: balanceMills - account.balanceMills,
      balanceMills,
      projectId: null,
      planId: null,
      requestId: null
    }
    // A balance that has been set rests on nothing else.
    store.accounts.updateBalance(account.accountId, balanceMills, credit === undefined ? undefined : account.balanceRestsOn)
    store.ledger.book(account.accountId, entry)
    return entry
  }
}

function refuseTooMuch (balanceMills: Mills): void {
  if (balanceMills <= MAX_MILLS) return
  throw new Problem(`a wallet holds at most ${usd(MAX_MILLS)} USD`, {
    status: 409,
    issues: [issue('/credit', usd(balanceMills), `a balance of at most ${usd(MAX_MILLS)}`)],
    advice: 'credit less, or set the balance'
  })
}
