import type { VNode } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

interface Asked {
  readonly sentences: readonly string[]
  /** The label of the button that confirms. */
  readonly label: string
  readonly answer: (isSure: boolean) => void
}

/** A question before a change. Without sentences there is nothing to ask, and the answer is yes. */
export interface Question {
  readonly ask: (sentences: readonly string[], label: string) => Promise<boolean>
  /** The dialog, while it is open. */
  readonly dialog: VNode | null
}

export function useQuestion (): Question {
  const [asked, setAsked] = useState<Asked | null>(null)
  const ask = async (sentences: readonly string[], label: string): Promise<boolean> => sentences.length === 0 || await new Promise(resolve => {
    setAsked({ sentences, label, answer (isSure) { setAsked(null); resolve(isSure) } })
  })
  return { ask, dialog: asked && <Dialog asked={asked} /> }
}

function Dialog ({ asked: { sentences, label, answer } }: { readonly asked: Asked }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current!.showModal(), [])
  const end = (isSure: boolean): void => {
    // Closing it returns the focus to where it was.
    dialog.current!.close()
    answer(isSure)
  }
  return (
    <dialog ref={dialog} onCancel={event => { event.preventDefault(); end(false) }} aria-labelledby='question'>
      <div id='question'>{sentences.map(sentence => <p key={sentence}>{sentence}</p>)}</div>
      <div class='buttons'>
        <button type='button' onClick={() => end(false)}>Cancel</button>
        <button type='button' class='danger' onClick={() => end(true)}>{label}</button>
      </div>
    </dialog>
  )
}
