export function say (text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}
