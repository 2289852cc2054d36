import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import { becomes, inBrowser, type Opened } from '../support/browser.js'
import { CHANGE_BILLING } from '../support/emulator.js'

const CHANGE = { token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 }

const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] }

/** What makes a request the same one: all but when it was sent, how long it took, and by which program. */
function essence ({ account, endpoint, method, path, request: { body, headers }, response, api_status: status, rule, charged }: JournalEntry): unknown {
  return { account, endpoint, method, path, body, type: headers['content-type'], mine: headers['x-mine'], accept: headers.accept, http: response?.http_status, status, rule, charged }
}

/** Requests of every kind, with what a shell, or curl itself, could take for something else. */
const REQUESTS: ReadonlyArray<readonly [what: string, path: string, init: RequestInit]> = [
  ['a refused one', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...CHANGE, plan_id: 7 }) }],
  ['one with quotes, dollars and lines in it', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json', 'x-mine': 'it\'s "$HOME"' }, body: JSON.stringify({ ...CHANGE, project_id: 'it\'s $(id) `id` \\ "x"\n!! <img src=x onerror=alert(1)>' }) }],
  ['a form', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'project_id=1&service=1' }],
  ['text that curl would take for the name of a file', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '@/etc/hostname' }],
  ['one without a content type', CHANGE_BILLING, { method: 'POST', body: new Blob(['{}']) }],
  ['one of another language', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/html' }, body: JSON.stringify({ ...CHANGE, plan_id: 7, notes: 'Größe→٣ 😀' }) }],
  ['one with another method', CHANGE_BILLING, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' }],
  ['one that gets', `${CHANGE_BILLING}?a=1&b[]={2}`, { method: 'GET' }],
  ['one that nobody serves', '/no%20where/x', { method: 'DELETE' }],
  ['one of nobody', CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"token":"nobody at all","project_id":1}' }]
]

for (const how of ['Copy as curl', 'Send again']) {
  inBrowser(`${how}: it is the very same request`, { context: CLIPBOARD }, async (t, { page, emulator, control, open }) => {
    for (const [what, path, init] of REQUESTS) {
      await emulator.ask(path, init)
      const first = await emulator.last()
      await open(`/?request=${first.id}`)
      await page.getByRole('button', { name: how }).click()
      if (how === 'Copy as curl') {
        await page.getByText('Copied.').waitFor()
        await promisify(execFile)('sh', ['-c', await page.evaluate('navigator.clipboard.readText()')])
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

inBrowser('where the browser gives no clipboard, the curl line can be copied by hand', {}, async (t, { page, emulator, open }) => {
  await emulator.change(CHANGE)
  await open('/?request=1-1')
  await page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })')
  await page.getByRole('button', { name: 'Copy as curl' }).click()
  t.match(await page.getByLabel('The curl line').inputValue(), /^curl -s 'http:\/\/127\.0\.0\.1:\d+\/app\/api\/v2\/pm\/change-billing' -H 'content-type: application\/json' --data-raw '\{"token":"demo-token",/)
})

inBrowser('a request that is sent again says so where no answer comes, and where a secret is missing', {}, async (t, { page, emulator, control, open }) => {
  await emulator.change(CHANGE)
  await control.fail({ kind: 'connection_reset', when: 'before' })
  await open('/?request=1-1')
  await page.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('Sent again; no answer came.').waitFor()
  t.equal(await page.getByText('The journal holds no secrets').count(), 0)
  await emulator.change({ ...CHANGE, token: 'nobody' }).catch(() => {})
  await open(`/?request=${(await emulator.last()).id}`)
  await page.getByText('The journal holds no secrets').waitFor()
})

inBrowser('a request can be edited and sent', {}, async (t, { page, emulator, open }) => {
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
  t.comment('what was written is still there after a look at something else')
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.goBack()
  t.same(JSON.parse(await body.inputValue()), { ...CHANGE, plan_id: 3 })
})

/** The ids of the requests that are drawn. */
const idsOf = ({ page }: Pick<Opened, 'page'>): Promise<string[]> => page.locator('.row').evaluateAll<string[], { id: string }>(rows => rows.map(({ id }) => id.slice(4)))

inBrowser('requests are filtered, the address says by what, and shows the same when it is loaded again', {}, async (t, { page, emulator, open }) => {
  await emulator.change(CHANGE)
  await emulator.change({ ...CHANGE, token: 'other-token', project_id: 1 })
  await emulator.post('/check-balance', { token: 'demo-token' })
  await emulator.change({ ...CHANGE, plan_id: 99 })
  await emulator.post('/pm/nothing', { needle: 'In The Haystack' })
  await open('/?view=requests')
  const { search } = { search: () => new URL(page.url()).search }
  const shows = async (ids: string[], query: string, what: string): Promise<void> => {
    await becomes(t, () => idsOf({ page }), ids, what)
    t.equal(search(), query, what)
    await page.reload()
    await becomes(t, () => idsOf({ page }), ids, `${what}, loaded again`)
  }
  await shows(['1-5', '1-4', '1-3', '1-2', '1-1'], '?view=requests', 'nothing')
  await page.getByLabel('Endpoint').selectOption('change-billing')
  await shows(['1-4', '1-2', '1-1'], '?view=requests&endpoint=change-billing', 'an endpoint')
  await page.getByLabel('Status').selectOption('100')
  await shows(['1-2', '1-1'], '?view=requests&endpoint=change-billing&status=100', 'a status as well')
  await page.getByRole('navigation', { name: 'Accounts' }).getByRole('link', { name: 'demo' }).click()
  await shows(['1-1'], '?view=requests&account=demo&endpoint=change-billing&status=100', 'an account as well')
  t.equal(await page.locator('.count').innerText(), '1 of 5 requests')
  await page.locator('.row').click()
  await shows(['1-1'], '?view=requests&account=demo&request=1-1&endpoint=change-billing&status=100', 'with a request open')
  await page.getByRole('article', { name: 'Request 1-1' }).waitFor()
  await page.goBack()
  await becomes(t, () => page.getByRole('article').count(), 0, 'the way back closes it')
  await page.goBack()
  await becomes(t, () => idsOf({ page }), ['1-2', '1-1'], 'and leaves the account')
  await page.goForward()
  await becomes(t, () => idsOf({ page }), ['1-1'])
  await page.getByLabel('Status').selectOption('')
  await page.getByLabel('Endpoint').selectOption('null')
  await page.getByText('No request matches.').waitFor()
  await page.getByRole('link', { name: 'The world' }).click()
  await shows(['1-5'], '?view=requests&endpoint=null', 'those that reached no endpoint')
  await page.getByLabel('Endpoint').selectOption('')
  await page.getByLabel('Text').fill('in the hay')
  await shows(['1-5'], '?view=requests&text=in+the+hay', 'a text, however it is written')
  await page.getByLabel('Text').fill('plan_id":99')
  await shows(['1-4'], '?view=requests&text=plan_id%22%3A99', 'a text as JSON has it')
  await page.getByLabel('Text').fill('')
  await shows(['1-5', '1-4', '1-3', '1-2', '1-1'], '?view=requests', 'nothing again')

  t.comment('a link to what there is not')
  await open('/?view=requests&status=408&endpoint=elsewhere')
  await page.getByText('No request matches.').waitFor()
  t.equal(await page.getByLabel('Status').inputValue(), '408')
  t.equal(await page.getByLabel('Endpoint').inputValue(), 'elsewhere')
  await open('/?request=7-7')
  await page.getByText('There is no request 7-7 in the journal.').waitFor()
})
