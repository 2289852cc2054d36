import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Pins this process and the load generators that it starts to one core, and returns the command prefix that starts a server on
 * another, so that they don't compete for time. The prefix is empty if there is no `taskset` or only one core.
 */
export function pinning () {
  const [first, second] = allowedCores()
  if (second === undefined) return { prefix: [] }
  if (spawnSync('taskset', ['-a', '-p', '-c', String(second), String(process.pid)]).status !== 0) return { prefix: [] }
  return { prefix: ['taskset', '-c', String(first)], server: first, generator: second }
}

/** Lists the allowed cores, from a text such as `0-3,8`. */
function allowedCores () {
  try {
    const [, list] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    return list.split(',').flatMap(range => {
      const [from, to = from] = range.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, index) => from + index)
    })
  } catch {
    return []
  }
}
