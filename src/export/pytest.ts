import { accountPath, ACCOUNT_TTL, controlLine, emulatorText, USUAL_URL } from './control-line.js'
import { quoted } from './javascript.js'
import { group, laidOut, type Piece, type Style } from './layout.js'
import { referencesOf, type Actor, type Closing, type ControlStep, type RequestStep, type Script, type Step } from './script.js'
import { capitalized, wordsOf } from './sentence.js'
import { isFilled, Reference, referencesIn, snakeCase, type Term } from './terms.js'

const STYLE: Style = { width: 110, indent: '    ' }

/** Writes a script as a test for pytest, which calls an emulator that runs, and needs nothing but Python's own library. */
export function pytest (script: Script): string {
  const { title, steps } = script
  return [
    `"""${capitalized(title)}.`,
    '',
    `Needs ${emulatorText(script)}.`,
    '"""',
    'import json',
    'import os',
    ...steps.some(isUnanswered) ? ['from http.client import HTTPException'] : [],
    'from urllib.error import HTTPError',
    'from urllib.request import Request, urlopen',
    '',
    `URL = os.environ.get('PICKY_EMULATOR_URL', '${USUAL_URL}')`,
    '',
    '',
    `def test_${wordsOf(title, '_')}():`,
    ...bodyOf(script).map(line => line === '' ? '' : laidOut(line, STYLE, 1)),
    ...HELPERS,
    ...steps.some(isUnanswered) ? UNANSWERED : [],
    ''
  ].join('\n')
}

function isUnanswered (step: Step): boolean {
  return step.step === 'request' && typeof step.answer === 'string'
}

const HELPERS = `

def control(method, path, body=None):
    """Calls the control API."""
    status, answer = send(f'/__admin{path}', body, method)
    assert status < 400, answer
    return answer


def send(path, body=None, method='POST', headers=None, timeout=60):
    """Sends a request, and gives the HTTP status and the body of its answer."""
    request = Request(URL + path, method=method, headers=headers or {})
    if body is not None:
        request.data = (body if isinstance(body, str) else json.dumps(body)).encode()
        if not request.has_header('Content-type'):
            request.add_header('Content-type', 'application/json')
    try:
        response = urlopen(request, timeout=timeout)
    except HTTPError as error:
        response = error
    with response:
        text = response.read().decode()
    try:
        return response.status, json.loads(text)
    except ValueError:
        return response.status, text`.split('\n')

const UNANSWERED = `

def send_in_vain(*request, **options):
    """Sends a request that is not answered."""
    try:
        answer = send(*request, **options)
    except (OSError, HTTPException):
        return
    raise AssertionError(f'there is an answer: {answer}')`.split('\n')

function bodyOf ({ world, actors, projects, steps }: Script): Piece[] {
  const found = new Set<string>()
  let answers = 0
  const begin: Piece[] = []
  if (world !== null) begin.push(group('control(', ['\'PUT\'', '\'/state\'', valueOf(world as never)], ')'))
  for (const actor of actors) {
    if (actor.start !== null) begin.push(madeBy(actor, { ...actor.start, ttl: ACCOUNT_TTL } as never))
    else if (actor.token !== null && world?.accounts?.some(({ name }) => name === actor.name) === true) begin.push(lookUp(actor))
  }
  for (const { words, literal } of projects) begin.push(`${snakeCase(words)} = ${JSON.stringify(literal)}`)
  return [
    ...begin,
    ...steps.flatMap((step, index) => linesOf(step, steps[index - 1])),
    ...world === null ? [] : ['', 'control(\'POST\', \'/reset\')']
  ]

  function linesOf (step: Step, before: Step | undefined): Piece[] {
    const isApart = step.step === 'request' || before?.step === 'request' || before === undefined
    const gap = isApart || (step.step === 'closing' && before.step !== 'closing') ? [''] : []
    switch (step.step) {
      case 'request': {
        const fault = step.fault === null ? [] : controlLines(step.fault)
        return [...gap, ...lookUps(step), `# ${step.says}`, ...fault, ...requestLines(step)]
      }
      case 'control': return [...gap, ...lookUps(step), ...controlLines(step)]
      case 'closing': return [...gap, ...lookUps(step), ...closingLines(step)]
      case 'omission': return [...gap, `# ${step.says}`]
    }
  }

  function madeBy (actor: Actor, account: Term): Piece {
    found.add(actor.words)
    return [`${snakeCase(actor.words)} = `, group('control(', ['\'POST\'', '\'/accounts\'', valueOf(account)], ')')]
  }

  function lookUp (actor: Actor): Piece {
    found.add(actor.words)
    return [`${snakeCase(actor.words)} = `, group('control(', ['\'GET\'', quoted(accountPath(actor.name))], ')')]
  }

  function lookUps (step: Step): Piece[] {
    const used = step.step === 'request' ? referencesOf(step).filter(({ to }) => to === 'token').map(({ words }) => words) : []
    return actors.filter(({ words }) => used.includes(words) && !found.has(words)).map(lookUp)
  }

  /** The path of an account that the script has made has the name that it was given then. */
  function pathOf (actor: Actor | null, rest: string): Piece {
    if (actor === null) return quoted(rest)
    return world === null ? `f"/accounts/{${snakeCase(actor.words)}['name']}${rest}"` : quoted(accountPath(actor.name) + rest)
  }

  function controlLines (step: ControlStep): Piece[] {
    if (step.call === 'create' && step.actor!.token !== null && !found.has(step.actor!.words)) {
      return [madeBy(step.actor!, { ...step.body as object, ...world === null && { ttl: ACCOUNT_TTL } })]
    }
    const { method, actor, rest, body } = controlLine(step, new Reference('kept', step.restores ?? '', null))
    const call = group('control(', [quoted(method), pathOf(actor, rest), ...body === undefined ? [] : [valueOf(body)]], ')')
    return [call, ...step.snapshot === undefined ? [] : [`${snakeCase(step.snapshot)} = control('GET', '/snapshots')['snapshots'][-1]['id']`]]
  }

  function requestLines ({ method, path, headers, body, answer, keeps }: RequestStep): Piece[] {
    const call = (name: string): Piece => group(`${name}(`, [
      quoted(path),
      ...body === null ? [] : [valueOf('json' in body ? body.json : body.text)],
      ...method === 'POST' ? [] : [`method=${quoted(method)}`],
      ...isFilled(headers) ? [['headers=', valueOf(headers)]] : [],
      ...answer === 'never' ? ['timeout=1'] : []
    ], ')')
    if (typeof answer === 'string') return [call('send_in_vain')]
    const { http, body: expected = '' } = answer
    if (!referencesIn(expected).some(({ to }) => to === 'answer')) {
      return [['assert ', call('send'), ' == ', group('(', [String(http), valueOf(expected)], ')')]]
    }
    const name = `answer${answers++ === 0 ? '' : `_${answers}`}`
    return [
      [`${name} = `, call('send')],
      [`assert ${name} == `, group('(', [String(http), valueOf(expected, name)], ')')],
      ...keeps.map(({ words, path }) => `${snakeCase(words)} = ${name}[1]${placeOf(path)}`)
    ]
  }

  function closingLines ({ actor, balance, ledger, history }: Closing): Piece[] {
    const get = (rest: string): Piece => group('control(', ['\'GET\'', pathOf(actor, rest)], ')')
    return [
      ['assert ', get('/wallet'), `['balance'] == ${quoted(balance)}`],
      ['ledger = ', get('/ledger'), '[\'ledger\']'],
      [`assert [[entry[key] for key in (${LEDGER_KEYS.map(quoted).join(', ')})] for entry in ledger] == `, group('[', ledger.map(entry =>
        valueOf(LEDGER_KEYS.map(key => entry[key]))), ']')],
      ...history.length === 0
        ? []
        : [
            ['history = ', get('/history'), '[\'history\']'] as Piece,
            ['assert [event for event in history if \'project_id\' in event] == ', valueOf(history)] as Piece
          ]
    ]
  }
}

const LEDGER_KEYS = ['kind', 'amount', 'balance', 'project_id', 'plan_id'] as const

/** Writes a value in Python. */
function valueOf (term: Term, answer = ''): Piece {
  if (term instanceof Reference) return referenceText(term, answer)
  if (typeof term === 'string') return quoted(term)
  if (term === null) return 'None'
  if (typeof term === 'boolean') return term ? 'True' : 'False'
  if (typeof term === 'number') return JSON.stringify(term)
  if (Array.isArray(term)) return group('[', term.map(item => valueOf(item as Term, answer)), ']')
  return group('{', Object.entries(term).map(([key, item]) => [`${quoted(key)}: `, valueOf(item, answer)]), '}')
}

function referenceText ({ to, words, path }: Reference, answer: string): string {
  if (to === 'token') return `${snakeCase(words)}['token']`
  return to === 'answer' ? `${answer}[1]${placeOf(path)}` : snakeCase(words)
}

function placeOf (path: ReadonlyArray<string | number>): string {
  return path.map(step => `[${typeof step === 'number' ? step : quoted(step)}]`).join('')
}
