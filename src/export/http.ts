import { accountPath, controlLine, USUAL_URL } from './control-line.js'
import { jsonLine, jsonText, jsonValue, plainJson } from './json-value.js'
import { placeText } from './javascript.js'
import type { Closing, ControlStep, RequestStep, Script, Step } from './script.js'
import { capitalized } from './sentence.js'
import { camelCase, Reference, type Term } from './terms.js'

/** Part of a file: what is said above a request, and the request. */
interface FileRequest {
  readonly says: string
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Name by which later requests take values from the answer. */
  readonly name?: string | undefined
  /** What is answered. */
  readonly expect?: readonly string[]
}

/**
 * Writes a script as a file of requests, as editors send them one by one. Such a file asserts nothing: what is answered is said above each
 * request.
 */
export function httpFile ({ title, world, actors, projects, steps }: Script): string {
  const isSole = world === null
  const kept = new Map<string, string>()
  let answers = 0
  const requests = [
    ...isSole
      ? actors.map(({ name }) => textOf({ says: 'Remove the account of an earlier run.', method: 'DELETE', path: `/__admin${accountPath(name)}` }))
      : [textOf({ says: 'Begin with this world.', method: 'PUT', path: '/__admin/state', body: bodyOf(world as never) })],
    ...actors.flatMap(({ start, name, words, token }) =>
      start === null ? [] : [textOf(creation({ name, token: new Reference('token', words, token), ...start }))]),
    ...steps.flatMap(textsOf),
    ...isSole ? [] : [textOf({ says: 'Go back to the world that the emulator started with.', method: 'POST', path: '/__admin/reset' })]
  ]
  return [
    `# ${capitalized(title)}.`,
    '# For the HTTP clients of editors: send the requests one after the other.',
    '',
    `@url = ${USUAL_URL}`,
    ...actors.flatMap(({ words, token }) => token !== null && isPlain(token) ? [`@${camelCase(words)}Token = ${token}`] : []),
    ...projects.map(({ words, literal }) => `@${camelCase(words)} = ${JSON.stringify(literal)}`),
    '',
    requests.join('\n')
  ].join('\n')

  function textsOf (step: Step): string[] {
    switch (step.step) {
      case 'request': return [...step.fault === null ? [] : [textOf(controlRequest(step.fault))], apiRequest(step)]
      case 'control': return [textOf(controlRequest(step))]
      case 'closing': return closingRequests(step).map(textOf)
      case 'omission': return [`### ${step.says}\n`]
    }
  }

  function creation (account: unknown): FileRequest {
    return { says: 'Make the account.', method: 'POST', path: '/__admin/accounts', body: bodyOf(account as Term) }
  }

  function controlRequest (step: ControlStep): FileRequest {
    if (step.call === 'create') {
      const { name, token, words } = step.actor!
      return creation(isSole ? { name, token: new Reference('token', words, token), ...step.body as object } : step.body)
    }
    const { method, actor, rest, body } = controlLine(withoutHang(step), new Reference('kept', step.restores ?? '', null))
    const name = step.snapshot && camelCase(step.snapshot)
    // Snapshots have a header with their id.
    const place = step.call === 'undo' ? 'body.$.redo' : 'headers.x-emulator-snapshot'
    if (name !== undefined) kept.set(step.snapshot!, `{{${name}.response.${place}}}`)
    return {
      says: CALLS_SAY[step.call],
      method,
      path: `/__admin${actor === null ? '' : accountPath(actor.name)}${rest}`,
      ...body !== undefined && { body: bodyOf(body) },
      name
    }
  }

  function apiRequest ({ says, method, path, headers, body, answer, keeps }: RequestStep): string {
    const text = body === null ? undefined : 'json' in body ? bodyOf(body.json) : plainJson(body.text)
    if (body !== null && 'text' in body && !isPlainBody(text!)) {
      return `### ${says}\n# It is left out: its body would mean something else in this file.\n`
    }
    const name = keeps.length === 0 ? undefined : `answer${answers++ === 0 ? '' : answers}`
    for (const { words, path } of keeps) kept.set(words, `{{${name!}.response.body.$${placeText(path)}}}`)
    const sent = body === null ? headers : { 'content-type': 'application/json', ...headers }
    return textOf({
      says,
      method,
      path: path.replaceAll('{{', '%7B%7B'),
      headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => !value.includes('{{') && value.trim() !== '')),
      ...text !== undefined && { body: text },
      name,
      expect: [typeof answer === 'string' ? 'no answer' : `${answer.http} ${answer.body === undefined ? '' : jsonLine(answer.body)}`]
    })
  }

  function bodyOf (term: Term): string {
    return jsonValue(term, ({ to, words, literal }) => {
      if (to === 'project') return `{{${camelCase(words)}}}`
      if (to === 'token') return isPlain(literal as string) ? `"{{${camelCase(words)}Token}}"` : jsonText(literal as string)
      return `"${kept.get(words)!}"`
    })
  }
}

/** What each call of the control API is for. */
const CALLS_SAY: Readonly<Record<ControlStep['call'], string>> = {
  create: 'Make an account.',
  remove: 'Remove the account.',
  reset: 'Reset the account.',
  credit: 'Top up the wallet.',
  set: 'Set the balance.',
  'put-project': 'Set a project.',
  'change-project': 'Change a project.',
  'remove-project': 'Remove a project.',
  freeze: 'Stop the clock.',
  advance: 'Move the clock.',
  jump: 'Move the clock.',
  release: 'Follow the clock of the world again.',
  fail: 'Set a fault for the next request.',
  settings: 'Change the settings.',
  plans: 'Change the plan table.',
  load: 'Load another world.',
  undo: 'Undo a call.'
}

/** Says what a call of the control API is for. */
export function sayCall ({ call }: ControlStep): string {
  return CALLS_SAY[call]
}

/** Where a client waits for as long as there is no answer, the connection is reset instead: the books are the same. */
export function withoutHang (step: ControlStep): ControlStep {
  const fault = step.body as Readonly<Record<string, Term>>
  return step.call === 'fail' && fault.kind === 'hang' ? { ...step, body: { ...fault, kind: 'connection_reset' } } : step
}

function closingRequests ({ actor, balance, ledger, history }: Closing): FileRequest[] {
  const path = `/__admin${accountPath(actor.name)}`
  const rows = (all: ReadonlyArray<Readonly<Record<string, Term>>>): string[] => all.map(row => jsonLine(row))
  return [
    { says: 'The balance.', method: 'GET', path: `${path}/wallet`, expect: [jsonLine({ balance })] },
    { says: 'What was booked.', method: 'GET', path: `${path}/ledger`, expect: rows(ledger) },
    ...history.length === 0 ? [] : [{ says: 'What time brought.', method: 'GET', path: `${path}/history`, expect: rows(history) }]
  ]
}

function textOf ({ says, method, path, headers = {}, body, name, expect = [] }: FileRequest): string {
  const all = body !== undefined && headers['content-type'] === undefined ? { 'content-type': 'application/json', ...headers } : headers
  return [
    `### ${says}`,
    ...expect.map(text => `# Expect: ${text.trim()}`),
    ...name === undefined ? [] : [`# @name ${name}`],
    `${method} {{url}}${path}`,
    ...Object.entries(all).map(([name, value]) => `${name}: ${value}`),
    ...body === undefined ? [] : ['', body],
    ''
  ].join('\n')
}

/** Tells whether a value of a variable is read as it stands. */
function isPlain (text: string): boolean {
  return /^[\w.~+/=-]+$/.test(text)
}

/** Tells whether a body is read as it stands: no line of it begins a request, a comment, a script or the name of a file. */
function isPlainBody (text: string): boolean {
  return /^[\x20-\x7e\n]*$/.test(text) && !/\{\{|^\s*(?:#|\/\/|<|>|@|$)/m.test(text) && text.trim() === text
}
