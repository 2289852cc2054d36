/** Words as people write them, joined by what joins words; and numbers as they occur in any body. */
const ORDINARY = /^[A-Z]?[a-z]{0,15}(?:[-_. ][A-Z]?[a-z]{0,15})*$|^\d{1,8}$/

/** True for words, and numbers, that occur in any text. */
export function isOrdinary (text: string): boolean {
  return ORDINARY.test(text)
}
