import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Account } from '../domain/account.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS } from '../domain/assumptions.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Context } from '../runtime/context.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { collectIssues } from '../scenario/issues.js'
import { loadPlans } from '../scenario/load.js'
import { planRow } from '../scenario/plans.js'
import { PlansSchema, SettingsSchema } from '../scenario/schema.js'
import { readSettings, settingsRow } from '../scenario/settings.js'
import { settingsOf } from '../world/view.js'
import { accountIn, accountNamed } from './find.js'
import { AccountParams } from './schemas.js'

/** What the world and its accounts chose, the open questions, and the plan table. */
export async function settingsRoutes (app: FastifyInstance, context: Context): Promise<void> {
  const { store, eventBus } = context

  for (const [path, whose, subject] of [['', (): null => null, 'the world'], ['/accounts/:account', (request: FastifyRequest) => accountIn(request, context), 'an account']] as const) {
    const params = path === '' ? {} : { params: AccountParams }

    app.get(`${path}/settings`, { schema: { summary: `Show the settings that hold for ${subject}`, ...params, response: { 200: SettingsSchema } } }, async request =>
      settingsRow(settingsOf(store, whose(request))))

    app.patch(`${path}/settings`, {
      schema: { summary: `Change settings of ${subject}; null gives one back`, ...params, body: SettingsSchema, response: { 200: SettingsSchema } },
      validatorCompiler: () => () => true
    }, async request => {
      // What was due before goes by what held then.
      bringAllUpToDate(context)
      const account = whose(request)
      const own = account === null ? store.world.find()!.settings : account.settings
      const patched = mergePatch(settingsRow(own), request.body)
      const issues = collectIssues('the change of settings')
      const change = readSettings(issues.check(SettingsSchema, patched), issues)
      issues.throwIfAny()
      store.transaction(() => keep(account, change))
      const settings = settingsRow(settingsOf(store, account && store.accounts.find(account.accountId)!))
      eventBus.publish('settings', account?.name ?? null, () => settings)
      return settings
    })
  }

  app.get('/assumptions', {
    schema: { summary: 'List the open questions and what is chosen', querystring: Type.Object({ account: Type.Optional(Type.String({ description: 'the name of an account' })) }, { additionalProperties: false }) }
  }, async request => {
    const { account } = request.query as { account?: string }
    const { assumptions: chosen } = settingsOf(store, account === undefined ? null : accountNamed(account, store))
    return { assumptions: ASSUMPTION_NAMES.map(name => ({ name, ...ASSUMPTIONS[name], chosen: chosen[name] })) }
  })

  app.get('/plans', { schema: { summary: 'Show the plan table', response: { 200: Type.Object({ plans: PlansSchema }) } } }, async () =>
    ({ plans: store.plans.list().map(planRow) }))

  app.put('/plans', { schema: { summary: 'Put rows over the plan table', body: PlansSchema, response: { 200: Type.Object({ plans: PlansSchema }) } } }, async request => {
    bringAllUpToDate(context)
    store.transaction(() => loadPlans(store, request.body))
    const plans = store.plans.list().map(planRow)
    eventBus.publish('plans', null, () => plans)
    return { plans }
  })

  function keep (account: Account | null, change: SettingsChange): void {
    if (account === null) store.world.update({ ...store.world.find()!, settings: change })
    else store.accounts.updateSettings(account.accountId, change)
  }
}

/** RFC 7396: `null` removes, an object is merged, anything else replaces. */
function mergePatch (target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const merged: Record<string, unknown> = { ...Object(target) as object }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}
