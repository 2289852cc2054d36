import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Case } from '../contract/case.js'
import { ErrorNote, useAction } from './action.js'
import { caseFileName } from './case-words.js'
import { call } from './control.js'
import { downloadJson } from './download.js'
import { ExportMenu } from './export-menu.js'

/** Asks the emulator how the world, or an account, came to be as it is, from a request on if one is given. */
export async function readCaseOf (account: string | undefined, from?: string): Promise<Case> {
  const query = new URLSearchParams({ ...account !== undefined && { account }, ...from !== undefined && { from } })
  return await call<Case>('GET', query.size === 0 ? '/case' : `/case?${query.toString()}`)
}

/** Asks the emulator to cut off what happened in a case before a request. */
export async function cutCase (given: Case, from: string): Promise<Case> {
  return await call<Case>('POST', `/case?${new URLSearchParams({ from }).toString()}`, given)
}

/** Buttons that save a case, and export it, behind others. */
export function CaseFiles ({ read, hint, isFromHere = false, children }: {
  readonly read: () => Promise<Case>
  readonly hint: string
  /** Whether the case begins with the request beside the buttons. */
  readonly isFromHere?: boolean
  readonly children?: ComponentChildren
}) {
  const [said, say] = useState('')
  const action = useAction()
  const save = () => action.run(async () => {
    say('')
    const given = await read()
    const name = caseFileName(given)
    downloadJson(given, name)
    say(`Saved ${name}. ${given.incomplete === null ? '' : `It can't be replayed: ${given.incomplete}.`}`)
  })
  return (
    <div class='case-files'>
      <div class='buttons'>
        {children}
        <button type='button' disabled={action.busy} title={hint} onClick={save}>{isFromHere ? 'Save case from here' : 'Save case'}</button>
        <ExportMenu read={read} label={isFromHere ? 'Export from here as …' : 'Export as …'} />
      </div>
      <ErrorNote error={action.error} />
      <p class='quiet said' role='status'>{said}</p>
    </div>
  )
}

/** The same for the case of the world, or of an account, as it is now. */
export function CaseFilesOf ({ account, children }: { readonly account: string | undefined, readonly children?: ComponentChildren }) {
  return <CaseFiles read={() => readCaseOf(account)} hint={`how ${account ?? 'the world'} came to be as it is`}>{children}</CaseFiles>
}
