import { lookup as resolve, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isLoopbackName } from '../text/address.js'
import { hostName } from '../text/vendor-host.js'

/** Host and port that a client asks a proxy for. */
export interface Destination {
  /** Lower case, without the root's dot. */
  readonly host: string
  readonly port: number
}

/** Reads `HOST:PORT`, as CONNECT has it; `undefined` for anything else. */
export function readDestination (authority: string): Destination | undefined {
  const [, host, digits] = /^(\[[\da-f:.%]+\]|[^\s:/?#@[\]]{1,255}):(\d{1,5})$/i.exec(authority) ?? []
  const port = Number(digits)
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host: hostName(host), port }
}

/** Reason why a proxy does not go to a host whatever its name resolves to; `undefined` for none. */
export function refusalOf (host: string): string | undefined {
  if (isLoopbackName(host)) return 'this proxy does not lead back to this machine'
  // Also the spellings of an address that only some resolvers understand, such as 2130706433 or 0x7f.1.
  if (host.startsWith('[') || /(^|\.)(\d+|0x[\da-f]*)$/i.test(host)) return 'this proxy takes host names only, not addresses'
  return undefined
}

/** Addresses that mean this machine, wherever a name of them comes from. */
const HERE = new BlockList()
HERE.addSubnet('127.0.0.0', 8, 'ipv4')
HERE.addSubnet('0.0.0.0', 8, 'ipv4')
HERE.addAddress('::1', 'ipv6')
HERE.addAddress('::', 'ipv6')

/** True for an address by which a client would get back to this machine's loopback, or to one of the emulator's own ports. */
export function leadsBack (address: string, port: number, ownPorts: ReadonlySet<number>): boolean {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, '')
  if (HERE.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')) return true
  return ownPorts.has(port) && Object.values(networkInterfaces()).flat().some(own => own!.address === plain)
}

/** Resolves names for connections of a proxy to a port, and fails for one that leads back. */
export function guardedLookup (port: number, ownPorts: ReadonlySet<number>): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses: LookupAddress[] = []) => {
      if (error !== null) return callback(error, [])
      if (addresses.some(({ address }) => leadsBack(address, port, ownPorts))) {
        return callback(Object.assign(new Error(`${host} leads back to this machine`), { code: LEADS_BACK }), [])
      }
      const [first] = addresses as [LookupAddress]
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family)
    })
  }
}

/** Code of the error for a name that leads back. */
export const LEADS_BACK = 'LEADS_BACK'
