import { ErrorNote, focusContent, useAction } from './action.js'
import { undo, undoing } from './change.js'
import { confirmed } from './confirmed.js'
import { takenBackBy } from './consequences.js'
import { problemOf } from './control.js'
import { Foreign } from './foreign.js'
import { useQuestion } from './question.js'
import { update, type ConsoleState } from './state.js'

/** Offers to undo the last change made on this page, or to do it again. */
export function UndoBar ({ undoable }: Pick<ConsoleState, 'undoable'>) {
  const action = useAction()
  const question = useQuestion()
  const take = async (id: string, label: string): Promise<void> => {
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
  const dismiss = (): void => {
    focusContent()
    action.clear()
    update({ undoable: null })
  }
  return (
    <>
      <div class='undo' role='status'>
        {undoable !== null && (
          <>
            <Foreign text={undoable.says} />
            <button type='button' disabled={action.busy} onClick={() => take(undoable.id, undoable.label)}>{undoable.label}</button>
          </>
        )}
        <ErrorNote error={error} />
        {(undoable !== null || error !== null) && (
          <button type='button' class='plain' aria-label='Dismiss' onClick={dismiss}>×</button>
        )}
      </div>
      {question.dialog}
    </>
  )
}
