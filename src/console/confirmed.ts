import { forecast, make, type Change } from './change.js'
import { sentencesOf } from './consequences.js'
import type { Question } from './question.js'

/** Makes a change once it is confirmed what that does. Returns whether it was. */
export async function makeConfirmed (change: Change, label: string, question: Question): Promise<boolean> {
  const isSure = await question.ask(sentencesOf(await forecast(change)), label)
  if (isSure) await make(change)
  return isSure
}
