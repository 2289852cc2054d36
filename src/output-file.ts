import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { checkReplaceable, makeFolder, replaceFile, type FileOptions } from './disk.js'
import { Problem } from './problem.js'

/** Checks, before long work, that its outcome can be written to a file, and makes the folder for it. Throws a `Problem` that names the setting if not. */
export function checkOutputFile (file: string, setting: string, options?: FileOptions): void {
  orProblem(file, setting, () => {
    makeFolder(dirname(resolve(file)))
    checkReplaceable(file, options)
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
  })
}

/** Throws a `Problem` that names the setting if a file to be written is one that is read or in use, by whatever name: it would be replaced. */
export function checkOtherFile (file: string, setting: string, used: string, what: string): void {
  const [own, other] = [file, used].map(path => existsSync(path) ? statSync(path, { bigint: true }) : undefined)
  const isSame = own === undefined ? resolve(file) === resolve(used) : own.dev === other?.dev && own.ino === other.ino
  if (isSame) throw new Problem(`${setting} is wrong: ${file} is ${what}, which would be lost`)
}

/** Writes a file and, if need be, its folder: it is complete or not there. Throws a `Problem` that names the setting if that fails. */
export function writeOutputFile (file: string, setting: string, contents: string | Buffer, options?: FileOptions): void {
  orProblem(file, setting, () => {
    makeFolder(dirname(resolve(file)))
    replaceFile(file, contents, options)
  })
}

function orProblem (file: string, setting: string, write: () => void): void {
  try {
    // A device, which would become a file: without /dev/null, little works on a machine.
    if (isOther(file)) throw new Problem(`${setting} is wrong: ${file} is not a regular file`)
    write()
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(`${setting} is wrong: ${file} can't be written (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** Tells whether there is something that is neither a file nor a folder: a device, a pipe, a socket. */
function isOther (file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats !== undefined && !stats.isFile() && !stats.isDirectory()
}
