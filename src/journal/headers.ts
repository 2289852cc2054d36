/**
 * Joins names and values, in turn, into one string with a line each. The garbage collector moves what the journal keeps, and a
 * list of a dozen strings costs a dozen times as much as one. A header that came over HTTP never contains a line break.
 */
export function headerLines (raw: readonly string[]): string {
  return raw.join('\n')
}

/**
 * Reads headers by their lower-case names. The values of a repeated header are joined by commas, as HTTP defines. One named `__proto__` is left
 * out: no reader of JSON here takes that key, and what has it could be saved, but not loaded.
 */
export function headersOf (lines: string): Record<string, string> {
  const raw = lines.split('\n')
  // A name may be any of an object's own.
  const headers = new Map<string, string>()
  for (let index = 1; index < raw.length; index += 2) {
    const name = raw[index - 1]!.toLowerCase()
    const before = headers.get(name)
    headers.set(name, before === undefined ? raw[index]! : `${before}, ${raw[index]}`)
  }
  headers.delete('__proto__')
  return Object.fromEntries(headers)
}
