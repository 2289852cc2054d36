import { useState } from 'preact/hooks'
import type { Case } from '../contract/case.js'
import type { SweepReport } from '../contract/sweep-report.js'
import { focusContent, useAction, type Action } from './action.js'
import { useSaid } from './change.js'
import { makeConfirmed } from './confirmed.js'
import { call, reject } from './control.js'
import { MAX_FILE_SIZE, notOpened, openedFile, type OpenedFile } from './opened-file.js'
import { useQuestion, type Question } from './question.js'
import { go, readRoute, type View } from './route.js'

/** Report of a sweep that is shown, and the run in it that was chosen, by its place. */
export interface ShownReport {
  readonly name: string
  readonly report: SweepReport
  readonly run: number | null
  /** Files that were opened with it, by the names that it has for the cases of its runs. */
  readonly cases: ReadonlyMap<string, File>
  /** Names of files that were opened with it, though it has no run with such a case. */
  readonly strays: readonly string[]
}

/** Case that is shown, and where it is from. */
export interface ShownCase {
  readonly name: string
  readonly given: Case
}

/**
 * Opening files, whether they were dropped or chosen: a scenario replaces the world, a report and a case are shown. Of several, one is a
 * report, and the others are cases of its runs.
 */
export interface Opening {
  readonly action: Action
  readonly said: string
  readonly open: (files: readonly File[]) => Promise<void>
  readonly question: Question
  readonly shown: ShownReport | null
  readonly show: (shown: ShownReport | null) => void
  readonly shownCase: ShownCase | null
  readonly showCase: (shown: ShownCase | null) => void
}

/** Views in which a file can be chosen, and in which it is said what is wrong with one. */
const CHOOSING: readonly View[] = ['sweep', 'case', 'files']

export function useOpening (): Opening {
  const action = useAction()
  const question = useQuestion()
  const [said, say] = useSaid('')
  const [shown, show] = useState<ShownReport | null>(null)
  const [shownCase, showCase] = useState<ShownCase | null>(null)
  const load = async (name: string, body: string): Promise<boolean> => {
    go({ view: 'files' })
    return await makeConfirmed({ method: 'PUT', path: '/state', body, says: `Loaded ${name}.` }, 'Replace the world', question)
  }
  const open = async (files: readonly File[]): Promise<void> => {
    say('')
    await action.run(async () => {
      const { file, opened } = await firstOf(files)
      const cases = new Map(files.map(file => [file.name, file]))
      if (shown !== null && opened.kind === 'case') show({ ...shown, cases: new Map([...shown.cases, ...cases]) })
      if (opened.kind === 'none') {
        stay('files')
        reject(opened)
      } else if (opened.kind === 'sweep-report') {
        const known = new Set(opened.report.results.map(result => result.case))
        const strays = files.filter(other => other !== file && !known.has(other.name)).map(({ name }) => name)
        focusContent()
        show({ name: file.name, report: opened.report, run: null, cases, strays })
        go({ view: 'sweep' })
      } else if (opened.kind === 'case') {
        stay('case')
        await call('POST', '/replay?dry_run=true', opened.text)
        focusContent()
        showCase({ name: file.name, given: opened.value as Case })
        go({ view: 'case' })
      } else if (await load(file.name, opened.text)) {
        say(`Loaded ${file.name}.`)
      }
    })
  }
  return { action, said, open, question, shown, show, shownCase, showCase }
}

/** Stays in a view that says what is wrong with a file, or goes to one. */
function stay (view: View): void {
  if (!CHOOSING.includes(readRoute(location.search).view)) go({ view })
}

/** Opens a file, or of several the report of a sweep, which the others belong to. */
async function firstOf (files: readonly File[]): Promise<{ readonly file: File, readonly opened: OpenedFile }> {
  const [first] = files
  if (files.length === 1) return { file: first!, opened: await openedFrom(first!) }
  for (const file of files) {
    const opened = await openedFrom(file)
    if (opened.kind === 'sweep-report') return { file, opened }
  }
  return { file: first!, opened: notOpened(`${files.length} files at a time can't be opened`, 'Open one, or the report of a sweep with the cases of its runs.') }
}

async function openedFrom (file: File): Promise<OpenedFile> {
  if (file.size > MAX_FILE_SIZE) return notOpened(`${file.name} is too large: found ${file.size} bytes, expected at most ${MAX_FILE_SIZE}`)
  const content = await file.arrayBuffer().catch(() => null)
  return content === null ? notOpened(`${file.name} can't be read`) : openedFile(file.name, content)
}
