import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * The command that starts a server on one core, and this process (with the load generators that it starts) moved to
 * another one, so that they do not take each other's time. Empty where the machine has no `taskset` or only one core.
 */
export function pinning () {
  const [first, second] = allowedCores()
  if (second === undefined || spawnSync('taskset', ['-a', '-p', '-c', String(second), String(process.pid)]).status !== 0) return { prefix: [] }
  return { prefix: ['taskset', '-c', String(first)], server: first, generator: second }
}

/** From a list such as `0-3,8`. */
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
