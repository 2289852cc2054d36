import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** How a file is written. */
export interface FileOptions {
  /** Permissions, which the process's umask limits. */
  readonly mode?: number
  /** Whether it is to be whole even after a power failure, at the cost of waiting for the disk; true by default. */
  readonly isDurable?: boolean
  /** Is told the path of the draft before it is written. */
  readonly onDraft?: (draft: string) => void
}

/**
 * Writes a file, new or in place of another one: whoever reads it, at whatever moment, sees all of the one or all of the other. A failure
 * leaves the other one as it is, and nothing beside it. A link stays, and what it leads to is replaced.
 */
export function replaceFile (file: string, content: string | Buffer, options: FileOptions = {}): void {
  const target = targetOf(file)
  publish(target, content, options, draft => { renameSync(draft, target) })
}

/** Writes a file that is there as a whole or not at all. Returns false if there is one of that name already, which is kept. */
export function createFile (file: string, content: string | Buffer, options: FileOptions = {}, link: typeof linkSync = linkSync): boolean {
  try {
    publish(file, content, options, draft => {
      try {
        // Unlike a rename, this fails if another process has been faster.
        link(draft, file)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
        // A file system without hard links, as some shares are. So does this, but the file is empty for a moment.
        closeSync(openSync(file, 'wx'))
        renameSync(draft, file)
      }
    })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Throws the system's error if a file can't be written by `replaceFile`, such as for lack of permission. */
export function checkReplaceable (file: string, options: Pick<FileOptions, 'onDraft'> = {}): void {
  publish(targetOf(file), '', { ...options, isDurable: false }, () => {})
}

function targetOf (file: string): string {
  return existsSync(file) ? realpathSync(file) : file
}

/** Writes a draft beside a file, and removes it unless it has become the file. Its name is its own: others may write at the same moment. */
function publish (file: string, content: string | Buffer, { mode = 0o666, isDurable = true, onDraft = () => {} }: FileOptions, become: (draft: string) => void): void {
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`
  onDraft(resolve(draft))
  try {
    writeFileSync(draft, content, { mode, flag: 'wx' })
    // The option for that is newer than Node.js 20.0, which ignores it.
    if (isDurable) sync(draft, 'r+')
    become(draft)
    if (isDurable) syncFolder(dirname(file))
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * Creates a folder with its parents, on the disk too: the entry that leads to it as well. Each is created by itself, because a recursive
 * `mkdirSync` never returns where no folder can be, as below /proc.
 */
export function makeFolder (folder: string, make: (path: string) => void = mkdirSync): void {
  const missing: string[] = []
  for (let path = folder; !existsSync(path); path = dirname(path)) missing.unshift(path)
  for (const path of missing) {
    let failure: unknown
    try {
      make(path)
    } catch (error) {
      failure = error
    }
    // The outcome counts: another process may have created it at the same moment.
    if (!isFolder(path)) throw failure
    syncFolder(dirname(path))
  }
  if (!isFolder(folder)) throw Object.assign(new Error(`${folder} is not a folder`), { code: 'ENOTDIR' })
}

/** Tells whether there is a folder. */
export function isFolder (path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

/** Writes the entries of a folder to the disk, where the system and its permissions allow that. */
export function syncFolder (folder: string): void {
  try {
    sync(folder, 'r')
  } catch {
    // A folder that this user can't read, or a system without it: the entries are written when the system sees fit.
  }
}

/** Writes what is known of a file or a folder to the disk. */
function sync (path: string, flags: 'r' | 'r+'): void {
  const descriptor = openSync(path, flags)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
