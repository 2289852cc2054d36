import { useState } from 'preact/hooks'
import type { SweepReport } from '../contract/sweep-report.js'
import { useAction, type Action } from './action.js'
import { forecast, make } from './change.js'
import { sentencesOf } from './consequences.js'
import { reject } from './control.js'
import { MAX_FILE_SIZE, notOpened, openedFile, type OpenedFile } from './opened-file.js'
import { useQuestion, type Question } from './question.js'
import { go, readRoute } from './route.js'

/** Report of a sweep that is shown, and the run in it that was chosen, by its place. */
export interface ShownReport {
  readonly name: string
  readonly report: SweepReport
  readonly run: number | null
}

/** Opening a file, whether it was dropped or chosen: a scenario replaces the world, a report is shown. */
export interface Opening {
  readonly action: Action
  readonly said: string
  readonly open: (file: File) => Promise<void>
  readonly question: Question
  readonly shown: ShownReport | null
  readonly show: (shown: ShownReport | null) => void
}

export function useOpening (): Opening {
  const action = useAction()
  const question = useQuestion()
  const [said, say] = useState('')
  const [shown, show] = useState<ShownReport | null>(null)
  const load = async (name: string, body: string): Promise<boolean> => {
    go({ view: 'files' })
    const change = { method: 'PUT', path: '/state', body, says: `Loaded ${name}.` }
    const isSure = await question.ask(sentencesOf(await forecast(change)), 'Replace the world')
    if (isSure) await make(change)
    return isSure
  }
  const open = async (file: File): Promise<void> => {
    say('')
    await action.run(async () => {
      const opened = await openedFrom(file)
      if (opened.kind === 'none') {
        // Both views that a file can be chosen in say what is wrong with it.
        if (readRoute(location.search).view !== 'sweep') go({ view: 'files' })
        reject(opened)
      } else if (opened.kind === 'sweep-report') {
        show({ name: file.name, report: opened.report, run: null })
        go({ view: 'sweep' })
      } else if (await load(file.name, opened.text)) {
        say(`Loaded ${file.name}.`)
      }
    })
  }
  return { action, said, open, question, shown, show }
}

async function openedFrom (file: File): Promise<OpenedFile> {
  if (file.size > MAX_FILE_SIZE) return notOpened(`${file.name} is too large: found ${file.size} bytes, expected at most ${MAX_FILE_SIZE}`)
  const text = await file.text().catch(() => null)
  return text === null ? notOpened(`${file.name} can't be read`) : openedFile(file.name, text)
}
