import Database from 'better-sqlite3'
import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync, type Stats } from 'node:fs'
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
 * to the disk before anything is answered (`synchronous=FULL`). Throws a `Problem` that says why a file can't be used,
 * also where another process has locked it for longer than `patience`, in milliseconds.
 */
export function openDatabase (file: string, patience: number = BUSY_TIMEOUT): Db {
  if (file === IN_MEMORY) return prepared(new Database(file), patience)
  const path = resolve(file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    // SQLite would open a file that this user may only read, and leave files of this user beside it that its owner can't use.
    if (existsSync(path)) accessSync(path, constants.W_OK)
    return prepared(new Database(path, { timeout: patience }), patience)
  } catch (error) {
    throw databaseProblem(path, error)
  }
}

/** Why a file can't be used, as a `Problem`. */
export function databaseProblem (path: string, error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(`the database ${path} can't be used: ${reason(error as NodeJS.ErrnoException)}`, { status: 503 })
}

/** Whether the file or its disk is to blame for an error, or another process that uses it. */
export function isDiskTrouble ({ code }: NodeJS.ErrnoException): boolean {
  return /^SQLITE_(?:BUSY|CANTOPEN|CORRUPT|FULL|IOERR|NOTADB|PROTOCOL|READONLY)/.test(String(code))
}

/** What SQLite puts before the log's frames, and before the page in each, in bytes. */
const WAL_HEADER = 32
const FRAME_HEADER = 24

interface FileSnapshot {
  readonly file: string
  readonly opened: Stats
  /** Asked where a file has become smaller, or is empty. */
  readonly isWhole: (size: number) => boolean
  /** What it was when it was last known to be whole. */
  size: number
}

/**
 * Sees to it that what is written can be found again: SQLite goes on in files that have been deleted, moved or replaced, and
 * with what it remembers of one that has been cut short, and all of that is gone at the next start. To be called before a
 * transaction; throws a `Problem` for as long as the files are not those that were opened. It costs 3 µs, and never opens
 * a file but through SQLite: to close it would give away the locks that SQLite holds on it.
 */
export function fileGuard (db: Db): () => void {
  if (db.memory) return () => {}
  // SQLite keeps the others beside what a symbolic link leads to.
  const target = realpathSync(db.name)
  const wal = `${target}-wal`
  const page = db.pragma('page_size', { simple: true }) as number
  const pages = db.prepare<[], number>('PRAGMA page_count').pluck()
  // NOOP: to copy a part of a log that is cut short into the database would damage it.
  const frames = db.prepare<[], { log: number, checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)')
  const kept = (file: string, isWhole: FileSnapshot['isWhole']): FileSnapshot => {
    const opened = statSync(file)
    return { file, opened, isWhole, size: opened.size }
  }
  const files = [
    // VACUUM by another process makes it smaller too, even smaller than its content, as long as the rest is in the log.
    // Beside an empty one SQLite would delete the log.
    kept(db.name, size => {
      const { log, checkpointed } = frames.get()!
      return size > 0 && pages.get()! * page - size <= (log - checkpointed) * page && isWhole(db.name)
    }),
    // It may have been emptied by a checkpoint, and written again since. The size is asked for after the frames, which may be more by then.
    kept(wal, () => {
      const { log } = frames.get()!
      return log === 0 || statSync(wal).size >= WAL_HEADER + log * (FRAME_HEADER + page)
    }),
    kept(`${target}-shm`, () => false)
  ]

  return () => {
    // A closed database says so itself. Its files are then for others to make, replace or remove.
    if (!db.open) return
    const sizes = files.map(sizeInPlace)
    // The last one first: to ask for the database needs the others.
    for (let index = files.length - 1; index >= 0; index--) {
      const [one, now] = [files[index]!, sizes[index]!]
      if ((now < one.size || now === 0) && !one.isWhole(now)) throw lostProblem(one.file, 'cut short')
      one.size = now
    }
  }
}

function sizeInPlace ({ file, opened }: FileSnapshot): number {
  let now: Stats | undefined
  try {
    now = statSync(file, { throwIfNoEntry: false })
  } catch (error) {
    throw lostProblem(file, `out of reach (${(error as NodeJS.ErrnoException).code})`)
  }
  if (now?.ino !== opened.ino || now.dev !== opened.dev) throw lostProblem(file, 'no longer in its place: it was deleted, moved or replaced')
  return now.size
}

/** Looks at a file with new eyes: the connection that is open remembers what it has read. */
function isWhole (path: string): boolean {
  const db = new Database(path, { readonly: true })
  try {
    refuseDamage(db)
  } catch {
    db.close()
    return false
  }
  db.close()
  return true
}

function lostProblem (file: string, what: string): Problem {
  return new Problem(`${file} is ${what}; nothing is written any more, because it would be lost`, {
    status: 503,
    advice: 'save the world with GET /__admin/state, then stop the emulator and start it again'
  })
}

function prepared (db: Db, patience: number): Db {
  try {
    refuseAnotherProgramsFile(db)
    retryWhileBusy(() => db.pragma('journal_mode = WAL'), Date.now() + patience)
    refuseDamage(db)
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
export function retryWhileBusy<T> (work: () => T, until: number = Date.now() + BUSY_TIMEOUT): T {
  try {
    return work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'SQLITE_BUSY' || Date.now() >= until) throw error
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE)
    return retryWhileBusy(work, until)
  }
}

function refuseAnotherProgramsFile (db: Db): void {
  const isNew = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (isNew || db.pragma('application_id', { simple: true }) === APPLICATION_ID) return
  throw new Problem(`the database ${db.name} belongs to another program; name a new file or one that an emulator has made`)
}

/** Most damage would show only when somebody asks for what is damaged. It takes 0.1 ms, or 50 ms with 100 000 projects. */
function refuseDamage (db: Db): void {
  const found = db.pragma('quick_check(1)', { simple: true }) as string
  if (found !== 'ok') throw new Problem(`the database ${db.name} can't be used: it is damaged (${found.split('\n').at(-1)}); use another file or a copy of it`)
}

/** SQLite's and the system's short words for what went wrong, by their codes. */
function reason ({ code, message }: NodeJS.ErrnoException): string {
  if (String(code).startsWith('SQLITE_IOERR')) return `its disk is full or fails (${code})`
  switch (code) {
    case 'SQLITE_NOTADB': return 'it is not a SQLite database'
    case 'SQLITE_FULL': return 'its disk is full'
    case 'SQLITE_BUSY': return 'another process has locked it'
    case 'SQLITE_CANTOPEN': return 'it can\'t be opened or made; is it a folder, or may this user not write there?'
    case 'EACCES': case 'EROFS': case 'SQLITE_READONLY': case 'SQLITE_READONLY_DIRECTORY': return 'this user may not write to it'
    default: return message
  }
}
