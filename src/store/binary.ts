import { readFileSync } from 'node:fs'
import { optionProblem } from '../node-options.js'
import { Problem } from '../problem.js'

/** Versions of Node.js that abort with a binary that was compiled with the headers of 24.19 to 24.21. */
const ABORTING = /^v24\.(?:1?\d|2[01])\./

/** Function of Node.js that only such a binary calls. */
const OF_SUCH_HEADERS = 'RemoveEnvironmentCleanupHook'

/**
 * Throws a `Problem` if the binary of better-sqlite3 would abort the process as soon as a statement of it is collected as garbage: see
 * https://github.com/nodejs/node/issues/65446. The binaries that its install script downloads were compiled with other headers.
 */
export function checkBinary ({ resolve }: Pick<NodeJS.Require, 'resolve'>, version = process.version): void {
  if (ABORTING.test(version) && binaryAt(resolve)?.includes(OF_SUCH_HEADERS) === true) {
    throw new Problem(`the binary of better-sqlite3 was compiled by Node.js 24.19 or newer, and aborts Node.js ${version}; \
compile it with Node.js 24.18, or use Node.js 22`)
  }
}

/** Reads the binary; `undefined` if it is missing, or where it is not looked for here. */
function binaryAt (resolve: (path: string) => string): Buffer | undefined {
  try {
    return readFileSync(resolve('better-sqlite3/build/Release/better_sqlite3.node'))
  } catch {
    return undefined
  }
}

/** Without that approval, npm 12 says that it has rebuilt what it has not. */
const REBUILD =
  'npm rebuild better-sqlite3 (npm 12 and newer: first npm install-scripts approve better-sqlite3; pnpm: pnpm approve-builds, then pnpm rebuild)'

/**
 * Says what to do about a better-sqlite3 whose binary is missing, for another Node.js, or not to be loaded; its own error lists dozens of
 * paths. Package managers that run no install scripts, as npm 12 and pnpm by default, leave it without one.
 */
export function binaryProblem (error: unknown): Problem | undefined {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_DLOPEN_DISABLED') {
    return optionProblem(
      '--no-addons, or with permissions', 'the binary of better-sqlite3 may not be loaded', 'leave it out, or give the permission --allow-addons')
  }
  const cause = code === 'ERR_DLOPEN_FAILED'
    ? `can't be loaded by Node.js ${process.version}`
    : message.startsWith('Could not locate the bindings file') ? 'is missing, because its install script did not run' : undefined
  return cause === undefined
    ? undefined
    : new Problem(`the binary of better-sqlite3 ${cause}; run ${REBUILD}`)
}
