import type BetterSqlite3 from 'better-sqlite3'
import { accessSync, constants, existsSync, realpathSync, statSync, type Stats } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { makeFolder } from '../disk.js'
import { machineTime } from '../machine.js'
import { Problem } from '../problem.js'
import { sqlite } from './sqlite.js'

export type Db = BetterSqlite3.Database

export const IN_MEMORY = ':memory:'

/** SQLite application id ("Pick" in ASCII) that marks a database of the emulator. */
export const APPLICATION_ID = 0x5069636b

/** Maximum time, in milliseconds, that a write waits for another process on the same file, and the pause between two attempts. */
const BUSY_TIMEOUT = 5000
const BUSY_PAUSE = 20

/**
 * Opens a database in memory or a file, which is created with its folder if missing. Writes reach the disk before a request is
 * answered (`synchronous=FULL`). Throws a `Problem` that says why a file can't be used, such as a lock that another process
 * has held for longer than `patience`, in milliseconds.
 */
export function openDatabase (file: string, patience: number = BUSY_TIMEOUT): Db {
  if (file === IN_MEMORY) return prepared(opened(file), patience)
  let path = file
  try {
    path = resolve(file)
    // better-sqlite3 would use the file without them.
    if (path.trim() !== path) throw new Error('its name ends with a blank')
    makeFolder(dirname(path))
    // SQLite would open a read-only file, and leave files beside it that the file's owner can't use.
    if (existsSync(path)) accessSync(regularFile(path), constants.W_OK)
    for (const file of filesBeside(path)) if (existsSync(file)) regularFile(file, file)
    return prepared(opened(path, { timeout: patience }), patience)
  } catch (error) {
    throw databaseProblem(path, error)
  }
}

function opened (file: string | Buffer, options?: BetterSqlite3.Options): Db {
  return new (sqlite())(file, options)
}

/** Gives a function that returns a number which changes when another process has written to the file; none can write to a database in memory. */
export function dataVersionOf (db: Db): () => number {
  if (db.memory) return () => 0
  const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  return () => dataVersion.get()!
}

/** Positions, in the header of a database, of the versions for writing and reading: 2 with a write-ahead log, 1 without. */
const VERSIONS = [18, 19]

/** Marks a copy of a database as one without a write-ahead log: SQLite can't open a copy with one, and all of it is in the copy. */
export function withoutLog (copy: Buffer): Buffer {
  for (const position of VERSIONS) copy[position] = 1
  return copy
}

/** Opens a copy of a database in memory. */
export function openedCopy (copy: Buffer): Db {
  return opened(copy)
}

/** Paths of the files that SQLite keeps, or finds, beside the target of a symbolic link. */
function filesBeside (path: string): string[] {
  const target = existsSync(path) ? realpathSync(path) : path
  return ['-journal', '-wal', '-shm'].map(ending => target + ending)
}

/**
 * Returns the path of a regular file. Throws for anything else, such as a device, of which SQLite says that its disk is full, or a named pipe,
 * which it would wait for.
 */
function regularFile (path: string, name = 'it'): string {
  if (statSync(path).isFile()) return path
  throw new Error(`${name} is not a regular file`)
}

/** Wraps an error in a `Problem` that says why a file can't be used. */
export function databaseProblem (path: string, error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(`the database ${path} can't be used: ${reason(error as NodeJS.ErrnoException)}`, { status: 503 })
}

/** Tells whether an error is due to the file, its disk, or another process that uses it. */
export function isDiskTrouble ({ code }: NodeJS.ErrnoException): boolean {
  return /^SQLITE_(?:BUSY|CANTOPEN|CORRUPT|FULL|IOERR|NOTADB|PROTOCOL|READONLY)/.test(String(code))
}

/** Size, in bytes, of the header of the write-ahead log, and of the header of each frame in it. */
const WAL_HEADER = 32
const FRAME_HEADER = 24

/** File as it was when it was last known to be complete. */
interface FileSnapshot {
  readonly file: string
  readonly opened: Stats
  /** Checks a file that has become smaller or is empty. */
  readonly isWhole: (size: number) => boolean
  size: number
}

/**
 * Creates a check that writes will survive a restart: SQLite keeps writing to files that have been deleted, moved or replaced,
 * and from its cache to a file that has been truncated. The check must run before each transaction, and throws a `Problem` while
 * the files are not those that were opened. It takes 3 µs, and opens files through SQLite only: closing a file descriptor would
 * release the locks that SQLite holds on the file.
 */
export function fileGuard (db: Db): () => void {
  if (db.memory) return () => {}
  // SQLite keeps the other files beside the target of a symbolic link.
  const target = realpathSync(db.name)
  const wal = `${target}-wal`
  const page = db.pragma('page_size', { simple: true }) as number
  const pages = db.prepare<[], number>('PRAGMA page_count').pluck()
  // NOOP, because copying part of a truncated log into the database would damage it.
  const frames = db.prepare<[], { log: number, checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)')
  const snapshot = (file: string, isWhole: FileSnapshot['isWhole']): FileSnapshot => {
    const opened = statSync(file)
    return { file, opened, isWhole, size: opened.size }
  }
  const files = [
    // VACUUM by another process shrinks the file as well, even below its content while the rest is in the log. If it is empty,
    // SQLite would delete the log.
    snapshot(db.name, size => {
      const { log, checkpointed } = frames.get()!
      return size > 0 && pages.get()! * page - size <= (log - checkpointed) * page && isWhole(db.name)
    }),
    // A checkpoint may have emptied the log, and new frames may have been written since. The size is read after the number of
    // frames, so that it includes all of them.
    snapshot(wal, () => {
      const { log } = frames.get()!
      return log === 0 || statSync(wal).size >= WAL_HEADER + log * (FRAME_HEADER + page)
    }),
    snapshot(`${target}-shm`, () => false)
  ]

  return () => {
    // A closed database says so itself. Its files are then for others to make, replace or remove.
    if (!db.open) return
    const sizes = files.map(sizeInPlace)
    // In reverse order: checking the database needs the other files.
    for (let index = files.length - 1; index >= 0; index--) {
      const [one, now] = [files[index]!, sizes[index]!]
      if ((now < one.size || now === 0) && !one.isWhole(now)) throw lostProblem(one.file, 'has been truncated')
      one.size = now
    }
  }
}

function sizeInPlace ({ file, opened }: FileSnapshot): number {
  let now: Stats | undefined
  try {
    now = statSync(file, { throwIfNoEntry: false })
  } catch (error) {
    throw lostProblem(file, `can't be accessed (${(error as NodeJS.ErrnoException).code})`)
  }
  if (now?.ino !== opened.ino || now.dev !== opened.dev) throw lostProblem(file, 'has been deleted, moved or replaced')
  return now.size
}

/** Checks a file over a new connection, because the open one may answer from its cache. */
function isWhole (path: string): boolean {
  const db = opened(path, { readonly: true })
  try {
    refuseDamage(db)
  } catch {
    db.close()
    return false
  }
  db.close()
  return true
}

function lostProblem (file: string, happened: string): Problem {
  return new Problem(`${file} ${happened}; no more writes are accepted, because they would be lost`, {
    status: 503,
    advice: 'save the world with GET /__admin/state, then restart the emulator'
  })
}

function prepared (db: Db, patience: number): Db {
  try {
    refuseAnotherProgramsFile(db)
    retryWhileBusy(() => db.pragma('journal_mode = WAL'), machineTime() + patience)
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
 * Repeats work that another process blocks, until it succeeds or the time is up. SQLite itself waits, except when two processes
 * switch the same new file to WAL mode at the same moment: then one of them fails at once.
 */
export function retryWhileBusy<T> (work: () => T, until: number = machineTime() + BUSY_TIMEOUT): T {
  try {
    return work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'SQLITE_BUSY' || machineTime() >= until) throw error
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE)
    return retryWhileBusy(work, until)
  }
}

function refuseAnotherProgramsFile (db: Db): void {
  const isNew = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (isNew || db.pragma('application_id', { simple: true }) === APPLICATION_ID) return
  throw new Problem(`the database ${db.name} belongs to another program; use a new file, or one created by the emulator`)
}

/** Refuses a damaged database, because most damage would only show when it is read. Takes 0.1 ms, or 50 ms with 100 000 projects. */
function refuseDamage (db: Db): void {
  const found = db.pragma('quick_check(1)', { simple: true }) as string
  if (found === 'ok') return
  throw new Problem(`the database ${db.name} can't be used: it is damaged (${found.split('\n').at(-1)}); use another file or a backup`)
}

/** Describes an error of SQLite or the system by its code. */
function reason ({ code, message, syscall, path }: NodeJS.ErrnoException): string {
  if (syscall === 'mkdir' && !['EACCES', 'EROFS'].includes(code!)) return `the folder ${path!} can't be created (${code!})`
  if (String(code).startsWith('SQLITE_IOERR')) return `its disk is full or failing (${code})`
  switch (code) {
    case 'SQLITE_NOTADB': return 'it is not a SQLite database'
    case 'SQLITE_FULL': return 'its disk is full'
    case 'SQLITE_BUSY': return 'another process has locked it'
    case 'SQLITE_CANTOPEN':
      return 'it can\'t be opened or created; does this user lack permission to write there?'
    case 'EACCES': case 'EROFS': case 'SQLITE_READONLY': case 'SQLITE_READONLY_DIRECTORY': return 'this user has no permission to write to it'
    default: return message
  }
}
