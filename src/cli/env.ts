import { join, resolve } from 'node:path'
import { makeFolder } from '../disk.js'
import { writeClientFiles } from '../environment/files.js'
import { SHELLS, shellText, type Shell } from '../environment/shell.js'
import { clientVariables } from '../environment/variables.js'
import { Problem } from '../problem.js'
import { readOptions } from '../server/options.js'
import { urlOf } from '../text/address.js'
import { regularFile } from '../text/regular-file.js'
import { CA_FILE } from '../tls/ca-file.js'
import { GIVEN_VARIABLES, readConfig } from './flags.js'

type Texts = Readonly<Record<string, string | undefined>>

/** Folder, in that of the certificates, with what the variables name. */
const FOLDER = 'clients'

/** Maximum size of the CA's file in bytes, hundreds of times what it takes. */
const MAX_SIZE = 1_048_576

/** Prints the variables that lead a client to an emulator that was started with the same options, as a shell reads them. */
export function env (flags: Texts, environment: Texts): number {
  const shell = SHELLS.find(known => known === (flags.shell ?? 'sh'))
  if (shell === undefined) throw new Problem(`--shell is wrong: found ${JSON.stringify(flags.shell)}, expected one of ${SHELLS.join(', ')}; sh is also for bash and zsh`)
  const { options, nameOf } = readConfig(flags, environment)
  const { hosts, port, interception } = readOptions(options, nameOf)
  if (interception === null || interception.tlsDir === null || !interception.proxyPort) {
    throw new Problem('env needs --tls-dir and --proxy-port, with a port other than 0, as the emulator has them')
  }
  const { tlsDir, tlsPort, proxyPort } = interception
  const folder = resolve(tlsDir.path)
  const ca = caIn(folder, tlsDir.setting)
  const files = clientFiles()
  const variables = { ...clientVariables(environment, proxyPort, files), [GIVEN_VARIABLES.url]: urlOf(hosts[0]!, port) }
  // As it is: nothing in it is from anyone but the user, and a shell is to read it.
  process.stdout.write(`${shellText(variables, shell satisfies Shell)}\n`)
  return 0

  function clientFiles () {
    try {
      makeFolder(join(folder, FOLDER))
      return writeClientFiles(join(folder, FOLDER), { ca, proxyPort: proxyPort!, tlsPort: tlsPort === 0 ? null : tlsPort }, environment)
    } catch (error) {
      throw new Problem(`${tlsDir!.setting} is wrong: ${join(folder, FOLDER)} can't be written (${(error as NodeJS.ErrnoException).code})`)
    }
  }
}

function caIn (folder: string, setting: string): string {
  try {
    const bytes = regularFile(join(folder, CA_FILE), MAX_SIZE)
    if (typeof bytes !== 'string') return bytes.toString('utf8')
    throw new Error(bytes)
  } catch {
    throw new Problem(`${setting} is wrong: there is no ${CA_FILE} in ${folder}; start the emulator with it first`)
  }
}
