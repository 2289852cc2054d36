/** Counts things: `1 run`, `2 runs`. */
export function counted (number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
