import fc from 'fast-check'
import { COUNTRIES } from '../../src/api/countries.js'
import type { ScenarioAccount, ScenarioProject } from '../../src/contract/scenario.js'
import { API_TOKEN_STATUSES } from '../../src/domain/api-token.js'
import { DATE_FORMATS } from '../../src/domain/project.js'

/** What a project may say of itself that create-project takes as well. */
export const DETAILS = {
  project_name: 'shop',
  number: '919876543210',
  company_name: 'Müller & Söhne 👩‍👩‍👧',
  country: 'IN',
  time_zone: 'Asia/Kolkata',
  date_format: 'DD-MM-YYYY',
  global_webhook: 'https://example.com/global',
  event_webhook: 'http://localhost:8080/?event=1#x',
  smart_reply_webhook: 'HTTPS://[::1]/',
  notes: 'line\nline'
} as const satisfies ScenarioProject

/** And what only a scenario can give it. */
export const MORE_DETAILS = {
  license_key: '0123456789abcdef0123456789abcd',
  unbranded_keyword: 'START 715',
  branded_keyword: 'EXAMPLE'
} as const satisfies ScenarioProject

/** A project with all that a scenario may say of one. */
export const WHOLE = {
  project_id: 715,
  project_status: 'Expired',
  ...DETAILS,
  ...MORE_DETAILS,
  subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-06-15T23:59:59Z' }],
  api_tokens: [{ token: 'the first of 715', ip: '192.0.2.1', status: 'enabled' }, { token: 'the second of 715', ip: '2001:db8::1', status: 'disabled' }, { token: 'the third of 715', status: 'deleted' }]
} as const satisfies ScenarioProject

const texts = fc.string({ unit: 'grapheme', maxLength: 20 })
// fc.webUrl takes more than a second to be made.
const webhooks = fc.tuple(
  fc.constantFrom('http://', 'https://', 'HTTPS://'),
  fc.constantFrom('example.com', 'localhost:8080', '[::1]', '192.0.2.1:1', 'xn--mller-kva.example', 'a-b.example.'),
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', '/', '.', '-', '~', '%20', '%C3%A9', ':', '@', '+', '&', '='), maxLength: 20 }),
  fc.constantFrom('', '?', '?a=1&b', '?%5B'),
  fc.constantFrom('', '#', '#x')
).map(([scheme, host, path, query, fragment]) => `${scheme}${host}/${path}${query}${fragment}`).filter(text => URL.canParse(text))

/** What a project may say of itself. */
export const details = {
  number: texts,
  company_name: texts,
  country: fc.constantFrom(...COUNTRIES),
  time_zone: fc.constantFrom('UTC', 'Asia/Calcutta', 'Etc/GMT+12', ...Intl.supportedValuesOf('timeZone')),
  date_format: fc.constantFrom(...DATE_FORMATS),
  license_key: texts,
  unbranded_keyword: texts,
  branded_keyword: texts,
  global_webhook: webhooks,
  event_webhook: webhooks,
  smart_reply_webhook: webhooks,
  notes: texts
}

/** Tokens of a project, each right by itself. */
export const apiTokens = fc.array(fc.record({
  token: texts,
  ip: fc.oneof(fc.constantFrom('127.0.0.1', '::1', '192.0.2.1'), fc.ipV4(), fc.ipV6()),
  status: fc.oneof({ weight: 3, arbitrary: fc.constant('enabled' as const) }, { weight: 1, arbitrary: fc.constantFrom(...API_TOKEN_STATUSES) })
}, { requiredKeys: [] }), { maxLength: 3 })

/** Accounts none of whose projects' tokens is there twice. */
export function withTokensApart (accounts: readonly ScenarioAccount[]): ScenarioAccount[] {
  return accounts.map((account, first) => ({
    ...account,
    ...account.projects && {
      projects: account.projects.map((project, second) => ({
        ...project,
        ...project.api_tokens && {
          api_tokens: project.api_tokens.map(({ token, ...rest }, third) => ({ ...token !== undefined && { token: `${first}.${second}.${third} ${token}` }, ...rest }))
        }
      }))
    }
  }))
}
