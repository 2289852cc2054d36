/**
 * Names and values in turn as one text, a line each: what the journal keeps is moved about by the garbage collector, and a
 * dozen texts in a list cost a dozen times as much as one. No header that came over HTTP holds a line break.
 */
export function headerLines (raw: readonly string[]): string {
  return raw.join('\n')
}

/** Headers by their lower-case names; one that came more than once is joined by commas, as HTTP has it. */
export function headersOf (lines: string): Record<string, string> {
  const raw = lines.split('\n')
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (let index = 1; index < raw.length; index += 2) {
    const name = raw[index - 1]!.toLowerCase()
    headers[name] = name in headers ? `${headers[name]}, ${raw[index]}` : raw[index]!
  }
  return { ...headers }
}
