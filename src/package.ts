import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from './problem.js'

const NAME = 'picky-assist-emulator'

/** Root folder of this package, which holds the migrations and fixtures, wherever in it the running file is. */
export const packageRoot = packageAround(import.meta.url)

export const { version } = manifestIn(packageRoot)

/**
 * Finds the root folder of this package above one of its files, whose URL a bundler that makes a CommonJS module leaves out. Throws a
 * `Problem` if the file is part of another package, or of none: a bundler has then put this code into it, away from the migrations, the
 * fixtures and the console.
 */
export function packageAround (url: string | undefined): string {
  const file = url === undefined ? undefined : fileURLToPath(url)
  const root = file === undefined ? undefined : folderAbove(file)
  if (root !== undefined && manifestIn(root).name === NAME) return root
  throw new Problem(
    `${NAME} was bundled${file === undefined ? '' : ` into ${file}`}, away from the files that it needs; keep it out of the bundle ` +
    `(esbuild: --external:${NAME}, others: an external module), or import ${NAME}/connect, which needs none`
  )
}

function folderAbove (path: string): string | undefined {
  const folder = dirname(path)
  if (existsSync(join(folder, 'package.json'))) return folder
  return folder === path ? undefined : folderAbove(folder)
}

function manifestIn (folder: string): { readonly name?: string, readonly version: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
