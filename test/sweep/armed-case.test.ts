import t from 'tap'
import { readCase } from '../../src/case/read.js'
import type { ScenarioFault } from '../../src/contract/scenario.js'
import { replay } from '../../src/server/replay.js'
import { withFault } from '../../src/sweep/armed-case.js'
import { openWatched } from '../../src/sweep/watched.js'
import { SAMPLE } from '../support/emulator.js'
import { post } from '../support/saved-case.js'
import { until } from '../support/until.js'

t.test('the case of a run has its fault in it, and replays equal', async t => {
  const kinds: ScenarioFault[] = [
    { kind: 'connection_reset', when: 'after' }, { kind: 'api_refusal', when: 'before', status: 403 }, { kind: 'truncated_body', when: 'after' }, { kind: 'delay', when: 'before', delay: { fixed: 100 } }
  ]
  for (const kind of kinds) {
    const fault = { ...kind, endpoint: 'change-billing', project_id: 5786, skip: 1, times: 1 }
    const { emulator, answer } = await openWatched({}, undefined, { fault })
    const { watch, saved } = await answer()
    const { url } = emulator
    const buy = async (plan: number) => await post(url, 'change-billing', { ...SAMPLE, plan_id: plan })
    await buy(2)
    // Those that come meanwhile are decided before one that the fault delays.
    const hit = buy(3)
    await until(() => watch.calls.length === 2)
    await buy(4)
    await hit
    await post(url, 'get-projects', SAMPLE)
    const id = watch.calls.find(({ triggered }) => triggered !== null)!.id
    const whole = withFault(await saved(), fault, id)
    await emulator.stop()
    t.same(readCase(whole), whole)
    t.strictSame(await replay(whole), { equal: true, requests: 4, skipped: 0, differences: [] }, kind.kind)
    t.match(whole.timeline.filter(({ step }) => step === 'control'), [{ method: 'POST', path: '/faults', body: { ...kind, times: 1 } }, { method: 'DELETE', path: '/faults/sweep' }])
    t.equal(withFault(whole, fault, 'unknown'), whole, 'one whose beginning has gone stays as it is')
  }
})

t.test('requests that overlap one another stay in their order', async t => {
  const request = (id: string, before?: number) => ({ step: 'request', at: '2020-01-01T00:00:00Z', ...before !== undefined && { arrived: { before, at: '2020-01-01T00:00:00Z' } }, request: { id, emulated_at: '2020-01-01T00:00:00Z', fault: null } })
  const timeline = [request('a'), request('b'), request('c', 1), request('d', 2), request('e', 0), request('f', 4)]
  const { timeline: armed } = withFault({ timeline } as never, { kind: 'delay' }, 'c')
  const order = armed.map(step => step.step === 'request' ? [step.request.id, step.arrived?.before] : step.step === 'control' ? [step.method, step.path] : [])
  t.same(order, [['a', undefined], ['POST', '/faults'], ['b', undefined], ['c', 2], ['DELETE', '/faults/sweep'], ['d', 3], ['e', 0], ['f', 6]])
})
