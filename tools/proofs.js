// Installs what only long proofs and the benchmark need, into a folder of its own: npm ci at the root is no slower for it.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../proofs', import.meta.url))

/** The lock file that was installed last: npm ci takes its time even where nothing has changed. */
const INSTALLED = `${FOLDER}/node_modules/.installed.json`

export function installProofs () {
  const lock = readFileSync(`${FOLDER}/package-lock.json`, 'utf8')
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lock) return
  execFileSync('npm', ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund', '--loglevel', 'error'], { stdio: ['ignore', 'ignore', 'inherit'] })
  writeFileSync(INSTALLED, lock)
}
