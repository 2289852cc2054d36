/** Length from which on JSON is saved as it is: indented, it could be too large to be opened again, and nobody reads that much. */
const MAX_INDENTED = 1_048_576

/** Gives a value to the browser to be saved as a file of JSON. */
export function downloadJson (value: unknown, name: string): void {
  const text = JSON.stringify(value)
  download(text.length > MAX_INDENTED ? text : `${JSON.stringify(value, null, 2)}\n`, name)
}

/** Gives a text to the browser to be saved as a file. */
export function download (text: string, name: string, type = 'application/json'): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  // Not at once: the browser may not have started reading it yet.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
