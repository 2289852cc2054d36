import { readFileSync } from 'node:fs'

/** Gives the first line of a process's `/proc/PID/stat`; throws where there is none. */
export type ReadStat = (pid: number | 'self') => string

/**
 * Tells whether the process lost its parent before it could look: it is then a child of the system's first process, or of the user's
 * service manager, neither of which has started it. As process 1 of a container, npm may have, but then in its own process group.
 */
export function isOrphan (parent: number, read: ReadStat = readStat): boolean {
  const [own, its] = [processOf('self', read), processOf(parent, read)]
  // No such files, as on macOS, or hidden ones of another user: in both cases the first process is no npm of this user.
  if (own === undefined || its === undefined) return parent === 1
  return (parent === 1 || its.name === 'systemd') && its.group !== own.group
}

export function readStat (pid: number | 'self'): string {
  return readFileSync(`/proc/${pid}/stat`, 'latin1')
}

function processOf (pid: number | 'self', read: ReadStat): { readonly name: string, readonly group: string } | undefined {
  try {
    const [, name, group] = /^\d+ \((.*)\) \S+ \d+ (\d+) /s.exec(read(pid))!
    return { name: name!, group: group! }
  } catch {
    return undefined
  }
}
