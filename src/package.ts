import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root folder of this package, which holds the migrations and fixtures, wherever in it the running file is. */
export const packageRoot = folderAbove(fileURLToPath(import.meta.url))

export const { name: packageName, version } =
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { name: string, version: string }

function folderAbove (path: string): string {
  const folder = dirname(path)
  return existsSync(join(folder, 'package.json')) ? folder : folderAbove(folder)
}
