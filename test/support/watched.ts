import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { CLI, started, type Running } from './built.js'

/** What a process holds after a garbage collection. */
export interface Held {
  /** In bytes. */
  readonly heap: number
  /** What buffers hold, which are outside of the heap, in bytes. */
  readonly buffers: number
  /** Timers, sockets and the like, counted by their kind. */
  readonly open: Readonly<Record<string, number>>
}

export interface Watched extends Running {
  readonly port: number
  readonly look: () => Promise<Held>
  /** All that it has complained of: what it has logged but of unreadable requests, warnings of the platform. */
  readonly complaints: () => string
  /** In bytes, without any garbage collection. */
  readonly resident: () => number
  readonly files: () => number
  readonly isRunning: () => boolean
}

/** Run within the process before the command: says what it holds when it gets a signal. */
const PROBE = `process.on('SIGWINCH', () => {
  gc()
  const open = {}
  for (const kind of process.getActiveResourcesInfo()) open[kind] = (open[kind] ?? 0) + 1
  const { heapUsed: heap, arrayBuffers: buffers } = process.memoryUsage()
  process.stderr.write('\\nheld ' + JSON.stringify({ heap, buffers, open }) + '\\n')
})`

const HELD = /\nheld (.*)\n/g

/** Lines about unreadable requests, which are the log's and no complaint. */
const UNREADABLE = /^\{"level":40,.*"msg":"(further )?unreadable requests?"\}\n/gm

/** Starts the built command with a look into it, perhaps under another command such as `sh -c 'ulimit … && exec "$@"'`. */
export async function startWatched (t: Test, args: readonly string[], under: readonly string[] = []): Promise<Watched> {
  const [program, ...rest] = [...under, process.execPath, '--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(PROBE)}`, CLI, '--port', '0', '--host', '127.0.0.1', '--log-level', 'warn', ...args]
  const { child, ...running } = await started(t, program!, rest)
  const { url, pid, text } = running
  let looks = 0
  return {
    ...running,
    port: Number(new URL(url).port),
    async look () {
      looks++
      child.kill('SIGWINCH')
      while ([...text.stderr.matchAll(HELD)].length < looks) await once(child.stderr!, 'data')
      return JSON.parse([...text.stderr.matchAll(HELD)].at(-1)![1]!) as Held
    },
    complaints: () => text.stderr.replaceAll(HELD, '').replaceAll(UNREADABLE, ''),
    resident: () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024,
    files: () => readdirSync(`/proc/${pid}/fd`).length,
    isRunning: () => child.exitCode === null && child.signalCode === null
  }
}
