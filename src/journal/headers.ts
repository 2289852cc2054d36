/**
 * Joins names and values, in turn, into one string with a line each. The garbage collector moves what the journal keeps, and a
 * list of a dozen strings costs a dozen times as much as one. A header that came over HTTP never contains a line break.
 */
export function headerLines (raw: readonly string[]): string {
  return raw.join('\n')
}

/** Reads headers by their lower-case names. The values of a repeated header are joined by commas, as HTTP defines. */
export function headersOf (lines: string): Record<string, string> {
  const raw = lines.split('\n')
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (let index = 1; index < raw.length; index += 2) {
    const name = raw[index - 1]!.toLowerCase()
    headers[name] = name in headers ? `${headers[name]}, ${raw[index]}` : raw[index]!
  }
  return { ...headers }
}
