import { ErrorNote, focusContent, useAction } from './action.js'
import { undo, undoing } from './change.js'
import { confirmed } from './confirmed.js'
import { takenBackBy } from './consequences.js'
import { problemOf } from './control.js'
import { Foreign } from './foreign.js'
import { useQuestion } from './question.js'
import { update, type ConsoleState, type Offer } from './state.js'

/** Offers to undo the last change made on this page, or to do it again. */
export function UndoBar ({ undoable }: Pick<ConsoleState, 'undoable'>) {
  const action = useAction()
  const question = useQuestion()
  const take = async ({ id, label }: Offer): Promise<void> => {
    await action.run(async () => {
      try {
        if (await confirmed(undoing(id, label), label, question, takenBackBy) !== null) await undo(id, label)
      } catch (error) {
        // A snapshot that is gone can't be asked for again. Anything else, such as a broken connection, may pass.
        if (problemOf(error).status === 404) update({ undoable: null })
        throw error
      }
    })
  }
  const { error } = action
  const offer = undoable?.offer ?? null
  const dismiss = (): void => {
    focusContent()
    action.clear()
    update({ undoable: null })
  }
  return (
    <>
      <div class='undo' role='status'>
        {undoable !== null && <Foreign text={undoable.says} />}
        {offer !== null && <button type='button' disabled={action.busy} onClick={() => take(offer)}>{offer.label}</button>}
        <ErrorNote error={error} />
        {(undoable !== null || error !== null) && (
          <button type='button' class='plain' aria-label='Dismiss' onClick={dismiss}>×</button>
        )}
      </div>
      {question.dialog}
    </>
  )
}
