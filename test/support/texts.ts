import fc from 'fast-check'

/** Any character, but no half of a surrogate pair: fast-check's unit `binary`, which takes a second to make. */
export const anyCharacter: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xd7ff }) },
  { weight: 4, arbitrary: fc.integer({ min: 0xe000, max: 0x10ffff }) }
).map(code => String.fromCodePoint(code))
