import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { JournalEntry } from '../contract/journal-entry.js'
import { Badges, StatusBadge } from './badges.js'
import { count, duration, instant } from './format.js'
import { go } from './route.js'

/** The height of a row in pixels, as in the style sheet. */
const ROW = 52

/** The number of rows drawn beyond the visible ones, at either end. */
const OVERSCAN = 8

/** The pixels that a pointer may move between press and release: one that moves further selects text. */
const MAX_MOVE = 8

/** Requests, newest first. Only the visible ones are drawn. The arrow keys move through them, and Enter opens one. */
export function RequestRows ({ entries, open }: { readonly entries: readonly JournalEntry[], readonly open: string | undefined }) {
  const box = useRef<HTMLDivElement>(null)
  const [{ top, height }, setView] = useState({ top: 0, height: 800 })
  const [marked, mark] = useState(open)
  const [newer, setNewer] = useState(0)
  const newest = useRef(entries[0]?.id)
  /** The row that was pressed, and where. */
  const pressed = useRef<{ readonly id: string, readonly x: number, readonly y: number } | null>(null)
  const look = (): void => {
    // A last scroll event may arrive after the list is gone.
    if (box.current === null) return
    const { scrollTop, clientHeight } = box.current
    setView({ top: scrollTop, height: clientHeight })
    if (scrollTop === 0) setNewer(0)
  }

  useEffect(() => {
    const observer = new ResizeObserver(look)
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [])

  useEffect(() => {
    if (open === undefined) return
    mark(open)
    reveal(entries.findIndex(({ id }) => id === open))
  }, [open])

  // After scrolling down, the visible rows stay in place when new ones arrive above them.
  useLayoutEffect(() => {
    const element = box.current!
    const added = Math.max(0, entries.findIndex(({ id }) => id === newest.current))
    newest.current = entries[0]?.id
    if (added === 0 || element.scrollTop === 0) return
    element.scrollTop += added * ROW
    setNewer(before => before + added)
    look()
  }, [entries])

  function reveal (index: number): void {
    const element = box.current!
    if (index === -1) return
    if (index * ROW < element.scrollTop) element.scrollTop = index * ROW
    if ((index + 1) * ROW > element.scrollTop + element.clientHeight) element.scrollTop = (index + 1) * ROW - element.clientHeight
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && open !== undefined) return go({ request: undefined })
    if ((event.key === 'Enter' || event.key === ' ') && marked !== undefined) {
      event.preventDefault()
      return go({ request: marked })
    }
    const page = Math.max(1, Math.floor(height / ROW) - 1)
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -entries.length, End: entries.length }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const at = entries.findIndex(({ id }) => id === marked)
    const next = at === -1 && step > 0 ? step - 1 : at + step
    const index = Math.min(Math.max(next, 0), entries.length - 1)
    mark(entries[index]!.id)
    reveal(index)
    if (open !== undefined) go({ request: entries[index]!.id }, true)
  }

  // While requests arrive, another row may be below the pointer when it is released than when it was pressed.
  const onClick = ({ target, clientX, clientY, detail }: MouseEvent): void => {
    // A click that no pointer made, as of a screen reader, has nothing to do with what was pressed before.
    const press = detail === 0 ? null : pressed.current
    const { id, x, y } = press ?? { id: (target as Element).closest('.row')?.id.slice('row-'.length), x: clientX, y: clientY }
    pressed.current = null
    if (id === undefined || Math.hypot(clientX - x, clientY - y) > MAX_MOVE) return
    mark(id)
    go({ request: id })
  }

  const from = Math.max(0, Math.min(Math.floor(top / ROW), entries.length) - OVERSCAN)
  const shown = entries.slice(from, from + Math.ceil(height / ROW) + 2 * OVERSCAN)
  return (
    <div class='rows-frame'>
      {newer > 0 && (
        <button type='button' class='newer' onClick={() => { box.current!.scrollTop = 0 }}>↑ {count(newer, 'newer request')}</button>
      )}
      <div
        class='rows' ref={box} tabIndex={0} role='listbox' aria-label='Requests, newest first'
        aria-activedescendant={shown.some(({ id }) => id === marked) ? `row-${marked}` : undefined}
        onScroll={look} onKeyDown={onKeyDown} onClick={onClick}
      >
        <div class='all-rows' role='presentation' style={{ height: `${entries.length * ROW}px` }}>
          {shown.map((entry, index) => (
            <div
              class={entry.id === marked ? 'row marked' : 'row'} key={entry.id} id={`row-${entry.id}`} role='option'
              aria-selected={entry.id === open} aria-posinset={from + index + 1} aria-setsize={entries.length}
              style={{ transform: `translateY(${(from + index) * ROW}px)` }} onPointerDown={({ clientX: x, clientY: y }) => { pressed.current = { id: entry.id, x, y } }}
            >
              <StatusBadge entry={entry} />
              <span class='what'><b class='name'>{entry.endpoint ?? (entry.path || 'unreadable')}</b> <span class='quiet name'>{entry.account ?? 'no account'}</span></span>
              <span class='why'>{entry.rule ?? (entry.charged ? 'charged' : '')}</span>
              <span class='badges'><Badges entry={entry} /></span>
              <span class='when'>
                <time>{entry.emulated_at === null ? '' : instant(entry.emulated_at)}</time><span class='quiet'>{duration(entry.duration_ms)}</span>
              </span>
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}
