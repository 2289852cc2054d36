import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ErrorNote, useAction, type Action } from './action.js'
import { call, ControlError } from './control.js'
import type { Account, World } from './state.js'

/** A file that is put in the place of the world, whichever way it was handed over. */
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
      const text = await file.text().catch(() => { throw new ControlError(0, `${file.name} can't be read`) })
      refuseNoJson(text, file.name)
      await call('PUT', '/state', text)
    })
    if (isLoaded) say(`Loaded ${file.name}.`)
  }
  return { action, said, load }
}

function refuseNoJson (text: string, name: string): void {
  try {
    JSON.parse(text)
  } catch (error) {
    throw new ControlError(400, `${name} is not JSON: ${(error as Error).message}`, [], 'nothing has been changed')
  }
}

/** What there is a question before. */
interface Asked { readonly what: string, readonly doIt: string, readonly done: string, readonly work: () => Promise<unknown> }

/** Saves the world or an account as a file, loads one, and goes back to the start. */
export function Files ({ world, account, loading }: { readonly world: World, readonly account: Account | undefined, readonly loading: Loading }) {
  const [said, say] = useState('')
  const [asked, ask] = useState<Asked | null>(null)
  const action = useAction()
  const save = (path: string, name: string) => action.run(async () => {
    say('')
    download(`${JSON.stringify(await call('GET', path), null, 2)}\n`, name)
    say(`Saved ${name}.`)
  })
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
        <p>A file that holds everything: attach it to a ticket, or start from it with <code>--scenario</code>.</p>
        <div class='buttons'>
          <button type='button' class='primary' onClick={() => save('/state', 'world.json')}>Save the world</button>
          {account !== undefined && <button type='button' onClick={() => save(`/accounts/${encodeURIComponent(account.name)}/state`, `${account.name.replace(/[^\w.-]+/g, '-')}.json`)}>Save <span class='name'>{account.name}</span> with its requests</button>}
        </div>
      </section>
      <section>
        <h2>Load</h2>
        <p>Drop a file anywhere on this page, or choose one. It takes the place of the world; a file with a issue changes nothing.</p>
        <div class='buttons'>
          <label class='button'>Choose a file<input type='file' class='hidden' accept='.json,application/json' onChange={event => { const [file] = event.currentTarget.files ?? []; if (file !== undefined) loading.load(file); event.currentTarget.value = '' }} /></label>
          {world.scenarios.map(name => (
            <button type='button' key={name} onClick={() => ask({ what: `The bundled scenario ${name} takes the place of the world.`, doIt: 'Load it', done: `Loaded ${name}.`, work: async () => call('PUT', '/state', await call('GET', `/scenarios/${name}`)) })}>Load {name}</button>
          ))}
        </div>
        <ErrorNote error={loading.action.error} />
        <p class='quiet' role='status'>{loading.said}</p>
      </section>
      <section>
        <h2>Reset</h2>
        <p>Back to what the emulator was started with: journal and faults are gone, and what is under way is broken off.</p>
        <div class='buttons'>
          <button type='button' class='danger' onClick={() => ask({ what: 'All of it goes back to what the emulator was started with.', doIt: 'Reset everything', done: 'All of it is as it was at the start.', work: () => call('POST', '/reset') })}>Reset everything</button>
          {account !== undefined && <button type='button' class='danger' onClick={() => ask({ what: `${account.name} goes back to what it was made as.`, doIt: 'Reset the account', done: `${account.name} is as it was made.`, work: () => call('POST', `/accounts/${encodeURIComponent(account.name)}/reset`) })}>Reset <span class='name'>{account.name}</span></button>}
        </div>
      </section>
      <ErrorNote error={action.error} />
      <p class='quiet' role='status'>{said}</p>
      {asked !== null && <Question asked={asked} answer={answer} />}
    </div>
  )
}

function Question ({ asked, answer }: { readonly asked: Asked, readonly answer: (isSure: boolean) => unknown }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current!.showModal(), [])
  const end = (isSure: boolean): void => {
    // Closed, it gives the focus back to where it was.
    dialog.current!.close()
    answer(isSure)
  }
  return (
    <dialog ref={dialog} onCancel={event => { event.preventDefault(); end(false) }} aria-labelledby='question'>
      <p id='question'>{asked.what} What is not saved is lost.</p>
      <div class='buttons'>
        <button type='button' onClick={() => end(false)}>Leave it</button>
        <button type='button' class='danger' onClick={() => end(true)}>{asked.doIt}</button>
      </div>
    </dialog>
  )
}

function download (text: string, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  // Later: the browser may not have begun to read it yet.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
