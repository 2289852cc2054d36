import { existsSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
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

/** File that a command reads or has in use, and what it is, such as `the case`. */
export interface UsedFile {
  readonly file: string
  readonly what: string
}

/** Throws a `Problem` that names the setting if a file to be written is one that is read or in use, by whatever name: it would be replaced. */
export function checkOtherFile (file: string, setting: string, used: readonly UsedFile[]): void {
  const place = placeOf(file)
  const same = used.find(other => placeOf(other.file) === place)
  if (same !== undefined) throw new Problem(`${setting} is wrong: ${file} is ${same.what}, which would be lost`)
}

/** Gives what tells a file apart whatever it is called; if there is none yet, its folder and its name. */
function placeOf (file: string): string {
  if (existsSync(file)) return numbersOf(file)
  const folder = dirname(resolve(file))
  return `${existsSync(folder) ? numbersOf(folder) : folder}/${basename(file)}`
}

function numbersOf (path: string): string {
  const { dev, ino } = statSync(path, { bigint: true })
  return `${dev}:${ino}`
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
