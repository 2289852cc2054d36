/**
 * Reads JSON columns. The same few texts are read with every request, so the last one is kept: a clock or settings
 * that did not change since are not parsed again.
 */
export function json<T> (): { parse: (text: string) => T } {
  let lastText: string | undefined
  let lastValue: T
  return {
    parse (text) {
      if (text !== lastText) [lastText, lastValue] = [text, JSON.parse(text) as T]
      return lastValue
    }
  }
}
