import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6']

/** The state of a socket that listens. */
const LISTEN = '0A'

/**
 * Tells whether this process listens on a port. To try the port would not do: another process may have got it meanwhile. False where there
 * is no /proc.
 */
export function listens (port: number): boolean {
  if (!TABLES.every(existsSync)) return false
  const own = new Set(readdirSync('/proc/self/fd').map(socketOf))
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return TABLES.flatMap(table => readFileSync(table, 'utf8').split('\n')).some(line => {
    const [, address = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    return address.endsWith(local) && state === LISTEN && own.has(`socket:[${inode}]`)
  })
}

function socketOf (descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    // The one of the folder that has just been read.
    return ''
  }
}
