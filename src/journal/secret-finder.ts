import { isOrdinary } from '../text/ordinary.js'
import { decodings, encodedWords } from './encoded-words.js'
import { unescape } from './unescape.js'

/** Part of a text, from one index to before another. */
export interface Span {
  readonly start: number
  readonly end: number
  /** What it is replaced by, if not by `[redacted]`. */
  readonly by?: string | undefined
}

/** Set of secrets that are found in a text in one pass, however many there are. */
export interface SecretFinder {
  readonly add: (secret: string) => void
  readonly has: (secret: string) => boolean
  readonly size: () => number
  readonly values: () => Iterable<string>
  /** Finds the secrets as they are in a text, in order and without overlaps. */
  readonly findPlain: (text: string) => Span[]
}

/** Minimum length, in characters, of a secret to look for anywhere: a shorter one would match too much. */
export const MIN_SECRET_LENGTH = 8

/** Length from which a secret is found within a word, too. */
const MIN_INFIX_LENGTH = 16

/**
 * Tells whether a secret can be looked for anywhere. A token such as `disabled`, `a-test-token` or `5786` is hidden only where the
 * name beside it says that it is one: anywhere else it would blank ordinary words.
 */
export function isDistinctive (secret: string): boolean {
  return secret.length >= MIN_SECRET_LENGTH && !isOrdinary(secret)
}

/**
 * Creates a set of secrets (Rabin–Karp): a hash of the last few characters rolls over the text, and where it is that of a
 * beginning, the secrets of each length that begin so are compared. Unlike an automaton it need not be built anew for another
 * secret.
 */
export function secretFinder (): SecretFinder {
  const secrets = new Set<string>()
  const forms = new Set<string>()
  const lengths = new Map<number, number[]>()
  // Most positions of a text begin no secret; this tells so without a look into the map.
  let hashes: Uint8Array | undefined

  return {
    add (secret) {
      if (!isDistinctive(secret) || secrets.has(secret)) return
      secrets.add(secret)
      for (const form of formsOf(secret)) addForm(form)
    },
    has: secret => secrets.has(secret),
    size: () => secrets.size,
    values: () => secrets,
    findPlain
  }

  function findPlain (text: string): Span[] {
    const spans: Span[] = []
    if (hashes === undefined || text.length < MIN_SECRET_LENGTH) return spans
    let hash = hashOf(text)
    let hiddenUntil = 0
    let effort = MAX_EFFORT * text.length
    for (let start = 0; ; start++) {
      if (hashes[hash & FILTER_MASK] === 1 && (start >= hiddenUntil || effort <= 0)) {
        const known = lengths.get(hash) ?? []
        // Beyond that effort, which of the many that begin alike it is can't be told: as much as the longest of them has is hidden.
        let length = known[0]
        if (effort > 0) {
          length = known.find(length => isSecretAt(text, start, start + length))
          for (const compared of known) effort -= start + compared > text.length ? 1 : compared
        }
        if (length !== undefined) {
          const from = start < hiddenUntil ? spans.pop()!.start : start
          hiddenUntil = Math.max(hiddenUntil, Math.min(start + length, text.length))
          spans.push({ start: from, end: hiddenUntil })
        }
      }
      if (start + MIN_SECRET_LENGTH >= text.length) return spans
      hash = rolled(hash, text.charCodeAt(start), text.charCodeAt(start + MIN_SECRET_LENGTH))
    }
  }

  function addForm (form: string): void {
    forms.add(form)
    const hash = hashOf(form)
    // With the first secret: each entry that is shown has such a set, and most of these stay empty.
    hashes ??= new Uint8Array(FILTER_SIZE)
    hashes[hash & FILTER_MASK] = 1
    const known = lengths.get(hash) ?? []
    // A list that is spread has room for more, which takes four times the memory.
    if (!known.includes(form.length)) lengths.set(hash, known.concat(form.length).sort((a, b) => b - a))
  }

  function isSecretAt (text: string, start: number, end: number): boolean {
    if (end > text.length || !forms.has(text.slice(start, end))) return false
    return end - start >= MIN_INFIX_LENGTH || (!isWordCharacter(text, start - 1) && !isWordCharacter(text, end))
  }
}

/** Finds the secrets of any set in a text, and the words that are one in base64 or in hexadecimal digits; in order. */
export function findSecrets (text: string, finders: readonly SecretFinder[]): Span[] {
  const plain: Span[] = []
  for (const { findPlain } of finders) for (const span of findPlain(text)) plain.push(span)
  if (plain.length > 1) plain.sort(byStart)
  const encoded = findEncoded(text, plain, finders)
  return encoded.length === 0 ? plain : [...plain, ...encoded].sort(byStart)
}

/** Finds words that are a secret in other digits, besides those that hold one as it is. */
function findEncoded (text: string, plain: readonly Span[], finders: readonly SecretFinder[]): Span[] {
  const spans: Span[] = []
  let next = 0
  for (const { word, start, end } of encodedWords(text)) {
    while (next < plain.length && plain[next]!.end <= start) next++
    const isHidden = next < plain.length && plain[next]!.start < end
    if (!isHidden && !isOrdinary(word) && holdsSecret(word, finders)) spans.push({ start, end })
  }
  return spans
}

function holdsSecret (word: string, finders: readonly SecretFinder[]): boolean {
  for (const decoded of decodings(word)) if (finders.some(({ findPlain }) => findPlain(decoded).length > 0)) return true
  return false
}

function byStart (one: Span, other: Span): number {
  return one.start - other.start
}

/** How deep JSON texts are within JSON. */
const LEVELS = [1, 2, 3, 4]

/**
 * Ways to write a secret, besides the escapes that `unescape` decodes: in JSON, also in JSON within JSON, in JSON made by PHP, in a form,
 * and in a header, whose bytes Node reads as Latin-1.
 */
export function formsOf (secret: string): Iterable<string> {
  if (/^[\w-]*$/.test(secret)) return [secret]
  // What looks like an escape in the secret itself is decoded where it is looked for.
  const { plain } = unescape(secret)
  return new Set([
    secret,
    ...LEVELS.map(levels => inJson(secret, levels)),
    ...secret.includes('/') ? LEVELS.flatMap(inner => [0, ...LEVELS].slice(0, 5 - inner).map(outer => inJson(inJson(secret, inner, '\\/'), outer))) : [],
    secret.replaceAll(' ', '+'),
    Buffer.from(secret).toString('latin1'),
    ...isDistinctive(plain) ? [plain] : []
  ])
}

/** Writes a text in JSON within JSON, with slashes as they are or as PHP does. */
function inJson (text: string, levels: number, slash: '/' | '\\/' = '/'): string {
  return levels === 0 ? text : inJson(JSON.stringify(text).slice(1, -1).replaceAll('/', slash), levels - 1, slash)
}

/** Maximum number of characters to compare with secrets, for each character of a text. A few secrets that begin alike take some ten. */
const MAX_EFFORT = 256

const FILTER_SIZE = 4096
const FILTER_MASK = FILTER_SIZE - 1
const BASE = 257
const BASE_OF_FIRST = Array.from({ length: MIN_SECRET_LENGTH }).reduce<number>(power => Math.imul(power, BASE), 1)

/** Hashes the first characters of a text, as many as every secret has. */
function hashOf (text: string): number {
  let hash = 0
  for (let at = 0; at < MIN_SECRET_LENGTH; at++) hash = (Math.imul(hash, BASE) + text.charCodeAt(at)) | 0
  return hash
}

/** Moves a hash on by one character. */
function rolled (hash: number, first: number, next: number): number {
  return (Math.imul(hash, BASE) + next - Math.imul(first, BASE_OF_FIRST)) | 0
}

function isWordCharacter (text: string, at: number): boolean {
  return /^[\p{L}\p{N}]/u.test(text.charAt(at))
}
