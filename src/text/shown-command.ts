const HIDDEN = '[redacted]'

/** Words that name a secret within a name, such as `--db-password`, `API_KEY` or `authToken`. */
const SECRET = /(?:^|_)(?:passw(?:or)?d|pass|passphrase|pwd|pw|secrets?|tokens?|credentials?|auth|authorization|cookies?|bearer|api_?key|access_key|private_key)(?:_|$)/

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
    if (/^-/.test(before) && !/^-/.test(word) && isSecretName(before)) return HIDDEN
    if (/^(?:-u|--(?:proxy-)?user)$/.test(before)) return withoutPassword(word)
    return shownWord(word)
  })
}

/** Token of the documented sample, which is no secret: a command with it can be run as it is shown. */
export const DOCUMENTED_TOKEN = '132321343dsfsdf'

/** Gives one word, or the URL of a server, likewise. */
export function shownWord (word: string): string {
  return word
    .replace(/(?<=(https?)?):\/\/([^\s/]+)@/gi, (_, http: string | undefined, user: string) => `://${shownUser(user, http !== undefined)}@`)
    // curl's --user=name:password
    .replace(/^(--(?:proxy-)?user=)(.*)$/s, (_, option: string, user: string) => option + withoutPassword(user))
    // Authorization: Bearer …, which a header may be to its end.
    .replace(/^(\s*)([\w-]{1,100})(:\s*(?:[a-z]{1,12} )?)(\S.*)$/is, (all, space: string, name: string, colon: string) =>
      isSecretName(name) ? space + name + colon + HIDDEN : all)
    // The same within the quotes of a script.
    .replace(/(["'])([\w-]{1,100})(:\s{0,8}(?:[a-z]{1,12} )?)([^\s"'/][^"']*)/gi, (all, quote: string, name: string, colon: string) =>
      isSecretName(name) ? quote + name + colon + HIDDEN : all)
    // "name":"value" in JSON, and escaped in JSON or in a script.
    .replace(/"([\w-]{1,100})("\s{0,8}:\s{0,8})("(?:[^"\\]|\\.)*"|[^\s"',;{}[\]]+)/gs, (all, name: string, colon: string, value: string) =>
      isSecretName(name) && !isOpen(value) ? `"${name}${colon}${value.startsWith('"') ? `"${HIDDEN}"` : HIDDEN}` : all)
    .replace(/"([\w-]{1,100})(\\{1,8}"\s{0,8}:\s{0,8}\\{1,8}")([^"\\]+)/g, (all, name: string, colon: string, value: string) =>
      isSecretName(name) && !isOpen(value) ? `"${name}${colon}${HIDDEN}` : all)
    // NAME=value and --name=value, also within a script or a URL; --name value within a script.
    .replace(/([\w.-]{1,100})(=)("[^"]*"|'[^']*'|[^\s&;"']+)|(--[\w-]{1,100})(\s+)("[^"]*"|'[^']*'|[^\s&;"'-][^\s&;"']*)/g,
      (all, name: string | undefined, equals: string, _value, option: string, space: string) => {
        if (name !== undefined) return isSecretName(name) ? name + equals + HIDDEN : all
        return isSecretName(option) ? option + space + HIDDEN : all
      })
}

/** Tells whether a value in JSON is no secret: the documented token, nothing, or a variable of the shell, whose quotes end those of the JSON. */
function isOpen (value: string): boolean {
  const text = value.replace(/^["']{0,4}/, '').replace(/["']{0,4}$/, '')
  return text === '' || text === DOCUMENTED_TOKEN || text.startsWith('$')
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
