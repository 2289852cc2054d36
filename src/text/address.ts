import { isIP, isIPv6, SocketAddress } from 'node:net'

/** True for an IPv4 or IPv6 address without a zone. */
export function isAddress (text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%')
}

/** True for two spellings of one address. Both loopback addresses count as one, as `localhost` resolves to either. */
export function isSameAddress (a: string, b: string): boolean {
  return canonical(a) === canonical(b)
}

function canonical (text: string): string {
  const [plain = ''] = text.split('%')
  const address = isIP(plain) === 6 ? new SocketAddress({ address: plain, family: 'ipv6' }).address.replace(/^::ffff:(?=[\d.]+$)/, '') : plain
  return address === '::1' ? '127.0.0.1' : address
}

/** Both loopback addresses, so that a client reaches the emulator whichever way `localhost` resolves. */
export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1']

/** True for a host that only this machine can reach. */
export function isLoopback (host: string): boolean {
  return isLoopbackName(host.includes(':') ? `[${host}]` : host.toLowerCase()) || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** True for a host of a URL that can only mean this machine: the root's dot changes nothing of a name, nor do zeros of `[::1]`. */
export function isLoopbackName (host: string): boolean {
  const address = /^\[(.*)\]$/.exec(host)?.[1]
  if (address !== undefined) return isIPv6(address) && !address.includes('%') && new SocketAddress({ address, family: 'ipv6' }).address === '::1'
  const name = host.replace(/\.$/, '')
  return host === '127.0.0.1' || /^([\w-]+\.)*localhost$/.test(name)
}

/** True for an address that stands for all of its family. */
export function isWildcard (host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** Gives the URL at which a client on this machine reaches a server: nothing can connect to a wildcard address. */
export function urlOf (host: string, port: number): string {
  const reachable = isWildcard(host) ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
