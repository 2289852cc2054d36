import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createFile, makeFolder, replaceFile } from '../disk.js'
import { Problem } from '../problem.js'
import { regularFile } from '../text/regular-file.js'
import { CA_FILE } from './ca-file.js'
import { CA_NAME, createIdentity, type ServerIdentity } from './certificate.js'

/** File with the key and the certificate of the server, and its CA once more: one file, which is there as a whole or not at all. */
export const SERVER_FILE = 'server.pem'

/** Maximum size of that file in bytes, hundreds of times what it takes. */
const MAX_SIZE = 1_048_576

/** The files' permissions for the group and for others. */
const OTHERS = 0o077

/**
 * Reads the identity that is kept in a folder, and makes one there if there is none: clients that trust its CA go on doing so at the
 * next start. Two emulators that start at once get the same. Throws a `Problem` that says what is wrong with the folder, such as somebody
 * else's CA in it.
 */
export function identityIn (folder: string, setting: string, make: () => ServerIdentity = createIdentity): ServerIdentity {
  const file = join(folder, SERVER_FILE)
  try {
    makeFolder(resolve(folder))
    if (isForeign(join(folder, CA_FILE))) throw new Problem(`${setting} is wrong: ${join(folder, CA_FILE)} holds something else, which would be lost`)
    const identity = read(file) ?? create(file)
    // Always written: without it, no client could trust what the other file holds.
    replaceFile(join(folder, CA_FILE), identity.ca, { mode: 0o644 })
    return identity
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem(`${setting} is wrong: ${folder} can't be written (${(error as NodeJS.ErrnoException).code})`)
  }

  function read (file: string): ServerIdentity | undefined {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode
    if (mode === undefined) return undefined
    // Windows has no such permissions: there, Node reports those of the owner for everyone.
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new Problem(`${setting} is wrong: others can read the key in ${file}; chmod 600 it, or delete it to get a new one`)
    }
    const bytes = regularFile(file, MAX_SIZE)
    const identity = typeof bytes === 'string' ? undefined : parse(bytes.toString('utf8'))
    if (identity === undefined) throw new Problem(`${setting} is wrong: ${file} holds no key and certificates; delete it to get new ones`)
    return identity
  }

  function create (file: string): ServerIdentity {
    const identity = make()
    return createFile(file, identity.key + identity.cert + identity.ca, { mode: 0o600 }) ? identity : read(file)!
  }
}

/** True for a file that is no CA made here, and not empty. */
function isForeign (file: string): boolean {
  if (!existsSync(file)) return false
  const bytes = regularFile(file, MAX_SIZE)
  if (bytes.length === 0) return false
  try {
    return typeof bytes === 'string' || new X509Certificate(bytes).subject !== `CN=${CA_NAME}`
  } catch {
    return true
  }
}

/** Reads the three parts of a server's file; `undefined` if they are not there or don't belong together. */
function parse (content: string): ServerIdentity | undefined {
  const [key, cert, ca] = content.match(/-----BEGIN ([A-Z ]+)-----\n[^-]+-----END \1-----\n/g) ?? []
  try {
    const certificate = new X509Certificate(cert!)
    const isWhole = certificate.checkPrivateKey(createPrivateKey(key!)) && certificate.verify(new X509Certificate(ca!).publicKey)
    return isWhole ? { key: key!, cert: cert!, ca: ca! } : undefined
  } catch {
    return undefined
  }
}
