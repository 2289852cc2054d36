import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Case } from '../contract/case.js'
import { ErrorNote, useAction } from './action.js'
import { caseFileName } from './case-words.js'
import { call } from './control.js'
import { download } from './download.js'
import { ExportMenu } from './export-menu.js'

/** Asks the emulator how the world, or an account, came to be as it is. */
export async function readCaseOf (account: string | undefined): Promise<Case> {
  return await call<Case>('GET', account === undefined ? '/case' : `/case?${new URLSearchParams({ account }).toString()}`)
}

/** Buttons that save the case of the world, or of an account, and export it, behind others. */
export function CaseFiles ({ account, children }: { readonly account: string | undefined, readonly children?: ComponentChildren }) {
  const [said, say] = useState('')
  const action = useAction()
  const of = account ?? 'the world'
  const save = () => action.run(async () => {
    say('')
    const given = await readCaseOf(account)
    const name = caseFileName(given)
    download(`${JSON.stringify(given, null, 2)}\n`, name)
    say(`Saved ${name}. ${given.incomplete === null ? '' : `It can't be replayed: ${given.incomplete}.`}`)
  })
  return (
    <div class='case-files'>
      <div class='buttons'>
        {children}
        <button type='button' disabled={action.busy} title={`how ${of} came to be as it is`} onClick={save}>Save case</button>
        <ExportMenu read={() => readCaseOf(account)} />
      </div>
      <ErrorNote error={action.error} />
      <p class='quiet said' role='status'>{said}</p>
    </div>
  )
}
