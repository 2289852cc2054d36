import { useEffect, useRef, useState } from 'preact/hooks'
import UPlot from 'uplot'
import type { LedgerEntry } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { ScenarioHistoryEvent } from '../contract/scenario.js'
import { count, instant, isoOf, money } from './format.js'

const HEIGHT = 220

/** The marks on the line: the kind, and its label in the legend. */
const MARKS = [['plan-change', 'plan change'], ['renewal', 'renewal'], ['refused', 'refused: balance too low'], ['expired', 'expired: not renewed']] as const

/** The wallet's balance over emulated time, as steps, with what moved it. The line ends at `until`, the account's time now, in milliseconds. */
export function BalanceChart ({ ledger, history, refusals, until }: {
  readonly ledger: readonly LedgerEntry[]
  readonly history: readonly ScenarioHistoryEvent[]
  readonly refusals: readonly JournalEntry[]
  readonly until: number
}) {
  const box = useRef<HTMLDivElement>(null)
  const [pointed, point] = useState('')
  const [scheme, setScheme] = useState('')
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const look = (): void => setScheme(dark.matches ? 'dark' : 'light')
    dark.addEventListener('change', look)
    return () => dark.removeEventListener('change', look)
  }, [])
  useEffect(() => {
    const element = box.current!
    if (ledger.length === 0) return
    const points = pointsOf(ledger, history, refusals, until)
    const chart = new UPlot(optionsFor(element, index => point(index === undefined ? '' : readingOf(points[index]!))), dataOf(points), element)
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      chart.destroy()
    }
  }, [ledger, history, refusals.length, Math.floor(until / 60_000), scheme])
  const last = ledger.at(-1)
  const summary = last === undefined
    ? 'No bookings yet.'
    : `The balance since ${instant(ledger[0]!.at)}: ${count(ledger.length, 'booking')}, ${money(last.balance)} USD at the end, ` +
      `${count(refusals.length, 'refusal')}, ${count(expiriesOf(history).length, 'expired project')}. The tables below have the numbers.`
  const isOutOfOrder = ledger.some(({ at }, index) => index > 0 && Date.parse(at) < Date.parse(ledger[index - 1]!.at))
  const wentBack = history.some(({ at, from }) => from !== undefined && Date.parse(at) < Date.parse(from))
  return (
    <figure class='chart'>
      <figcaption><h2>Balance over emulated time</h2><span class='quiet reading' aria-hidden='true'>{pointed}</span></figcaption>
      <div ref={box} class='plot' role='img' aria-label={summary} />
      {isOutOfOrder && (
        <p class='quiet'>
          {wentBack ? 'The clock was set back in between' : 'Something was booked for an earlier time than what had been booked before'}: the chart
          leaves out what had been booked for later; the ledger has everything.
        </p>
      )}
    </figure>
  )
}

interface Point { readonly at: number, readonly balance: number, readonly kind: string }

/** The projects that expired, whose last renewal is missing. */
function expiriesOf (history: readonly ScenarioHistoryEvent[]): ScenarioHistoryEvent[] {
  return history.filter(({ event }) => event === 'expired')
}

/** Bookings, refusals and expiries in order of emulated time, which is in seconds here. */
function pointsOf (ledger: readonly LedgerEntry[], history: readonly ScenarioHistoryEvent[], refusals: readonly JournalEntry[], until: number): Point[] {
  const expired = expiriesOf(history).map(({ at }) => ({ at: Date.parse(at) / 1000, balance: NaN, kind: 'expired' }))
  const refused = refusals.map(({ emulated_at: at }) => ({ at: Date.parse(at!) / 1000, balance: NaN, kind: 'refused' }))
  const points = [...bookingsOf(ledger), ...refused, ...expired].sort((a, b) => a.at - b.at)
  // A refusal or an expiry moves nothing, so its mark lies on the line.
  let balance = Number(ledger[0]!.balance)
  const onLine = points.map(point => {
    if (!Number.isNaN(point.balance)) balance = point.balance
    return { ...point, balance }
  })
  const first = onLine[0]!
  const last = onLine.at(-1)!
  // A line needs two points: an untouched wallet is drawn over one day. A mark at the very end needs some room.
  const end = Math.max(last.at, until / 1000, first.at + 86_400)
  return [...onLine, { ...last, at: end + (end - first.at) * 0.03, kind: '' }]
}

/**
 * Bookings in order of emulated time, each replacing what had been booked for later before the clock was set back: otherwise
 * the line would end at an old balance instead of the wallet's.
 */
function bookingsOf (ledger: readonly LedgerEntry[]): Point[] {
  const points: Point[] = []
  for (const { at: text, balance, kind } of ledger) {
    const at = Date.parse(text) / 1000
    while (points.length > 0 && points.at(-1)!.at > at) points.pop()
    points.push({ at, balance: Number(balance), kind })
  }
  return points
}

function dataOf (points: readonly Point[]): UPlot.AlignedData {
  const marks = MARKS.map(([mark]) => points.map(({ kind, balance }) => kind === mark ? balance : null))
  return [points.map(({ at }) => at), points.map(({ balance }) => balance), ...marks]
}

function readingOf ({ at, balance, kind }: Point): string {
  return kind === '' ? '' : `${instant(isoOf(at * 1000))} · ${kind} · ${money(balance.toFixed(3))} USD`
}

/** The part of an instant that tells two ticks of the axis apart, in UTC. */
function dateText (at: number, step: number): string {
  const text = new Date(at * 1000).toISOString()
  return step >= 27 * 86_400 ? text.slice(0, 7) : step >= 86_400 ? text.slice(0, 10) : text.slice(11, step >= 60 ? 16 : 19)
}

const FONT = '12px system-ui'

/** The width of an axis with labels, in pixels. A balance may have twelve digits. */
function widthFor ({ ctx }: UPlot, labels: readonly string[] | null): number {
  ctx.save()
  ctx.font = FONT
  const longest = Math.max(...(labels ?? []).map(label => ctx.measureText(label).width))
  ctx.restore()
  return Math.max(70, Math.ceil(longest) + 20)
}

function optionsFor (element: HTMLElement, pointAt: (index: number | undefined) => void): UPlot.Options {
  const style = getComputedStyle(element)
  const color = (name: string): string => style.getPropertyValue(name).trim()
  const axis = { stroke: color('--quiet'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1 }, font: FONT }
  const colors = [color('--accent'), color('--good'), color('--bad'), color('--warn')]
  return {
    width: element.clientWidth,
    height: HEIGHT,
    tzDate: at => UPlot.tzDate(new Date(at * 1000), 'UTC'),
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { live: false },
    hooks: { setCursor: [chart => pointAt(chart.cursor.idx ?? undefined)] },
    axes: [
      { ...axis, space: 90, values: (_chart, instants, _axis, _space, step) => instants.map(at => dateText(at, step)) },
      { ...axis, size: widthFor, values: (_chart, values) => values.map(value => value.toLocaleString('en')) }
    ],
    scales: { y: { range: (_chart, min, max) => [Math.min(0, min), max === min ? max + 1 : max * 1.08] } },
    series: [
      { label: 'Emulated time' },
      {
        label: 'balance in USD',
        stroke: color('--accent'),
        width: 2,
        fill: color('--accent-faint'),
        paths: UPlot.paths.stepped!({ align: 1 }),
        points: { show: false }
      },
      ...MARKS.map(([, label], index): UPlot.Series => ({
        label,
        stroke: colors[index]!,
        width: 0,
        paths: () => null,
        points: { show: true, size: 9, width: 2, stroke: colors[index]!, fill: color('--surface') }
      }))
    ]
  }
}
