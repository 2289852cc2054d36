import { constants } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { surviveReaders } from '../../src/cli/output.js'
import { ENDING_SIGNALS, handleSignals, type Shutdown } from '../../src/cli/shutdown.js'

const EVENTS = [
  ...ENDING_SIGNALS, 'SIGSEGV', 'beforeExit', 'uncaughtException', 'unhandledRejection'
] as const

type Event = typeof EVENTS[number]

const listenersOf = process.listeners.bind(process) as (event: Event) => Array<(given: unknown) => void>

/** Gives the exit code after these events, and what was done and told before. The test's own process neither hears of them nor ends. */
async function ended (t: Test, prepare: (shutdown: Shutdown, done: string[], exited: Promise<number>) => void, ...events: Array<[Event, unknown]>) {
  const before = new Set(EVENTS.flatMap(listenersOf))
  const added = (event: Event) => listenersOf(event).filter(listener => !before.has(listener))
  const told = t.capture(process.stderr, 'write')
  const done: string[] = []
  let exit: { restore: () => void } | undefined
  const exited = new Promise<number>(resolve => { exit = t.capture(process, 'exit', resolve as () => never) })
  prepare(handleSignals(process.env), done, exited)
  for (const [event, given] of events) for (const listener of added(event)) listener(given)
  const waiting = setInterval(() => {}, 1000)
  const code = await exited
  clearInterval(waiting)
  // Unlike a real exit, this one returns.
  await setImmediate()
  exit!.restore()
  told.restore()
  for (const event of EVENTS) for (const listener of added(event)) process.removeListener(event, listener)
  return { code, done, told: told().map(({ args }) => String(args[0])).join('') }
}

const stops = (shutdown: Shutdown, done: string[]): void => shutdown.stopBy(async () => { done.push('stopped') })

t.test('a signal ends what has been started, with exit code 0 where that was ready, else with that of the signal', async t => {
  const ready = (shutdown: Shutdown, done: string[]): void => {
    stops(shutdown, done)
    t.equal(shutdown.ready(), true)
  }
  t.strictSame(await ended(t, ready, ['SIGTERM', 'SIGTERM']), { code: 0, done: ['stopped'], told: '' })
  t.strictSame(await ended(t, stops, ['SIGTERM', 'SIGTERM']), { code: 143, done: ['stopped'], told: '' })
  t.strictSame(await ended(t, () => {}, ['SIGINT', 'SIGINT']), { code: 130, done: [], told: '' })
})

t.test('every signal by which others end a process ends it in order', async t => {
  for (const signal of ENDING_SIGNALS) {
    const number = constants.signals[signal]
    t.strictSame(await ended(t, stops, [signal, signal]), { code: 128 + number, done: ['stopped'], told: '' }, signal)
    const ready = (shutdown: Shutdown, done: string[]): void => {
      stops(shutdown, done)
      shutdown.ready()
    }
    t.strictSame(await ended(t, ready, [signal, signal]), { code: 0, done: ['stopped'], told: '' }, signal)
    const hangs = ({ stopBy }: Shutdown, _done: string[], exited: Promise<number>): void => stopBy(async () => { await exited })
    t.strictSame(await ended(t, hangs, ['SIGTERM', 'SIGTERM'], [signal, signal]), { code: 128 + number, done: [], told: '' }, `${signal} as the second`)
  }
})

t.test('what becomes ready too late learns that the end has begun', async t => {
  const late = (shutdown: Shutdown, done: string[]): void => shutdown.stopBy(async () => { done.push(`ready: ${shutdown.ready()}`) })
  t.strictSame(await ended(t, late, ['SIGTERM', 'SIGTERM']), { code: 143, done: ['ready: false'], told: '' })
})

t.test('what npm start or npx has started ends when its parent does', async t => {
  const { npm_lifecycle_event: before } = process.env
  t.teardown(() => { process.env.npm_lifecycle_event = before })
  for (const script of ['start', 'npx']) {
    process.env.npm_lifecycle_event = script
    const orphaned = (shutdown: Shutdown, done: string[]): void => {
      stops(shutdown, done)
      t.intercept(process, 'ppid', { value: process.ppid + 1 })
    }
    t.strictSame(await ended(t, orphaned), { code: 0, done: ['stopped'], told: '' }, script)
  }
})

t.test('what takes over its signals is told that its parent has ended', async t => {
  const { npm_lifecycle_event: before } = process.env
  t.teardown(() => { process.env.npm_lifecycle_event = before })
  process.env.npm_lifecycle_event = 'npx'
  const listeners = EVENTS.map(event => listenersOf(event).length)
  const parents = [1, 1, 2]
  t.intercept(process, 'ppid', { get: () => parents.shift() ?? 2 })
  const { leave } = handleSignals(process.env)
  const told = new Promise(resolve => { t.equal(leave(resolve), true) })
  t.strictSame(EVENTS.map(event => listenersOf(event).length), listeners, 'all else is left to it')
  const waiting = setInterval(() => {}, 1000)
  t.equal(await told, 'SIGTERM')
  clearInterval(waiting)
})

t.test('what takes over its signals too late learns that the end has begun', async t => {
  const late = (shutdown: Shutdown, done: string[]): void => shutdown.stopBy(async () => { done.push(`left: ${shutdown.leave(() => {})}`) })
  t.strictSame(await ended(t, late, ['SIGTERM', 'SIGTERM']), { code: 143, done: ['left: false'], told: '' })
})

t.test('a signal for which something else listens ends nothing', async t => {
  const spared = (shutdown: Shutdown, done: string[]): void => {
    stops(shutdown, done)
    const other = (): void => { done.push('heard') }
    process.on('SIGUSR2', other)
    shutdown.spareUserSignal()
  }
  t.strictSame(await ended(t, spared, ['SIGUSR2', 'SIGUSR2'], ['SIGINT', 'SIGINT']), { code: 130, done: ['heard', 'stopped'], told: '' })
  t.strictSame(await ended(t, stops, ['SIGUSR2', 'SIGUSR2']), { code: 140, done: ['stopped'], told: '' })
})

t.test('a second signal does not wait for the end', async t => {
  const hangs = ({ stopBy }: Shutdown, _done: string[], exited: Promise<number>): void => stopBy(async () => { await exited })
  t.strictSame(await ended(t, hangs, ['SIGTERM', 'SIGTERM'], ['SIGINT', 'SIGINT']), { code: 130, done: [], told: '' })
})

t.test('at no moment is a signal left to the system, which would end the process at once', async t => {
  const before = new Set(EVENTS.flatMap(listenersOf))
  const unheard: string[] = []
  const watched = ({ stopBy }: Shutdown): void => {
    const watch = (event: Event): void => {
      if (ENDING_SIGNALS.some(signal => signal === event) && listenersOf(event).every(listener => before.has(listener))) unheard.push(event)
    }
    process.on('removeListener', watch as () => void)
    stopBy(async () => { process.off('removeListener', watch as () => void) })
  }
  t.strictSame(await ended(t, watched, ['SIGTERM', 'SIGTERM']), { code: 143, done: [], told: '' })
  t.strictSame(unheard, [])
})

t.test('an unexpected error ends it too, and is told', async t => {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    const { code, done, told } = await ended(t, stops, [event, new TypeError('broken')])
    t.strictSame({ code, done }, { code: 1, done: ['stopped'] })
    t.match(told, /^picky-emulator: TypeError: broken\n {4}at /)
  }
  t.match(await ended(t, stops, ['unhandledRejection', 'no error']), { code: 1, told: 'picky-emulator: no error\n' })
})

t.test('signals of a fault in the process are left to the system, and exit codes to the command', async t => {
  t.strictSame(await ended(t, stops, ['SIGSEGV', 'SIGSEGV'], ['beforeExit', 0], ['SIGHUP', 'SIGHUP']), { code: 129, done: ['stopped'], told: '' })
})

t.test('a reader of the output that goes is no error; a full disk is one', async t => {
  const { exitCode } = process
  t.teardown(() => { process.exitCode = exitCode })
  const streams = [process.stdout, process.stderr]
  const before = streams.map(stream => stream.listeners('error'))
  surviveReaders()
  const [out, err] = streams.map((stream, index) => stream.listeners('error').find(listener => !before[index]!.includes(listener))!)
  t.teardown(() => {
    process.stdout.removeListener('error', out as () => void)
    process.stderr.removeListener('error', err as () => void)
  })
  const told = t.capture(process.stderr, 'write')
  for (const listener of [out!, err!]) listener({ code: 'EPIPE' })
  t.equal(process.exitCode, exitCode)
  out!({ code: 'ENOSPC' })
  told.restore()
  t.equal(process.exitCode, 1)
  t.strictSame(told().map(({ args }) => args[0]), ["picky-emulator: can't write to standard output (ENOSPC)\n"])
})
