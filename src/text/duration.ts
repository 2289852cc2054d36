const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Reads a span of the machine's time, such as `500ms`, `10s` or `1m`, in milliseconds; `undefined` for anything else. */
export function parseDuration (text: string): number | undefined {
  const parts = /^(\d{1,9})(ms|s|m|h)$/.exec(text)
  return parts === null ? undefined : Number(parts[1]) * UNITS[parts[2]!]!
}
