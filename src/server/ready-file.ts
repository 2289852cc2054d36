import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Problem } from '../problem.js'

/** Content of a ready file: what a script needs to use an emulator that has started. */
export interface Readiness {
  readonly url: string
  readonly urls: readonly string[]
  readonly pid: number
  /** Token of the first account; `null` if there is no account. */
  readonly token: string | null
}

export interface ReadyFile {
  /** Writes the content, which appears all at once. */
  readonly write: (readiness: Readiness) => void
  /** Removes the file, unless another emulator has written it meanwhile. */
  readonly remove: () => void
}

/** Removes what an earlier run has left, and checks that the file can be written. Throws a `Problem` that says why not. */
export function readyFile (file: string, nameOf: (option: 'readyFile') => string = option => `the option ${option}`): ReadyFile {
  const draft = `${file}.${process.pid}.tmp`
  let written = ''
  try {
    writeFileSync(draft, '')
    rmSync(file, { force: true })
  } catch (error) {
    rmSync(draft, { force: true })
    throw new Problem(`${nameOf('readyFile')} is wrong: ${file} can't be written (${(error as NodeJS.ErrnoException).code})`)
  }
  return {
    write (readiness) {
      written = `${JSON.stringify(readiness)}\n`
      writeFileSync(draft, written)
      renameSync(draft, file)
    },
    remove () {
      rmSync(draft, { force: true })
      if (contentOf(file) === written) rmSync(file, { force: true })
    }
  }
}

/** Reads a ready file; `null` if there is none that is whole. */
export function readReadyFile (file: string): Readiness | null {
  try {
    return JSON.parse(contentOf(file)!) as Readiness
  } catch {
    return null
  }
}

function contentOf (file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
