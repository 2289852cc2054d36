import t from 'tap'
import { caseFileName, contentWords, differentParts, nameInFiles, nearParts, placeWords, stepWords, subjectOf } from '../../src/console/case-words.js'
import type { Case, CaseEvents, CaseStep } from '../../src/contract/case.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'

const at = '2020-06-16T12:00:00Z'
const entry = { emulated_at: at, account: 'demo', method: 'POST', path: '/x?y', endpoint: 'change-billing' } as JournalEntry

function request (given: Partial<JournalEntry> = {}): CaseStep {
  return { step: 'request', at: '2026-01-01T00:00:00Z', from: '::1', sendable: true, request: { ...entry, ...given } }
}

function events (...names: string[]): CaseEvents {
  return { step: 'events', events: names.map(account => ({ account, at, event: 'renewed' })), total: names.length + 1 }
}

function control (path: string, account: string | null): CaseStep {
  return { step: 'control', at: '2026-01-01T00:00:00Z', emulated_at: at, account, method: 'DELETE', path }
}

const removal: CaseStep = { step: 'removal', at, account: 'demo' }

t.test('the console says in few words what happened in a step of a case', async t => {
  const rows: ReadonlyArray<readonly [step: CaseStep, account: string, what: string]> = [
    [request(), 'demo', 'change-billing'],
    [request({ account: null, endpoint: null }), 'no account', 'POST /x?y'],
    [request({ endpoint: null, method: '', path: '' }), 'demo', 'unreadable'],
    [control('/accounts/demo', 'demo'), 'demo', 'DELETE /accounts/demo'],
    [control('', null), 'world', 'DELETE /'],
    [events('a', 'b', 'a'), 'a, b', '4 events of time'],
    [events('a', 'b', 'c'), 'a, b, c', '4 events of time'],
    [events('a', 'b', 'c', 'd'), '4 accounts', '5 events of time'],
    [removal, 'demo', 'removed, as its ttl was over']
  ]
  for (const [step, account, what] of rows) t.same(stepWords(step), { at, account, what })
  t.same(stepWords({ step: 'events', events: [], total: 0 }), { at: '', account: '', what: '0 events of time' })
})

t.test('the console says what is in a case, and names its file', async t => {
  const words = (...timeline: CaseStep[]): string => contentWords({ timeline } as unknown as Case)
  t.equal(words(), '0 requests')
  t.equal(words(request(), events('a')), '1 request')
  t.equal(words(request(), request(), control('', null), removal), '2 requests, 1 call of the control API, 1 account removed')
  t.equal(words(control('', null), control('', null), removal, removal), '0 requests, 2 calls of the control API, 2 accounts removed')
  t.same([subjectOf({ account: null }), subjectOf({ account: 'demo' })], ['the world', 'demo'])
  const saved = '2026-11-26T11:04:41.123Z'
  t.equal(caseFileName({ account: null, saved_at: saved }), 'world-case-2026-11-26-110441.json')
  t.equal(caseFileName({ account: '../Müller & Söhne', saved_at: '2026-11-26T11:04:41Z' }), 'account-M-ller-S-hne-case-2026-11-26-110441.json')
  const names = [['demo', 'demo'], ['a b', 'a-b'], ['مرحبا', 'account'], ['مرحبا 2', 'account-2'], ['--help', 'account-help'], ['.', 'account'], ['.a-', 'account-a'], ['b-', 'b-'], ['_', '_']] as const
  for (const [account, name] of names) t.equal(nameInFiles(account), name, account)
})

t.test('the console says which step a difference belongs to, and where two texts differ', async t => {
  const given = { timeline: [removal, request()] } as unknown as Case
  t.equal(placeWords({ step: 1, pointer: '' }, given), 'Step 2: change-billing')
  t.equal(placeWords({ step: null, pointer: '' }, given), 'The world at the end')
  const rows: ReadonlyArray<readonly [a: string, b: string, parts: readonly [string, string, string], parts: readonly [string, string, string]]> = [
    ['', '', ['', '', ''], ['', '', '']],
    ['same', 'same', ['same', '', ''], ['same', '', '']],
    ['abc', 'axc', ['a', 'b', 'c'], ['a', 'x', 'c']],
    ['ab', 'aab', ['a', '', 'b'], ['a', 'a', 'b']],
    ['aa', 'aaa', ['aa', '', ''], ['aa', 'a', '']],
    ['', 'x', ['', '', ''], ['', 'x', '']],
    ['1', '2', ['', '1', ''], ['', '2', '']],
    // Two characters with the same first half, and two with the same second half.
    ['\u{1F600}', '\u{1F601}', ['', '\u{1F600}', ''], ['', '\u{1F601}', '']],
    ['a\u{1F600}', 'a\u{1FA00}', ['a', '\u{1F600}', ''], ['a', '\u{1FA00}', '']]
  ]
  for (const [a, b, ...parts] of rows) t.same(differentParts(a, b), parts, JSON.stringify([a, b]))
})

t.test('the console leaves out what two texts have in common far from where they differ', async t => {
  const long = 'x'.repeat(200)
  t.same(nearParts([long, 'y', long]), [long, 'y', long])
  t.same(nearParts([`y${long}`, 'y', `${long}y`]), [`…${long}`, 'y', `${long}…`])
  const cut = 'x'.repeat(199)
  t.same(nearParts([`\u{1F600}${cut}`, '', `${cut}\u{1F600}`]), [`…${cut}`, '', `${cut}…`])
})
