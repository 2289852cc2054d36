import type BetterSqlite3 from 'better-sqlite3'
import Module from 'node:module'
import { join } from 'node:path'
import { checkNodeOptions, optionProblem } from '../node-options.js'
import { packageRoot } from '../package.js'
import { Problem } from '../problem.js'

type Sqlite = typeof BetterSqlite3

/** better-sqlite3 with its binaries in the package, so that nothing is downloaded or compiled. It needs Node-API 10, as of Node.js 22.14. */
const MODERN = 'better-sqlite3'

/** Its last version for older Node.js, whose install script downloads or compiles the binary. Compiled for Node.js 24.19 or newer, it crashes. */
const LEGACY = 'better-sqlite3-12'

/** Version of Node-API below which the binary of `MODERN` ends the process. */
const NODE_API = 10

// Required: before it imports a CommonJS module, Node.js searches it for names, with a WebAssembly module that takes time to load.
// Webpack replaces a `createRequire` that is imported by its name with nothing.
const load = Module.createRequire(join(packageRoot, 'package.json'))

let loaded: Sqlite | undefined

/** Gives the SQLite driver. Throws a `Problem` that says what to do if none of its packages works. */
export function sqlite (): Sqlite {
  checkNodeOptions()
  loaded ??= firstOf(packagesFor(Number(process.versions.napi)), load)
  return loaded
}

/** Lists the packages of the driver that a version of Node-API can load, the best one first. */
export function packagesFor (nodeApi: number): readonly string[] {
  return nodeApi >= NODE_API ? [MODERN, LEGACY] : [LEGACY]
}

/** Gives the first of some packages that works. Throws a `Problem` of the first that doesn't if none does. */
export function firstOf (packages: readonly string[], load: (name: string) => unknown): Sqlite {
  let problem: Problem | null = null
  for (const name of packages) {
    try {
      const Database = load(name) as Sqlite
      // The binary is loaded with the first database.
      new Database(':memory:').close()
      return Database
    } catch (error) {
      problem ??= loadProblem(name, error as NodeJS.ErrnoException)
    }
  }
  // eslint-disable-next-line no-throw-literal -- there is at least one package
  throw problem!
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
