import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Accounts } from './accounts.js'
import { CaseView } from './case.js'
import { connectWhenSeen } from './connection.js'
import { ErrorNote } from './action.js'
import { isUsedUp } from './fault-kinds.js'
import { Faults } from './faults.js'
import { Files } from './files.js'
import { Link } from './link.js'
import { Money } from './money.js'
import { useOpening } from './opening.js'
import { Overview } from './overview.js'
import { Requests } from './requests.js'
import { useRoute, VIEWS, type View } from './route.js'
import { useConsoleState, type ConsoleState } from './state.js'
import { Sweep } from './sweep.js'
import { TimeBar } from './time-bar.js'
import { TokenPrompt } from './token-prompt.js'
import { TryIt } from './try-it.js'
import { UndoBar } from './undo-bar.js'

const TITLES: Record<View, string> = { overview: 'Overview', requests: 'Requests', money: 'Money', faults: 'Faults', try: 'Try it', sweep: 'Sweep', case: 'Case', files: 'Files' }

function Console () {
  const state = useConsoleState()
  const route = useRoute()
  const opening = useOpening()
  const [isTravelling, setTravelling] = useState(false)
  const account = state.accounts.find(({ name }) => name === route.account)
  // Someone who looks at a removed account must not act on the world by mistake.
  const isGone = route.account !== undefined && account === undefined
  // Whoever is not let in could only be told later that the file was not opened.
  const isOver = useDroppedFiles(state.connection === 'locked' ? () => {} : opening.open)
  useEffect(() => {
    document.title = `${TITLES[route.view]}${route.account === undefined ? '' : `, ${route.account}`} · Picky Assist emulator`
  }, [route.view, route.account])

  if (state.connection === 'locked') return <TokenPrompt />
  return (
    <>
      <a class='skip' href='#main'>Skip to content</a>
      <header class='top'>
        <p class='brand'>
          <img src='__console/icon.svg' alt='' width='22' height='22' /> Picky Assist <span class='quiet'>emulator</span>
        </p>
        <Connection state={state} />
      </header>
      <Accounts state={state} route={route} />
      <main id='main' tabIndex={-1}>
        <ErrorNote error={state.why} />
        {!isGone && <TimeBar state={state} account={account} isOpen={isTravelling} open={setTravelling} />}
        <Views state={state} current={route.view} />
        <h1 class='hidden'>{TITLES[route.view]}</h1>
        {isGone && state.isKnown && (
          <p class='error' role='alert'>
            There is no account <b class='name'>{route.account}</b>. <Link to={{ account: undefined }}>Show the world</Link>
          </p>
        )}
        {!isGone && route.view === 'overview' && <Overview state={state} account={account} />}
        {!isGone && route.view === 'money' && <Money state={state} account={account} key={route.account} />}
        {!isGone && route.view === 'faults' && <Faults state={state} account={account} key={route.account} />}
        {!isGone && route.view === 'try' && <TryIt state={state} route={route} account={account} />}
        {!isGone && route.view === 'files' && <Files state={state} account={account} opening={opening} />}
        {route.view === 'sweep' && <Sweep opening={opening} />}
        {!isGone && route.view === 'case' && <CaseView account={route.account} opening={opening} />}
        {route.view === 'requests' && <Requests state={state} route={route} />}
      </main>
      <UndoBar undoable={state.undoable} />
      {opening.question.dialog}
      {isOver && <div class='drop' aria-hidden='true'><p>Drop the file to open it</p></div>}
    </>
  )
}

function Connection ({ state: { connection } }: { readonly state: ConsoleState }) {
  const label = { connecting: 'connecting…', live: 'live', lost: 'Connection lost. Reconnecting…', locked: '' }[connection]
  return <p class={`connection ${connection}`} role='status'><span class='dot' aria-hidden='true' />{label}</p>
}

function Views ({ state, current }: { readonly state: ConsoleState, readonly current: View }) {
  const active = state.faults.filter(fault => !isUsedUp(fault)).length
  return (
    <nav class='views' aria-label='Views'>
      {VIEWS.map(view => (
        <Link key={view} to={{ view, request: undefined }} current={view === current && 'page'}>
          {TITLES[view]}{view === 'faults' && active > 0 && <span class='badge fault' title='active faults'>{active}</span>}
        </Link>
      ))}
    </nav>
  )
}

/** Takes files that are dropped anywhere on the page; returns whether any are being held over it. */
function useDroppedFiles (take: (files: readonly File[]) => unknown): boolean {
  const [isOver, setOver] = useState(false)
  const taker = useRef(take)
  taker.current = take
  useEffect(() => {
    const hasFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const over = (event: DragEvent): void => {
      if (!hasFile(event)) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent): void => { if (event.relatedTarget === null) setOver(false) }
    const drop = (event: DragEvent): void => {
      setOver(false)
      if (!hasFile(event)) return
      event.preventDefault()
      const files = [...event.dataTransfer!.files]
      if (files.length > 0) taker.current(files)
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [])
  return isOver
}

connectWhenSeen()
render(<Console />, document.getElementById('console')!)
