import { join } from 'node:path'
import t, { type Test } from 'tap'
import { connect, type Account } from '../../src/client/connect.js'
import type { ScenarioAccount, ScenarioProject } from '../../src/contract/scenario.js'
import type { StartOptions } from '../../src/server/options.js'
import { start } from '../../src/server/start.js'
import { deriveApiToken, deriveLicenseKey, deriveMasterToken } from '../../src/world/generated.js'
import { emulate, SAMPLE } from '../support/emulator.js'
import { WHOLE } from '../support/project.js'
import { refusal } from '../support/refusal.js'
import { worldFolder } from '../support/world-folder.js'

const FROZEN: StartOptions = { clock: 'frozen:2020-06-16T12:00:00Z' }
const JSON_TYPE = { 'content-type': 'application/json' }

async function control (t: Test) {
  const emulator = await emulate(t, FROZEN)
  const post = async (path: string, fields: object) =>
    (await emulator.ask(`/app/api/v2${path}`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(fields) })).body
  return {
    ...emulator,
    admin: connect(emulator.url),
    post,
    /** Which balance a token shows, which tells whose it is; the status where it shows none. */
    balanceBy: async (token: string) => (({ status, balance }) => balance ?? status)(await post('/check-balance', { token }))
  }
}

const holding = (...tokens: string[]): ScenarioProject => ({ api_tokens: tokens.map(token => ({ token })) })
const issue = (pointer: string, expected: string) => ({ pointer, found: '"[redacted]"', expected })

const ONCE = 'a value used only once'
const NEW = 'a token that no account uses yet'
const APART = 'a token that no account and no other project uses'

/** Whose tokens are taken: an account's, those of its projects, and those that will be made up of others. */
const HOLDER: ScenarioAccount = {
  name: 'holder',
  token: 'hidden master',
  projects: [
    { project_id: 1, api_tokens: [{ token: 'hidden one' }, { token: 'hidden deleted', status: 'deleted' }, { token: deriveMasterToken('zoe', 1) }] },
    { project_id: 2, ...holding('hidden two', deriveApiToken('of tom', 1, 0)) }
  ]
}

t.test('POST /accounts refuses tokens that are taken, and quotes none', async t => {
  const cases: ReadonlyArray<readonly [name: string, body: unknown, status: number, ...issues: ReadonlyArray<readonly [pointer: string, expected: string]>]> = [
    ['its own is that of a project', { token: 'hidden one' }, 409, ['/token', NEW]],
    ['its own is a deleted one of a project', { token: 'hidden deleted' }, 409, ['/token', NEW]],
    ['its own, which is made up, is that of a project', { name: 'zoe' }, 409, ['/token', NEW]],
    ['a project\'s is another account\'s', { projects: [{}, holding('free', 'hidden master')] }, 409, ['/projects/1/api_tokens/1/token', NEW]],
    ['a project\'s is that of another account\'s project', [{}, { projects: [holding('hidden two')] }], 409, ['/1/projects/0/api_tokens/0/token', NEW]],
    ['a project\'s, which is made up, is that of another account\'s project', { token: 'of tom', projects: [{ api_tokens: [{}] }] }, 409, ['/projects/0/api_tokens/0/token', NEW]],
    ['a project\'s is that of an account before', [{ token: 'hidden new' }, { projects: [holding('hidden new')] }], 409, ['/1/projects/0/api_tokens/0/token', NEW]],
    ['its own is that of a project before', [{ projects: [holding('hidden new')] }, { token: 'hidden new' }], 409, ['/1/token', NEW]],
    ['a copy\'s is that of a project', { copy_of: 'holder', token: 'hidden two' }, 409, ['/token', NEW]],
    ['twice in a project', { projects: [holding('hidden new', 'free', 'hidden new')] }, 400, ['/projects/0/api_tokens/2/token', ONCE]],
    ['twice in two projects', [{}, { projects: [holding('hidden new'), holding('hidden new')] }], 400, ['/1/projects/1/api_tokens/0/token', ONCE]],
    ['a project\'s is its own', { token: 'hidden new', projects: [holding('hidden new'), holding('hidden new')] }, 400, ['/projects/0/api_tokens/0/token', ONCE], ['/projects/1/api_tokens/0/token', ONCE]],
    ['a project\'s is its own, which is made up', { name: 'eve', projects: [holding(deriveMasterToken('eve', 1))] }, 400, ['/projects/0/api_tokens/0/token', ONCE]],
    ['too long', { projects: [holding(`hidden${'x'.repeat(200)}`)] }, 400, ['/projects/0/api_tokens/0/token', 'a string of 1 to 200 characters, without lone surrogates']]
  ]
  const { ask, kept, admin } = await control(t)
  await admin.createAccount(HOLDER)
  const before = kept()
  for (const [name, body, status, ...issues] of cases) {
    const answered = await ask('/__admin/accounts', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) })
    t.equal(answered.http, status, name)
    t.strictSame(answered.body.errors, issues.map(([pointer, expected]) => issue(pointer, expected)), name)
    t.notMatch(answered.text, /hidden|[0-9a-f]{30}/, `${name}: no token is told`)
    t.strictSame(kept(), before, `${name}: nothing has changed`)
  }
  t.match(await refusal(admin.createAccount({ projects: [holding('hidden one')] })), { advice: /remove the account with DELETE \/__admin\/accounts\/holder$/ })
})

t.test('PUT /accounts/:account/projects/:project_id refuses tokens that are taken, but not the project\'s own', async t => {
  const MINE: ScenarioAccount = { name: 'mine', token: 'hidden of mine', projects: [{ project_id: 1, api_tokens: [{ token: 'hidden a' }, { token: 'hidden gone', status: 'deleted' }] }, { project_id: 2, ...holding('hidden b') }] }
  const cases: ReadonlyArray<readonly [name: string, id: number, project: ScenarioProject, ...issues: ReadonlyArray<readonly [pointer: string, expected: string]>]> = [
    ['twice', 1, holding('hidden new', 'hidden new'), ['/api_tokens/1/token', ONCE]],
    ['its own twice', 1, holding('hidden a', 'hidden a'), ['/api_tokens/1/token', ONCE]],
    ['that of another project of the account', 1, holding('hidden a', 'hidden b'), ['/api_tokens/1/token', APART]],
    ['that of another project, which it has deleted', 2, holding('hidden gone'), ['/api_tokens/0/token', APART]],
    ['that of another project, set for a new one', 3, holding('hidden a'), ['/api_tokens/0/token', APART]],
    ['the account\'s', 1, holding('hidden of mine'), ['/api_tokens/0/token', APART]],
    ['another account\'s', 1, holding(SAMPLE.token), ['/api_tokens/0/token', APART]],
    ['that of another account\'s project of the same id', 1, holding('hidden one'), ['/api_tokens/0/token', APART]],
    ['both', 2, holding('hidden one', 'free', 'hidden one'), ['/api_tokens/2/token', ONCE], ['/api_tokens/0/token', APART], ['/api_tokens/2/token', APART]]
  ]
  const { ask, kept, admin } = await control(t)
  const [mine] = await admin.createAccounts([MINE, HOLDER]) as [Account, Account]
  const before = kept()
  for (const [name, id, project, ...issues] of cases) {
    const answered = await ask(`/__admin/accounts/mine/projects/${id}`, { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(project) })
    t.equal(answered.http, 400, name)
    t.strictSame(answered.body.errors, issues.map(([pointer, expected]) => issue(pointer, expected)), name)
    t.notMatch(answered.text, /hidden|1323/, `${name}: no token is told`)
    t.strictSame(kept(), before, `${name}: nothing has changed`)
  }
  t.match(await mine.setProject(1, { api_tokens: [{ token: 'hidden gone' }, { token: 'hidden a', status: 'disabled' }, {}] }),
    { api_tokens: [{ token: 'hidden gone', status: 'enabled' }, { token: 'hidden a', status: 'disabled' }, { token: deriveApiToken('hidden of mine', 1, 2) }] }, 'its own, in any order and status')
  await mine.setProject(1, holding('hidden gone'))
  t.match(await mine.setProject(2, holding('hidden a')), { api_tokens: [{ token: 'hidden a' }] }, 'one that the other project has no more')
})

t.test('tokens of a copy', async t => {
  t.test('a copy gets new tokens and licence keys and keeps everything else', async t => {
    const { admin, post, balanceBy } = await control(t)
    const original = await admin.createAccount({ name: 'original', token: 'of original', balance: '5.5', projects: [WHOLE, { project_id: 1, api_tokens: [{}, {}] }] })
    const before = await original.state()
    const [copy, twin] = await admin.createAccounts([{ copy_of: 'original', name: 'copy' }, { copy_of: 'copy', token: 'of twin' }]) as [Account, Account]
    for (const made of [copy, twin]) {
      const tokens = (id: number, kept: readonly object[]) => kept.map((rest, index) => ({ ...rest, token: deriveApiToken(made.token, id, index) }))
      const { license_key: _licenseKey, ...rest } = WHOLE
      t.strictSame((await made.state()).projects, [
        { project_id: 1, project_name: 'project 1', project_status: 'Active', subscriptions: [], api_tokens: tokens(1, [{ status: 'enabled' }, { status: 'enabled' }]) },
        { ...rest, api_tokens: tokens(715, [{ ip: '192.0.2.1', status: 'enabled' }, { ip: '2001:db8::1', status: 'disabled' }, { status: 'deleted' }]) }
      ], made.name)
      t.match(await post('/pm/get-projects', { token: made.token, project_id: 715 }), { license_key: deriveLicenseKey(made.token, 715) })
    }
    t.strictSame(await original.state(), before)
    await copy.wallet.set('1')
    t.strictSame([await balanceBy(deriveApiToken('of original', 1, 0)), await balanceBy(deriveApiToken(copy.token, 1, 0)), await balanceBy(deriveApiToken('of twin', 1, 0))], [5.5, 1, 5.5], 'each token is its own account\'s')
    await original.remove()
    t.strictSame([await balanceBy(deriveApiToken('of original', 1, 0)), await balanceBy(deriveApiToken(copy.token, 1, 0))], [401, 1])
    await admin.load(await admin.state())
  })

  t.test('resetting a copy restores the tokens that it was created with', async t => {
    const { admin } = await control(t)
    await admin.createAccount({ name: 'original', projects: [WHOLE] })
    const copy = await admin.createAccount({ copy_of: 'original' })
    const before = await copy.state()
    await copy.setProject(715, {})
    await (await admin.account('original')).remove()
    t.strictSame(await copy.reset(), before)
  })
})

t.test('tokens after a reset of their account', async t => {
  t.test('resetting an account restores its initial tokens and no others', async t => {
    const { admin, post, balanceBy } = await control(t)
    const account = await admin.createAccount({ token: 'of mine', projects: [WHOLE, { project_id: 1, api_tokens: [{ token: 'given' }, { ip: '::1' }] }] })
    const before = await account.state()
    const { api_token: [created] } = await post('/pm/create-api-token', { token: 'of mine', project_id: 1, ip_whitelist: ['127.0.0.1'] }) as { api_token: [{ token: string }] }
    for (const [token, action] of [['given', 1], [deriveApiToken('of mine', 1, 1), 3]] as const) {
      t.match(await post('/pm/manage-api-token', { token: 'of mine', project_id: 1, api_token: token, action }), { status: 100 })
    }
    await account.setProject(715, holding('another'))
    t.notSame(await account.state(), before)
    t.strictSame(await account.reset(), before)
    t.strictSame([await balanceBy('given'), await balanceBy(created.token), await balanceBy('another')], [0, 401, 401])
    t.strictSame(await account.reset(), before, 'as often as one likes')
  })

  t.test('resetting an account restores tokens that were generated from another seed', async t => {
    const folder = worldFolder(t)
    const during = async <T>(seed: number, act: (account: Account) => Promise<T>): Promise<T> => {
      const { url, stop } = await start({ db: join(folder, 'world.db'), seed, ...FROZEN })
      const admin = connect(url)
      const account = await admin.account('mine').catch(() => admin.createAccount({ name: 'mine', projects: [{ api_tokens: [{}] }] }))
      return await act(account).finally(stop)
    }
    const before = await during(1, account => account.state())
    t.strictSame(await during(2, account => account.reset()), before)
  })

  t.test('resetting an account is refused if another account now uses one of its initial tokens', async t => {
    for (const rival of [{ name: 'a/rival', token: 'hidden' }, { name: 'a/rival', projects: [holding('hidden')] }]) {
      const { admin, kept } = await control(t)
      const account = await admin.createAccount({ name: 'mine', projects: [{}, holding('free', 'hidden')] })
      const made = await account.state()
      await account.setProject(2, {})
      const other = await admin.createAccount(rival)
      const before = kept()
      t.strictSame(await refusal(account.reset()), {
        type: 'about:blank',
        title: 'Conflict',
        status: 409,
        detail: 'another account now uses a token of this account\'s initial state',
        errors: [issue('/projects/1/api_tokens/1/token', 'a token that no other account uses')],
        advice: 'remove the other account with DELETE /__admin/accounts/a%2Frival'
      })
      t.strictSame(kept(), before)
      await other.remove()
      t.strictSame(await account.reset(), made)
    }
  })
})

t.test('freeing tokens', async t => {
  const ways: ReadonlyArray<readonly [name: string, act: (emulator: Awaited<ReturnType<typeof control>>) => Promise<unknown>]> = [
    ['its account is removed', async ({ admin }) => await (await admin.account('holder')).remove()],
    ['its project is removed', async ({ admin }) => await (await admin.account('holder')).removeProject(1)],
    ['its project is replaced', async ({ admin }) => await (await admin.account('holder')).setProject(1, {})],
    ['the ttl of its account', async ({ admin }) => {
      await (await admin.account('holder')).remove()
      await admin.createAccount({ ...HOLDER, ttl: '0ms' })
    }],
    ['a reset of the world', ({ admin }) => admin.reset()]
  ]
  for (const [name, act] of ways) {
    t.test(`a token can be used again after ${name}`, async t => {
      const emulator = await control(t)
      const { admin, balanceBy } = emulator
      await admin.createAccount({ ...HOLDER, balance: '1' })
      t.strictSame([await balanceBy('hidden one'), await balanceBy('hidden deleted')], [1, 401])
      await act(emulator)
      t.equal(await balanceBy('hidden one'), 401)
      await admin.createAccount({ name: 'next', token: 'hidden deleted', balance: '2', projects: [holding('hidden one')] })
      t.strictSame([await balanceBy('hidden one'), await balanceBy('hidden deleted')], [2, 2])
    })
  }
})
