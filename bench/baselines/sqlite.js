// Baseline for the whole stack: the smallest transaction that could do the job, one per request, without any rule.
import { Database } from '../../tools/sqlite.js'
import { flag, serve } from './app.js'

const PRICE_MILLS = 5000
const BILLED_AT = Date.parse('2020-07-16T23:59:59Z')

const db = new Database(flag('--db') ?? ':memory:')
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec(`
  CREATE TABLE account (account_id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, balance_mills INTEGER NOT NULL) STRICT;
  CREATE TABLE project (account_id INTEGER NOT NULL, project_id INTEGER NOT NULL, PRIMARY KEY (account_id, project_id)) STRICT, WITHOUT ROWID;
  CREATE TABLE subscription (
    account_id INTEGER NOT NULL, project_id INTEGER NOT NULL, service INTEGER NOT NULL, plan_id INTEGER NOT NULL, next_billing_at INTEGER,
    PRIMARY KEY (account_id, project_id, service)) STRICT, WITHOUT ROWID;
  CREATE TABLE ledger_entry (
    entry_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, at INTEGER NOT NULL, amount_mills INTEGER NOT NULL, balance_mills INTEGER NOT NULL,
    project_id INTEGER, plan_id INTEGER) STRICT;
  INSERT INTO account VALUES (1, '132321343dsfsdf', 999999999999999);
  INSERT INTO project VALUES (1, 5786);
  INSERT INTO subscription VALUES (1, 5786, 1, 1, NULL);
`)

const begin = db.prepare('BEGIN IMMEDIATE')
const find = db.prepare(`
  SELECT account_id, balance_mills, plan_id FROM account JOIN project USING (account_id) LEFT JOIN subscription USING (account_id, project_id)
  WHERE token = ? AND project_id = ? AND service = ?`)
const debit = db.prepare('UPDATE account SET balance_mills = ? WHERE account_id = ?')
const subscribe = db.prepare(`
  INSERT INTO subscription VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET plan_id = excluded.plan_id, next_billing_at = excluded.next_billing_at`)
const book = db.prepare('INSERT INTO ledger_entry (account_id, at, amount_mills, balance_mills, project_id, plan_id) VALUES (?, ?, ?, ?, ?, ?)')
const commit = db.prepare('COMMIT')

await serve(({ token, project_id: projectId, service, plan_id: planId }) => {
  begin.run()
  const { account_id: accountId, balance_mills: balance, plan_id: oldPlanId } = find.get(token, projectId, service)
  const left = balance - PRICE_MILLS
  debit.run(left, accountId)
  subscribe.run(accountId, projectId, service, planId, BILLED_AT)
  book.run(accountId, Date.now(), -PRICE_MILLS, left, projectId, planId)
  commit.run()
  return {
    status: 100,
    message: 'Success',
    old_billing_plan: String(oldPlanId),
    new_billing_plan: planId,
    amount_debited: '5',
    next_billing_date: '2020-07-16T23:59:59+00:00'
  }
})
