import { readFileSync } from 'node:fs'

/** Tells whether a process is there that has not ended. */
export function isRunning (pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A process that has ended, and whose end no parent has asked for, still has its number.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
