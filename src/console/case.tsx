import { useState } from 'preact/hooks'
import type { Replay } from '../contract/replay.js'
import { ErrorNote, focusContent, useAction } from './action.js'
import { CaseFilesOf, readCaseOf } from './case-files.js'
import { CaseSteps, type Target } from './case-steps.js'
import { caseFileName, contentWords, subjectOf } from './case-words.js'
import { useSaid } from './change.js'
import { makeConfirmed } from './confirmed.js'
import { call } from './control.js'
import { ExportMenu } from './export-menu.js'
import { FileButton } from './files.js'
import { Foreign } from './foreign.js'
import { count, instant } from './format.js'
import type { Opening, ShownCase } from './opening.js'
import { useQuestion } from './question.js'
import { ReplayResult, replayWords } from './replay.js'

/** A case: that of the world or an account, to be saved, and one that was opened. */
export function CaseView ({ account, opening }: { readonly account: string | undefined, readonly opening: Opening }) {
  const { action, open, shownCase, showCase } = opening
  const close = (): void => {
    focusContent()
    showCase(null)
  }
  return (
    <div class='case'>
      <ErrorNote error={action.error} />
      {shownCase === null
        ? <Start key={account} account={account} opening={opening} />
        : <OpenedCase key={shownCase.given} shown={shownCase} open={open} close={close} />}
    </div>
  )
}

function Start ({ account, opening: { open, showCase } }: { readonly account: string | undefined, readonly opening: Opening }) {
  const action = useAction()
  const look = () => action.run(async () => {
    const given = await readCaseOf(account)
    focusContent()
    showCase({ name: caseFileName(given), given })
  })
  return (
    <>
      <section>
        <h2>How {account === undefined ? 'the world' : <span class='name'>{account}</span>} came to be as it is</h2>
        <p>A case has the start, all that happened since, and the end. It can be looked at, replayed, attached to a ticket, or become a test.</p>
        <CaseFilesOf account={account}><button type='button' class='primary' disabled={action.busy} onClick={look}>Look at it</button></CaseFilesOf>
        <ErrorNote error={action.error} />
      </section>
      <section class='empty'>
        <p>Drop a case on this page, or choose one. Looking at it changes nothing.</p>
        <p><FileButton label='Choose a case' open={open} /></p>
      </section>
    </>
  )
}

function OpenedCase ({ shown: { name, given }, open, close }: {
  readonly shown: ShownCase
  readonly open: Opening['open']
  readonly close: () => void
}) {
  const [replay, setReplay] = useState<Replay | null>(null)
  const [target, setTarget] = useState<Target | null>(null)
  const [said, say] = useSaid('')
  const question = useQuestion()
  const action = useAction()
  const { incomplete, start, end, emulator, saved_at: savedAt } = given
  const playAgain = () => action.run(async () => {
    setReplay(null)
    say('Replaying …')
    const replay = await call<Replay>('POST', '/replay', given).finally(() => say(''))
    setReplay(replay)
    say(`Replayed: ${replayWords(replay)}.`)
  })
  const load = (what: string, body: unknown) => action.run(async () => {
    say('')
    const says = `Loaded the ${what} of the case of ${subjectOf(given)}.`
    if (await makeConfirmed({ method: 'PUT', path: '/state', body, says }, 'Replace the world', question)) say(says)
  })
  return (
    <>
      <section aria-label='Case'>
        <div class='report-head'>
          <h2>Case of <Foreign text={subjectOf(given)} /></h2>
          <div class='buttons'><FileButton label='Choose another case' open={open} /><button type='button' onClick={close}>Close</button></div>
        </div>
        <p class='quiet'><Foreign text={name} /></p>
        <p>{contentWords(given)}, from {instant(start.at)} to {instant(end.at)} of the machine's time.</p>
        <p class='quiet'>Saved at {instant(savedAt)} UTC by version <Foreign text={emulator} />, seed {given.seed}, {count((start.scenario.accounts ?? []).length, 'account')} at the start.</p>
        {incomplete !== null && <p class='meaning'>It can't be replayed: <Foreign text={incomplete} />.</p>}
        <div class='buttons'>
          <button type='button' class='primary' disabled={action.busy || incomplete !== null} onClick={playAgain}>Replay</button>
          <button type='button' disabled={action.busy} onClick={() => load('start', start.scenario)}>Load its start</button>
          <button type='button' disabled={action.busy} onClick={() => load('end', given)}>Load its end</button>
          <ExportMenu read={() => given} />
        </div>
        <ErrorNote error={action.error} />
        <p class='quiet said' role='status'>{said !== '' && <Foreign text={said} />}</p>
      </section>
      {replay !== null && <ReplayResult replay={replay} given={given} reveal={step => setTarget({ step })} />}
      <CaseSteps given={given} target={target} />
      {question.dialog}
    </>
  )
}
