/** Maximum length of a message, in characters: many times what one has that quotes nothing long. */
export const MAX_MESSAGE = 4000

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
