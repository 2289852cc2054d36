import t from 'tap'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { createUsage } from '../../src/runtime/usage.js'
import { fileStore } from '../support/store.js'

const CHOICE = { assumptions: { 'same-plan': 'charge-again' } } as const

t.test('what an account that is gone has met is not kept', async t => {
  const { store } = fileStore(t)
  loadSeed(store, readScenario({ settings: CHOICE, accounts: [{ name: 'own', settings: CHOICE }] }, { plans: bundledPlans(), machineTime: 0, seed: 1 }))
  const usage = createUsage(store)
  usage.note({ account: 'gone', assumptions: ['same-plan'] })
  usage.noteEvents('gone', [{ at: 0, event: 'deleted', account: 'gone', projectId: 1 }])
  for (const account of ['gone', null]) for (const item of ['same-plan', 'clock'] as const) t.notOk(usage.isMet(account, item), `${item} of ${account}`)
  usage.noteEvents('own', [{ at: 0, event: 'deleted', account: 'own', projectId: 1 }])
  t.ok(usage.isMet(null, 'clock'), 'of an event whose project has been removed, its time is left')
  t.notOk(usage.isMet('own', 'same-plan'))
  for (const account of ['own', 'gone']) usage.takeForMet(account)
  t.strictSame(['own', 'gone'].map(account => usage.isMet(account, 'same-plan')), [true, false], 'nor is one kept that an undo has removed again')
})

t.test('a request that meets nothing new reads nothing', async t => {
  const { store } = fileStore(t)
  loadSeed(store, readScenario({ accounts: [{ name: 'own', settings: CHOICE }] }, { plans: bundledPlans(), machineTime: 0, seed: 1 }))
  let reads = 0
  const findByName: typeof store.accounts.findByName = name => {
    reads++
    return store.accounts.findByName(name)
  }
  const usage = createUsage({ ...store, accounts: { ...store.accounts, findByName } })
  for (const count of [2, 2, 2]) {
    usage.note({ account: 'own', assumptions: ['same-plan'] })
    t.equal(reads, count)
  }
  usage.begin('own', ['same-plan'])
  usage.note({ account: 'own', assumptions: ['same-plan'] })
  t.equal(reads, 3)
})
