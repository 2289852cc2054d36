import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { curlOf, isIncomplete, resendable, whyUnsendable } from '../../src/console/resend.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import { becomes, CHANGE, inBrowser } from '../support/browser.js'
import { CHANGE_BILLING } from '../support/emulator.js'

/** A request as the journal shows it. */
function entry (given: { readonly method?: string, readonly path?: string, readonly rule?: string, readonly headers?: Record<string, string>, readonly body?: unknown, readonly text?: string }): JournalEntry {
  const { method = 'POST', path = '/p', rule = null, headers = { 'content-type': 'application/json' }, body = { token: '[redacted]', plan_id: 2 } } = given
  return { method, path, rule, request: { headers, body, text: given.text ?? (typeof body === 'string' ? body : JSON.stringify(body)) } } as unknown as JournalEntry
}

const ACCOUNT = {
  name: 'demo',
  token: 'master',
  balance: '0',
  projects: [
    { project_id: 1, api_tokens: [{ token: 'only' }] },
    { project_id: 2, api_tokens: [{ token: 'one' }, { token: 'other', status: 'disabled' as const }] },
    { project_id: 3 }
  ]
}

t.test('a request of the journal that is sent again', async t => {
  const bodies: ReadonlyArray<readonly [what: string, given: Parameters<typeof entry>[0], body: string, isIncomplete: boolean]> = [
    ['has the account\'s token again', {}, '{"token":"master","plan_id":2}', false],
    ['has its fields in their order', { body: { plan_id: 2, token: '[redacted]' } }, '{"plan_id":2,"token":"master"}', false],
    ['keeps a token that is missing away', { body: { plan_id: 2 } }, '{"plan_id":2}', false],
    ['is text if it was not JSON', { body: 'token=x' }, 'token=x', false],
    ['is null where it was that', { body: null }, 'null', false],
    ['is a list where it was one', { body: [1] }, '[1]', false],
    ['has the token of the project where that has only one', { body: { token: '[redacted]', project_id: '1', api_token: '[redacted]', action: 1 } }, '{"token":"master","project_id":"1","api_token":"only","action":1}', false],
    ['leaves it out where it could be any of several', { body: { token: '[redacted]', project_id: 2, api_token: '[redacted]' } }, '{"token":"master","project_id":2,"api_token":"[redacted]"}', true],
    ['or none', { body: { token: '[redacted]', project_id: 3, api_token: '[redacted]' } }, '{"token":"master","project_id":3,"api_token":"[redacted]"}', true],
    ['has a disabled token where one was refused', { rule: 'token-must-be-enabled', body: { token: '[redacted]' } }, '{"token":"other"}', false],
    ['and none where it could be any of several', { rule: 'token-must-be-master', body: { token: '[redacted]' } }, '{"token":"[redacted]"}', true],
    ['has its digits and its spaces', { text: '{ "plan_id": 9007199254740993, "token" : "[redacted]" }' }, '{ "plan_id": 9007199254740993, "token" : "master" }', false],
    ['is incomplete if a part of it is not shown', { body: 'a[7 characters left out]b' }, 'a[7 characters left out]b', true],
    ['is incomplete if its URL has a secret', { path: '/p?token=[redacted]', body: '' }, '', true]
  ]
  for (const [what, given, body, isOpen] of bodies) {
    const again = resendable(entry(given), ACCOUNT)
    t.equal(again.body, body, what)
    t.equal(isIncomplete(again), isOpen, what)
  }
  t.equal(resendable(entry({}), undefined).body, '{"token":"[redacted]","plan_id":2}', 'has no token where no account had it')
  t.equal(resendable(entry({ body: { api_token: '[redacted]', project_id: 1 } }), { name: 'bare', token: 'x', balance: '0' }).body, '{"api_token":"[redacted]","project_id":1}', 'also of an account without projects')

  t.test('keeps the headers that its sender chose', async t => {
    const headers = { host: 'a', connection: 'keep-alive', 'content-length': '5', 'user-agent': 'x', accept: '*/*', 'accept-encoding': 'gzip', 'sec-fetch-mode': 'cors', origin: 'http://a', 'content-type': 'text/plain', 'x-mine': 'yes', authorization: '[redacted]' }
    t.same(resendable(entry({ headers }), ACCOUNT).headers, { 'content-type': 'text/plain', 'x-mine': 'yes' })
    t.same(resendable(entry({ headers: { accept: 'text/html' } }), ACCOUNT).headers, { accept: 'text/html' })
  })
})

t.test('the curl command of a request', async t => {
  const line = (given: Parameters<typeof entry>[0]): string => curlOf(resendable(entry(given), ACCOUNT), 'http://localhost:1')
  const rows: ReadonlyArray<readonly [what: string, given: Parameters<typeof entry>[0], line: string]> = [
    ['posts', {}, "curl -s 'http://localhost:1/p' -H 'content-type: application/json' --data-raw '{\"token\":\"master\",\"plan_id\":2}'"],
    ['leaves curl its own content type', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'x' }, "curl -s 'http://localhost:1/p' --data-raw 'x'"],
    ['takes it from curl where there was none', { headers: {}, body: 'x' }, "curl -s 'http://localhost:1/p' -H 'content-type:' --data-raw 'x'"],
    ['gets', { method: 'GET', headers: {}, body: '' }, "curl -s 'http://localhost:1/p'"],
    ['gets with a body', { method: 'GET', headers: {}, body: 'x' }, "curl -s -X GET 'http://localhost:1/p' -H 'content-type:' --data-raw 'x'"],
    ['posts nothing', { headers: {}, body: '' }, "curl -s -X POST 'http://localhost:1/p'"],
    ['deletes', { method: 'DELETE', headers: {}, body: '' }, "curl -s -X DELETE 'http://localhost:1/p'"],
    ['asks for the head only', { method: 'HEAD', headers: {}, body: '' }, "curl -s --head 'http://localhost:1/p'"],
    ['keeps brackets', { method: 'GET', path: '/p?a[]={1}', headers: {}, body: '' }, "curl -s -g 'http://localhost:1/p?a[]={1}'"],
    ['quotes a method', { method: 'X;id', headers: {}, body: '' }, "curl -s -X 'X;id' 'http://localhost:1/p'"],
    ['keeps a target that is no path away from the host', { method: 'GET', path: '@evil.example/p', headers: {}, body: '' }, "curl -s --request-target '@evil.example/p' 'http://localhost:1'"],
    ['keeps the host before two slashes', { method: 'GET', path: '//evil.example', headers: {}, body: '' }, "curl -s 'http://localhost:1//evil.example'"],
    ['leaves out a header that curl would read from a file', { method: 'GET', headers: { '@/etc/passwd': '', 'a b': '', 'x-a': 'b' }, body: '' }, "curl -s 'http://localhost:1/p' -H 'x-a: b'"],
    ['escapes what a terminal acts on', { method: 'POST', headers: { 'x-a': '\u001b[2J' }, body: 'it\'s \\\u0003\n\u009b\u202e\t' }, "curl -s 'http://localhost:1/p' -H 'content-type:' -H $'x-a: \\033[2J' --data-raw $'it\\'s \\\\\\003\\012\\302\\233\\342\\200\\256\\011'"],
    ['prints what no argument can hold', { headers: {}, body: '100 %\\\u00001\u0003' }, "printf -- $'100 %%\\\\\\\\\\\\0001\\003' | curl -s 'http://localhost:1/p' -H 'content-type:' --data-binary @-"],
    ['passes what an argument can hold', { headers: {}, body: 'x'.repeat(65_536) }, `curl -s 'http://localhost:1/p' -H 'content-type:' --data-raw '${'x'.repeat(65_536)}'`],
    ['prints what is too long for one', { headers: {}, body: 'ü'.repeat(32_769) }, `printf -- '${'ü'.repeat(32_769)}' | curl -s 'http://localhost:1/p' -H 'content-type:' --data-binary @-`],
    ['keeps lines', { method: 'POST', headers: { 'content-type': 'a' }, body: 'a\nb' }, "curl -s 'http://localhost:1/p' -H 'content-type: a' --data-raw 'a\nb'"],
    ['keeps dots', { method: 'GET', path: '/a/../p', headers: {}, body: '' }, "curl -s --path-as-is 'http://localhost:1/a/../p'"],
    ['keeps quotes, dollars and lines', { headers: { 'x-it': "it's" }, body: "it's $HOME `id`\n@x" }, "curl -s 'http://localhost:1/p' -H 'content-type:' -H 'x-it: it'\\''s' --data-raw 'it'\\''s $HOME `id`\n@x'"]
  ]
  for (const [what, given, expected] of rows) t.equal(line(given), expected, what)
})

t.test('the console sends no request to another path than was recorded, nor to the control API', async t => {
  for (const path of [CHANGE_BILLING, '/a.b/..c/...', '/p?a=/../\\#'.slice(0, -1), '/__administrator', '/p/__admin', '/%zz', '*', '/no%20where']) t.equal(whyUnsendable(path), undefined, path)
  for (const path of ['/app/../__admin/reset', '/app/%2E%2e/__admin/reset', '/.', '/a/.%2e?b', '/a\\..\\__admin', '/a#b', '/a\t', '/a?b#c']) t.match(whyUnsendable(path), /another path/, path)
  for (const path of ['/__admin', '/__admin/state?x', '__admin/reset', '/%5F_%61dmin/reset']) t.match(whyUnsendable(path), /control API/, path)
})

const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] }

/** The parts that make two requests the same: all but the time, the duration and the program that sent it. */
function essence ({ account, endpoint, method, path, request: { body, headers }, response, api_status: status, rule, charged }: JournalEntry): unknown {
  return { account, endpoint, method, path, body, type: headers['content-type'], mine: headers['x-mine'], accept: headers.accept, http: response?.http_status, status, rule, charged }
}

/** Requests of every kind, with text that a shell or curl could misread. */
const REQUESTS: ReadonlyArray<readonly [what: string, path: string, init: RequestInit]> = [
  ['a refused one', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...CHANGE, plan_id: 7 }) }],
  ['one with quotes, dollars and lines in it', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json', 'x-mine': 'it\'s "$HOME"' }, body: JSON.stringify({ ...CHANGE, project_id: 'it\'s $(id) `id` \\ "x"\n!! <img src=x onerror=alert(1)>' }) }],
  ['one with a NUL', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '%s\\0 \u0000 \\\u00007' }],
  ['one that is too long for an argument', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...CHANGE, plan_id: '%d\\'.repeat(50_000) }) }],
  ['a form', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'project_id=1&service=1' }],
  ['text that curl would take for the name of a file', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '@/etc/hostname' }],
  ['one without a content type', CHANGE_BILLING, { method: 'POST', body: new Blob(['{}']) }],
  ['one in another language', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/html' }, body: JSON.stringify({ ...CHANGE, plan_id: 7, notes: 'Größe→٣ 😀' }) }],
  ['one with another method', CHANGE_BILLING, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' }],
  ['one that gets', `${CHANGE_BILLING}?a=1&b[]={2}`, { method: 'GET' }],
  ['one to an unknown path', '/no%20where/x', { method: 'DELETE' }],
  ['one with an unknown token', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"token":"nobody at all","project_id":1}' }]
]

for (const how of ['Copy as curl', 'Send again']) {
  inBrowser(`"${how}" in the console sends the very same request`, { context: CLIPBOARD }, async (t, { page, emulator, control, open, show }) => {
    await open()
    for (const [what, path, init] of REQUESTS) {
      await emulator.ask(path, init)
      const first = await emulator.last()
      await show(`/?request=${first.id}`)
      await page.getByRole('article', { name: `Request ${first.id}` }).waitFor()
      await page.getByRole('button', { name: how }).click()
      if (how === 'Copy as curl') {
        await page.getByText('Copied.').waitFor()
        const shell = promisify(execFile)('sh')
        // As pasted: an argument of `sh -c` could not be so long.
        shell.child.stdin!.end(await page.evaluate('navigator.clipboard.readText()'))
        await shell
      } else {
        await page.getByText(/^Sent again: HTTP \d+/).waitFor()
      }
      const again = await emulator.last()
      t.not(again.id, first.id, what)
      t.same(essence(again), essence(first), what)
    }
    t.equal(await control.requests.count(), 2 * REQUESTS.length)
  })
}

inBrowser('a request is copied and sent again from the console only once the account is known whose secrets it needs', {}, async (t, { page, emulator, open }) => {
  await emulator.change(CHANGE)
  let release = (): void => {}
  const isReleased = new Promise<void>(resolve => { release = resolve })
  await page.route('**/__admin/accounts', async route => {
    await isReleased
    await route.continue()
  })
  await open('/?request=1-1')
  const buttons = ['Copy as curl', 'Send again'].map(name => page.getByRole('button', { name }))
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()
  t.same(await Promise.all(buttons.map(button => button.isDisabled())), [true, true])
  t.equal(await page.getByText('The journal keeps no secrets').count(), 0)
  release()
  await becomes(t, () => Promise.all(buttons.map(button => button.isDisabled())), [false, false])
  t.equal(await page.getByText('The journal keeps no secrets').count(), 0)
})

inBrowser('without access to the clipboard the curl command can be copied by hand', {}, async (t, { page, emulator, open }) => {
  await emulator.change(CHANGE)
  await open('/?request=1-1')
  await page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })')
  await page.getByRole('button', { name: 'Copy as curl' }).click()
  t.match(await page.getByLabel('curl command').inputValue(), /^curl -s 'http:\/\/127\.0\.0\.1:\d+\/app\/api\/v2\/pm\/change-billing' -H 'content-type: application\/json' --data-raw '\{"token":"demo-token",/)
})

inBrowser('"Send again" says when there is no answer, and when a secret is missing', {}, async (t, { page, emulator, control, open, show }) => {
  await emulator.change(CHANGE)
  await control.fail({ kind: 'connection_reset', when: 'before' })
  await open('/?request=1-1')
  await page.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('Sent again; there was no answer.').waitFor()
  t.equal(await page.getByText('The journal keeps no secrets').count(), 0)
  await emulator.change({ ...CHANGE, token: 'nobody' }).catch(() => {})
  await show(`/?request=${(await emulator.last()).id}`)
  await page.getByText('The journal keeps no secrets').waitFor()
})

inBrowser('a file\'s request does nothing to the world when it is sent again', {}, async (t, { page, emulator, control, open, show }) => {
  await emulator.change(CHANGE)
  const world = await control.state()
  const request = await emulator.last()
  const paths = ['/__admin/reset', '/app/%2e%2e/__admin/reset']
  await control.load({ ...world, requests: paths.map((path, index) => ({ ...request, id: `1-${index + 1}`, method: 'POST', path })) })
  await open('/')
  for (const id of ['1-1', '1-2']) {
    await show(`/?request=${id}`)
    await page.getByRole('button', { name: 'Send again' }).click()
    await page.getByRole('status').getByText(/^Not sent: /).waitFor()
    await page.getByRole('link', { name: 'Edit and send' }).click()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByLabel('Answer').getByText(/^Not sent: /).waitFor()
  }
  t.equal(await control.requests.count(), 2, 'a reset would have emptied the journal')
})

inBrowser('a request of the journal can be edited and sent', {}, async (t, { page, emulator, open }) => {
  await emulator.change({ ...CHANGE, plan_id: 9 }, { 'content-type': 'text/plain' })
  await open('/?view=requests')
  await page.locator('.row').click()
  await page.getByRole('link', { name: 'Edit and send' }).click()
  const body = page.getByLabel('Body', { exact: true })
  t.same(JSON.parse(await body.inputValue()), { ...CHANGE, plan_id: 9 })
  await page.getByText('with POST and content-type: text/plain').waitFor()
  await body.fill(JSON.stringify({ ...CHANGE, plan_id: 3 }))
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByLabel('Answer body').waitFor()
  t.match(JSON.parse(await page.getByLabel('Answer body').innerText()), { status: 100, new_billing_plan: 3 })
  t.match(await emulator.last(), { charged: true, request: { headers: { 'content-type': 'text/plain' } } })
  t.comment('the edited text is still there after visiting another view')
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.goBack()
  t.same(JSON.parse(await body.inputValue()), { ...CHANGE, plan_id: 3 })
})
