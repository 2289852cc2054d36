import { isOrdinary } from './ordinary.js'

const HIDDEN = '[redacted]'

/** Words that name a secret within a name, such as `--db-password`, `API_KEY` or `authToken`. */
const SECRET = /(?:^|_)(?:passw(?:or)?d|pass|passphrase|pwd|pw|secrets?|tokens?|credentials?|auth|authorization|cookies?|bearer|api_?key|access_key|private_key|licen[cs]e_?key)(?:_|$)/

/** Last words of names of what holds no secret itself. */
const PLACE = /_(?:file|path|dir|url|env|name|type|id)$/

/** Longest name that is looked at, in characters. */
const MAX_NAME = 100

/**
 * Gives the words of a command as a report shows them, which others may read: without the passwords, tokens and other credentials that
 * options, variables, headers and URLs in it name.
 */
export function shownCommand (words: readonly string[]): string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? ''
    if (/^-[\w.-]+$/.test(before) && !/^-/.test(word) && isSecretName(before)) return HIDDEN
    if (/^(?:-u|--(?:proxy-)?user)$/.test(before)) return withoutPassword(word)
    return shownWord(word)
  })
}

/** Token of the documented sample, which is no secret: a command with it can be run as it is shown. */
export const DOCUMENTED_TOKEN = '132321343dsfsdf'

/** Gives one word, or the URL of a server, likewise. */
export function shownWord (word: string): string {
  return withoutNamed(word
    .replace(/(?<=(https?)?):\/\/([^\s/]+)@/gi, (_, http: string | undefined, user: string) => `://${shownUser(user, http !== undefined)}@`)
    // curl's --user=name:password
    .replace(/^(--(?:proxy-)?user=)(.*)$/s, (_, option: string, user: string) => option + withoutPassword(user)))
}

/** A name at the beginning of a word, or behind an escape of a URL, which may be within another URL. */
const NAME = /(?:(?<=%(?:25){0,3}[\da-f]{2})(?!(?<=%(?:25){1,3})[\da-f]{2})|(?<![%\w.-]))[\w.-]{1,100}/gi

/** What leads from a name to its value, and the value; in the order in which they are tried. */
const VALUES: readonly RegExp[] = [
  // NAME=value and --name=value, also within a script or a URL.
  /(=)("[^"]*"|'[^']*'|[^\s&;"']+)/y,
  // ?name=value in the query of a URL that is within another one; "name":"value" in JSON there.
  /(%(?:25){0,3}(?:22%(?:25){0,3})?3[da](?:%(?:25){0,3}22)?)((?:[^\s&;"'%]|%(?!(?:25){0,3}(?:22|26|2c|7d)))+)/iy,
  // "name":"value" in JSON, escaped in JSON or in a script; name: "value" and name = 'value' in a script.
  /(\\{1,8}["']\s{0,8}:\s{0,8}\\{1,8}["'])([^"'\\]+)/y,
  /(["'`]?\s{0,8}(?:=>|:=|={1,3}|:)\s{0,8})("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)/ys,
  /(["']\s{0,8}:\s{0,8})([^\s"',;{}[\]]+)/y
]

/** A header, to its end. */
const HEADER = /(:\s*)(\S.*)/ys
const QUOTED_HEADER = /(:\s{0,8})([^\s"'/][^"']*)/y
/** name: value, as in YAML. */
const PLAIN = /(:\s{1,8})([^\s"',;{}[\]]+)/y
/** --name value within a script; "--name", "value" in a list of words. */
const OPTIONS: readonly RegExp[] = [
  /(\s+)("[^"]*"|'[^']*'|[^\s&;"'-][^\s&;"']*)/y,
  /(["'`]\s{0,8},\s{0,8})("[^"]*"|'[^']*'|`[^`]*`)/y
]
/** The schemes of `Authorization`, which tell nothing. */
const SCHEME = /^(?:basic|bearer|bot|digest|token)\s+/i

/** What may stand in front of a header's name for it to be all of a word. */
const BEFORE_HEADER = /^\s*(?:--?[\w-]{1,40}=)?$/

/** Hides the values beside names of secrets. */
function withoutNamed (word: string): string {
  const parts: string[] = []
  let shownUntil = 0
  NAME.lastIndex = 0
  for (let match = NAME.exec(word); match !== null; match = NAME.exec(word)) {
    const [name] = match
    const found = isSecretName(name) || (/^-[a-z]/i.test(name) && isSecretName(name.slice(2))) ? valueBeside(word, match.index, name) : undefined
    if (found === undefined) continue
    const quote = found.isEquals ? '' : /^["'`]?/.exec(found.value)![0]
    const scheme = SCHEME.exec(found.value.slice(quote.length))?.[0] ?? ''
    parts.push(word.slice(shownUntil, found.start), quote, scheme, HIDDEN, quote)
    shownUntil = NAME.lastIndex = found.start + found.value.length
  }
  return parts.join('') + word.slice(shownUntil)
}

interface Value {
  readonly start: number
  readonly value: string
  readonly isEquals: boolean
}

/** Finds the value beside a name; `undefined` if there is none, or none that is a secret. */
function valueBeside (word: string, start: number, name: string): Value | undefined {
  const end = start + name.length
  const isHeader = start <= MAX_NAME && BEFORE_HEADER.test(word.slice(0, start))
  const header = isHeader ? HEADER : /["']/.test(word.charAt(start - 1)) ? QUOTED_HEADER : PLAIN
  for (const pattern of [...VALUES, header, ...name.startsWith('--') ? OPTIONS : []]) {
    pattern.lastIndex = end
    const [, separator, value] = pattern.exec(word) ?? []
    if (separator === undefined || value === undefined) continue
    // Nothing is secret of `auth:test`, as the scripts of a package are named, or of a sentence.
    const isSentence = (separator === ':' || pattern === PLAIN) && isOrdinary(value)
    const isSecret = !isOpen(value, word) && !isSentence
    return isSecret ? { start: end + separator.length, value, isEquals: separator === '=' } : undefined
  }
  return undefined
}

/**
 * Tells whether a value is no secret: the documented token, nothing, a literal, or in a script a variable, whose quotes may end those around it.
 */
function isOpen (value: string, word: string): boolean {
  const text = value.replace(/^["'`]{0,4}/, '').replace(/["'`]{0,4}$/, '').replace(SCHEME, '')
  return /^(?:|true|false|null)$/.test(text) || text === DOCUMENTED_TOKEN || (/^\$[\w{(@]/.test(text) && /\s/.test(word))
}

/** Passwords that stand beside a token in place of a user name, if there is any. */
const BESIDE_TOKEN = ['', 'x-oauth-basic']

/** Hides the password of a URL's `name:password`, or the token that hosts of code take as a name; ssh://git@host is no secret. */
function shownUser (user: string, isHttp: boolean): string {
  const name = user.split(':')[0]!
  const isToken = isHttp && BESIDE_TOKEN.includes(user.slice(name.length + 1)) && !/[?#]/.test(name)
  return isToken ? HIDDEN + user.slice(name.length) : withoutPassword(user)
}

/** Hides the password of `name:password`. */
function withoutPassword (user: string): string {
  const colon = user.indexOf(':')
  return colon === -1 ? user : user.slice(0, colon + 1) + HIDDEN
}

function isSecretName (name: string): boolean {
  if (name.length > MAX_NAME) return false
  const words = name.replace(/^-+/, '').replace(/(?<=[a-z\d])(?=[A-Z])/g, '_').toLowerCase().replace(/[^a-z\d]+/g, '_')
  return SECRET.test(words) && !PLACE.test(words)
}
