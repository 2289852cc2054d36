import type { AccountState } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { ownHeaders } from '../export/request-headers.js'
import { LONG_ARGUMENT, shellQuoted } from '../text/shell-word.js'

/** A request that can be sent again. */
export interface Resendable {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const REDACTED = '[redacted]'

/** The request of a journal entry, with the secrets that the journal redacted put back as far as they are known. */
export function resendable ({ method, path, rule, request: { headers, body, text } }: JournalEntry, account: AccountState | undefined): Resendable {
  return { method, path, headers: ownHeaders(headers), body: account === undefined ? text : withSecrets(text, body, rule, account) }
}

/** Whether it still has a redacted secret, or not all of its body, which only its sender knows. */
export function isIncomplete ({ body, path }: Resendable): boolean {
  return body.includes(REDACTED) || path.includes(REDACTED) || /\[\d+ characters left out\]/.test(body)
}

/**
 * Gives the reason why this page does not send a request to a path, which may come from a file; `undefined` for none. The page may use the
 * control API, and a browser resolves dots and backslashes before it sends anything.
 */
export function whyUnsendable (path: string): string | undefined {
  const [plain = ''] = path.split(/[?#]/)
  if (path.includes('#') || /[\\\p{Cc}]|\/(\.|%2e){1,2}(\/|$)/iu.test(plain)) return 'Not sent: a browser would send it to another path. Copied as curl, it keeps its own.'
  if (/^\/?__admin(\/|$)/.test(plain.replace(/%[0-7][0-9a-f]/gi, decodeURI))) return 'Not sent: this path is of the control API, and no request of a client.'
  return undefined
}

/** Rules that only a project's token can break, not the account's own. */
const PROJECT_TOKEN_RULES = ['token-must-be-master', 'token-must-be-enabled', 'token-must-come-from-its-address']

/** Puts secrets into the text as it was sent: a body that is read and written again may lose digits and keys. */
function withSecrets (text: string, body: unknown, rule: string | null, { token, projects = [] }: AccountState): string {
  const { token: given, api_token: named, project_id: projectId } = Object(body) as Readonly<Record<string, unknown>>
  if (given !== REDACTED && named !== REDACTED) return text
  const all = projects.flatMap(project => project.api_tokens ?? [])
  const fitting = rule === 'token-must-be-enabled' ? all.filter(({ status }) => status === 'disabled') : all
  const its = projects.find(({ project_id: id }) => String(id) === String(projectId))?.api_tokens ?? []
  const master = rule !== null && PROJECT_TOKEN_RULES.includes(rule) ? onlyOne(fitting) : token
  const apiToken = onlyOne(its)
  const withToken = given === REDACTED && master !== undefined ? withSecret(text, 'token', master) : text
  return named === REDACTED && apiToken !== undefined ? withSecret(withToken, 'api_token', apiToken) : withToken
}

function withSecret (text: string, name: string, secret: string): string {
  return text.replace(new RegExp(`("${name}"\\s*:\\s*)"\\[redacted\\]"`), (_all, before: string) => before + JSON.stringify(secret))
}

/** The only token there is. With several it is unknown which one was sent. */
function onlyOne (tokens: ReadonlyArray<{ readonly token?: string }>): string | undefined {
  return tokens.length === 1 ? tokens[0]!.token : undefined
}

/** A shell command that sends the same request. */
export function curlOf ({ method, path, headers, body }: Resendable, base: string): string {
  const hasBody = body !== ''
  const verb = method === 'HEAD' ? ['--head'] : method === (hasBody ? 'POST' : 'GET') ? [] : ['-X', /^[\w-]+$/.test(method) ? method : shellQuoted(method)]
  // Behind the origin, anything but a path would be part of the host.
  const target = path.startsWith('/') ? [shellQuoted(base + path)] : ['--request-target', shellQuoted(path), shellQuoted(base)]
  // By default curl expands braces and brackets, and resolves dots in the path.
  const address = [...(/[[\]{}]/.test(path) ? ['-g'] : []), ...(/\/\.{1,2}(\/|$|\?)/.test(path) ? ['--path-as-is'] : []), ...target]
  // Without a content type curl would add its own.
  const sent = { ...hasBody && { 'content-type': '' }, ...headers }
  const lines = Object.entries(sent)
    .filter(([name, value]) => HEADER_NAME.test(name) && !(name === 'content-type' && value === 'application/x-www-form-urlencoded'))
    .flatMap(([name, value]) => ['-H', shellQuoted(`${name}:${value === '' ? '' : ` ${value}`}`)])
  const command = ['curl', '-s', ...verb, ...address, ...lines].join(' ')
  if (!hasBody) return command
  // No argument holds a NUL.
  if (body.includes('\0') || new TextEncoder().encode(body).length > LONG_ARGUMENT) return `printf -- ${shellQuoted(printfFormat(body))} | ${command} --data-binary @-`
  return `${command} --data-raw ${shellQuoted(body)}`
}

/** Format with which `printf` prints a text. */
function printfFormat (text: string): string {
  return text.replace(/[\\%]/g, '$&$&').replaceAll('\0', '\\000')
}

/** Curl would read a header that begins with an @ from a file. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/
