import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Accounts } from './accounts.js'
import { connect } from './connection.js'
import { Faults } from './faults.js'
import { Files, useLoading } from './files.js'
import { Link } from './link.js'
import { Money } from './money.js'
import { Overview } from './overview.js'
import { Requests } from './requests.js'
import { go, useRoute, VIEWS, type View } from './route.js'
import { useWorld, type World } from './state.js'
import { TimeBar } from './time-bar.js'
import { TokenPrompt } from './token-prompt.js'
import { TryIt } from './try-it.js'

const TITLES: Record<View, string> = { overview: 'Overview', requests: 'Requests', money: 'Money', faults: 'Faults', try: 'Try it', files: 'Files' }

function Console () {
  const world = useWorld()
  const route = useRoute()
  const loading = useLoading()
  const [isTravelling, travel] = useState(false)
  const account = world.accounts.find(({ name }) => name === route.account)
  // Nothing is done to the world by who looks at an account that has gone.
  const isGone = route.account !== undefined && account === undefined
  const isOver = useDroppedFile(file => {
    go({ view: 'files' })
    return loading.load(file)
  })
  useEffect(() => { document.title = `${TITLES[route.view]}${route.account === undefined ? '' : `, ${route.account}`} · Picky Assist emulator` }, [route.view, route.account])

  if (world.connection === 'locked') return <TokenPrompt />
  return (
    <>
      <a class='skip' href='#main'>To the content</a>
      <header class='top'>
        <p class='brand'><img src='/__console/icon.svg' alt='' width='22' height='22' /> Picky Assist <span class='quiet'>emulator</span></p>
        <Connection world={world} />
      </header>
      <Accounts world={world} route={route} />
      <main id='main' tabIndex={-1}>
        {!isGone && <TimeBar world={world} account={account} isOpen={isTravelling} open={travel} />}
        <Views world={world} current={route.view} />
        <h1 class='hidden'>{TITLES[route.view]}</h1>
        {isGone && world.isKnown && <p class='error' role='alert'>There is no account <b class='name'>{route.account}</b>. <Link to={{ account: undefined }}>Show the world</Link></p>}
        {!isGone && route.view === 'overview' && <Overview world={world} account={account} />}
        {!isGone && route.view === 'money' && <Money world={world} account={account} key={route.account} />}
        {!isGone && route.view === 'faults' && <Faults world={world} account={account} key={route.account} />}
        {!isGone && route.view === 'try' && <TryIt world={world} route={route} account={account} />}
        {!isGone && route.view === 'files' && <Files world={world} account={account} loading={loading} />}
        {route.view === 'requests' && <Requests world={world} route={route} />}
      </main>
      {isOver && <div class='drop' aria-hidden='true'><p>Drop the file to load it</p></div>}
    </>
  )
}

function Connection ({ world: { connection } }: { readonly world: World }) {
  const words = { connecting: 'connecting…', live: 'live', lost: 'The connection is lost. Trying again…', locked: '' }[connection]
  return <p class={`connection ${connection}`} role='status'><span class='dot' aria-hidden='true' />{words}</p>
}

function Views ({ world, current }: { readonly world: World, readonly current: View }) {
  const box = useRef<HTMLElement>(null)
  const armed = world.faults.filter(({ struck, times }) => times === undefined || struck < times).length
  useEffect(() => { box.current!.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }) }, [current])
  return (
    <nav class='views' aria-label='Views' ref={box}>
      {VIEWS.map(view => (
        <Link key={view} to={{ view, request: undefined }} current={view === current && 'page'}>
          {TITLES[view]}{view === 'faults' && armed > 0 && <span class='badge fault' title='armed'>{armed}</span>}
        </Link>
      ))}
    </nav>
  )
}

/** Takes a file that is dropped anywhere on the page; gives whether one is held over it. */
function useDroppedFile (take: (file: File) => unknown): boolean {
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
      const [file] = event.dataTransfer!.files
      if (file !== undefined) taker.current(file)
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

connect()
render(<Console />, document.getElementById('console')!)
