import { placeText, quoted, scriptValue, spelledWith } from './javascript.js'
import { group, laidOut, type Piece, type Style } from './layout.js'
import { libraryCall } from './library-calls.js'
import { BASE_PATH } from './paths.js'
import { referencesOf, type Actor, type Closing, type ControlStep, type RequestStep, type Script, type Step } from './script.js'
import { camelCase, isFilled, referencesIn } from './terms.js'

/** How a test runner of Node.js is written for. */
export interface Runner {
  /** Lines before the test: what it imports, and the emulator's start and stop, given the options of the start. */
  readonly head: (options: Piece | null) => Piece[]
  readonly test: 'it' | 'test'
  readonly equal: (found: Piece, expected: Piece) => Piece
  /** The same of texts and numbers. */
  readonly same: (found: Piece, expected: Piece) => Piece
  /** Asserts that a promise rejects. */
  readonly rejects: (promise: Piece) => Piece
  /** Whether it gives a test up after five seconds, unless the test says otherwise. */
  readonly isHasty: boolean
  readonly isTyped: boolean
}

/** How the runners assert that have `expect`. */
export const EXPECT: Pick<Runner, 'test' | 'equal' | 'same' | 'rejects' | 'isHasty'> = {
  test: 'test',
  equal: (found, expected) => [group('expect(', [found], ')'), group('.toEqual(', [expected], ')')],
  same: (found, expected) => [group('expect(', [found], ')'), group('.toBe(', [expected], ')')],
  rejects: promise => [group('expect(', [promise], ')'), '.rejects.toThrow()'],
  isHasty: true
}

const STYLE: Style = { width: 130, indent: '  ' }

/** Milliseconds after which a client gives up where no answer ever comes. */
const PATIENCE = 1000

/** Number of requests, and of such clients, that a test has time for within five seconds, also on a slow machine. */
const MAX_REQUESTS = 100
const MAX_WAITS = 1

/** Writes a script as a test that starts an emulator in its own process. */
export function libraryTest (script: Script, runner: Runner): string {
  const { title, world, paths, steps } = script
  const options = { ...world !== null && { scenario: world }, ...isFilled(paths) && { paths } }
  const head = runner.head(isFilled(options) ? scriptValue(options as never) : null)
  const body = bodyOf(script, runner)
  return [
    ...head.map(line => laidOut(line, STYLE)),
    '',
    `${runner.test}(${quoted(title)}, async () => {`,
    ...body.map(line => line === '' ? '' : laidOut(line, STYLE, 1)),
    runner.isHasty && isLong(steps) ? `}, ${timeLimit(steps)})` : '})',
    ...steps.some(({ step }) => step === 'request') ? ['', ...helper(script, runner.isTyped)] : [],
    ''
  ].join('\n')
}

function isLong (steps: readonly Step[]): boolean {
  return steps.filter(({ step }) => step === 'request').length > MAX_REQUESTS || waitsIn(steps) > MAX_WAITS
}

/** Gives the time limit of a long test, in milliseconds. */
function timeLimit (steps: readonly Step[]): number {
  return 60_000 + 2 * PATIENCE * waitsIn(steps)
}

/** Counts the requests whose client gives up. */
function waitsIn (steps: readonly Step[]): number {
  return steps.filter(step => step.step === 'request' && step.answer === 'never').length
}

/** What the requests of a script need: the rest of it is left out. */
function needsOf (steps: readonly Step[]) {
  const requests = steps.filter(step => step.step === 'request')
  return {
    base: requests.every(({ path }) => path.startsWith(`${BASE_PATH}/`)) ? BASE_PATH : '',
    method: requests.some(({ method }) => method !== 'POST'),
    headers: requests.some(({ headers }) => isFilled(headers)),
    timeout: requests.some(({ answer }) => answer === 'never'),
    rawBody: requests.some(({ body }) => body === null || 'text' in body),
    text: requests.some(({ answer }) => typeof answer === 'object' && (answer.body === undefined || typeof answer.body === 'string'))
  }
}

function helper ({ steps }: Script, isTyped: boolean): string[] {
  const { base, method, headers, timeout, rawBody, text } = needsOf(steps)
  const options = [...method ? ['method = \'POST\''] : [], ...headers ? ['headers = {}'] : [], ...timeout ? ['timeout'] : []]
  const types = [
    ...method ? ['method?: string'] : [],
    ...headers ? ['headers?: Record<string, string>'] : [],
    ...timeout ? ['timeout?: number'] : []
  ]
  const parameters = [
    isTyped ? 'path: string' : 'path', isTyped ? `body${rawBody ? '?' : ''}: unknown` : 'body',
    ...options.length > 0 ? [`{ ${options.join(', ')} }${isTyped ? `: { ${types.join(', ')} }` : ''} = {}`] : []
  ]
  const json = rawBody ? 'typeof body === \'object\' ? JSON.stringify(body) : body' : 'JSON.stringify(body)'
  return [
    '/** Sends a request to the API, and gives what it answers. */',
    `async function send (${parameters.join(', ')})${isTyped ? ': Promise<{ http: number, body: any }>' : ''} {`,
    `  const response = await fetch(\`\${emulator.url}${base}\${path}\`, {`,
    `    method${method ? '' : ': \'POST\''},`,
    `    headers: { 'content-type': 'application/json'${headers ? ', ...headers' : ''} },`,
    `    body: ${json}${isTyped && rawBody ? ' as string' : ''}${timeout ? ',' : ''}`,
    ...timeout ? ['    signal: timeout === undefined ? null : AbortSignal.timeout(timeout)'] : [],
    '  })',
    ...text
      ? ['  const text = await response.text()', '  return { http: response.status, body: parsed(text) }']
      : ['  return { http: response.status, body: await response.json() }'],
    '}',
    ...text
      ? [
          '',
          '/** Gives the value of a JSON text, and any other text as it is. */',
          `function parsed (text${isTyped ? ': string' : ''})${isTyped ? ': unknown' : ''} {`,
          '  try {',
          '    return JSON.parse(text)',
          '  } catch {',
          '    return text',
          '  }',
          '}'
        ]
      : []
  ]
}

function bodyOf ({ world, actors, projects, steps }: Script, runner: Runner): Piece[] {
  const { base } = needsOf(steps)
  const found = new Set<string>()
  let answers = 0
  const begin: Piece[] = []
  for (const actor of actors) {
    if (actor.start === null) continue
    found.add(actor.words)
    const account = isFilled(actor.start) ? [scriptValue(actor.start as never)] : []
    begin.push([`const ${camelCase(actor.words)} = await `, group('emulator.createAccount(', account, ')')])
  }
  for (const actor of actors) if (world?.accounts?.some(({ name }) => name === actor.name) === true) begin.push(lookUp(actor))
  for (const { words, literal } of projects) begin.push(`const ${camelCase(words)} = ${JSON.stringify(literal)}`)
  return [...begin, ...steps.flatMap((step, index) => linesOf(step, index > 0 ? steps[index - 1] : undefined))]

  function linesOf (step: Step, before: Step | undefined): Piece[] {
    const isApart = before?.step === 'request' || (step.step === 'closing' && before?.step !== 'closing')
    const gap = isApart || (before === undefined && begin.length > 0) ? [''] : []
    switch (step.step) {
      case 'request': {
        const fault = step.fault === null ? [] : controlLines(step.fault)
        return [...gap, ...lookUps(step), `// ${step.says}`, ...fault, ...requestLines(step)]
      }
      case 'control': return [...gap, ...lookUps(step), ...controlLines(step)]
      case 'closing': return [...gap, ...lookUps(step), ...closingLines(step)]
      case 'omission': return [...gap, `// ${step.says}`]
    }
  }

  /** Accounts that have not been used so far, and were not made by the script. */
  function lookUps (step: Step): Piece[] {
    const used = step.step === 'request'
      ? actors.filter(actor => actor === step.fault?.actor ||
        referencesOf(step).some(({ to, words }) => to === 'token' && words === actor.words))
      : step.step === 'omission' || step.actor === null || (step.step === 'control' && step.call === 'create') ? [] : [step.actor]
    return used.filter(({ words }) => !found.has(words)).map(lookUp)
  }

  function lookUp (actor: Actor): Piece {
    found.add(actor.words)
    return [`const ${camelCase(actor.words)} = await `, group('emulator.account(', [quoted(actor.name)], ')')]
  }

  function controlLines (step: ControlStep): Piece[] {
    const isNew = step.call === 'create' && !found.has(step.actor!.words)
    if (isNew) found.add(step.actor!.words)
    return [
      [isNew ? `const ${camelCase(step.actor!.words)} = await ` : 'await ', libraryCall(step)],
      ...step.snapshot === undefined
        ? []
        : [`const ${camelCase(step.snapshot)} = (await emulator.snapshots()).at(-1)${runner.isTyped ? '!' : ''}.id`]
    ]
  }

  function requestLines ({ method, path, headers, body, answer, keeps }: RequestStep): Piece[] {
    const options = {
      ...method !== 'POST' && { method },
      ...isFilled(headers) && { headers },
      ...answer === 'never' && { timeout: PATIENCE }
    }
    const value = body === null ? 'undefined' : scriptValue('json' in body ? body.json : body.text)
    const call = group('send(', [
      quoted(path.slice(base.length)), ...body === null && !isFilled(options) ? [] : [value], ...isFilled(options) ? [scriptValue(options)] : []
    ], ')')
    if (typeof answer === 'string') return [['await ', runner.rejects(call)]]
    const { http, body: expected } = answer
    const whole = { http, body: expected ?? '' }
    const isNamed = expected !== undefined && referencesIn(expected).some(({ to }) => to === 'answer')
    if (!isNamed) return [runner.equal(['await ', call], scriptValue(whole))]
    const name = `answer${answers++ === 0 ? '' : answers}`
    return [
      [`const ${name} = await `, call],
      runner.equal(name, scriptValue(whole, spelledWith(name))),
      ...keeps.map(({ words, path }) => `const ${camelCase(words)} = ${name}${placeText(['body', ...path])}`)
    ]
  }

  function closingLines ({ actor, balance, ledger, history }: Closing): Piece[] {
    const name = camelCase(actor.words)
    return [
      runner.same(`await ${name}.wallet.balance()`, quoted(balance)),
      runner.equal(`(await ${name}.ledger()).map(({ at, request_id: request, ...entry }) => entry)`, scriptValue(ledger)),
      ...history.length === 0
        ? []
        : [runner.equal(`(await ${name}.history()).filter(({ project_id: project }) => project !== undefined)`, scriptValue(history))]
    ]
  }
}
