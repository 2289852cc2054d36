import { useEffect, useRef, useState } from 'preact/hooks'
import { connect } from './connection.js'
import { storeAdminToken } from './control.js'

/** Asks for the admin token. */
export function TokenPrompt () {
  const [token, setToken] = useState('')
  const [state, setState] = useState<'asking' | 'trying' | 'wrong'>('asking')
  const box = useRef<HTMLInputElement>(null)
  // A wrong token is selected, for the right one to replace it. The button, which could not be pressed meanwhile, has lost the focus.
  useEffect(() => {
    if (state === 'wrong') box.current?.select()
    if (state !== 'trying') box.current?.focus()
  }, [state])
  // The emulator may have been started again without a token since.
  useEffect(() => {
    const again = (): void => { connect().catch(() => {}) }
    addEventListener('focus', again)
    return () => { removeEventListener('focus', again) }
  }, [])
  const submit = async (): Promise<void> => {
    setState('trying')
    storeAdminToken(token.trim())
    await connect()
    setState('wrong')
  }
  return (
    <main class='token'>
      <h1>Picky Assist emulator</h1>
      <form onSubmit={event => { event.preventDefault(); return submit() }}>
        <label for='admin-token'>Admin token</label>
        <input
          ref={box} id='admin-token' type='password' value={token}
          onInput={event => { setToken(event.currentTarget.value); setState('asking') }}
          aria-invalid={state === 'wrong'} aria-describedby='admin-token-note' autocomplete='off'
        />
        <p id='admin-token-note' class={state === 'wrong' ? 'wrong' : 'hint'} role='status'>
          {state === 'wrong' ? 'Wrong token.' : 'The value of --admin-token when the emulator was started. It is kept in this tab only.'}
        </p>
        <button type='submit' class='primary' disabled={token.trim() === '' || state === 'trying'}>Open the console</button>
      </form>
    </main>
  )
}
