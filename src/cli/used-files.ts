import { join } from 'node:path'
import type { UsedFile } from '../output-file.js'
import { scenarioFile } from '../scenario/bundled.js'
import type { StartOptions } from '../server/options.js'
import { CA_FILE } from '../tls/ca-file.js'
import { SERVER_FILE } from '../tls/folder.js'

/** Lists the files that an emulator with these options reads or has in use: a command must not write anything else to them. */
export function usedFiles ({ db = '', scenario, plans, adminTokenFile, tlsDir }: StartOptions): readonly UsedFile[] {
  const files: ReadonlyArray<readonly [file: unknown, what: string]> = [
    ...['', '-wal', '-shm'].map(ending => [`${db}${ending}`, 'the database'] as const),
    [typeof scenario === 'string' ? scenarioFile(scenario) : undefined, 'the scenario'],
    [plans, 'the plan table'],
    [adminTokenFile, 'the file with the admin token'],
    ...tlsDir === undefined ? [] : [CA_FILE, SERVER_FILE].map(name => [join(tlsDir, name), 'a file of the certificates'] as const)
  ]
  return files.flatMap(([file, what]) => typeof file === 'string' ? [{ file, what }] : [])
}
