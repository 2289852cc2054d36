import type BetterSqlite3 from 'better-sqlite3'
import type { Db } from './database.js'

/** Gives the statements of a database; `textOf` may change each. Each is prepared when it is first run: a test's emulator runs a third of them. */
export interface Statements {
  readonly prepare: <Params extends object = [], Row = unknown>(sql: string) => Statement<Params, Row>
}

export interface Statement<Params extends object, Row> {
  get: (...params: Given<Params>) => Row | undefined
  all: (...params: Given<Params>) => Row[]
  run: (...params: Given<Params>) => BetterSqlite3.RunResult
  /** Gives the same statement with the first column of each row in its place. */
  pluck: () => Statement<Params, Row>
}

/** Named parameters, if there are any. */
type Given<Params extends object> = Params extends [] ? [] : [Params]

export function statementsOf (db: Db, textOf = (sql: string): string => sql, noteWrite: NoteWrite = () => {}): Statements {
  return { prepare: <Params extends object, Row>(sql: string) => new LazyStatement<Params, Row>(() => db.prepare<unknown[], Row>(textOf(sql)), noteWrite) }
}

/** Notes what is run, with its parameters, before that. */
type NoteWrite = (params: unknown) => void

class LazyStatement<Params extends object, Row> implements Statement<Params, Row> {
  private statement: BetterSqlite3.Statement<unknown[], Row> | undefined

  constructor (private readonly prepare: () => BetterSqlite3.Statement<unknown[], Row>, private readonly noteWrite: NoteWrite) {}

  get (...params: Given<Params>): Row | undefined {
    return this.prepared().get(...params)
  }

  all (...params: Given<Params>): Row[] {
    return this.prepared().all(...params)
  }

  run (...params: Given<Params>): BetterSqlite3.RunResult {
    this.noteWrite(params[0])
    return this.prepared().run(...params)
  }

  pluck (): Statement<Params, Row> {
    return new LazyStatement<Params, Row>(() => this.prepare().pluck(), this.noteWrite)
  }

  private prepared (): BetterSqlite3.Statement<unknown[], Row> {
    this.statement ??= this.prepare()
    return this.statement
  }
}
