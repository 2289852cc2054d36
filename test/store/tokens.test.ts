import t from 'tap'
import { DEMO, fileStore, look, RECORD } from '../support/store.js'
import { openStore } from '../../src/store/index.js'

t.test('the feed of tokens tells all at first, then only what is new', async t => {
  const store = openStore()
  t.teardown(store.close)
  const insert = (name: string): number => store.accounts.insert({ ...DEMO, name, token: `token of ${name}` }, RECORD)

  const first = insert('first')
  t.strictSame(new Set(store.tokens.read(false).tokens), new Set(['token of first']))
  t.strictSame(store.tokens.read(false), { isAll: false, tokens: [] })
  insert('second')
  store.projects.insert(first, { projectId: 1, projectName: 'p', status: 'Active', subscriptions: [], details: {}, apiTokens: [{ token: 'token of p', ip: '', status: 'enabled' }] })
  t.strictSame(store.tokens.read(false), { isAll: false, tokens: ['token of second', 'token of p'] })
  store.accounts.remove(first)
  t.strictSame(store.tokens.read(true), { isAll: true, tokens: ['token of second'] }, 'all that are left, on demand')
  store.accounts.remove(insert('third'))
  t.strictSame(store.tokens.read(false).tokens, ['token of third'], 'and what has come and gone in between')
  t.throws(() => store.transaction(() => {
    insert('undone')
    throw new Error('no')
  }))
  t.strictSame(store.tokens.read(false).tokens, ['token of undone'], 'and what was rolled back, which was seen')
})

t.test('the feed of tokens is bounded, and tells all when it has dropped some', async t => {
  const store = openStore()
  t.teardown(store.close)
  store.accounts.insert(DEMO, RECORD)
  store.tokens.read(false)
  for (let number = 1; number < 40_000; number++) store.tokens.note(`${number}`)
  t.same(store.tokens.read(false).tokens.length, 39_999)
  for (let number = 1; number <= 40_000; number++) store.tokens.note(`${number}`)
  const { isAll, tokens } = store.tokens.read(false)
  t.equal(isAll, true)
  t.equal(tokens.length, 20_001)
  t.strictSame([tokens[0], tokens[1], tokens.at(-1)], [DEMO.token, '20001', '40000'], 'the newest')
})

t.test('the feed of tokens tells all when another process has written to the file', async t => {
  const { store, insert } = fileStore(t)
  insert('mine')
  store.tokens.read(false)
  t.equal(store.tokens.read(false).isAll, false)
  const other = look(t, store.file)
  other.prepare("UPDATE account SET token = 'its'").run()
  t.strictSame(store.tokens.read(false), { isAll: true, tokens: ['its'] })
  t.equal(store.tokens.read(false).isAll, false)
})
