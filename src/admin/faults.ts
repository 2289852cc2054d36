import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ScenarioFault } from '../contract/scenario.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import type { ActiveFaults } from '../runtime/faults.js'
import { checkFault, faultRow, readFault } from '../scenario/faults.js'
import { collectIssues, issue } from '../scenario/issues.js'
import { FaultSchema } from '../scenario/schema.js'
import { accountIn, accountNamed } from './find.js'
import { AccountParams, FaultAnswer } from './schemas.js'

/** How many faults may be set at a time. */
const MAX_FAULTS = 1000

const FaultsAnswer = Type.Object({ faults: Type.Array(FaultAnswer) })

/** What goes wrong with requests, for everybody or for one account. */
export async function faultRoutes (app: FastifyInstance, context: Context): Promise<void> {
  const { store, activeFaults, machineTime, seed, eventBus } = context

  for (const [path, whose] of [['', (): undefined => undefined], ['/accounts/:account', (request: FastifyRequest) => accountIn(request, context).name]] as const) {
    const params = path === '' ? {} : { params: AccountParams }

    app.get(`${path}/faults`, { schema: { summary: 'List the faults that are set, and how often each has struck', ...params, response: { 200: FaultsAnswer } } }, async request => {
      const account = whose(request)
      return { faults: activeFaults.list().filter(({ active }) => account === undefined || active.fault.account === account).map(shown) }
    })

    app.post(`${path}/faults`, { schema: { summary: 'Set a fault', ...params, body: FaultSchema, response: { 201: FaultAnswer } } }, async (request, reply) => {
      const account = whose(request)
      const given = request.body as ScenarioFault
      if (account !== undefined && given.account !== undefined && given.account !== account) {
        throw new Problem('the body names another account than the path', { issues: [issue('/account', given.account, account)] })
      }
      if (given.account !== undefined) accountNamed(given.account, store)
      const issues = collectIssues('the fault')
      checkFault(given, issues)
      issues.throwIfAny()
      refuseTooMany(activeFaults)
      const active = readFault({ ...given, ...account !== undefined && { account } }, seed, machineTime())
      const answer = shown({ id: activeFaults.add(active), active })
      eventBus.publish('fault', active.fault.account ?? null, () => answer)
      return await reply.code(201).send(answer)
    })

    app.delete(`${path}/faults`, { schema: { summary: 'Remove the faults', ...params, response: { 204: Type.Null() } } }, async (request, reply) => {
      const account = whose(request)
      activeFaults.removeAll(account)
      eventBus.publish('fault', account ?? null, () => null)
      return await reply.code(204).send()
    })

    app.delete(`${path}/faults/:id`, { schema: { summary: 'Remove a fault', params: Type.Composite([path === '' ? Type.Object({}) : AccountParams, Type.Object({ id: Type.String() })]), response: { 204: Type.Null() } } }, async (request, reply) => {
      const account = whose(request)
      const { id } = request.params as { id: string }
      const active = activeFaults.find(id)
      if (active === undefined || (account !== undefined && active.fault.account !== account)) {
        throw new Problem(`there is no fault ${JSON.stringify(id)}`, { status: 404, advice: 'GET /__admin/faults lists those that are set; one whose ttl is over is gone' })
      }
      activeFaults.remove(id)
      eventBus.publish('fault', active.fault.account ?? null, () => null)
      return await reply.code(204).send()
    })
  }

  function shown ({ id, active }: ReturnType<ActiveFaults['list']>[number]): ScenarioFault & { readonly id: string } {
    return { id, ...faultRow(active, machineTime()) }
  }
}

function refuseTooMany (activeFaults: ActiveFaults): void {
  if (activeFaults.list().length >= MAX_FAULTS) throw new Problem(`there are ${MAX_FAULTS} faults already`, { status: 409, advice: 'remove some with DELETE /__admin/faults' })
}
