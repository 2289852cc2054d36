import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { packageRoot } from '../package.js'
import { Problem } from '../problem.js'
import { pythonRedirect } from './python.js'
import { certificatesIn, trustedRoots } from './roots.js'
import { trustStore } from './trust-store.js'
import { wgetSettings } from './wget.js'

type Env = Readonly<Record<string, string | undefined>>

/** What the files lead clients to. */
export interface Gateway {
  /** The CA to trust, as PEM. */
  readonly ca: string
  readonly proxyPort: number
  /** Port for redirected connections; `null` if it is not known, and Node.js and Python programs are not redirected. */
  readonly tlsPort: number | null
}

/** Programs that redirect the connections of a process to the emulator; `null` if they are not redirected. */
export interface Redirects {
  /** Program that Node.js loads first. */
  readonly redirect: string | null
  /** Folder with the program that Python loads first. */
  readonly python: string | null
}

/** Files that the variables of clients name. */
export interface ClientFiles extends Redirects {
  /** All roots that clients trust so far, and the CA. */
  readonly roots: string
  /** The CA, and what Node.js and Deno were told to trust besides their own roots. */
  readonly extra: string
  /** The same as `roots`, for a JVM. */
  readonly trustStore: string
  /** Folder with settings of PHP, which reads the files there that end in .ini. */
  readonly php: string
  /** Settings of wget. */
  readonly wget: string
}

/** Gives the path of a new temporary folder of a command, which is not there yet. Throws a `Problem` if it is relative to a folder that is gone. */
export function temporaryFolder (command: string): string {
  return inTemporaryFolder(tmpdir(), () => resolve(tmpdir(), `picky-emulator-${command}-${randomBytes(8).toString('hex')}`))
}

/**
 * Removes a temporary folder, if it was made. What can't be removed is left and told, as on a share where a file of it is still open: what the command came
 * to counts all the same.
 */
export function removeTemporaryFolder (folder: string, tell: (line: string) => void, remove: typeof rmSync = rmSync): void {
  // Without the permission to write, Node.js fails even where there is nothing to remove.
  if (!existsSync(folder)) return
  try {
    remove(folder, { recursive: true, force: true })
  } catch (error) {
    tell(`the temporary folder ${folder} can't be removed (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** Does what writes into a temporary folder. Throws a `Problem` that says what to do if there is no room in it, or no permission. */
export function inTemporaryFolder<T> (folder: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw new Problem(`the temporary folder ${folder} can't be written (${(error as NodeJS.ErrnoException).code}); set TMPDIR to a folder with room`)
  }
}

/** Writes the files into a folder that is there. */
export function writeClientFiles (folder: string, { ca, proxyPort, tlsPort }: Gateway, env: Env): ClientFiles {
  const files: ClientFiles = {
    roots: join(folder, 'roots.pem'),
    extra: join(folder, 'extra.pem'),
    trustStore: join(folder, 'roots.jks'),
    php: folder,
    wget: join(folder, 'wgetrc'),
    ...tlsPort === null ? { redirect: null, python: null } : writeRedirects(folder, { ca, proxyPort, tlsPort })
  }
  const roots = trustedRoots(env) + ca
  writeFileSync(files.roots, roots)
  writeFileSync(files.extra, [...new Set([env.NODE_EXTRA_CA_CERTS, env.DENO_CERT].flatMap(certificatesIn)), ca].join('\n'))
  writeFileSync(files.trustStore, trustStore(roots))
  writeFileSync(join(files.php, 'picky-emulator.ini'), `curl.cainfo=${iniText(files.roots)}\nopenssl.cafile=${iniText(files.roots)}\n`)
  // It may hold passwords of the user.
  writeFileSync(files.wget, `${wgetSettings(env)}ca_certificate = ${files.roots}\n`, { mode: 0o600 })
  return files
}

/** Quotes a text as PHP reads its settings. */
function iniText (text: string): string {
  return `"${text.replace(/["\\]|\$(?=\{)/g, '\\$&')}"`
}

/** Writes the programs that redirect connections into a folder, which is made if it is missing. */
export function writeRedirects (folder: string, { ca, proxyPort, tlsPort }: Gateway & { readonly tlsPort: number }): Redirects {
  const [redirect, python] = [join(folder, 'redirect.cjs'), join(folder, 'python')]
  mkdirSync(python, { recursive: true })
  const target = JSON.stringify({ tlsPort, plainPort: proxyPort, ca })
  writeFileSync(redirect, `require(${JSON.stringify(join(packageRoot, 'dist', 'redirect.cjs'))}).redirectVendor(${target})\n`)
  writeFileSync(join(python, 'sitecustomize.py'), pythonRedirect({ tlsPort, plainPort: proxyPort }))
  return { redirect, python }
}
