import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Case } from '../../src/contract/case.js'
import { exportCase, FORMATS, type Format } from '../../src/export/export.js'
import { isRequest } from '../../src/replay/compare.js'
import { buyPlans, savedCase } from '../support/saved-case.js'
import { told } from '../support/told.js'

const CASE: Case = {
  case: 1,
  emulator: '0.1.0',
  saved_at: '2026-01-01T00:00:00Z',
  account: null,
  incomplete: null,
  seed: 1,
  start: { at: '2026-01-01T00:00:00Z', scenario: { accounts: [{ name: 'demo', token: 'token-of-demo', balance: '5' }] } },
  timeline: [],
  end: { at: '2026-01-01T00:00:00Z', scenario: { accounts: [{ name: 'demo', token: 'token-of-demo', balance: '5' }] } }
}

t.test('export', async t => {
  const folder = t.testdir({ 'case.json': JSON.stringify(CASE), 'incomplete.json': JSON.stringify({ ...CASE, incomplete: 'its beginning is no longer kept' }) })
  const file = join(folder, 'case.json')
  const incomplete = join(folder, 'incomplete.json')

  t.test('prints a case in each format', async t => {
    for (const format of Object.keys(FORMATS) as Format[]) {
      t.strictSame(await told(t, ['export', file, '--as', format]), { code: 0, stdout: exportCase(CASE, format).text, stderr: '' }, format)
    }
  })

  t.test('writes a file, and says so', async t => {
    const output = join(folder, 'out.sh')
    t.strictSame(await told(t, ['export', file, '--as', 'sh', '--output', output]), { code: 0, stdout: '', stderr: `picky-emulator: wrote ${output}\n` })
    t.equal(readFileSync(output, 'utf8'), exportCase(CASE, 'sh').text)
  })

  t.test('begins with a request', async t => {
    const saved = await savedCase(buyPlans)
    const whole = join(folder, 'whole.json')
    writeFileSync(whole, JSON.stringify(saved))
    const requests = saved.timeline.filter(isRequest)
    const { code, stdout } = await told(t, ['export', whole, '--as', 'har', '--from', requests.at(-1)!.request.id])
    t.equal(code, 0)
    t.equal((JSON.parse(stdout) as { log: { entries: object[] } }).log.entries.length, 1)
    t.match(await told(t, ['export', whole, '--as', 'har', '--from', '7-7']), { code: 2, stderr: 'picky-emulator: the case has no request "7-7"\n' })
  })

  t.test('exports the requests of a case that is incomplete, but no test', async t => {
    t.equal((await told(t, ['export', incomplete, '--as', 'har'])).code, 0)
  })

  t.test('tells what is wrong in one line, with exit code 2', async t => {
    const formats = Object.keys(FORMATS).join(', ')
    writeFileSync(join(folder, 'later.json'), JSON.stringify({ ...CASE, case: 2 }, null, 2))
    writeFileSync(join(folder, 'none.json'), '[]')
    writeFileSync(join(folder, 'cut.json'), JSON.stringify(CASE).slice(0, 50))
    const cases: Array<[string[], string]> = [
      [['export'], 'export takes one file: picky-emulator export CASE --as FORMAT'],
      [['export', file, file], 'export takes one file: picky-emulator export CASE --as FORMAT'],
      [['export', file], `export needs --as, one of ${formats}`],
      [['export', file, '--as', 'vitests'], `--as is wrong: found "vitests" (did you mean vitest?), expected one of ${formats}`],
      [['export', file, '--as', 'constructor'], `--as is wrong: found "constructor", expected one of ${formats}`],
      [['export', join(folder, 'nowhere.json'), '--as', 'sh'], `${join(folder, 'nowhere.json')}: no such file`],
      [['export', join(folder, 'later.json'), '--as', 'sh'], `${join(folder, 'later.json')}:2:11: the case is wrong at /case: found 2, expected 1, the version of the format that this emulator reads`],
      [['export', join(folder, 'none.json'), '--as', 'sh'], `${join(folder, 'none.json')}:1:1: the case is wrong at /case: found nothing, expected 1, the version of the format that this emulator reads`],
      [['export', join(folder, 'cut.json'), '--as', 'sh'], `${join(folder, 'cut.json')}:1:41: unexpected end of string`],
      [['export', incomplete, '--as', 'sh'], `${incomplete} can't be exported as a test: its beginning is no longer kept`],
      [['export', file, '--as', 'sh', '--output', folder], `--output is wrong: ${folder} can't be written (EISDIR)`],
      [['export', file, '--as', 'sh', '--output', file], `--output is wrong: ${file} is the case, which would be lost`],
      [['serve', '--as', 'sh'], '--as is an option of the export command only']
    ]
    for (const [args, message] of cases) {
      t.strictSame(await told(t, args), { code: 2, stdout: '', stderr: `picky-emulator: ${message}\n` }, args.join(' '))
    }
  })
})
