import { FAULTS } from '../domain/fault.js'
import { accountPath, ACCOUNT_TTL, controlLine, USUAL_URL } from './control-line.js'
import { sayCall } from './http.js'
import { placeText, quoted, scriptValue } from './javascript.js'
import { jsonValue, plainJson } from './json-value.js'
import { group, laidOut } from './layout.js'
import type { Actor, Closing, ControlStep, RequestStep, Script, ScriptFault, Step } from './script.js'
import { camelCase, Reference, type Term } from './terms.js'

const STYLE = { width: 120, indent: '  ' }

/** Writes a script as a Postman collection (v2.1), which Postman and newman run as it is. */
export function postman ({ title, world, actors, projects, steps }: Script): string {
  const isSole = world === null
  const begin = [
    ...isSole ? [] : [item('Begin with this world', requestOf('PUT', '/__admin/state', bodyOf(world as never)), [succeeds()])],
    ...actors.flatMap(actor => actor.start === null ? [] : [madeBy(actor, actor.start as never)])
  ]
  const variables = [
    { key: 'url', value: USUAL_URL },
    ...isSole ? [] : actors.flatMap(({ words, token }) => token === null ? [] : [{ key: `${camelCase(words)}Token`, value: token }]),
    ...projects.map(({ words, literal }) => ({ key: camelCase(words), value: JSON.stringify(literal) }))
  ]
  return `${JSON.stringify({
    info: { name: title, schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
    item: [
      ...begin,
      ...steps.flatMap(itemsOf),
      ...isSole ? [] : [item('Go back to the world that the emulator started with', requestOf('POST', '/__admin/reset'), [succeeds()])]
    ],
    variable: variables
  }, null, 2)}\n`

  function itemsOf (step: Step): object[] {
    switch (step.step) {
      case 'request': return [...step.fault === null ? [] : [controlItem(step.fault)], apiItem(step)]
      case 'control': return [controlItem(step)]
      case 'closing': return closingItems(step)
      case 'omission': return [leftOut(step.says)]
    }
  }

  /** The name and the token of an account that needs no world are the emulator's choice. */
  function madeBy ({ words }: Actor, account: Readonly<Record<string, Term>>): object {
    const request = requestOf('POST', '/__admin/accounts', bodyOf({ ...account, ...isSole && { ttl: ACCOUNT_TTL } }))
    const keep = ['const { name, token } = pm.response.json()', setVariable('account', 'name'), setVariable(`${camelCase(words)}Token`, 'token')]
    return item('Make the account', request, [succeeds(), ...isSole ? keep : []])
  }

  function pathOf (actor: Actor | null, rest: string): string {
    return `/__admin${actor === null ? '' : isSole ? '/accounts/{{account}}' : accountPath(actor.name)}${rest}`
  }

  function controlItem (step: ControlStep): object {
    if (step.call === 'create') return madeBy(step.actor!, step.body as never)
    const { method, actor, rest, body } = controlLine(withGateway(step), new Reference('kept', step.restores ?? '', null))
    // Snapshots have a header with their id.
    const id = step.call === 'undo' ? 'pm.response.json().redo' : 'pm.response.headers.get(\'x-emulator-snapshot\')'
    const keep = step.snapshot === undefined ? [] : [setVariable(camelCase(step.snapshot), id)]
    const request = requestOf(method, pathOf(actor, rest), body === undefined ? undefined : bodyOf(body))
    return item(sayCall(step).slice(0, -1), request, [succeeds(), ...keep])
  }

  function apiItem (step: RequestStep): object {
    const { says, method, path, headers, body, keeps } = step
    const answer = typeof step.answer === 'string' ? { http: GATEWAY_STATUS, body: undefined } : step.answer
    const name = says.slice(0, -1)
    const text = body === null ? undefined : 'json' in body ? bodyOf(body.json) : plainJson(body.text)
    if (body !== null && 'text' in body && text!.includes('{{')) {
      return leftOut(`${name}. It is left out: Postman would take a part of its body for a variable.`)
    }
    const sent = body === null ? headers : { 'content-type': 'application/json', ...headers }
    const { http, body: expected } = answer
    const found = typeof expected === 'string' ? 'pm.response.text()' : 'body'
    return item(name, requestOf(method, path.replaceAll('{{', '%7B%7B'), text, sent), [
      ...typeof expected === 'object' ? ['const body = pm.response.json()'] : [],
      `pm.test(${quoted(name)}, () => {`,
      `  pm.expect(pm.response.code).to.equal(${http})`,
      ...expected === undefined ? [] : [laidOut([`pm.expect(${found}).to.eql`, group('(', [scriptValue(expected, spelled)], ')')], STYLE, 1)],
      '})',
      ...keeps.map(({ words, path }) => setVariable(camelCase(words), `body${placeText(path)}`))
    ])
  }

  function closingItems ({ actor, balance, ledger, history }: Closing): object[] {
    const get = (name: string, rest: string, found: string, expected: Term): object => item(name, requestOf('GET', pathOf(actor, rest)), [
      `pm.test(${quoted(name)}, () => {`,
      `${laidOut([`pm.expect(${found}).to.eql`, group('(', [scriptValue(expected)], ')')], STYLE, 1)}`,
      '})'
    ])
    return [
      get('The balance', '/wallet', 'pm.response.json().balance', balance),
      get('What was booked', '/ledger', 'pm.response.json().ledger.map(({ at, request_id, ...entry }) => entry)', ledger),
      ...history.length === 0 ? [] : [get('What time brought', '/history', 'pm.response.json().history.filter(event => event.project_id)', history)]
    ]
  }
}

/** HTTP status of what stands in the place of no answer. */
const GATEWAY_STATUS = 502

/** A run fails where a connection is cut: instead, a gateway says that it has no answer. The books are the same. */
function withGateway (step: ControlStep): ControlStep {
  if (step.call !== 'fail') return step
  const { kind, when, endpoint, times } = step.body as unknown as ScriptFault
  if (!['nothing', 'part'].includes(FAULTS[kind].delivers)) return step
  const criteria = { ...when !== undefined && { when }, ...endpoint !== undefined && { endpoint } }
  return { ...step, body: { kind: 'http_error', ...criteria, http_status: GATEWAY_STATUS, times } }
}

function leftOut (says: string): object {
  return { name: says, item: [] }
}

function item (name: string, request: object, test: readonly string[]): object {
  return { name, ...test.length > 0 && { event: [script(test)] }, request }
}

function script (lines: readonly string[]): object {
  return { listen: 'test', script: { type: 'text/javascript', exec: lines.flatMap(line => line.split('\n')) } }
}

function requestOf (method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = {}): object {
  const [pathname, query] = path.split(/\?(.*)/s)
  const all = body !== undefined && headers['content-type'] === undefined ? { 'content-type': 'application/json', ...headers } : headers
  return {
    method,
    header: Object.entries(all).map(([key, value]) => ({ key, value: value.replaceAll('{{', '') })),
    ...body !== undefined && { body: { mode: 'raw', raw: body } },
    url: {
      raw: `{{url}}${path}`,
      host: ['{{url}}'],
      path: pathname!.split('/').slice(1),
      ...query !== undefined && {
        query: query.split('&').map(pair => {
          const [key, value] = pair.split(/=(.*)/s)
          return { key, value: value ?? null }
        })
      }
    }
  }
}

function bodyOf (term: Term): string {
  return jsonValue(term, ({ to, words }) => {
    const name = camelCase(words)
    return to === 'project' ? `{{${name}}}` : `"{{${to === 'token' ? `${name}Token` : name}}}"`
  })
}

/** Writes a reference in a script of Postman. */
function spelled ({ to, words, path, literal }: Reference): string {
  if (to === 'project') return JSON.stringify(literal)
  return to === 'answer' ? `body${placeText(path)}` : `pm.collectionVariables.get('${camelCase(words)}')`
}

function setVariable (name: string, value: string): string {
  return `pm.collectionVariables.set('${name}', ${value})`
}

/** Asserts that a call of the control API succeeds. */
function succeeds (): string {
  return 'pm.test(\'The control API does so\', () => pm.expect(pm.response.code).to.be.below(300))'
}
