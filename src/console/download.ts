/** Gives a text to the browser to be saved as a file. */
export function download (text: string, name: string, type = 'application/json'): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  // Not at once: the browser may not have started reading it yet.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
