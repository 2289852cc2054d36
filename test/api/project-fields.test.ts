import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { Country } from '../../src/api/project-fields.js'
import { emulate } from '../support/emulator.js'

const E_ACUTE = 'e\u0301'
const FAMILY = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'
const [HIGH, LOW] = ['\ud83d', '\udc4d']

/** A text of so many characters of each kind; a sign that is made of several characters counts as these. */
const texts = (length: number): string[] => [
  'x'.repeat(length), ' '.repeat(length), '\n'.repeat(length), '\0'.repeat(length),
  '\u00e9'.repeat(length), '\u6f22'.repeat(length), (HIGH + LOW).repeat(length), '\u{20000}'.repeat(length), '\u{10ffff}'.repeat(length),
  E_ACUTE.repeat(length / 2) + 'x'.repeat(length % 2), FAMILY.repeat(length / 5) + 'x'.repeat(length % 5)
]

const web = (length: number): string => `https://example.com/${'x'.repeat(length - 20)}`

/** Each field that has a rule of its own: what is taken, and what is refused and with which words. */
const FIELDS: Readonly<Record<string, { readonly takes: readonly string[], readonly refuses: readonly unknown[], readonly says: string }>> = {
  project_name: {
    takes: ['', ...texts(19), ...texts(20)],
    refuses: [...texts(21), HIGH, LOW, LOW + HIGH, `x${HIGH}`, `${HIGH}x`, HIGH + HIGH + LOW, 5, true, ['x']],
    says: 'a string of at most 20 characters'
  },
  notes: {
    takes: ['', ...texts(249), ...texts(250)],
    refuses: [...texts(251), HIGH, LOW, LOW + HIGH, 5, null, {}],
    says: 'a string of at most 250 characters'
  },
  country: {
    takes: ['', 'IN', 'GB', 'US', 'AX', 'SS', 'ZW'],
    refuses: ['in', 'In', 'UK', 'EU', 'XK', 'AN', 'CS', 'SU', 'ZZ', 'AA', 'IND', 'I', '356', 'India', ' IN', 'IN\n', 'constructor', 356, null, ['IN']],
    says: 'an ISO 3166-1 alpha-2 country code, such as "IN"'
  },
  time_zone: {
    takes: ['', 'Asia/Kolkata', 'Asia/Calcutta', 'asia/kolkata', 'EUROPE/LONDON', 'America/Argentina/Buenos_Aires', 'America/Port-au-Prince', 'Etc/GMT+5', 'Etc/GMT-14', 'GMT', 'UTC', 'UCT', 'Zulu', 'EST', 'HST', 'CET', 'EST5EDT', 'US/Pacific', 'GB', 'NZ', 'W-SU', 'PRC', 'ROK', 'Pacific/Chatham'],
    refuses: ['+05:30', '-08:00', '+0530', 'UTC+5', 'GMT+5', 'Z', '5.5', 'IST', 'PST', 'BST', 'ist', 'SystemV/PST8PDT', 'Asia', 'Asia/', '/Kolkata', 'Asia/Bombay', 'Mars/Phobos', 'India Standard Time', 'Asia/Kolkata ', ' UTC', 'UTC\n', '../etc/passwd', 'posix/UTC', 'localtime', 'constructor', 330, null],
    says: 'an IANA time zone, such as "Asia/Kolkata"'
  },
  date_format: {
    takes: ['', 'YYYY-MM-DD', 'DD-MM-YYYY', 'MM-DD-YYYY'],
    refuses: ['yyyy-mm-dd', 'YYYY/MM/DD', 'DD.MM.YYYY', 'YYYY-DD-MM', 'YYYYMMDD', ' YYYY-MM-DD', 'Y-m-d', 1, null],
    says: 'one of YYYY-MM-DD, DD-MM-YYYY, MM-DD-YYYY'
  },
  ...Object.fromEntries(['global_webhook', 'event_webhook', 'smart_reply_webhook'].map(name => [name, {
    takes: ['', 'http://a', 'https://example.com', 'HTTPS://Example.COM/', 'http://localhost:8080/hook?a=1&b=%20#x', 'http://192.168.0.1/', 'http://[::1]:80/', 'https://user:word@example.com/', 'https://example.com/\u00fc\u6f22', `https://${HIGH}${LOW}.example/`, web(2047), web(2048), `http://a/${(HIGH + LOW).repeat(2039)}`],
    refuses: ['example.com', '//example.com', '/hook', 'http:example.com', 'http:/example.com', 'http://', 'https://?', 'ftp://example.com', 'javascript:alert(1)', 'file:///etc/passwd', 'ws://example.com', ' http://example.com', 'http://example.com ', 'http://exa mple.com', 'http://a/\tb', 'http://a/\n', 'http://a:65536', 'http://[::1', 'http://%', `http://a/${HIGH}`, `http://a/${LOW}${HIGH}`, web(2049), 5, null, ['http://a']],
    says: 'an absolute http or https URL of at most 2048 characters'
  }]))
}

for (const [field, { takes, refuses, says }] of Object.entries(FIELDS)) {
  t.test(field, async t => {
    const { post, ask, kept } = await emulate(t, { scenario: { accounts: [{ name: 'a', token: 'a' }] } })
    for (const [index, given] of takes.entries()) {
      const { body } = await post('/pm/create-project', { token: 'a', [field]: given })
      t.equal(body[field], given, `takes ${JSON.stringify(given).slice(0, 60)}`)
      t.equal((await post('/pm/get-projects', { token: 'a', project_id: index + 1 })).body[field], given, 'and keeps it')
    }
    const { body: { projects } } = await ask('/__admin/accounts/a', {})
    t.same((projects as Array<Record<string, unknown>>).map(project => project[field] ?? ''), takes, 'the control API shows it as well')

    const before = kept()
    for (const given of refuses) {
      const { body } = await post('/pm/create-project', { token: 'a', [field]: given })
      t.match(body, { status: 410, message: `Invalid Request: ${field} must be ${says}, not ` }, `refuses ${JSON.stringify(given).slice(0, 60)}`)
    }
    t.same(kept(), before)
  })
}

t.test('the countries are those of ISO 3166-1, all 249', async t => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const taken = letters.flatMap(first => letters.map(second => first + second)).filter(code => Value.Check(Country, code))
  t.equal(taken.length, 249)
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  t.same(taken.filter(code => names.of(code) === undefined), [], 'the platform has a name for each')
  // What it has a name for beside them: reserved codes, those of countries that are gone, and groups of countries.
  const beside = ['AC', 'AN', 'BU', 'CP', 'CQ', 'CS', 'DD', 'DG', 'DY', 'EA', 'EU', 'EZ', 'FX', 'HV', 'IC', 'NH', 'NT', 'QO', 'RH', 'SU', 'TA', 'TP', 'UK', 'UN', 'VD', 'XA', 'XB', 'XK', 'YD', 'YU', 'ZR', 'ZZ']
  t.same(taken.filter(code => beside.includes(code)), [])
})
