import { Type } from '@sinclair/typebox'
import { Check } from '@sinclair/typebox/value'
import { SECRET } from '../api/fields.js'
import { Problem } from '../problem.js'
import { readRegularFile } from '../scenario/file.js'

/** Bearer token of the control API: restricted to what a header can hold. */
export const TokenSchema = Type.String({ pattern: '^[!-~]([ -~]*[!-~])?$', [SECRET]: true, description: 'ASCII text that is not empty, without spaces around it' })

/** Size limit of the token's file, in bytes: a quarter of what a request's headers can be. */
const MAX_FILE_SIZE = 4096

/**
 * Reads the token from a file, whose last line break is left out. Throws a `Problem` that names the setting and never quotes the
 * file: by mistake, it may be one with other secrets.
 */
export function readTokenFile (path: string, settingName: string): string {
  const token = bytesOf(path, settingName).toString('latin1').replace(/\r?\n$/, '')
  if (Check(TokenSchema, token)) return token
  const found = token === '' ? 'is empty' : 'does not hold a token'
  throw new Problem(`${settingName} is wrong: ${path} ${found}, expected one line of ${TokenSchema.description!}`)
}

function bytesOf (path: string, settingName: string): Buffer {
  try {
    return readRegularFile(path, MAX_FILE_SIZE)
  } catch (error) {
    throw new Problem(`${settingName} is wrong: ${(error as Error).message}`)
  }
}
