import { isSecretName } from '../api/secret-fields.js'
import type { Case, CaseRequest } from '../contract/case.js'
import type { Difference } from '../contract/replay.js'
import { FAULTS, isCarriedOut, type FaultKind } from '../domain/fault.js'
import { Problem } from '../problem.js'
import { counted } from '../text/counted.js'
import { readJson } from '../text/json.js'
import { shownWord } from '../text/shown-command.js'
import { differencesOf, isRequest, sentBody } from './compare.js'
import { lateAnswer, type RemotePlayer, type Server } from './remote-player.js'
import { send, type Received, type Sendable } from './send.js'
import { LATE, within } from './within.js'

const ALIAS = 'token-of-'

/** Length below which a token may occur within an ordinary word, in characters. */
const SHORT = 8

/** Plays the requests of a case against a server that is no emulator: it has neither its clocks nor its faults. */
export function otherServer (saved: Case, { url, tokens, tokenSetting, timeoutMs }: Server): RemotePlayer {
  const replaced = tokensFor(saved, tokens, tokenSetting)
  const shown = withAliases(replaced)
  let stoppedAt: number | null = null
  let kept = 0
  let uncompared = 0

  return {
    // Nothing delays it there.
    arrive: nothing,
    async decide (step, index) {
      const { fault, state, response } = step.request
      if (fault !== null && !isCarriedOut({ kind: fault.kind as FaultKind, when: fault.when })) {
        kept++
        return []
      }
      const received = await within(timeoutMs, signal => send(url, withTokens(step, replaced), signal))
      if (received === LATE) {
        stoppedAt = index
        return [lateAnswer(index, timeoutMs)]
      }
      // A fault that only made it wait has left the API's own answer.
      const isOwn = fault === null || FAULTS[fault.kind as FaultKind].delivers === 'whole'
      if (isOwn && state === 'answered' && response !== null) return compare(index, step, received)
      uncompared++
      return []
    },
    call: nothing,
    remove: nothing,
    stoppedAt: () => stoppedAt,
    async end () { return [] },
    async notes () {
      return [
        `${shownWord(url)} is no emulator: only answers were compared, without their headers and secrets`,
        ...kept === 0 ? [] : [`${counted(kept, 'request')} that a fault kept from the API was not sent`],
        ...uncompared === 0 ? [] : [`${counted(uncompared, 'answer')} that a fault replaced, or that was cut short, was not compared`]
      ]
    }
  }

  function compare (step: number, { request: { method, response } }: CaseRequest, { httpStatus, body, isWhole }: Received): Difference[] {
    const expected = { http_status: response!.http_status, body: withoutSecrets(sentBody(method, valueOf(response!.body))), whole: true }
    const found = { http_status: httpStatus, body: shown(withoutSecrets(valueOf(body))), whole: isWhole }
    return differencesOf(expected, found).map(difference => ({ step, ...difference, pointer: `/received${difference.pointer}` }))
  }
}

/** There is no control API. */
async function nothing (): Promise<undefined> { return undefined }

/** Gives the tokens that stand for those of the case. Throws a `Problem` for one that is lacking, or that the case does not have. */
function tokensFor ({ start, end, timeline }: Case, tokens: ReadonlyMap<string, string>, setting: string): Map<string, string> {
  const known = aliasesIn([start, end, timeline.map(step => step.step === 'control' ? step.body : null)])
  const unknown = [...tokens.keys()].find(name => !known.has(ALIAS + name))
  const names = [...known].map(alias => alias.slice(ALIAS.length)).join(', ')
  if (unknown !== undefined) throw new Problem(`${setting} is wrong: found ${JSON.stringify(unknown)}, expected one of ${names}`)
  const sent = timeline.filter(isRequest).filter(({ sendable }) => sendable).map(({ request: { path, request: { headers, text } } }) => JSON.stringify([path, headers, text]))
  const lacking = [...known].find(alias => !tokens.has(alias.slice(ALIAS.length)) && sent.some(text => text.includes(alias)))
  if (lacking !== undefined) throw new Problem(`the case has the token of ${lacking.slice(ALIAS.length)}; give that of the server with ${setting}`)
  return new Map([...tokens].map(([name, token]) => [ALIAS + name, token]))
}

function aliasesIn (value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'token' && typeof inner === 'string' && inner.startsWith(ALIAS)) found.add(inner)
    else aliasesIn(inner, found)
  }
  return found
}

function withTokens ({ request: { method, path, request: { headers, text } } }: CaseRequest, tokens: ReadonlyMap<string, string>): Sendable {
  if (tokens.size === 0) return { method, path, request: { headers, text } }
  const pattern = anyOf([...tokens.keys()])
  const replaced = (where: string, written: (token: string) => string): string => where.replace(pattern, alias => written(tokens.get(alias)!))
  return {
    method,
    path: replaced(path, encodeURIComponent),
    request: {
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, replaced(value, String)])),
      // A body is JSON, whatever its type says.
      text: replaced(text, token => JSON.stringify(token).slice(1, -1))
    }
  }
}

/** Puts the case's tokens in place of those that a server quotes in any text of its answer, as its report may be read by others. */
function withAliases (tokens: ReadonlyMap<string, string>): (value: unknown) => unknown {
  if (tokens.size === 0) return value => value
  const aliases = new Map([...tokens].flatMap(([alias, token]) =>
    [encodeURIComponent(token), JSON.stringify(token).slice(1, -1), token].map(written => [written, alias])))
  const pattern = anyOf([...aliases.keys()])
  const text = (found: string): string => found.replace(pattern, token => aliases.get(token)!)
  return function shown (value): unknown {
    if (typeof value === 'string') return text(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(shown)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [text(name), shown(inner)]))
  }
}

/** Gives a pattern of any of these texts, the longest first: one may begin as another does. A short one is no part of a word. */
function anyOf (texts: readonly string[]): RegExp {
  const escaped = texts.toSorted((a, b) => b.length - a.length).map(text => {
    const pattern = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return text.length < SHORT ? `(?<![\\w-])${pattern}(?![\\w-])` : pattern
  })
  return new RegExp(escaped.join('|'), 'g')
}

/** Gives the value of a JSON text that can be compared: not one with more levels than a function may call itself. */
function valueOf (body: unknown): unknown {
  if (typeof body !== 'string') return body
  const json = readJson(body)
  return 'value' in json ? json.value : body
}

/** Leaves out what no two servers have in common. */
function withoutSecrets (value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutSecrets)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, typeof inner === 'string' && isSecretName(name) ? '' : withoutSecrets(inner)]))
}
