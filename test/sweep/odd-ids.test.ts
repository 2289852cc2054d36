import t from 'tap'
import { createProbe } from '../../src/runtime/probe.js'
import { fileStore } from '../support/store.js'

t.test('a probe keeps the ids that a fault can name, whatever number a client sends', async t => {
  const { store } = fileStore(t)
  const probe = createProbe(store, () => [])
  const { calls } = probe.watch(null, null)
  const ids = [5786, 0, Number.MAX_SAFE_INTEGER, -1, 1.5, Infinity, NaN, 1e300, null]
  for (const id of ids) probe.call('r', { account: null, endpoint: 'change-billing', projectId: id, planId: id })
  const kept = [5786, 0, Number.MAX_SAFE_INTEGER, null, null, null, null, null, null]
  t.same(calls.map(({ projectId, planId }) => [projectId, planId]), kept.map(id => [id, id]))
})
