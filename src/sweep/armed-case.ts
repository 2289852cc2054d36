import type { Case, CaseControlCall, CaseStep } from '../contract/case.js'
import type { ScenarioFault } from '../contract/scenario.js'

/** Id in a case of the fault of a run. */
const ID = 'sweep'

/**
 * Gives the case of a run in which a fault that was armed outside of its world triggered on a request. The case has the fault in it, added by
 * a call just before and removed just after, so that it can be replayed, and exported, by itself.
 */
export function withFault (saved: Case, { skip: _skip, ...fault }: ScenarioFault, requestId: string): Case {
  const index = saved.timeline.findIndex(step => step.step === 'request' && step.request.id === requestId)
  const step = saved.timeline[index]
  // Its beginning is no longer kept.
  if (step?.step !== 'request') return saved
  const { at, arrived = { before: index, at }, request } = step
  const call = (call: Pick<CaseControlCall, 'at' | 'method' | 'path' | 'body' | 'fault'>): CaseControlCall =>
    ({ step: 'control', emulated_at: request.emulated_at, account: null, ...call })
  const add = call({ at: arrived.at, method: 'POST', path: '/faults', body: fault, fault: ID })
  const remove = call({ at, method: 'DELETE', path: `/faults/${ID}` })
  const hit: CaseStep = {
    ...step,
    ...step.arrived && { arrived: { ...arrived, before: arrived.before + 1 } },
    // It passed over others before, which the fault of the case does not see.
    request: { ...request, fault: request.fault && { ...request.fault, id: ID, matched: 0 } }
  }
  const moved = (other: CaseStep): CaseStep => {
    if (other.step !== 'request' || other.arrived === undefined) return other
    const { before } = other.arrived
    const added = Number(before > arrived.before) + Number(before > index)
    return { ...other, arrived: { ...other.arrived, before: before + added } }
  }
  const others = saved.timeline.map(moved)
  return {
    ...saved,
    timeline: [...others.slice(0, arrived.before), add, ...others.slice(arrived.before, index), hit, remove, ...others.slice(index + 1)]
  }
}
