import type { Consequences, UndoConsequences } from '../contract/control.js'
import { forecast, make, type Change } from './change.js'
import { sentencesOf } from './consequences.js'
import type { Question } from './question.js'

/** Makes a change once it is confirmed what that does. Returns whether it was. */
export async function makeConfirmed (change: Change, label: string, question: Question): Promise<boolean> {
  const isSure = await confirmed(change, label, question) !== null
  if (isSure) await make(change)
  return isSure
}

/**
 * Asks whether a change is to be made, if it does what `say` has sentences for. While the question is open, the world may become another
 * one: if the change would then do something else, it is asked once more. Gives what the change does; `null` if it is not to be made.
 */
export async function confirmed<Foreseen extends Consequences> (
  change: Change, label: string, question: Question, say: (consequences: Foreseen) => readonly string[] = sentencesOf
): Promise<Foreseen | null> {
  const foreseen = await forecast<Foreseen>(change)
  const sentences = say(foreseen)
  if (sentences.length === 0) return foreseen
  if (!await question.ask(sentences, label)) return null
  const now = await forecast<Foreseen>(change)
  if (essenceOf(now) === essenceOf(foreseen)) return now
  const changed = say(now)
  return changed.length === 0 || await question.ask(['Meanwhile, this has changed.', ...changed], label) ? now : null
}

/** What a change does, but for the requests that it removes or takes back: where a client is at work, there are more at every moment. */
function essenceOf ({ removes, since, ...others }: Consequences & Partial<Pick<UndoConsequences, 'since'>>): string {
  return JSON.stringify({ ...others, removes: { ...removes, requests: 0 }, calls: since?.calls })
}
