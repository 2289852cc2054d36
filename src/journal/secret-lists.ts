import { isSecretName, LISTS } from '../api/secret-fields.js'

/** Tells whether a value is a known list of items with secrets, and contains nothing else, nor anything nested. */
export function isListOf (name: string, value: unknown): boolean {
  const item = LISTS.get(name)
  return item !== undefined && Array.isArray(value) && value.every((entry: unknown) =>
    typeof entry === 'object' && Object.entries(Object(entry) as object).every(([key, field]) =>
      Object.hasOwn(item.properties as object, key) && (isSecretName(key) || typeof field !== 'object')))
}
