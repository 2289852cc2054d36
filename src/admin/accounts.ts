import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { Account } from '../domain/account.js'
import type { Context } from '../runtime/context.js'
import { discardAccountState } from '../runtime/expiry.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { accountsText, accountText, dumpAccount } from '../scenario/dump.js'
import { ConsequencesAnswer, consequencesOf, countsOf, DryRunQuery } from './consequences.js'
import { accountIn, accountNamed } from './find.js'
import { AccountAnswer, AccountParams } from './schemas.js'
import { undoable } from './undoable.js'
import { sendInTurn, textFromCopy } from './world-text.js'

/** Accounts: sandboxes that never see each other. */
export const accountRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, machineTime } = context
  const shown = (account: Account) => dumpAccount(store, account, machineTime())

  app.get('/accounts', {
    schema: { summary: 'List the accounts', response: { 200: Type.Object({ accounts: Type.Array(AccountAnswer) }) } }
  }, async (_request, reply) => {
    bringAllUpToDate(context)
    if (!store.isLarge()) return { accounts: store.atOneMoment(() => store.accounts.list().map(shown)) }
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
    if (!store.isLarge(account.accountId)) return store.atOneMoment(() => shown(accountNamed(account.name, store)))
    return await sendInTurn(context, reply, () => {
      const { name } = accountIn(request.params, context)
      const at = machineTime()
      return textFromCopy(context, tables => accountText(tables, accountNamed(name, tables), at))
    }) as never
  })

  app.delete('/accounts/:account', {
    config: { endsRequests: true },
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
}
