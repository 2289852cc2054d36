import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { ScenarioSettings } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS, type AssumptionName } from '../domain/assumptions.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Context } from '../runtime/context.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { collectIssues } from '../scenario/issues.js'
import { loadPlans } from '../scenario/load.js'
import { planRow } from '../scenario/plans.js'
import { PlansSchema, SettingsSchema } from '../scenario/schema.js'
import { readSettings, settingsRow } from '../scenario/settings.js'
import { settingsOf } from '../world/view.js'
import { accountNamed } from './find.js'
import { mergePatch, mergePatchOf } from './merge-patch.js'
import { AccountQuery } from './schemas.js'
import { forEachScope, ScopeParams } from './scope.js'
import { undoable } from './undoable.js'

const SettingsAnswer = Type.Unsafe<ScenarioSettings>(SettingsSchema)
const SettingsPatch = mergePatchOf(SettingsSchema)
const PlansAnswer = Type.Object({ plans: PlansSchema })

/** Settings of the world and of its accounts, the assumptions, and the plan table. */
export const settingsRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, usage, eventBus } = context

  forEachScope(context, ({ path, whose, accountOf }) => {
    app.get(`${path}/settings`, {
      schema: { summary: `Show ${whose} effective settings`, params: ScopeParams, response: { 200: SettingsAnswer } }
    }, async request => settingsRow(settingsOf(store, accountOf(request.params))))

    app.patch(`${path}/settings`, {
      schema: { summary: `Change ${whose} settings; null removes one`, params: ScopeParams, body: SettingsPatch, response: { 200: SettingsAnswer } }
    }, async request => {
      // Whatever is already due is settled by the settings that applied until now.
      bringAllUpToDate(context)
      const name = accountOf(request.params)?.name ?? null
      // Within the transaction: another process on the same file may change others of them meanwhile.
      const [own, settings] = store.transaction(() => {
        const account = name === null ? null : accountNamed(name, store)
        const own = account === null ? store.world.find()!.settings : account.settings
        const issues = collectIssues('the body')
        const change = readSettings(issues.check(SettingsSchema, mergePatch(settingsRow(own), request.body)), issues)
        issues.throwIfAny()
        keep(account, change)
        return [own, settingsRow(settingsOf(store, account && store.accounts.find(account.accountId)!))] as const
      })
      usage.begin(name, settled(request.body, own))
      eventBus.publish('settings', name, () => settings)
      return settings
    })
  })

  app.get('/assumptions', { schema: { summary: 'List the assumptions and what is chosen for each', querystring: AccountQuery } }, async request => {
    const { account } = request.query
    const { assumptions: chosen } = settingsOf(store, account === undefined ? null : accountNamed(account, store))
    return { assumptions: ASSUMPTION_NAMES.map(name => ({ name, ...ASSUMPTIONS[name], chosen: chosen[name] })) }
  })

  app.get('/plans', { schema: { summary: 'Show the plan table', response: { 200: PlansAnswer } } }, async () =>
    ({ plans: store.plans.list().map(planRow) }))

  app.put('/plans', {
    schema: { summary: 'Override rows of the plan table, or add some', body: PlansSchema, response: { 200: PlansAnswer } }
  }, async (request, reply) => {
    bringAllUpToDate(context)
    undoable(context, null, request, reply, () => store.transaction(() => loadPlans(store, request.body)))
    const plans = store.plans.list().map(planRow)
    eventBus.publish('plans', null, () => plans)
    return { plans }
  })

  function keep (account: Account | null, change: SettingsChange): void {
    if (account === null) store.world.update({ ...store.world.find()!, settings: change })
    else store.accounts.updateSettings(account.accountId, change)
    store.accounts.recheckDue(account?.accountId ?? null)
  }
}

/** Names of the open questions that a patch settles, or leaves open again. */
function settled (patch: unknown, { assumptions: before = {} }: SettingsChange): AssumptionName[] {
  const { assumptions = {} } = patch as { readonly assumptions?: object | null }
  return Object.keys(assumptions ?? before) as AssumptionName[]
}
