import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { BUNDLED_SCENARIOS, bundledFile, scenarioFile } from '../../src/scenario/bundled.js'
import { inFile, readJsonFile } from '../../src/scenario/file.js'
import { differences, EXAMPLE, loaded, read } from '../support/scenario.js'

t.test('a scenario is found by the name of a bundled one, or by its path', async t => {
  t.equal(scenarioFile('default'), bundledFile('default'))
  t.equal(scenarioFile('edge-cases'), bundledFile('edge-cases'))
  t.equal(basename(bundledFile('default')), 'default.json')
  for (const path of ['./default', 'default.json', 'plans', '/tmp/x.json']) t.equal(scenarioFile(path), path)
})

t.test('the bundled scenarios are valid, and the default one is the documented sample', async t => {
  const there = BUNDLED_SCENARIOS.filter(name => existsSync(bundledFile(name)))
  t.ok(there.includes('default'))
  for (const name of there) {
    const seed = inFile(readJsonFile(scenarioFile(name)), read)
    const store = loaded(seed)
    t.strictSame(differences(store, seed), [], name)
    t.ok(store.accounts.count() > 0 && store.projects.count() > 0, `${name} holds something`)
    store.close()
  }
  const { plans, settings, ...documented } = EXAMPLE
  t.strictSame(JSON.parse(readFileSync(bundledFile('default'), 'utf8')), documented, 'the default world is the documented sample\'s')
})
