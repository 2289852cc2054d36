import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { AccountSummary } from '../contract/control.js'
import type { Account } from '../domain/account.js'
import { usd } from '../domain/money.js'
import type { Context } from '../runtime/context.js'
import { booksText } from '../scenario/dump.js'
import { projectRow } from '../scenario/projects.js'
import { AmountSchema, LedgerEntrySchema, ProjectSchema } from '../scenario/schema.js'
import { mapInSlices } from '../time-slices.js'
import { entryRow } from '../world/ledger-row.js'
import { accountIn, accountNamed } from './find.js'
import { arrayOf, sendJson, wantedBy } from './json-text.js'
import { AccountParams } from './schemas.js'
import { requestsPart, sendInTurn, textFromCopy, withParts } from './world-text.js'

/** Maximum number of requests in a summary; `GET /requests` pages through more. */
const MAX_REQUESTS = 100

const SummaryAnswer = Type.Unsafe<AccountSummary>(Type.Object({
  balance: AmountSchema,
  ledger: Type.Array(LedgerEntrySchema, { description: 'all that was booked, oldest first' }),
  projects: Type.Array(ProjectSchema),
  requests: Type.Array(Type.Object({ id: Type.String() }), { description: `the newest ${MAX_REQUESTS}, newest last` }),
  requests_total: Type.Integer({ description: 'how many requests the journal has of this account' })
}))

/** The summary of an account: what a test asserts together, as it is at one moment. */
export const summaryRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, journal } = context

  app.get('/accounts/:account/summary', {
    schema: { summary: 'Show the balance, ledger, projects and requests of an account at one moment', params: AccountParams, response: { 200: SummaryAnswer } }
  }, async (request, reply) => {
    const { accountId, name } = accountIn(request.params, context)
    if (store.isLarge(accountId)) return await sendInTurn(context, reply, () => largeSummary(accountIn(request.params, context)))
    const booked = store.atOneMoment(() => ({
      balance: usd(accountNamed(name, store).balanceMills),
      ledger: store.ledger.list(accountId).map(entryRow),
      projects: store.projects.list(accountId).map(projectRow)
    }))
    const entries = [...journal.list(name)]
    const requests = await mapInSlices(entries.slice(-MAX_REQUESTS), journal.textOf, wantedBy(request))
    return await sendJson(reply, [JSON.stringify(booked).slice(0, -1), ',"requests":', ...arrayOf(requests), `,"requests_total":${entries.length}}`])
  })

  function largeSummary ({ name }: Account): Iterable<string> {
    const entries = [...journal.list(name)]
    return withParts(textFromCopy(context, tables => booksText(tables, accountNamed(name, tables))), requests())

    function * requests (): Iterable<string> {
      yield * requestsPart(entries.slice(-MAX_REQUESTS), journal.textOf)
      yield `,"requests_total":${entries.length}`
    }
  }
}
