import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ErrorNote, useAction, type Action } from './action.js'
import { call, reject } from './control.js'
import type { Account, ConsoleState } from './state.js'

/** Loading a file that replaces the world, whether it was dropped or chosen. */
export interface Loading {
  readonly action: Action
  readonly said: string
  readonly load: (file: File) => Promise<void>
}

export function useLoading (): Loading {
  const action = useAction()
  const [said, say] = useState('')
  const load = async (file: File): Promise<void> => {
    say('')
    const isLoaded = await action.run(async () => {
      const text = await file.text().catch(() => { reject({ detail: `${file.name} can't be read` }) })
      checkJson(text, file.name)
      await call('PUT', '/state', text)
    })
    if (isLoaded) say(`Loaded ${file.name}.`)
  }
  return { action, said, load }
}

function checkJson (text: string, name: string): void {
  try {
    JSON.parse(text)
  } catch (error) {
    reject({ detail: `${name} is not JSON: ${(error as Error).message}`, advice: 'nothing was changed' })
  }
}

/** An action that asks for confirmation first. */
interface Confirmation {
  readonly question: string
  /** The label of the button that confirms. */
  readonly label: string
  /** The message after it is done. */
  readonly done: string
  readonly work: () => Promise<unknown>
}

/** Saves the world or an account as a file, loads a file, and resets. */
export function Files ({ state, account, loading }: {
  readonly state: ConsoleState
  readonly account: Account | undefined
  readonly loading: Loading
}) {
  const [said, say] = useState('')
  const [asked, ask] = useState<Confirmation | null>(null)
  const action = useAction()
  const save = (path: string, name: string) => action.run(async () => {
    say('')
    download(`${JSON.stringify(await call('GET', path), null, 2)}\n`, name)
    say(`Saved ${name}.`)
  })
  const choose = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement
    const [file] = input.files ?? []
    if (file !== undefined) loading.load(file)
    // Choosing the same file again is a change, too.
    input.value = ''
  }
  const answer = async (isSure: boolean): Promise<void> => {
    const { work, done } = asked!
    ask(null)
    say('')
    if (isSure && await action.run(work)) say(done)
  }
  return (
    <div class='files'>
      <section>
        <h2>Save</h2>
        <p>Saves everything in one file. Attach it to a ticket, or start the emulator from it with <code>--scenario</code>.</p>
        <div class='buttons'>
          <button type='button' class='primary' onClick={() => save('/state', 'world.json')}>Save the world</button>
          {account !== undefined && (
            <button
              type='button'
              onClick={() => save(`/accounts/${encodeURIComponent(account.name)}/state`, `${account.name.replace(/[^\w.-]+/g, '-')}.json`)}
            >
              Save <span class='name'>{account.name}</span> with its requests
            </button>
          )}
        </div>
      </section>
      <section>
        <h2>Load</h2>
        <p>Drop a file anywhere on this page, or choose one. It replaces the world; a file with an error changes nothing.</p>
        <div class='buttons'>
          <label class='button'>
            Choose a file<input type='file' class='hidden' accept='.json,application/json' onChange={choose} />
          </label>
          {state.scenarios.map(name => (
            <button
              type='button' key={name}
              onClick={() => ask({
                question: `The bundled scenario ${name} replaces the world.`,
                label: 'Replace the world',
                done: `Loaded ${name}.`,
                work: async () => call('PUT', '/state', await call('GET', `/scenarios/${name}`))
              })}
            >
              Load {name}
            </button>
          ))}
        </div>
        <ErrorNote error={loading.action.error} />
        <p class='quiet' role='status'>{loading.said}</p>
      </section>
      <section>
        <h2>Reset</h2>
        <p>Puts everything back as the emulator was started: the journal and all faults are cleared, and open requests are aborted.</p>
        <div class='buttons'>
          <button
            type='button' class='danger'
            onClick={() => ask({
              question: 'Everything goes back to the state that the emulator was started with.',
              label: 'Reset everything',
              done: 'Everything has been reset.',
              work: () => call('POST', '/reset')
            })}
          >
            Reset everything
          </button>
          {account !== undefined && (
            <button
              type='button' class='danger'
              onClick={() => ask({
                question: `${account.name} goes back to the state that it was created with.`,
                label: 'Reset the account',
                done: `${account.name} has been reset.`,
                work: () => call('POST', `/accounts/${encodeURIComponent(account.name)}/reset`)
              })}
            >
              Reset <span class='name'>{account.name}</span>
            </button>
          )}
        </div>
      </section>
      <ErrorNote error={action.error} />
      <p class='quiet' role='status'>{said}</p>
      {asked !== null && <Question asked={asked} answer={answer} />}
    </div>
  )
}

function Question ({ asked, answer }: { readonly asked: Confirmation, readonly answer: (isSure: boolean) => unknown }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current!.showModal(), [])
  const end = (isSure: boolean): void => {
    // Closing it returns the focus to where it was.
    dialog.current!.close()
    answer(isSure)
  }
  return (
    <dialog ref={dialog} onCancel={event => { event.preventDefault(); end(false) }} aria-labelledby='question'>
      <p id='question'>{asked.question} Anything not saved is lost.</p>
      <div class='buttons'>
        <button type='button' onClick={() => end(false)}>Cancel</button>
        <button type='button' class='danger' onClick={() => end(true)}>{asked.label}</button>
      </div>
    </dialog>
  )
}

function download (text: string, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  // Not at once: the browser may not have started reading it yet.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
