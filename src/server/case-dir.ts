import { join, resolve } from 'node:path'
import { caseOf } from '../case/make.js'
import { caseText } from '../case/write.js'
import { createFile } from '../disk.js'
import type { Context } from '../runtime/context.js'

/** Signal on which the case is saved. */
export const SAVING_SIGNAL = 'SIGUSR2'

/**
 * Saves the case of the world in a folder on each `SIGUSR2`, under a name with the machine's time that no other file has, and tells the file,
 * or why there is none. Returns the function that ends that.
 */
export function saveOnSignal (context: Context, folder: string, tell: (line: string) => void): () => void {
  // In full: the working folder is the process's, and a test may change it.
  const place = resolve(folder)
  const save = (): void => {
    saveCase(context, place).then(
      file => { tell(`the case is in ${file}`) },
      (error: NodeJS.ErrnoException) => { tell(`the case can't be saved in ${place} (${error.code ?? error.message})`) })
  }
  process.on(SAVING_SIGNAL, save)
  return () => { process.off(SAVING_SIGNAL, save) }
}

async function saveCase (context: Context, folder: string): Promise<string> {
  const saved = await caseOf(context, null)
  const text = await caseText(saved)
  const name = join(folder, `case-${saved.saved_at.replaceAll(':', '-')}`)
  let file = `${name}.json`
  for (let count = 2; !createFile(file, text); count++) file = `${name}-${count}.json`
  return file
}
