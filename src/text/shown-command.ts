import { isOrdinary } from './ordinary.js'

const HIDDEN = '[redacted]'

/** Words that name a secret within a name, such as `--db-password`, `API_KEY` or `authToken`; and ends of names in one word, such as PGPASSWORD. */
const SECRET = /(?:^|_)(?:passw(?:or)?d|pass|passphrase|pwd|pw|secrets?|tokens?|credentials?|auth|authorization|cookies?|bearer|api_?key|access_key|private_key|licen[cs]e_?key)\d*(?:_|$)|(?:passw(?:or)?d|passphrase|secret|token|(?:api|secret|access|private)key)\d*$/

/** Words of names of what holds no secret itself: the last one, or the first. */
const PLACE = /_(?:file|path|dir|url|uri|env|name|type|id|host|port|user|enabled|required|ttl|age|expiry|timeout|count|limit|length|size|mode|method|scheme|header|field)$|^(?:no|skip|without|with|pass_with|use|enable|disable|max|min|num|generate)_|^(?:old)?pwd$/

/** Longest name that is looked at, in characters. */
const MAX_NAME = 100

/** The option behind which a word is a script. */
const SCRIPT = /^(?:-[a-z]*[ce]|--(?:command|eval|print))$/

/**
 * Gives the words of a command as a report shows them, which others may read: without the passwords, tokens and other credentials that
 * options, variables, headers and URLs in it name.
 */
export function shownCommand (words: readonly string[]): string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? ''
    if (/^-[\w.-]+$/.test(before) && !/^-/.test(word) && isSecretName(before)) return isFileOfCookies(before, word) || isOpen(word, '') ? word : HIDDEN
    if (/^(?:-[a-z]{0,8}u|--(?:proxy-)?user)$/i.test(before)) return withoutPassword(word)
    return shownWord(word, SCRIPT.test(before))
  })
}

/** Tells whether curl reads a file of cookies, as their text has a `=`. */
function isFileOfCookies (option: string, value: string): boolean {
  return option === '--cookie' && !value.includes('=')
}

/** Token of the documented sample, which is no secret: a command with it can be run as it is shown. */
export const DOCUMENTED_TOKEN = '132321343dsfsdf'

/** Gives one word, or the URL of a server, likewise; in a script, other words are behind it. */
export function shownWord (word: string, isScript = /\s/.test(word)): string {
  return withoutNamed(word
    .replace(/(?<=(https?)?):\/\/([^\s/]+)@/gi, (_, http: string | undefined, user: string) => `://${shownUser(user, http !== undefined)}@`)
    // curl's --user=name:password and -uname:password, also within a script.
    .replace(/^(--(?:proxy-)?user=|-u)(?=.*:)(.*)$/s, (_, option: string, user: string) => option + withoutPassword(user))
    .replace(/(\s(?:-[a-z]{0,8}u\s{1,8}|-u|--(?:proxy-)?user[\s=]))(["']?)([^\s"':]{1,100}:)([^\s"']+)/g, (_all, option: string, quote: string, user: string) =>
      option + quote + user + HIDDEN), isScript)
}

/** A name at the beginning of a word, or behind an escape of a URL, which may be within another URL. */
const NAME = /(?:(?<=%(?:25){0,3}[\da-f]{2})(?!(?<=%(?:25){1,3})[\da-f]{2})|(?<![%\w.-]))[\w.-]{1,100}/gi

/** What leads from a name to its value, and the value; in the order in which they are tried. */
const VALUES: readonly RegExp[] = [
  // NAME=value and --name=value, also within a script or a URL.
  /((?:\[\w{0,20}\]|\])?=)(?![=>])(\$?"[^"]*"|\$?'[^']*'|`[^`]*`|\$\([^)]*\)|[^\s&;"']+)/y,
  // ${NAME:-value} in a script.
  /(:?[-=])(?<=\$\{\w{1,100}:?[-=])([^}]+)/y,
  // ?name=value in the query of a URL that is within another one; "name":"value" in JSON there.
  /(%(?:25){0,3}(?:22%(?:25){0,3})?3[da](?:%(?:25){0,3}22)?)((?:[^\s&;"'%]|%(?!(?:25){0,3}(?:22|26|2c|7d)))+)/iy,
  // "name":"value" in JSON, escaped in JSON or in a script; name: "value" and name = 'value' in a script.
  /(\\{1,8}["']\s{0,8}:\s{0,8}\\{1,8}["'])([^"'\\]+)/y,
  /(["'`]?\]?\s{0,8}(?:=>|:=|=|:)\s{0,8}[brfu]{0,2})("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)/ys,
  /(["']\s{0,8}:\s{0,8})(\[[^\]]*\]|[^\s"',;{}[\]]+)/y
]

/** A header, to its end. */
const HEADER = /(:\s*)([^\s:].*)/ys
const QUOTED_HEADER = /(:\s{0,8})([^\s"'/:][^"']*)/y
/** name: value, as in YAML. */
const PLAIN = /(:\s{1,8})([^\s"',;{}[\]]+)/y
/** "name", "value" in a list of words or of arguments. */
const PAIR = /(["'`]\s{0,8},\s{0,8})("[^"]*"|'[^']*'|`[^`]*`)/y
/** --name value within a script. */
const OPTION = /(\s+)(?!\d?[|<>])("[^"]*"|'[^']*'|`[^`]*`|\$\([^)]*\)|[^\s&;"'-][^\s&;"']*)/y
/** A value that is all the rest of a word, but for other fields of a form. */
const REST = /(=)(?![=>])((?:(?!&[\w.[\]-]+=).)+)/ys

/** Names of headers, which need no blank behind their colon to be told from the names of scripts, such as `auth:test`. */
const HEADER_NAME = /-|^(?:authorization|cookie)$/i

/** The schemes of `Authorization`, which tell nothing. */
const SCHEME = /^(?:basic|bearer|bot|digest|token)\s+/i

/** What may stand in front of a header's name for it to be all of a word. */
const BEFORE_HEADER = /^\s*(?:--?[\w-]{1,40}=)?$/

/** Hides the values beside names of secrets. */
function withoutNamed (word: string, isScript: boolean): string {
  const parts: string[] = []
  let shownUntil = 0
  NAME.lastIndex = 0
  for (let match = NAME.exec(word); match !== null; match = NAME.exec(word)) {
    const [name] = match
    const found = isSecretName(name) || (/^-[a-z]/i.test(name) && isSecretName(name.slice(2))) ? valueBeside(word, match.index, name, isScript) : undefined
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
function valueBeside (word: string, start: number, name: string, isScript: boolean): Value | undefined {
  const end = start + name.length
  const isHeader = start <= MAX_NAME && BEFORE_HEADER.test(word.slice(0, start))
  const header = isHeader ? HEADER : /["']/.test(word.charAt(start - 1)) ? QUOTED_HEADER : PLAIN
  const patterns = [...isHeader && !isScript ? [REST] : [], ...VALUES, header, PAIR, ...name.startsWith('--') ? [OPTION] : []]
  for (const pattern of patterns) {
    pattern.lastIndex = end
    const [, separator, value] = pattern.exec(word) ?? []
    if (separator === undefined || value === undefined) continue
    const isSecret = !isOpen(value, isScript ? word : '') && !isSentence(pattern, name, separator, value)
    return isSecret ? { start: end + separator.length, value, isEquals: separator.endsWith('=') && !separator.includes(':') } : undefined
  }
  return undefined
}

/** Tells whether words are part of a sentence, of a list of names, or of the name of a script, such as `auth:test`. */
function isSentence (pattern: RegExp, name: string, separator: string, value: string): boolean {
  if (pattern === PAIR) return !name.startsWith('--') && isOrdinary(value.slice(1, -1))
  if (pattern !== HEADER && pattern !== QUOTED_HEADER && pattern !== PLAIN) return false
  if (HEADER_NAME.test(name.replace(/^-[a-z]/i, ''))) return false
  return separator === ':' || isOrdinary(value)
}

/**
 * Tells whether a value is no secret: the documented token, nothing, a literal, or in a script what it takes from elsewhere. The quotes around a
 * variable may end those around it.
 */
function isOpen (value: string, script: string): boolean {
  const text = value.replace(/^["']{0,4}/, '').replace(/["']{0,4}$/, '').replace(SCHEME, '')
  if (/^(?:|true|false|null)$/.test(text) || text === DOCUMENTED_TOKEN) return true
  return /\s/.test(script) && /^(?:\$[\w{(@]|`[^`]*\s|process\.env\b|os\.(?:environ|getenv)\b|ENV\[)/.test(text) && !/^\$\{\w+:?[-=]/.test(text)
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
