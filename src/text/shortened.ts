/** Maximum length of a message, in characters: many times what one has that quotes nothing long. */
export const MAX_MESSAGE = 4000

/** Number of characters beyond a cut in which secrets are looked for as well: how much of one may be on the other side. */
export const CUT_MARGIN = 8192

/** Leaves out the middle of a text that is longer than a message may be: what it quotes can be as long as a body. */
export function shortened (text: string, most: number = MAX_MESSAGE): string {
  if (text.length <= most) return text
  const half = Math.floor(most / 2)
  return `${text.slice(0, half)}${leftOut(text.length - 2 * half)}${text.slice(-half)}`
}

/** Says in a text how many of its characters are missing there. */
export function leftOut (characters: number): string {
  return `[${characters} characters left out]`
}

/** Characters that a token can have: see `TOKEN` of the scenario. */
const OF_WORD = /[\w!#$%&'*+.^`|~-]/

/** Gives the beginning of a text, without a word that would be cut off: what is left of a token would no longer be known as one. */
export function wholeWords (text: string, most: number): string {
  let end = Math.min(text.length, most)
  if (end === text.length || !OF_WORD.test(text.charAt(end))) return text.slice(0, end)
  while (end > 0 && OF_WORD.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
