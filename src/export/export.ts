import type { Case } from '../contract/case.js'
import { scriptOf } from './compose.js'
import { har } from './har.js'
import { httpFile } from './http.js'
import { jestTest } from './jest.js'
import { nodeTest } from './node-test.js'
import { postman } from './postman.js'
import { pytest } from './pytest.js'
import type { Script } from './script.js'
import { wordsOf } from './sentence.js'
import { shellScript } from './sh.js'
import { vitestTest } from './vitest.js'

/** File that a case becomes. */
export interface ExportedFile {
  /** Name for it, which says what happened. */
  readonly file: string
  readonly text: string
}

/** A format: the end of its files' names, and how one is written. */
interface FormatWriter {
  readonly ending: string
  readonly write: (script: Script, given: Case) => string
}

/** The formats that a case can be exported in. */
export const FORMATS = {
  'node-test': { ending: '.test.mjs', write: nodeTest },
  vitest: { ending: '.test.ts', write: vitestTest },
  jest: { ending: '.test.js', write: jestTest },
  pytest: { ending: '_test.py', write: pytest },
  sh: { ending: '.sh', write: shellScript },
  http: { ending: '.http', write: httpFile },
  har: { ending: '.har', write: har },
  postman: { ending: '.postman_collection.json', write: postman }
} as const satisfies Record<string, FormatWriter>

export type Format = keyof typeof FORMATS

/** Writes a case as a file for other tools. */
export function exportCase (given: Case, format: Format): ExportedFile {
  const script = scriptOf(given)
  const { ending, write } = FORMATS[format] as FormatWriter
  return { file: wordsOf(script.title, format === 'pytest' ? '_' : '-') + ending, text: write(script, given) }
}
