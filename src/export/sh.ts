import { LONG_ARGUMENT } from '../text/shell-word.js'
import { withoutTrailing } from '../text/trailing.js'
import { accountPath, ACCOUNT_TTL, controlLine, emulatorText, USUAL_URL } from './control-line.js'
import type { Closing, ControlStep, RequestStep, Script, Step } from './script.js'
import { capitalized } from './sentence.js'
import { BROUGHT, HELPERS, MASKED, UNANSWERED, VALUE } from './sh-helpers.js'
import { shellText, shellWordOf, type WordPart } from './shell-text.js'
import { Reference, referencesIn, snakeCase, type Term } from './terms.js'

/** Writes a script for a POSIX shell, which calls an emulator that runs with curl, and ends with 1 at the first difference. */
export function shellScript (script: Script): string {
  const { title, steps } = script
  const requests = steps.filter(step => step.step === 'request')
  const isRemembered = steps.some(step => step.step === 'control' && step.snapshot !== undefined)
  return [
    '#!/bin/sh',
    `# ${capitalized(title)}.`,
    `# Needs curl, and ${emulatorText(script)}. Ends with 1 at the first difference.`,
    'set -eu',
    '',
    `url=\${PICKY_EMULATOR_URL:-${USUAL_URL}}`,
    HELPERS,
    ...requests.some(({ answer }) => typeof answer === 'string') ? [UNANSWERED] : [],
    ...requests.some(({ answer }) => isMadeUp(answer)) ? [MASKED] : [],
    ...steps.some(step => step.step === 'closing' && step.history.length > 0) ? [BROUGHT] : [],
    ...isRemembered || requests.some(({ keeps }) => keeps.length > 0) ? [VALUE] : [],
    '',
    ...linesOf(script),
    ''
  ].join('\n')
}

/** Tells whether an answer has something that is another in each run. */
function isMadeUp (answer: RequestStep['answer']): boolean {
  return typeof answer === 'object' && answer.body !== undefined && referencesIn(answer.body).some(({ to }) => to === 'answer' || to === 'kept')
}

/** The account of a script that needs no world has a name of its own, which is its token as well. */
const NAME = new Reference('kept', 'name', null)

function linesOf ({ world, actors, projects, steps }: Script): string[] {
  const isSole = world === null
  return [
    ...isSole && actors.length > 0 ? ['name=case-$$-$(date +%s)', 'account_token=$name'] : [],
    ...isSole ? [] : actors.flatMap(({ words, token }) => token === null ? [] : [`${snakeCase(words)}_token=${shellText(token)}`]),
    ...projects.map(({ words, literal }) => `${snakeCase(words)}=${JSON.stringify(literal)}`),
    '',
    ...isSole ? [] : [`control PUT /state ${jsonWord(world as never)} > /dev/null`],
    ...actors.flatMap(({ start }) => start === null ? [] : [madeBy(start as never)]),
    ...steps.flatMap((step, index) => linesOfStep(step, steps[index - 1])),
    ...isSole ? [] : ['', 'control POST /reset > /dev/null']
  ]

  function madeBy (account: Readonly<Record<string, Term>>): string {
    return `control POST /accounts ${jsonWord(isSole ? { name: NAME, token: NAME, ...account, ttl: ACCOUNT_TTL } : account)} > /dev/null`
  }

  function linesOfStep (step: Step, before: Step | undefined): string[] {
    const isApart = step.step === 'request' || before?.step === 'request' || (step.step === 'closing' && before?.step !== 'closing')
    const gap = isApart ? [''] : []
    switch (step.step) {
      case 'request': return [...gap, `# ${step.says}`, ...step.fault === null ? [] : controlLines(step.fault), ...requestLines(step)]
      case 'control': return [...gap, ...controlLines(step)]
      case 'closing': return [...gap, ...closingLines(step)]
      case 'omission': return [...gap, `# ${step.says}`]
    }
  }

  function controlLines (step: ControlStep): string[] {
    if (step.call === 'create') return [madeBy(step.body as never)]
    const { method, actor, rest, body } = controlLine(step, new Reference('kept', step.restores ?? '', null))
    return [
      `control ${method} ${pathOf(actor?.name, rest)}${body === undefined ? '' : ` ${jsonWord(body)}`} > /dev/null`,
      ...step.snapshot === undefined ? [] : [`${snakeCase(step.snapshot)}=$(value "$(control GET /snapshots)" id | tail -n 1)`]
    ]
  }

  function pathOf (name: string | undefined, rest: string): string {
    if (name === undefined) return rest
    return isSole ? `"/accounts/$name${rest}"` : shellText(accountPath(name) + rest)
  }

  function closingLines ({ actor: { name }, balance, ledger, history }: Closing): string[] {
    const entries = ledger.map(({ kind, amount, balance, project_id: projectId, plan_id: planId }) =>
      [kind, amount, balance, projectId, planId].join(' '))
    const events = history.map(({ at, event, project_id: projectId }) => [at, event, projectId].join(' '))
    return [
      `expect ${shellText(`{"balance":"${balance}"}`)} "$(control GET ${pathOf(name, '/wallet')})"`,
      `expect ${shellText(entries.map(entry => withoutTrailing(entry, ' ')).join('\n'))} "$(booked ${pathOf(name, '')})"`,
      ...events.length === 0 ? [] : [`expect ${shellText(events.join('\n'))} "$(brought ${pathOf(name, '')})"`]
    ]
  }
}

const JSON_TYPE = 'application/json'

function requestLines ({ method, path, headers, body, answer, keeps }: RequestStep): string[] {
  const sent = body === null ? headers : { 'content-type': JSON_TYPE, ...headers }
  const word = body === null ? null : 'json' in body ? jsonWord(body.json) : shellText(body.text)
  const isPiped = word !== null && new TextEncoder().encode(word).length >= LONG_ARGUMENT
  const piped = isPiped ? `printf %s ${word} | ` : ''
  const command = [
    'send', method, shellText(path),
    ...method === 'HEAD' ? ['--head'] : [],
    ...answer === 'never' ? ['-m 1'] : [],
    ...Object.entries(sent).map(([name, value]) => `-H ${headerWord(name, value)}`),
    ...word === null ? [] : isPiped ? ['--data-binary @-'] : [`--data-raw ${word}`]
  ].join(' ')
  if (typeof answer === 'string') return [`${piped}expect_nothing ${command}`]
  const { http, body: expected } = answer
  if (expected === undefined) return [`expect ${http} "$(${piped}${command} | head -n 1 | cut -d ' ' -f 1)"`]
  // What a substitution prints loses the line breaks at its end.
  const wanted = typeof expected === 'string'
    ? shellText(withoutTrailing(`${http} ${expected}`, '\n'))
    : shellWordOf([`${http} `, ...partsOf(expected)])
  if (!isMadeUp(answer)) return [`found=$(${piped}${command})`, `expect ${wanted} "$found"`]
  return [
    `found=$(${piped}${command})`,
    `expect "$(masked ${wanted})" "$(masked "$found")"`,
    ...keeps.map(reference => {
      const values = `value "$found" ${String(reference.path.at(-1))}`
      return `${snakeCase(reference.words)}=$(${values} | sed -n ${numberOf(reference, expected)}p)`
    })
  ]
}

/** A header without a value is one that curl takes off. */
function headerWord (name: string, value: string): string {
  return name === 'content-type' && value === JSON_TYPE ? '"$json"' : shellText(`${name}:${value === '' ? '' : ` ${value}`}`)
}

/** Tells which of the values of its key a value is, from 1. */
function numberOf ({ path }: Reference, body: Term): number {
  const places: string[] = []
  const walk = (value: Term, place: ReadonlyArray<string | number>): void => {
    if (place.at(-1) === path.at(-1)) places.push(JSON.stringify(place))
    if (typeof value !== 'object' || value === null || value instanceof Reference) return
    for (const [step, item] of Object.entries(value)) walk(item as Term, [...place, Array.isArray(value) ? Number(step) : step])
  }
  walk(body, [])
  return places.indexOf(JSON.stringify(path)) + 1
}

function jsonWord (term: Term): string {
  return shellWordOf(partsOf(term))
}

function partsOf (term: Term): WordPart[] {
  if (term instanceof Reference) {
    const { to, words, literal } = term
    if (to === 'answer') return [JSON.stringify(literal)]
    const variable = to === 'token' ? `${snakeCase(words)}_token` : snakeCase(words)
    return to === 'project' ? [{ variable }] : ['"', { variable }, '"']
  }
  if (typeof term !== 'object' || term === null) return [JSON.stringify(term)]
  const items = Array.isArray(term)
    ? term.map(item => partsOf(item as Term))
    : Object.entries(term).map(([key, item]) => [`${JSON.stringify(key)}:`, ...partsOf(item)])
  const [open, close] = Array.isArray(term) ? '[]' : '{}'
  return [open!, ...items.flatMap((parts, index) => index === 0 ? parts : [',', ...parts]), close!]
}
