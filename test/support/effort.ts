/** Takes the first value in `npm test`, which tries what is promised, and the second in `npm run prove`, which proves it at length. */
export function effort<Value> (tried: Value, proved: Value): Value {
  return process.env.PROVE === '1' ? proved : tried
}

/**
 * Takes every so many of a list's items in `npm test`, other ones for each row of a table, and all of them in `npm run prove`. So each row
 * and each item is tried where there are as many rows, but not each with each.
 */
export function share<Item> (items: readonly Item[], row: number, step: number): readonly Item[] {
  return effort(items.filter((_, index) => index % step === row % step), items)
}
