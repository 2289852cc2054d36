import { ErrorNote, useAction } from './action.js'
import { CaseFilesOf } from './case-files.js'
import { nameInFiles } from './case-words.js'
import { useSaid, type Change } from './change.js'
import { makeConfirmed } from './confirmed.js'
import { call } from './control.js'
import { downloadJson } from './download.js'
import { Foreign } from './foreign.js'
import { Link } from './link.js'
import type { Opening } from './opening.js'
import { useQuestion } from './question.js'
import type { Account, ConsoleState } from './state.js'

/** Saves the world or an account as a file, loads a file, and resets. */
export function Files ({ state, account, opening }: {
  readonly state: ConsoleState
  readonly account: Account | undefined
  readonly opening: Opening
}) {
  const [said, say] = useSaid('')
  const question = useQuestion()
  const action = useAction()
  const save = (path: string, name: string) => action.run(async () => {
    say('')
    downloadJson(await call('GET', path), name)
    say(`Saved ${name}.`)
  })
  const carefully = (label: string, find: () => Promise<Change>) => action.run(async () => {
    say('')
    const change = await find()
    if (await makeConfirmed(change, label, question)) say(change.says)
  })
  return (
    <div class='files'>
      <section>
        <h2>Save</h2>
        <p>Saves everything in one file, with the tokens of the accounts. Start the emulator from it with <code>--scenario</code>.</p>
        <div class='buttons'>
          <button type='button' class='primary' onClick={() => save('/state', 'world.json')}>Save the world</button>
          {account !== undefined && (
            <button
              type='button'
              onClick={() => save(`/accounts/${encodeURIComponent(account.name)}/state`, `${nameInFiles(account.name)}.json`)}
            >
              Save <span class='name'>{account.name}</span> with its requests
            </button>
          )}
        </div>
        <p>A <Link to={{ view: 'case' }}>case</Link> also has all that happened, so that it can be replayed, or become a test. Its tokens are replaced: attach it to a ticket.</p>
        <CaseFilesOf key={account?.name} account={account?.name} />
      </section>
      <section>
        <h2>Load</h2>
        <p>Drop a file anywhere on this page, or choose one. It replaces the world, once you confirm; a file with an error changes nothing.</p>
        <p>A case or the report of a <Link to={{ view: 'sweep' }}>sweep</Link> is shown, and changes nothing either.</p>
        <div class='buttons'>
          <FileButton label='Choose a file' open={opening.open} />
          {state.scenarios.map(name => (
            <button
              type='button' key={name}
              onClick={() => carefully('Replace the world', async () =>
                ({ method: 'PUT', path: '/state', body: await call('GET', `/scenarios/${name}`), says: `Loaded ${name}.` }))}
            >
              Load {name}
            </button>
          ))}
        </div>
        <ErrorNote error={opening.action.error} />
        <p class='quiet' role='status'>{opening.said !== '' && <Foreign text={opening.said} />}</p>
      </section>
      <section>
        <h2>Reset</h2>
        <p>Puts everything back as the emulator was started: the journal and all faults are cleared, and open requests are aborted.</p>
        <div class='buttons'>
          <button
            type='button' class='danger'
            onClick={() => carefully('Reset everything', async () => ({ method: 'POST', path: '/reset', says: 'Everything has been reset.' }))}
          >
            Reset everything
          </button>
          {account !== undefined && (
            <button
              type='button' class='danger'
              onClick={() => carefully('Reset the account', async () =>
                ({ method: 'POST', path: `/accounts/${encodeURIComponent(account.name)}/reset`, says: `${account.name} has been reset.` }))}
            >
              Reset <span class='name'>{account.name}</span>
            </button>
          )}
        </div>
      </section>
      <ErrorNote error={action.error} />
      <p class='quiet' role='status'>{said !== '' && <Foreign text={said} />}</p>
      {question.dialog}
    </div>
  )
}

/** A button that lets a file, or several, be chosen. */
export function FileButton ({ label, open, multiple = false }: {
  readonly label: string
  readonly open: (files: readonly File[]) => unknown
  readonly multiple?: boolean
}) {
  const choose = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement
    const files = [...input.files ?? []]
    if (files.length > 0) open(files)
    // Choosing the same file again is a change, too.
    input.value = ''
  }
  return <label class='button'>{label}<input type='file' class='hidden' accept='.json,application/json' multiple={multiple} onChange={choose} /></label>
}
