import type BetterSqlite3 from 'better-sqlite3'
import { readFileSync } from 'node:fs'
import Module from 'node:module'
import { join } from 'node:path'
import { checkNodeOptions, checkRuntime, optionProblem } from '../node-options.js'
import { packageRoot } from '../package.js'
import { Problem } from '../problem.js'

type Sqlite = typeof BetterSqlite3

/** better-sqlite3 with its binaries in the package, so that nothing is downloaded or compiled. It needs Node-API 10, as of Node.js 22.14. */
const MODERN = 'better-sqlite3'

/** Its last version for older Node.js, whose install script downloads or compiles the binary. */
const LEGACY = 'better-sqlite3-12'

/** Version of Node-API below which the binary of `MODERN` ends the process. */
const NODE_API = 10

// Required: before it imports a CommonJS module, Node.js searches it for names, with a WebAssembly module that takes time to load.
// Webpack replaces a `createRequire` that is imported by its name with nothing.
const load = Module.createRequire(join(packageRoot, 'package.json'))

type Load = ((name: string) => unknown) & Partial<Pick<NodeJS.Require, 'resolve'>>

let loaded: Sqlite | undefined

/** Gives the SQLite driver. Throws a `Problem` that says what to do if none of its packages works. */
export function sqlite (): Sqlite {
  if (loaded === undefined) {
    checkRuntime()
    checkNodeOptions()
    loaded = firstOf(packagesFor(Number(process.versions.napi)), load)
  }
  return loaded
}

/** Lists the packages of the driver that a version of Node-API can load, the best one first. */
export function packagesFor (nodeApi: number): readonly string[] {
  return nodeApi >= NODE_API ? [MODERN, LEGACY] : [LEGACY]
}

/** Gives the first of some packages that works. Throws a `Problem` of the first that doesn't if none does. */
export function firstOf (packages: readonly string[], load: Load, version = process.version): Sqlite {
  let problem: Problem | null = null
  for (const name of packages) {
    try {
      if (name === LEGACY) checkBinary(load, version)
      const Database = load(name) as Sqlite
      // The binary is loaded with the first database.
      new Database(':memory:').close()
      return Database
    } catch (error) {
      problem ??= error instanceof Problem ? error : loadProblem(name, error as NodeJS.ErrnoException)
    }
  }
  // eslint-disable-next-line no-throw-literal -- there is at least one package
  throw problem!
}

/** Versions of Node.js that abort with a binary of `LEGACY` that was compiled with the headers of 24.19 to 24.21. */
const ABORTING = /^v24\.(?:1?\d|2[01])\./

/** Function of Node.js that only such a binary calls. */
const OF_SUCH_HEADERS = 'RemoveEnvironmentCleanupHook'

/**
 * Throws a `Problem` if the binary of `LEGACY` would abort the process as soon as a statement of it is collected as garbage: see
 * https://github.com/nodejs/node/issues/65446. The binaries that its install script downloads were compiled with other headers.
 */
export function checkBinary ({ resolve }: Pick<Load, 'resolve'>, version = process.version): void {
  if (ABORTING.test(version) && binaryAt(resolve)?.includes(OF_SUCH_HEADERS) === true) {
    throw new Problem(`the binary of ${LEGACY} was compiled by Node.js 24.19 or newer, and aborts Node.js ${version}; ${REMEDIES[MODERN]!}`)
  }
}

/** Reads that binary; `undefined` if it is missing, or where it is not looked for here. */
function binaryAt (resolve: Load['resolve']): Buffer | undefined {
  try {
    return readFileSync(resolve!(`${LEGACY}/build/Release/better_sqlite3.node`))
  } catch {
    return undefined
  }
}

/** Says what to do about a package that is not installed, or whose binary is missing, for another Node.js, or not to be loaded. */
function loadProblem (name: string, { code, message }: NodeJS.ErrnoException): Problem {
  if (code === 'ERR_DLOPEN_DISABLED') {
    return optionProblem('--no-addons, or with permissions', `the binary of ${name} may not be loaded`, 'leave it out, or give the permission --allow-addons')
  }
  const cause = message.startsWith(`Cannot find module '${name}'`)
    ? `${name} is not installed`
    : message.startsWith('Could not locate the bindings file')
      ? `the binary of ${name} is missing, because its install script did not run`
      : `the binary of ${name} can't be loaded by Node.js ${process.version}`
  return new Problem(`${cause}; ${REMEDIES[name]!}`)
}

/** Package managers that run only approved install scripts, such as npm 12 and pnpm, leave `LEGACY` without its binary. */
const REMEDIES: Readonly<Record<string, string>> = {
  [MODERN]: 'run npm install again, without --omit=optional',
  [LEGACY]: 'use Node.js 22.14 or newer, which needs no install script; or run npm install again with a network or a C++ tool chain, and then ' +
    `npm rebuild ${LEGACY} (pnpm: first pnpm approve-builds)`
}
