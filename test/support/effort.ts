/**
 * How much is proved beyond what `npm test` tries: all of it in `npm run prove`, a share of it with `--share`. Of what is repeated, only that
 * share is done; whatever there are several kinds of is done in full.
 */
const SHARE = Number(process.env.PROVE ?? 0)

/** Takes the first value in `npm test`, which tries what is promised, and the second in `npm run prove`, which proves it at length. */
export function effort<Value> (tried: Value, proved: Value): Value {
  if (SHARE === 0) return tried
  if (SHARE === 1 || typeof tried !== 'number' || typeof proved !== 'number') return proved
  return Math.max(tried, Math.round(proved * SHARE)) as Value
}

/** Whether the nth of many of one kind is proved: all of them, or evenly spread ones if only a share is. */
export function isProved (nth: number): boolean {
  return Math.floor((nth + 1) * SHARE) > Math.floor(nth * SHARE)
}

/**
 * Takes every so many of a list's items in `npm test`, other ones for each row of a table, and all of them in `npm run prove`. So each row
 * and each item is tried where there are as many rows, but not each with each.
 */
export function share<Item> (items: readonly Item[], row: number, step: number): readonly Item[] {
  return effort(items.filter((_, index) => index % step === row % step), items)
}
