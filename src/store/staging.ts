import type { Db } from './database.js'

/** Schema of the tables of a world that is being written. */
export const STAGED = 'staged'

/** Tables of a world, each after those that its foreign keys refer to. The table `world` itself has more than what is loaded. */
const TABLES = ['plan', 'account', 'account_origin', 'project', 'subscription', 'api_token', 'ledger_entry', 'history_event']

/**
 * Opens empty tables beside those of the world, in memory: a process that is killed leaves nothing of them. They need no journal, as they
 * are given up if anything fails.
 */
export function openStaging (db: Db): void {
  const schema = db.prepare<[], string>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid").pluck().all()
  db.exec(`ATTACH ':memory:' AS ${STAGED}`)
  db.pragma(`${STAGED}.journal_mode = OFF`)
  for (const sql of schema) db.exec(sql.replace(/^CREATE (TABLE|INDEX) "?(\w+)"?/, `CREATE $1 ${STAGED}.$2`))
}

/** Number of rows that are copied in one part. */
const PART = 100

/** Gives the parts of filling the tables with the rows of a database of the same schema, each of which takes a fraction of a slice. */
export function * fillingStaged (db: Db, source: Db): Iterable<() => void> {
  for (const table of TABLES) {
    const rows = source.prepare<[], unknown[]>(`SELECT * FROM ${table}`).raw()
    const values = rows.columns().map(() => '?').join()
    const insert = db.prepare(`INSERT INTO ${STAGED}.${table} VALUES (${values})`)
    const rest = rows.iterate()[Symbol.iterator]()
    for (let isOver = false; !isOver;) {
      yield () => {
        for (let count = 0; count < PART && !isOver; count++) {
          const { done, value } = rest.next() as IteratorResult<unknown[], undefined>
          if (done === true) isOver = true
          else insert.run(value)
        }
      }
    }
  }
}

/**
 * Copies all rows into the tables of the world, which must be empty, within the open transaction. Without foreign keys, SQLite copies a table
 * of the same columns record by record, and its indexes as they are: that takes a twentieth of the time that writing them has taken.
 */
export function copyStaged (db: Db): void {
  for (const table of TABLES) db.exec(`INSERT INTO main.${table} SELECT * FROM ${STAGED}.${table}`)
}

/** Tables of accounts in the same order, and those of their columns that number rows of all accounts. */
const OF_ACCOUNTS: ReadonlyArray<readonly [table: string, number?: string]> = [
  ['account'], ['account_origin'], ['project'], ['subscription'], ['api_token'], ['ledger_entry', 'entry_id'], ['history_event', 'event_id']
]

/** Adds all accounts to those of the world, under ids that are higher by `shift`, within the open transaction. Foreign keys need no check. */
export function addStaged (db: Db, shift: number): void {
  for (const [table, number] of OF_ACCOUNTS) {
    const columns = db.prepare(`SELECT * FROM ${STAGED}.${table}`).columns().map(({ name }) => name).filter(name => name !== number && name !== 'account_id')
    // Where the world has none, SQLite copies all rows as they are, as above.
    const add = shift === 0 && number === undefined
      ? `SELECT * FROM ${STAGED}.${table}`
      : `(account_id, ${columns.join()}) SELECT account_id + ${shift}, ${columns.join()} FROM ${STAGED}.${table} ORDER BY ${number ?? 'account_id'}`
    db.exec(`INSERT INTO main.${table} ${add}`)
  }
}

/** Tells whether the world has an account with a name or a token of one of these, or a project with one of their tokens. */
export function isAnyTaken (db: Db): boolean {
  const pairs = [['account', 'account', 'name'], ...['account', 'api_token'].flatMap(added => ['account', 'api_token'].map(table => [added, table, 'token']))]
  const taken = pairs.map(([added, table, column]) => `EXISTS (SELECT 1 FROM ${STAGED}.${added} CROSS JOIN main.${table} USING (${column}))`)
  return db.prepare<[], 0 | 1>(`SELECT ${taken.join(' OR ')}`).pluck().get() === 1
}

export function closeStaging (db: Db): void {
  db.exec(`DETACH ${STAGED}`)
}

/** Makes a statement one on the tables of a schema: an unqualified name is the world's. */
export function qualified (sql: string, schema: string): string {
  return sql.replace(/\b(FROM|JOIN|INTO|UPDATE) (?!SET\b)(?=\w)/g, `$1 ${schema}.`)
}
