/** Tags of ASN.1 types. */
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_IDENTIFIER = 0x06
const UTF8_STRING = 0x0c
const GENERALIZED_TIME = 0x18
const UTC_TIME = 0x17
const SEQUENCE = 0x30
const SET = 0x31

/** Encodes a value of ASN.1 in DER: its tag, its length and its content. */
export function encode (tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag]), length(body.length), body])
}

function length (bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes])
  const digits = Buffer.from(bytes.toString(16).padStart(bytes < 0x100 ? 2 : 4, '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits])
}

export const sequence = (...members: readonly Uint8Array[]): Buffer => encode(SEQUENCE, ...members)
export const set = (...members: readonly Uint8Array[]): Buffer => encode(SET, ...members)
export const octets = (...content: readonly Uint8Array[]): Buffer => encode(OCTET_STRING, ...content)
export const text = (characters: string): Buffer => encode(UTF8_STRING, Buffer.from(characters))
export const TRUE = Buffer.from([0x01, 0x01, 0xff])

/** An integer of at most 2³¹, or of bytes with the highest first, the first of which must be below 128. */
export const integer = (value: number | Uint8Array): Buffer => encode(INTEGER, typeof value === 'number' ? Buffer.from([value]) : value)

/** A bit string; the last `unused` bits of its last byte do not count. */
export const bits = (content: Uint8Array, unused = 0): Buffer => encode(BIT_STRING, Buffer.from([unused]), content)

/** A value that is marked by its place, such as `[0]`, with other values in it or (`primitive`) with bytes. */
export const tagged = (place: number, ...members: readonly Uint8Array[]): Buffer => encode(0xa0 | place, ...members)
export const primitive = (place: number, content: Uint8Array): Buffer => encode(0x80 | place, content)

/** A name such as `2.5.29.15`. */
export function oid (name: string): Buffer {
  const [first = 0, second = 0, ...rest] = name.split('.').map(Number)
  return encode(OBJECT_IDENTIFIER, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128 (value: number): number[] {
  const digits = [value & 0x7f]
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift(0x80 | (left & 0x7f))
  return digits
}

/** An instant to the second, in the form that certificates require of its year. */
export function time (iso: string): Buffer {
  const digits = iso.replace(/\.\d+|[^\dZ]/g, '')
  return iso < '2050' ? encode(UTC_TIME, Buffer.from(digits.slice(2))) : encode(GENERALIZED_TIME, Buffer.from(digits))
}
