import { useRef, useState } from 'preact/hooks'
import { isActedOn } from '../text/shell-word.js'

/** What became of copying a text: what is said of it, and the text itself, where it has to be copied by hand. */
export interface Copying {
  readonly said: string
  readonly say: (said: string) => void
  readonly line: string
  readonly copy: (text: string) => Promise<void>
}

export function useCopying (): Copying {
  const [said, say] = useState('')
  const [line, showLine] = useState('')
  const copy = async (text: string): Promise<void> => {
    // Browsers allow access to the clipboard only on pages from this machine or over TLS.
    const isCopied = await Promise.resolve().then(() => navigator.clipboard.writeText(text)).then(() => true, () => false)
    say(isCopied ? 'Copied.' : 'The browser does not allow copying here. Copy this line yourself:')
    showLine(isCopied ? '' : text)
  }
  return { said, say, line, copy }
}

/** A line to copy by hand: focusing it selects all of it. */
export function CopyByHand ({ text, label }: { readonly text: string, readonly label: string }) {
  const field = useRef<HTMLTextAreaElement>(null)
  return <textarea ref={field} class='line' rows={3} readOnly aria-label={label} onFocus={() => field.current!.select()} value={text} />
}

/** A command line with a button that copies it. `label` says which one it is. */
export function CommandLine ({ text, shown, label }: { readonly text: string, readonly shown: string, readonly label: string }) {
  const { said, line, copy } = useCopying()
  return (
    <div class='command'>
      <pre>{shown}</pre>
      {/* Pasted into a terminal, it would do something else than what is read here. */}
      {isActedOn(text)
        ? <p class='hint'>This line has characters that a terminal acts on. Read it in the file before you use it.</p>
        : <button type='button' aria-label={`Copy the command that shows ${label}`} onClick={() => copy(text)}>Copy</button>}
      <p class='said' role='status'>{said}</p>
      {line !== '' && <CopyByHand text={line} label='command' />}
    </div>
  )
}
