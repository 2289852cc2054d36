// Installs what only long proofs and the benchmark need, into a folder of its own: npm ci at the root is no slower for it.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where they are. */
export const PROOFS = fileURLToPath(new URL('../proofs', import.meta.url))

export function installProofs (folder = PROOFS) {
  // The lock file that was installed last: npm ci takes its time even where nothing has changed.
  const installed = `${folder}/node_modules/.installed.json`
  const lock = readFileSync(`${folder}/package-lock.json`, 'utf8')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return
  execFileSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel', 'error'], { stdio: ['ignore', 'ignore', 'inherit'] })
  mkdirSync(dirname(installed), { recursive: true })
  writeFileSync(installed, lock)
}
