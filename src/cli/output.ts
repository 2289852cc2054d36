/** Prints a line, and returns the exit code for success. */
export function say (text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}
