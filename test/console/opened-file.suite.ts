import t from 'tap'
import { openedFile, type OpenedFile } from '../../src/console/opened-file.js'
import { largeReport } from '../support/sweep-report.js'

const REPORT = largeReport(2)
const NOTHING = 'Nothing was changed.'
const JSON_ONE = 'Of the reports of a sweep, the one that ends in .json can be opened here.'

t.test('a file is opened by what is in it, or refused in one sentence with the place', async t => {
  const rows: ReadonlyArray<readonly [text: string, expected: OpenedFile | { readonly kind: 'none', readonly detail: RegExp, readonly advice: string }]> = [
    ['{}', { kind: 'scenario', text: '{}' }],
    ['{"accounts":[]}', { kind: 'scenario', text: '{"accounts":[]}' }],
    // What is no object is for the emulator to refuse: it says where, and what would be right.
    ...['[]', 'null', '1', '"x"'].map(text => [text, { kind: 'scenario', text }] as const),
    ['{"case":2}', { kind: 'case', text: '{"case":2}', value: { case: 2 } }],
    [JSON.stringify(REPORT), { kind: 'sweep-report', report: REPORT }],
    ['', { kind: 'none', detail: /^f is not JSON: /, advice: NOTHING }],
    ['{"accounts":[', { kind: 'none', detail: /^f is not JSON: /, advice: NOTHING }],
    ['\u0000\u202EPNG', { kind: 'none', detail: /^f is not JSON: [^\0\u202e]*$/, advice: NOTHING }],
    ['\n<!doctype html>', { kind: 'none', detail: /^f is not JSON: /, advice: JSON_ONE }],
    ['# Sweep', { kind: 'none', detail: /^f is not JSON: /, advice: JSON_ONE }],
    ['{"format":"\u202ex"}', {
      kind: 'none',
      detail: 'f is neither a scenario, nor a case, nor the report of a sweep: found the format "\\u202ex", expected picky-emulator-sweep or none',
      advice: NOTHING
    }],
    ['{"format":{}}', {
      kind: 'none', detail: 'f is neither a scenario, nor a case, nor the report of a sweep: found the format of another type, expected picky-emulator-sweep or none', advice: NOTHING
    }],
    [JSON.stringify({ ...REPORT, version: 2, results: 'other' }), {
      kind: 'none', detail: 'f is of version 2, which only a newer emulator reads; this one reads version 1', advice: NOTHING
    }],
    [JSON.stringify({ ...REPORT, version: 0 }), { kind: 'none', detail: 'f is wrong at /version: found 0, expected 1', advice: NOTHING }],
    [JSON.stringify({ ...REPORT, version: '2' }), { kind: 'none', detail: 'f is wrong at /version: found "2", expected 1', advice: NOTHING }],
    [JSON.stringify({ ...REPORT, emulator: undefined }), { kind: 'none', detail: 'f is wrong at /emulator: found nothing, expected a string', advice: NOTHING }],
    [JSON.stringify({ ...REPORT, plan: ['\u202e'] }), { kind: 'none', detail: 'f is wrong at /plan: found a list, expected a string', advice: NOTHING }],
    [JSON.stringify({ ...REPORT, ok: '\u202e' }), { kind: 'none', detail: 'f is wrong at /ok: found "\\u202e", expected true or false', advice: NOTHING }]
  ]
  for (const [text, expected] of rows) t.match(openedFile('f', Buffer.from(text)), expected, text.slice(0, 60))
})

t.test('a file that is not UTF-8 is refused, and never loaded with other characters in place of its own', async t => {
  const world = '{"accounts":[{"name":"caf\u00e9"}]}'
  t.match(openedFile('f', Buffer.from(`\ufeff${world}`)), { kind: 'scenario', text: world }, 'a byte order mark is no part of the text')
  for (const encoding of ['latin1', 'utf16le'] as const) {
    t.strictSame(openedFile('\u202ef', Buffer.from(`\ufeff${world}`.slice(encoding === 'latin1' ? 1 : 0), encoding)), {
      kind: 'none', detail: '\\u202ef is not UTF-8', advice: 'Save it as UTF-8, and open it again.'
    }, encoding)
  }
})
