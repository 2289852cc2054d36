import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { HistoryEvent } from '../contract/control.js'
import type { ScenarioHistoryEvent } from '../contract/scenario.js'
import type { Context } from '../runtime/context.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { HistoryEventSchema } from '../scenario/schema.js'
import { historyRow } from '../world/history-row.js'
import { forEachScope, ScopeParams } from './scope.js'

const EventAnswer = Type.Unsafe<ScenarioHistoryEvent | HistoryEvent>(Type.Composite([
  Type.Object({ account: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'in the world\'s history; null for its clock' })) }),
  HistoryEventSchema
]))
const HistoryAnswer = Type.Object({
  history: Type.Array(EventAnswer, { description: 'oldest first; at most the newest 1000' })
})

/** Histories: what time brought, and how clocks were moved. */
export const historyRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { history } = context.store

  forEachScope(context, ({ path, accountOf }) => {
    app.get(`${path}/history`, {
      schema: {
        summary: path === '' ? 'List what time brought to all accounts' : 'List what time brought to an account, and how its clock was moved',
        params: ScopeParams,
        response: { 200: HistoryAnswer }
      }
    }, async request => {
      const account = accountOf(request.params)
      if (account !== null) return { history: history.list(account.accountId).map(historyRow) }
      bringAllUpToDate(context)
      return { history: history.listNewest().map(({ account, event }) => ({ account, ...historyRow(event) })) }
    })
  })
}
