/** The vendor's domain, which its clients have compiled in. */
export const VENDOR_DOMAIN = 'pickyassist.com'

/** Gives a host name as it is compared: neither its case nor the root's dot changes what it means. */
export function hostName (host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}

/** True for the vendor's domain and every name below it. */
export function isVendorHost (host: string): boolean {
  const name = hostName(host)
  return name === VENDOR_DOMAIN || name.endsWith(`.${VENDOR_DOMAIN}`)
}
