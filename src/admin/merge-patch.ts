import { Type, type TObject, type TSchema } from '@sinclair/typebox'

/** The schema of a merge patch (RFC 7396): a key takes what it takes in a document, or `null`, which removes it. */
export function mergePatchOf (schema: TSchema): TSchema {
  if (schema.type !== 'object') return schema
  const properties = Object.entries((schema as TObject).properties).map(([key, property]) =>
    [key, Type.Optional(Type.Union([mergePatchOf(property), Type.Null()], { description: `${property.description}, or null` }))])
  return Type.Object(Object.fromEntries(properties), { additionalProperties: false, description: schema.description! })
}

/** Applies a merge patch (RFC 7396): `null` removes, an object is merged, anything else replaces. */
export function mergePatch (target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const merged: Record<string, unknown> = { ...Object(target) as object }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}
