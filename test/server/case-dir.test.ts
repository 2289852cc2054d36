import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readCase } from '../../src/case/read.js'
import { startEmulator } from '../../src/index.js'
import { replay } from '../../src/server/replay.js'
import { createContext } from '../../src/runtime/context.js'
import { openLog } from '../../src/runtime/log.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { saveOnSignal } from '../../src/server/case-dir.js'
import { openStore } from '../../src/store/index.js'
import { SAMPLE } from '../support/emulator.js'
import { post } from '../support/saved-case.js'
import { until } from '../support/until.js'

/** Sends the signal, and gives what is said on standard error then. */
async function said (t: Test): Promise<string> {
  const written = t.capture(process.stderr, 'write', () => true)
  try {
    const lines: string[] = []
    process.emit('SIGUSR2', 'SIGUSR2')
    await until(() => {
      lines.push(...written().map(({ args }) => String(args[0])))
      return lines.length > 0
    })
    return lines.join('')
  } finally {
    written.restore()
  }
}

t.test('SIGUSR2 saves the case of the world in a new file each time, and names it', async t => {
  const folder = join(t.testdir({}), 'deep/cases')
  const listeners = process.listenerCount('SIGUSR2')
  const emulator = await startEmulator({ caseDir: folder })
  await post(emulator.url, 'change-billing', SAMPLE)
  const saved = []
  for (let count = 0; count < 2; count++) {
    const [, file = ''] = /^picky-emulator: the case is in (.*\/case-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.json)\n$/.exec(await said(t)) ?? []
    t.ok(existsSync(file), file)
    saved.push(file)
  }
  t.same(readdirSync(folder).map(name => join(folder, name)).sort(), saved)
  t.match(await replay(readCase(JSON.parse(readFileSync(saved[1]!, 'utf8')))), { equal: true, requests: 1 })

  rmSync(folder, { recursive: true })
  t.equal(await said(t), `picky-emulator: the case can't be saved in ${folder} (ENOENT)\n`)
  t.equal((await fetch(emulator.url)).status, 200, 'and the emulator goes on')
  await emulator.stop()
  t.equal(process.listenerCount('SIGUSR2'), listeners)
})

t.test('no file is overwritten, whoever has it', async t => {
  const folder = t.testdir({ 'case-1970-01-01T00-00-00Z.json': 'of another' })
  const store = openStore()
  t.teardown(() => { store.close() })
  store.transaction(() => {
    loadSeed(store, readScenario({}, { plans: bundledPlans(), machineTime: 0, seed: 1 }))
    store.world.updateScenario({})
  })
  const { logger } = await openLog('silent')
  const context = createContext({ store, log: logger, seed: 1, journal: { entries: 10, bytes: 1e6 }, machineTime: () => 0 })
  const told: string[] = []
  const stop = saveOnSignal(context, folder, line => { told.push(line) })
  for (let count = 1; count <= 2; count++) {
    process.emit('SIGUSR2', 'SIGUSR2')
    await until(() => told.length === count)
  }
  stop()
  t.strictSame(told, ['-2', '-3'].map(end => `the case is in ${folder}/case-1970-01-01T00-00-00Z${end}.json`))
  t.equal(readFileSync(join(folder, 'case-1970-01-01T00-00-00Z.json'), 'utf8'), 'of another')
  const trouble = saveOnSignal({ ...context, machineTime: () => { throw new Error('no time') } }, folder, line => { told.push(line) })
  process.emit('SIGUSR2', 'SIGUSR2')
  await until(() => told.length === 3)
  trouble()
  t.equal(told[2], `the case can't be saved in ${folder} (no time)`)
})

t.test('a folder that can\'t be written is told at the start', async t => {
  const folder = t.testdir({ file: 'x' })
  await t.rejects(startEmulator({ caseDir: join(folder, 'file') }), { name: 'Problem', message: /^the option caseDir is wrong: .*\/file\/case\.json can't be written \(ENOTDIR\)$/ })
  await t.rejects(startEmulator({ caseDir: '' }), { message: 'the option caseDir is wrong: found "", expected a folder' })
})
