// Builds a checkout that is being installed elsewhere, as by `npm install PATH`, or globally. npm also runs this at the end of an `npm ci`
// here, which must not wait for a build: start, test and pack have theirs.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The file that a build writes last. */
const BUILT = 'dist/types/client/connect.d.cts'
const SOURCES = ['src', 'tools', 'package-lock.json']

const { INIT_CWD, npm_command: command, npm_config_global: isGlobal } = process.env
const isElsewhere = INIT_CWD !== undefined && realpathSync(INIT_CWD) !== realpathSync('.')

if ((isElsewhere || command === 'link' || isGlobal === 'true') && isStale()) {
  // npm does not install what a linked folder depends on, neither to build it nor to run it.
  if (!existsSync('node_modules/esbuild')) run('ci', '--include=dev', '--global=false')
  run('run', 'build', '--global=false')
}

function isStale () {
  if (!existsSync(BUILT)) return true
  const builtAt = statSync(BUILT).mtimeMs
  const files = SOURCES.flatMap(path => statSync(path).isFile() ? [path] : readdirSync(path, { recursive: true }).map(name => join(path, name)))
  return files.some(file => statSync(file).mtimeMs > builtAt)
}

function run (...args) {
  execFileSync('npm', ['--silent', ...args], { stdio: 'inherit', shell: process.platform === 'win32' })
}
