import { useState } from 'preact/hooks'
import { connect } from './connection.js'
import { keepAdminToken } from './control.js'

/** Asks for the token that the control API wants. */
export function TokenPrompt () {
  const [token, setToken] = useState('')
  const [state, setState] = useState<'asking' | 'trying' | 'wrong'>('asking')
  const submit = async (): Promise<void> => {
    setState('trying')
    keepAdminToken(token.trim())
    await connect()
    setState('wrong')
  }
  return (
    <main class='token'>
      <h1>Picky Assist emulator</h1>
      <form onSubmit={event => { event.preventDefault(); return submit() }}>
        <label for='admin-token'>The token that the emulator was started with</label>
        <input id='admin-token' type='password' value={token} onInput={event => { setToken(event.currentTarget.value); setState('asking') }} aria-invalid={state === 'wrong'} aria-describedby='admin-token-note' autocomplete='off' />
        <p id='admin-token-note' class={state === 'wrong' ? 'wrong' : 'hint'} role='status'>{state === 'wrong' ? 'That is not the one.' : 'It is kept for this tab alone.'}</p>
        <button type='submit' class='primary' disabled={token.trim() === '' || state === 'trying'}>Open the console</button>
      </form>
    </main>
  )
}
