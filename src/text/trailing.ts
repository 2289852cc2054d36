/**
 * Gives a text without those of some characters that it ends with. A pattern such as `/ +$/` would begin anew at each character of a long
 * row of them, so that its time grows with the square of the row.
 */
export function withoutTrailing (text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
