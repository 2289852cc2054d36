/** Returns the items that have no equal among others, of which each stands for one item. Items are equal if their texts are. */
export function unmatched<Item> (items: readonly Item[], others: readonly Item[], textOf: (item: Item) => string): Item[] {
  const left = new Map<string, number>()
  for (const text of others.map(textOf)) left.set(text, (left.get(text) ?? 0) + 1)
  return items.filter(item => {
    const text = textOf(item)
    const count = left.get(text) ?? 0
    left.set(text, count - 1)
    return count <= 0
  })
}
