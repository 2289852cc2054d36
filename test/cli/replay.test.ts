import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readCase } from '../../src/case/read.js'
import type { Case, CaseRequest, CaseStep } from '../../src/contract/case.js'
import type { Replay } from '../../src/contract/replay.js'
import { MAX_DIFFERENCES } from '../../src/replay/compare.js'
import { writeReplayReports } from '../../src/replay/report.js'
import { differenceLines } from '../../src/replay/words.js'
import { buyPlans, savedCase } from '../support/saved-case.js'
import { told } from '../support/told.js'

const SAVED = await savedCase(buyPlans)

/** A copy of a case in which something is otherwise. */
function changed (change: (requests: Array<{ -readonly [Key in keyof CaseRequest]: CaseRequest[Key] }>, copy: { -readonly [Key in keyof Case]: Case[Key] }) => void): Case {
  const copy = structuredClone(SAVED)
  change(copy.timeline.filter(step => step.step === 'request'), copy)
  return copy
}

const FOLDER = t.testdir({})
let files = 0

function fileOf (content: unknown): string {
  const file = join(FOLDER, `${++files}-case.json`)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return file
}

t.test('a case that comes out the same', async t => {
  const file = fileOf(SAVED)
  t.strictSame(await told(t, ['replay', file]), { code: 0, stdout: `${file}: equal: 4 requests answered alike, and the end is the same\n`, stderr: '' })
})

t.test('a difference is told with its place and with what had just happened', async t => {
  const file = fileOf(changed(requests => {
    const [, , third] = requests
    Object.assign(third!.request.response!.body as object, { amount_debited: '9' })
  }))
  const report = join(t.testdir({}), 'deep/r.json')
  const { code, stdout, stderr } = await told(t, ['replay', file, '--report', `${report},${report.replace('json', 'xml')}`])
  t.strictSame([code, stderr], [1, ''])
  const lines = stdout.trimEnd().split('\n')
  t.match(lines, [
    /case\.json: different, first at step \d+ of \d+$/,
    /^ {2}in change-billing of project 1 with plan 3 by demo-1, at 2020-08-16T12:00:\S+Z \(request 1-3\)$/,
    /^ {2}after POST \/__admin\/accounts\/demo-1\/faults \{"kind":"connection_reset","when":"after","times":1\}, at 2020-08-16T12:00:\S+Z$/,
    /^ {2}after change-billing of project 1 with plan 3 by demo-1, at .* \(request 1-2\), left without an answer, under the fault connection_reset$/,
    /^ {2}at \/received\/body: expected ".*", found ".*"$/,
    '  and 1 more, which may follow from it'
  ])
  const replayed = JSON.parse(readFileSync(report, 'utf8')) as Replay
  t.match(replayed, { equal: false, requests: 4, skipped: 0, differences: [{ pointer: '/received/body' }, { pointer: '/response/body/amount_debited', expected: '9' }] })
  const xml = readFileSync(report.replace('json', 'xml'), 'utf8')
  t.match(xml, /<testsuite name="picky-emulator replay .*case\.json" tests="5" failures="1" errors="0" time="[\d.]+" skipped="0"/)
  t.match(xml, /<testcase classname="replay" name="\d+ change-billing of project 1 with plan 3 by demo-1">\n {6}<failure type="different" message="at \/received\/body: /)
  t.match(xml, '<testcase classname="replay" name="the world at the end"/>')
})

t.test('a difference at the end, and requests that can\'t be sent again', async t => {
  const file = fileOf(changed((requests, copy) => {
    requests.at(-1)!.sendable = false
    Object.assign(copy.end.scenario.accounts![0]!.projects![0]!, { project_name: 'other' })
  }))
  const { code, stdout } = await told(t, ['replay', file, '--real-time'])
  t.equal(code, 1)
  t.match(stdout, /different, first at the end; 1 request could not be sent again, for lack of the body\n {2}in the world at the end\n/)
  t.match(stdout, /\n {2}at \/accounts\/0\/projects\/0\/project_name: expected "other", found "project 1"\n/)
})

t.test('steps of each kind are told, whatever a client has sent', async t => {
  const at = '2020-01-01T00:00:00Z'
  const [sent] = SAVED.timeline.filter(step => step.step === 'request')
  const request = (more: object): CaseStep => ({ ...sent!, request: { ...sent!.request, ...more } })
  const control = { step: 'control' as const, at, emulated_at: at, account: null, method: 'POST', path: '/nothing' }
  const cases: ReadonlyArray<[CaseStep, string]> = [
    [request({ request: { body: { project_id: { deep: 'x'.repeat(1000) } } }, account: null }), `change-billing of project {"deep":"${'x'.repeat(291)}… with the token of no account, at ${sent!.request.emulated_at} (request 1-1), answered 200 with status 100`],
    [request({ endpoint: null, path: '/x', request: { body: 'x' }, api_status: null }), `POST /x by demo-1, at ${sent!.request.emulated_at} (request 1-1), answered 200`],
    [request({ request: { body: { billing_plan: '2' } } }), `change-billing with plan 2 by demo-1, at ${sent!.request.emulated_at} (request 1-1), answered 200 with status 100`],
    [{ step: 'events', events: [], total: 0 }, '0 events that time brought'],
    [{ step: 'events', events: [{ account: 'demo-1', at, event: 'deleted' }], total: 1 }, `1 event that time brought, first {"account":"demo-1","at":"${at}","event":"deleted"}`],
    [{ step: 'removal', at, account: 'demo-1' }, 'the removal of demo-1, whose ttl was over'],
    [control, `POST /__admin/nothing, at ${at}`],
    [{ ...control, body: ['x'.repeat(1000)] }, `POST /__admin/nothing ["${'x'.repeat(298)}…, at ${at}`]
  ]
  for (const [step, says] of cases) {
    const lines = differenceLines({ ...SAVED, timeline: [step] }, { equal: false, requests: 0, skipped: 0, differences: [{ step: null, pointer: '', expected: 1 }] })
    t.strictSame(lines, ['in the world at the end', `after ${says}`, 'expected 1, found nothing'])
  }
})

t.test('of many differences, those that are not listed are not taken for equal', async t => {
  const differences = Array.from({ length: MAX_DIFFERENCES }, (_, index) => ({ step: 0, pointer: `/${index}`, expected: 1 }))
  const file = join(t.testdir({}), 'r.xml')
  const base = { file: 'case.json', saved: changed(requests => { requests.at(-1)!.sendable = false }), startedAt: '2020-01-01T00:00:00.000Z', durationMs: 5 }
  writeReplayReports([file], { ...base, replay: { equal: false, requests: 3, skipped: 1, differences } })
  const xml = readFileSync(file, 'utf8')
  t.match(xml, /<skipped message="only the first 100 differences are listed, which come before it"\/>/)
  t.match(xml, /<skipped message="it could not be sent again, for lack of the body"\/>/)
  t.match(xml, /name="the world at the end">\n {6}<skipped/)
  writeReplayReports([file], { ...base, replay: { equal: false, requests: 3, skipped: 1, differences: differences.map(difference => ({ ...difference, step: null })) } })
  t.match(readFileSync(file, 'utf8'), /<testcase classname="replay" name="\d+ change-billing of project 1 with plan 2 by demo-1"\/>/)
  const lines = differenceLines(base.saved, { equal: false, requests: 3, skipped: 1, differences })
  t.equal(lines.at(-1), 'and at least 99 more, which may follow from it')
})

t.test('what is wrong is told in one line, with the place', async t => {
  const file = fileOf(SAVED)
  const at = (line: string): RegExp => new RegExp(`case\\.json:\\d+:\\d+: ${line}`)
  const incomplete = fileOf({ ...SAVED, incomplete: 'its beginning is lost' })
  const cases: ReadonlyArray<[string[], string | RegExp]> = [
    [['replay'], 'replay takes one case: picky-emulator replay CASE'],
    [['replay', file, file], 'replay takes one case: picky-emulator replay CASE'],
    [['replay', '/nowhere'], '/nowhere: no such file'],
    [['replay', fileOf('{"case":1,')], /case\.json:1:11: /],
    [['replay', fileOf({ case: 2 })], at('the case is wrong at /case: found 2, expected 1, the version of the format that this emulator reads')],
    [['replay', fileOf({ accounts: [] })], at('the case is wrong at /case: found nothing, expected 1')],
    [['replay', fileOf({ ...SAVED, timeline: [{ step: 'x' }] })], at('the case is wrong at /timeline/0')],
    [['replay', incomplete], 'the case can\'t be replayed: its beginning is lost'],
    [['replay', file, '--port', '1'], '--port can\'t be set for a replay: it has the world of its case'],
    [['replay', file, '--report', 'x.html'], '--report is wrong: found "x.html", expected a file that ends in .json, .xml'],
    [['replay', file, '--report', `${file}/x.json`], /^--report is wrong: .*case\.json\/x\.json can't be written \(E/],
    [['replay', file, '--report', file], `--report is wrong: ${file} is the case, which would be lost`],
    [['replay', file, '--admin-token', 'x'], '--admin-token is wrong: it needs --against, the server that it is for'],
    [['replay', file, '--token', 'a=b'], '--token is wrong: it needs --against, the server that it is for'],
    [['replay', file, '--timeout', '1s'], '--timeout is wrong: it needs --against, the server that it is for'],
    [['replay', file, '--against', 'ftp://x'], '--against is wrong: found "ftp://x", expected a URL such as http://127.0.0.1:4290'],
    [['replay', file, '--against', 'localhost'], '--against is wrong: found "localhost", expected a URL such as http://127.0.0.1:4290'],
    [['replay', file, '--against', 'http://127.0.0.1:1', '--real-time'], '--real-time is wrong: delays of a server that a case is replayed against take their time'],
    [['replay', file, '--against', 'http://127.0.0.1:1', '--token', 'secret'], '--token is wrong: expected NAME=VALUE, such as demo=132321343dsfsdf'],
    [['replay', file, '--against', 'http://127.0.0.1:1', '--timeout', '0s'], '--timeout is wrong: found "0s", expected a duration such as 500ms, 60s or 5m, at most 24h'],
    [['replay', file, '--against', 'http://127.0.0.1:1/'], 'http://127.0.0.1:1 can\'t be reached (ECONNREFUSED)'],
    [['replay', incomplete, '--against', 'http://127.0.0.1:1/'], 'the case can\'t be replayed: its beginning is lost'],
    [['serve', '--against', 'x'], '--against is an option of the replay command only'],
    [['serve', '--timeout', '1s'], '--timeout is an option of the sweep and replay commands only']
  ]
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await told(t, args)
    const [, said = ''] = /^picky-emulator: ([^\n]*)\n$/.exec(stderr) ?? []
    t.strictSame([code, stdout], [2, ''], args.join(' '))
    if (typeof message === 'string') t.equal(said, message)
    else t.match(said, message)
  }
})

t.test('check knows a case', async t => {
  const file = fileOf(SAVED)
  t.strictSame(await told(t, ['check', file]), { code: 0, stdout: `${file}: valid case of the world with 4 requests and 3 calls; it can be replayed\n`, stderr: '' })
  const narrow = fileOf({ ...SAVED, account: 'demo-1', incomplete: 'its beginning is lost' })
  t.match(await told(t, ['check', narrow]), { code: 0, stdout: /: valid case of account demo-1 with 4 requests and 3 calls; it can't be replayed: its beginning is lost\n$/ })
  const { code, stderr } = await told(t, ['check', fileOf({ ...SAVED, seed: -1, saved_at: 5 })])
  t.equal(code, 2)
  t.match(stderr.trimEnd().split('\n').sort(), [/case\.json:\d+:\d+: \/saved_at: found 5, expected /, /case\.json:\d+:\d+: \/seed: found -1, expected a whole number from 0 to 4294967295$/])
  t.match(await told(t, ['check', fileOf('null')]), { code: 2, stderr: /expected a scenario|expected / })
})

t.test('the case that these tests use is one', async t => {
  t.same(readCase(SAVED), SAVED)
})
