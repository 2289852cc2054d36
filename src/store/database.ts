import Database from 'better-sqlite3'
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Problem } from '../problem.js'

export type Db = Database.Database

export const IN_MEMORY = ':memory:'

/** "Pick" in ASCII: tells a database of the emulator from another program's. */
export const APPLICATION_ID = 0x5069636b

/** How long, in milliseconds, a write waits for another process on the same file before it fails, and between two tries. */
const BUSY_TIMEOUT = 5000
const BUSY_PAUSE = 20

/**
 * Opens a database file, made with its folder where it is missing, or one in memory. A file is written through
 * to the disk before anything is answered (`synchronous=FULL`). Throws a `Problem` that says why a file can't be used.
 */
export function openDatabase (file: string): Db {
  if (file === IN_MEMORY) return prepared(new Database(file))
  const path = resolve(file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    // SQLite would open a file that this user may only read, and leave files of this user beside it that its owner can't use.
    if (existsSync(path)) accessSync(path, constants.W_OK)
    return prepared(new Database(path, { timeout: BUSY_TIMEOUT }))
  } catch (error) {
    throw databaseProblem(path, error)
  }
}

/** Why a file can't be used, as a `Problem`. */
export function databaseProblem (path: string, error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(`the database ${path} can't be used: ${reason(error as NodeJS.ErrnoException)}`)
}

function prepared (db: Db): Db {
  try {
    refuseAnotherProgramsFile(db)
    patiently(() => db.pragma('journal_mode = WAL'))
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Does again what another process was in the way of, until it is done or the time is up. SQLite waits by itself, but not
 * where two processes put the same new file into WAL mode at the same moment: there one of them is refused at once.
 */
export function patiently<T> (work: () => T, until: number = Date.now() + BUSY_TIMEOUT): T {
  try {
    return work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'SQLITE_BUSY' || Date.now() >= until) throw error
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE)
    return patiently(work, until)
  }
}

function refuseAnotherProgramsFile (db: Db): void {
  const isNew = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (isNew || db.pragma('application_id', { simple: true }) === APPLICATION_ID) return
  throw new Problem(`the database ${db.name} belongs to another program; name a new file or one that an emulator has made`)
}

/** SQLite's and the system's short words for what went wrong, by their codes. */
function reason ({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'SQLITE_NOTADB': return 'it is not a SQLite database'
    case 'SQLITE_BUSY': return 'another process has locked it'
    case 'SQLITE_CANTOPEN': return 'it can\'t be opened or made; is it a folder, or may this user not write there?'
    case 'EACCES': case 'EROFS': case 'SQLITE_READONLY': case 'SQLITE_READONLY_DIRECTORY': return 'this user may not write to it'
    default: return message
  }
}
