/** Value in a script: JSON in which some texts and numbers stand for something that is known when it runs. */
export type Term = null | boolean | number | string | readonly Term[] | Terms | Reference

export interface Terms { readonly [key: string]: Term }

/**
 * What a value stands for: an account's token, the id of a project, something kept from an earlier answer, or a part of the answer that it is
 * compared with, as nothing can be said of that part beforehand.
 */
export class Reference {
  constructor (
    readonly to: 'token' | 'project' | 'kept' | 'answer',
    /** Name of the variable: lower-case words and numbers, so that every language can spell it. */
    readonly words: string,
    /** Value that the case has in its place. */
    readonly literal: Term,
    /** Place in the answer's body; empty for all others. */
    readonly path: ReadonlyArray<string | number> = []
  ) {}
}

/** Takes a JSON value as a term, with references in place of the values that `replace` knows. */
export function termOf (
  value: unknown,
  replace: (value: unknown, path: ReadonlyArray<string | number>) => Reference | undefined,
  path: ReadonlyArray<string | number> = []
): Term {
  const reference = replace(value, path)
  if (reference !== undefined) return reference
  if (typeof value !== 'object' || value === null) return value as Term
  if (Array.isArray(value)) return value.map((item, index) => termOf(item, replace, [...path, index]))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, termOf(item, replace, [...path, key])]))
}

/** Lists the references in a term, in their order. */
export function referencesIn (term: Term): Reference[] {
  if (term instanceof Reference) return [term]
  return typeof term === 'object' && term !== null ? Object.values(term).flatMap(referencesIn) : []
}

/** Spells a variable's name: `api token` is `apiToken`. */
export function camelCase (words: string): string {
  return words.replace(/ ([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase())
}

/** Spells a variable's name: `api token` is `api_token`. */
export function snakeCase (words: string): string {
  return words.replaceAll(' ', '_')
}

/** Tells whether an object has any key. */
export function isFilled (value: object): boolean {
  return Object.keys(value).length > 0
}
