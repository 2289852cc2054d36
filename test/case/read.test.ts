import t from 'tap'
import { readCase } from '../../src/case/read.js'
import type { Case } from '../../src/contract/case.js'
import { issuesOf } from '../../src/problem.js'
import { start } from '../../src/server/start.js'
import { CHANGE_BILLING, SAMPLE_REQUEST } from '../support/emulator.js'

/** A case with a request and a call in it. */
async function caseText (): Promise<string> {
  const emulator = await start({})
  try {
    await fetch(emulator.url + CHANGE_BILLING, { method: 'POST', body: SAMPLE_REQUEST })
    await fetch(`${emulator.url}/__admin/clock/advance`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"by":"P3M"}' })
    return await (await fetch(`${emulator.url}/__admin/case`)).text()
  } finally {
    await emulator.stop()
  }
}

t.test('reading a case', async t => {
  const text = await caseText()
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const changed = (change: (saved: any) => void): unknown => {
    const saved: unknown = JSON.parse(text)
    change(saved)
    return saved
  }
  t.strictSame(readCase(JSON.parse(text)), JSON.parse(text) as Case, 'one that was saved')
  t.match(readCase(JSON.parse(text)).timeline.map(({ step }) => step), ['request', 'control', 'events'])

  const wrong: Array<[name: string, input: unknown, pointer: string, expected: RegExp]> = [
    ['nothing', null, '/case', /^1, the version of the format/],
    ['a scenario', { accounts: [] }, '/case', /^1, the version/],
    ['a later version', changed(saved => { saved.case = 2; saved.timeline = 'other' }), '/case', /^1, the version/],
    ['one cut short', changed(saved => { delete saved.end }), '/end', /world/],
    ['an unknown key', changed(saved => { saved.more = 1 }), '/more', /^The keys here|timeline/],
    ['an unknown step', changed(saved => { saved.timeline[0].step = 'dance' }), '/timeline/0', /./],
    ['a step without its request', changed(saved => { delete saved.timeline[0].request }), '/timeline/0/request', /./],
    ['a timeline that is none', changed(saved => { saved.timeline = 'none' }), '/timeline', /./],
    ['a step that is none', changed(saved => { saved.timeline = [null] }), '/timeline/0', /./],
    ['an instant that is none', changed(saved => { saved.timeline[1].at = 'yesterday' }), '/timeline/1/at', /ISO 8601/],
    ['a day that does not exist', changed(saved => { saved.timeline[1].at = '2021-02-30T00:00:00Z' }), '/timeline/1/at', /ISO 8601/],
    ['a method that changes nothing', changed(saved => { saved.timeline[1].method = 'GET' }), '/timeline/1/method', /POST, PUT/],
    ['a path that leaves the control API', changed(saved => { saved.timeline[1].path = '//evil.example/' }), '/timeline/1/path', /path/],
    ['a path with a line break', changed(saved => { saved.timeline[1].path = '/x\r\nhost: y' }), '/timeline/1/path', /path/],
    ['a header that is none', changed(saved => { saved.timeline[0].request.request.headers = { 'a b': 'x' } }), '/timeline/0/request/request/headers/a b', /the name of a header/],
    ['a request that arrived after its decision', changed(saved => { saved.timeline[0].arrived = { before: 1, at: '2020-01-01' } }), '/timeline/0/arrived/before', /at most 0/],
    ['a world that can\'t be', changed(saved => { saved.start.scenario.accounts[0].balance = 'much' }), '/start/scenario/accounts/0/balance', /./],
    ['an end that can\'t be', changed(saved => { saved.end.scenario.accounts[0].ledger[0].balance = '1' }), '/end/scenario/accounts/0/ledger/0/balance', /./]
  ]
  for (const [name, input, pointer, expected] of wrong) {
    t.test(`${name} is refused with its place`, async t => {
      try {
        readCase(input)
        t.fail('it was read')
      } catch (error) {
        t.match(issuesOf(error).map(({ pointer, expected }) => ({ pointer, expected }))[0], { pointer, expected })
      }
    })
  }
})
