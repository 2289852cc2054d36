import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FaultState } from '../contract/control.js'
import { MAX_FAULTS, type Fault } from '../domain/fault.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { bytesOfBodies, bytesOfBody, type ActiveFaults } from '../runtime/faults.js'
import { memoryBounds } from '../runtime/memory.js'
import { checkFault, faultRow, readFault } from '../scenario/faults.js'
import { collectIssues, issue } from '../scenario/issues.js'
import { FaultSchema } from '../scenario/schema.js'
import { accountNamed } from './find.js'
import { FaultAnswer } from './schemas.js'
import { forEachScope, ScopeParams } from './scope.js'

const FaultParams = Type.Composite([ScopeParams, Type.Object({ id: Type.String({ description: 'the id of a fault' }) })])
const FaultsAnswer = Type.Object({ faults: Type.Array(FaultAnswer) })

/** Faults, for every account or for one. */
export const faultRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, activeFaults, machineTime, seed, eventBus } = context

  forEachScope(context, ({ path, accountOf }) => {
    const nameOf = (params: { readonly account?: string }): string | undefined => accountOf(params)?.name
    const ofAccount = path === '' ? '' : ' of an account'

    app.get(`${path}/faults`, {
      config: { asksFaults: path === '' },
      schema: { summary: `List the active faults${ofAccount} and how often each has triggered`, params: ScopeParams, response: { 200: FaultsAnswer } }
    }, async request => {
      const account = nameOf(request.params)
      return { faults: activeFaults.list().filter(({ active }) => account === undefined || active.fault.account === account).map(shown) }
    })

    app.post(`${path}/faults`, {
      config: {
        noteAnswer (step, { id, account }: FaultState) {
          step.fault = id
          step.faults = [{ id, account }]
        }
      },
      schema: {
        summary: path === '' ? 'Add a fault' : 'Add a fault for an account',
        params: ScopeParams,
        body: FaultSchema,
        response: { 201: FaultAnswer }
      }
    }, async (request, reply) => {
      const account = nameOf(request.params)
      const given = request.body
      if (account !== undefined && given.account !== undefined && given.account !== account) {
        throw new Problem('the account in the body is not the one in the path', { issues: [issue('/account', given.account, account)] })
      }
      if (given.account !== undefined) accountNamed(given.account, store)
      const issues = collectIssues('the fault')
      checkFault(given, issues)
      issues.throwIfAny()
      const active = readFault({ ...given, ...account !== undefined && { account } }, seed, machineTime())
      refuseTooMany(activeFaults, active.fault)
      const answer = shown({ id: activeFaults.add(active), active })
      eventBus.publish('fault', active.fault.account ?? null, () => answer)
      return await reply.code(201).send(answer)
    })

    app.delete(`${path}/faults`, {
      config: { asksFaults: path === '' },
      schema: { summary: `Remove all faults${ofAccount}`, params: ScopeParams, response: { 204: Type.Null() } }
    }, async (request, reply) => {
      const account = nameOf(request.params)
      activeFaults.removeAll(account)
      eventBus.publish('fault', account ?? null, () => null)
      return await reply.code(204).send(null)
    })

    app.delete(`${path}/faults/:id`, {
      config: { asksFaults: path === '' },
      schema: { summary: `Remove a fault${ofAccount}`, params: FaultParams, response: { 204: Type.Null() } }
    }, async (request, reply) => {
      const account = nameOf(request.params)
      const { id } = request.params
      const active = activeFaults.find(id)
      if (active === undefined || (account !== undefined && active.fault.account !== account)) {
        throw new Problem(`there is no fault ${JSON.stringify(id)}`, {
          status: 404,
          advice: 'GET /__admin/faults lists the active faults; a fault disappears when its ttl is over'
        })
      }
      activeFaults.remove(id)
      eventBus.publish('fault', active.fault.account ?? null, () => null)
      return await reply.code(204).send(null)
    })
  })

  function shown ({ id, active }: ReturnType<ActiveFaults['list']>[number]): FaultState {
    return { id, ...faultRow(active, machineTime()) }
  }
}

function refuseTooMany (activeFaults: ActiveFaults, fault: Fault): void {
  const faults = activeFaults.list()
  const advice = 'remove some with DELETE /__admin/faults'
  if (faults.length >= MAX_FAULTS) throw new Problem(`at most ${MAX_FAULTS} faults can be active at a time`, { status: 409, advice })
  const { faults: maxBytes } = memoryBounds()
  if (bytesOfBodies(faults) + bytesOfBody(fault) <= maxBytes) return
  throw new Problem(`the bodies of all faults together would have more than ${maxBytes >> 1} characters`, { status: 409, advice })
}
