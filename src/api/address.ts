import { isIP, SocketAddress } from 'node:net'

/** Whether a text is an IPv4 or IPv6 address, without a zone. */
export function isAddress (text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%')
}

/** Whether two texts mean the same address. The loopback's two are one: which of them `localhost` means is chance. */
export function isSameAddress (a: string, b: string): boolean {
  return canonical(a) === canonical(b)
}

function canonical (text: string): string {
  const [plain = ''] = text.split('%')
  const address = isIP(plain) === 6 ? new SocketAddress({ address: plain, family: 'ipv6' }).address.replace(/^::ffff:(?=[\d.]+$)/, '') : plain
  return address === '::1' ? '127.0.0.1' : address
}
