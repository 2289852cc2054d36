import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import t, { type Test } from 'tap'
import { BASE_PATH, ENDPOINTS } from '../src/api/index.js'
import { COMMAND_OPTIONS } from '../src/cli/command-options.js'
import { environmentName, GIVEN_VARIABLES, readConfig, SETTINGS } from '../src/cli/flags.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS } from '../src/domain/assumptions.js'
import { EXPIRY_REASONS } from '../src/domain/billing-events.js'
import { OPEN_QUESTIONS } from '../src/domain/open-questions.js'
import { SOLE_READINGS } from '../src/domain/sole-readings.js'
import { FAULTS } from '../src/domain/fault.js'
import { COMMON_RULES, RULES } from '../src/domain/refusal.js'
import { VERDICTS } from '../src/domain/verdicts.js'
import { LINTS } from '../src/journal/record.js'
import { packageRoot } from '../src/package.js'
import { ClockSchema, ScenarioSchema } from '../src/scenario/schema.js'
import { SIGNS } from '../src/report/report.js'
import { start } from '../src/server/start.js'
import { run } from './support/built.js'
import { effort } from './support/effort.js'
import { emulate } from './support/emulator.js'
import { freePort } from './support/free-port.js'

const read = (file: string): string => readFileSync(join(packageRoot, file), 'utf8')

const PAGES = ['README.md', ...readdirSync(join(packageRoot, 'docs')).filter(file => file.endsWith('.md')).map(file => `docs/${file}`)]

const LINKING_PAGES = [
  ...PAGES, 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/README.md',
  ...readdirSync(join(packageRoot, 'docs', 'decisions')).map(file => `docs/decisions/${file}`)
]

const VARIABLES = new Set([...Object.keys(SETTINGS).map(environmentName), ...Object.values(GIVEN_VARIABLES)])

interface Example {
  readonly language: 'sh' | 'js'
  readonly code: string
  readonly line: number
  /** What the block behind it shows, if there is one. */
  readonly output: string | undefined
}

/** The flags of a world, and the examples that are run on it one after the other. */
interface Chapter { readonly flags: string, readonly examples: Example[] }

function chaptersOf (page: string): Chapter[] {
  const chapters: Chapter[] = [{ flags: '', examples: [] }]
  const blocks = /<!-- emulator:(?<flags>.*)-->|^```(?<language>sh|js)\n(?<code>.*?)\n```(?:\n```(?:json|text)\n(?<output>.*?)\n```)?$/gms
  const text = read(page)
  for (const match of text.matchAll(blocks)) {
    const { flags, language, code, output } = match.groups!
    if (flags !== undefined) chapters.push({ flags: flags.trim(), examples: [] })
    else chapters.at(-1)!.examples.push({ language: language as 'sh' | 'js', code: code!, output, line: text.slice(0, match.index).split('\n').length })
  }
  return chapters.filter(({ examples }) => examples.length > 0)
}

/** A folder where the package and its command are installed, as at a user's. */
function workplace (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'picky-docs-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true })
  symlinkSync(packageRoot, join(folder, 'node_modules', 'picky-assist-emulator'))
  symlinkSync(join(packageRoot, 'examples'), join(folder, 'examples'))
  symlinkSync(join(packageRoot, 'dist', 'cli.js'), join(folder, 'node_modules', '.bin', 'picky-emulator'))
  return folder
}

/** What differs from machine to machine is shown in the docs in one way. */
function stable (stdout: string, port: number): string {
  return stdout.replaceAll('\r', '').replaceAll(`localhost:${port}`, 'localhost:4290').replace(/curl\/[\d.]+/, 'curl/8').trimEnd()
}

/** Examples that run a client dozens of times. */
const LONG_PAGE = 'docs/sweep.md'

for (const page of PAGES) {
  const options = effort(page === LONG_PAGE ? { skip: 'npm run prove runs it' } : {}, {})
  for (const { flags, examples } of chaptersOf(page)) {
    t.test(`the examples in ${page}${flags === '' ? '' : ` with ${flags}`}`, options, async t => {
      const folder = workplace(t)
      const path = `PATH=${join(folder, 'node_modules', '.bin')}${delimiter}${process.env.PATH!}`
      const { options } = readConfig(Object.fromEntries([...flags.matchAll(/--(\S+) (\S+)/g)].map(([, name, value]) => [name, value])), {})
      const emulator = await start({ ...options, port: 0, logLevel: 'silent' })
      t.teardown(emulator.stop)
      const port = Number(new URL(emulator.url).port)
      const otherPort = await freePort()
      for (const { language, code, output, line } of examples) {
        const here = code.replace(/429[01]/g, shown => String(shown === '4290' ? port : otherPort))
        writeFileSync(join(folder, 'example.mjs'), here)
        const command = language === 'sh' ? ['sh', '-eu', '-c', here] : ['node', 'example.mjs']
        const { code: exitCode, stdout, stderr } = await run('env', [path, ...command], { cwd: folder })
        t.equal(exitCode, 0, `${page}:${line} ends well ${stderr}`)
        if (output !== undefined) t.equal(stable(stdout, port), output, `${page}:${line}`)
      }
    })
  }
}

/** The names in backticks in the first column of the tables below a heading. */
function tableBelow (page: string, heading: string): string[] {
  const section = read(page).split(new RegExp(`^#+ ${heading}$`, 'm'))[1] ?? ''
  const table = /(?:^\|.*\n)+/m.exec(section.split(/^#/m)[0]!)?.[0] ?? ''
  return [...table.matchAll(/^\| \[?`([^`]+)`/gm)].map(match => match[1]!)
}

function headings (page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(match => match[1]!)
}

/** Each "assumed" that no name of an assumption follows; one in the table of rules has the rule's. */
function unnamed (text: string): string[] {
  return [...text.matchAll(/\bassumed\b/gi)].map(({ index }) => text.slice(index)).filter(rest => {
    const [, link, name = ''] = /^assumed(?: in full)?(?:\]\(#([a-z-]+)\)|: \[`([a-z-]+)`)/i.exec(rest) ?? []
    return !((link ?? name) in ASSUMPTIONS) && !/^assumed \| \d{3} \|/.test(rest)
  }).map(rest => rest.slice(0, 30))
}

t.test('docs and code say the same', async t => {
  t.test('of the rules: the same names, in the same order, with the same provenance', async t => {
    const rows = [...read('docs/rules.md').matchAll(/^\| \[`([a-z-]+-[a-z-]+)`\]\(#\1\) \| (documented|observed|assumed) \| (\d+) \|$/gm)]
    t.same(Object.fromEntries(rows.map(([, rule, known]) => [rule, known])), RULES)
    t.same(rows.map(([, rule]) => rule), Object.keys(RULES))
    t.same(headings('docs/rules.md').filter(heading => /^[a-z]+(-[a-z]+)+$/.test(heading) && heading in RULES), Object.keys(RULES))
  })

  t.test('of the rules: each has an example that is answered with its status', async t => {
    const page = read('docs/rules.md')
    for (const [, rule, , status] of page.matchAll(/^\| \[`([a-z-]+)`\]\(#\1\) \| (documented|observed|assumed) \| (\d+) \|$/gm)) {
      const section = page.split(`\n## ${rule}\n`)[1]!.split('\n## ')[0]!
      t.match(section, `{"status":${status},`, rule!)
    }
  })

  t.test('of the rules: each names the file that holds it', async t => {
    const page = read('docs/rules.md')
    for (const rule of Object.keys(RULES)) {
      const section = page.split(`\n## ${rule}\n`)[1]!.split('\n## ')[0]!
      const [, file] = /Code: `([^`]+)`/.exec(section.replaceAll('\n', ' ')) ?? []
      t.match(read(file!), rule === 'body-must-be-json-object' || rule === 'fields-must-be-valid' ? `'${rule}'` : rule, rule)
    }
  })

  t.test('of the open questions', async t => {
    const section = read('docs/rules.md').split('\n## Without an alternative\n')[0]!
    const rows = [...section.matchAll(/^\| \[`([a-z-]+)`\]\(#\1\) \| `([^`]+)` \| (.*) \|$/gm)]
    const documented = rows.map(([, name, fallback, others]) => ({ name, choices: [fallback, ...others!.replaceAll('`', '').split(', ')] }))
    t.same(documented, Object.entries(OPEN_QUESTIONS).map(([name, { default: usual, choices }]) => ({ name, choices: [usual, ...choices.filter(choice => choice !== usual)] })))
    t.same(headings('docs/rules.md').filter(heading => heading in ASSUMPTIONS), ASSUMPTION_NAMES)
  })

  t.test('of what is assumed without an alternative', async t => {
    const section = read('docs/rules.md').split('\n## Without an alternative\n')[1]!
    const rows = [...section.matchAll(/^\| \[`([a-z-]+)`\]\(#\1\) \| `([^`]+)` \|(.*)\|$/gm)].map(([, name, reading, otherwise]) => [name, reading, otherwise!.replaceAll('`', '').trim()])
    t.same(rows, Object.entries(SOLE_READINGS).map(([name, { default: reading, otherwise = '' }]) => [name, reading, otherwise]))
  })

  t.test('of what is assumed: nothing is without a name', async t => {
    const text = read('docs/rules.md').replaceAll('*assumed*', '').replaceAll('\n', ' ')
    t.same(unnamed(text), [])
    t.same(unnamed('A day is 24 hours (assumed). A week has 7 days (assumed: [`month-length`](#month-length)).'), ['assumed). A week has 7 days (a'], 'an example of one that is')
    t.same(unnamed('It is [assumed](#nothing), or assumed: [`nothing`](#nothing).').length, 2, 'nor is another name')
  })

  t.test('of the faults: every kind, with what goes over the wire', async t => {
    const rows = [...read('docs/control-api.md').matchAll(/^\| `([a-z_]+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$/gm)].map(([, kind, wire, tls]) => [kind, wire, tls])
    t.same(rows, Object.entries(FAULTS).map(([kind, { onTheWire, overTls }]) => [kind, onTheWire, overTls]))
  })

  t.test('of the lints', async t => {
    const table = read('docs/control-api.md').split('\n| lint |')[1]!.split('\n\n')[0]!
    t.same([...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name), Object.keys(LINTS))
  })

  t.test('of the control calls: the page has the path of each, for the world or for an account', async t => {
    const { ask } = await emulate(t)
    const { paths } = (await ask('/__admin/openapi.json', {})).body as { paths: Record<string, object> }
    const page = read('docs/control-api.md')
    for (const path of Object.keys(paths).filter(path => path.startsWith('/__admin/'))) {
      const forms = [path, path.replace('/accounts/{account}', '')].map(form => form.slice('/__admin'.length).replace(/\{\w+\}/g, '[^/\\s`\']+'))
      t.match(page, new RegExp(forms.join('|')), path)
    }
  })

  t.test('of the settings', async t => {
    const rows = [...read('docs/settings.md').matchAll(/^\| `--([a-z-]+)( [^`]+)?` \| `([A-Z_]+)` \| (?:`([^`]*)`)?/gm)]
    t.same(rows.map(([, flag, value, variable]) => [flag, value?.trim(), variable]),
      Object.entries(SETTINGS).map(([flag, { value }]) => [flag, value, environmentName(flag)]))
    for (const [, flag, , , fallback] of rows) {
      if (SETTINGS[flag!]!.default !== undefined) t.equal(fallback, SETTINGS[flag!]!.default, `the default of --${flag}`)
    }
  })

  for (const command of ['sweep', 'replay']) {
    t.test(`of the options of ${command}`, async t => {
      const section = read(`docs/${command}.md`).split('\n## Options\n')[1]!.split('\n## ')[0]!
      const rows = [...section.matchAll(/^\| `--([a-z-]+)( [^`]+)?` \| (?:`([^`]*)`)?/gm)].map(([, flag, value, usual]) => [flag, value?.trim(), usual])
      const options = Object.entries(COMMAND_OPTIONS).filter(([, { commands }]) => commands.includes(command))
      t.same(rows, options.map(([flag, { value, default: usual }]) => [flag, value, usual]))
    })
  }

  t.test('of the verdicts, with their signs', async t => {
    const section = read('docs/sweep.md').split('\n## Verdicts\n')[1]!.split('\n## ')[0]!
    const rows = [...section.matchAll(/^\| `([a-z-]+)` \| (.) \| (.*) \|$/gm)].map(([, verdict, sign, says]) => [verdict, sign, says])
    t.same(rows, Object.entries(VERDICTS).map(([verdict, { mark, says }]) => [verdict, SIGNS[mark], says]))
  })

  t.test('of the clients that sweep can try: each that the page names is there', async t => {
    for (const [, file] of read('docs/sweep.md').matchAll(/examples\/clients\/([a-z0-9.-]+)/g)) t.ok(readdirSync(join(packageRoot, 'examples', 'clients')).includes(file!), file!)
  })

  t.test('of the environment variables: every page names only those that exist', async t => {
    for (const page of LINKING_PAGES) {
      const unknown = [...read(page).matchAll(/PICKY_EMULATOR_\w+/g)].map(([name]) => name).filter(name => !VARIABLES.has(name))
      t.same(unknown, [], page)
    }
  })

  t.test('of the scenario format: every key, and no other', async t => {
    const { properties } = ScenarioSchema
    const account = properties.accounts.items.properties
    const project = account.projects.items.properties
    const sections = {
      'The world': properties,
      clock: ClockSchema.properties,
      settings: properties.settings.properties,
      plans: properties.plans.items.properties,
      accounts: account,
      projects: project,
      subscriptions: project.subscriptions.items.properties,
      api_tokens: project.api_tokens.items.properties,
      ledger: account.ledger.items.properties
    }
    for (const [heading, keys] of Object.entries(sections)) t.same(tableBelow('docs/scenarios.md', heading), Object.keys(keys), heading)
    const events = account.history.items.properties.event.anyOf.map(({ const: name }: { const: string }) => name)
    t.same(tableBelow('docs/scenarios.md', 'history'), ['event', ...events], 'the events of a history')
    for (const page of ['docs/scenarios.md', 'docs/control-api.md']) t.same(EXPIRY_REASONS.filter(reason => !read(page).includes(`\`${reason}\``)), [], `reasons in ${page}`)
  })

  t.test('of the endpoints', async t => {
    const rows = [...read('README.md').matchAll(/^\| `POST ([^`]+)` \|.*\| (documented|observed|assumed)/gm)].map(([, path, known]) => [path, known])
    t.same(rows, ENDPOINTS.map(({ path, provenance: known }) => [BASE_PATH + path, known]))
    for (const { alias } of ENDPOINTS) if (alias !== undefined) t.match(read('README.md'), `\`${alias}\``)
    const section = read('docs/rules.md').split('\n## The endpoints\n')[1]!.split('\n## ')[0]!
    t.same([...section.matchAll(/^### (.*)$/gm)].map(match => match[1]), ENDPOINTS.map(({ name }) => name))
  })

  t.test('of the outcomes: each endpoint can be granted, and breaks each of its rules', async t => {
    const rows = [...read('docs/rules.md').matchAll(/^\| `([a-z-]+)` \| (?:(granted)|\[`([a-z-]+)`\]\(#\3\)) \| (?:a GET|`(.*)`) \| (\d+) \|$/gm)]
    const { ask } = await emulate(t, { scenario: 'edge-cases' })
    for (const [, name, , rule = null, body, status] of rows) {
      const { path } = ENDPOINTS.find(endpoint => endpoint.name === name)!
      const answer = await ask(BASE_PATH + path, body === undefined ? {} : { method: 'POST', body })
      t.equal(answer.body.status, Number(status), `${name} ${body} ${answer.text}`)
      const { body: { requests } } = await ask('/__admin/requests?limit=1', {})
      t.match((requests as object[])[0], { endpoint: name, rule }, `${name} ${body}`)
    }
    for (const { name, rules } of ENDPOINTS) {
      const reached = new Set(rows.filter(row => row[1] === name).map(([, , granted, rule]) => granted ?? rule))
      t.same([...reached].sort(), ['granted', ...COMMON_RULES, ...rules].sort(), name)
    }
  })

  t.test('of the plan table', async t => {
    const section = read('docs/rules.md').split('\n## plan-must-exist\n')[1]!.split('\n## ')[0]!
    const rows = [...section.matchAll(/^\| (\d+) \| (.+) \| (both \(\[assumed\]\(#pay-as-you-go-service\)\)|\d) \| (none|[\d.]+) \| (documented|sample|\[assumed\]\(#plan-prices\)) \| (none|month|year) \|$/gm)]
    const plans = JSON.parse(read('fixtures/plans.json')) as Array<{ plan_id: number, name: string, service?: number, price?: string, cycle?: string, price_assumed?: boolean }>
    t.same(rows.map(row => row.slice(1, 5).concat(row.slice(6))), plans.map(({ plan_id: id, name, service = 'both ([assumed](#pay-as-you-go-service))', price = 'none', cycle = 'none' }) =>
      [String(id), name, String(service), price, cycle]))
    t.same(rows.map(([, , , , , known]) => known), ['documented', 'sample', ...Array<string>(7).fill('[assumed](#plan-prices)')])
    t.same(plans.map(({ price_assumed: isAssumed = false }) => isAssumed), [false, false, ...Array<boolean>(7).fill(true)])
  })

  t.test('of the rules: the independent model has them below the same headings, in the same order', async t => {
    t.same([...read('test/reliability/model.ts').matchAll(/^ *\/\/ ## ([a-z-]+)$/gm)].map(([, rule]) => rule), Object.keys(RULES))
  })
})

t.test("the README's contents list its sections, in their order", async t => {
  const contents = read('README.md').split('\n## Contents\n')[1]!.split('\n## ')[0]!
  const listed = [...contents.matchAll(/\[([^\]]+)\]\(#/g)].map(([, title]) => title!.toLowerCase())
  t.same(listed, headings('README.md').map(heading => heading.toLowerCase()).slice(2))
})

t.test('the links between the pages lead somewhere', async t => {
  for (const page of LINKING_PAGES) {
    for (const [, target] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      const [path, anchor] = target!.split('#') as [string, string | undefined]
      const file = path === '' ? page : join(page, '..', path)
      if (!file.endsWith('.md')) {
        t.ok(readdirSync(join(packageRoot, file, '..')).includes(file.split('/').at(-1)!), `${page}: ${target}`)
        continue
      }
      const anchors = headings(file).map(heading => heading.toLowerCase().replace(/[^a-z0-9_ -]/g, '').replaceAll(' ', '-'))
      t.ok(anchor === undefined || anchors.includes(anchor), `${page}: ${target}`)
    }
  }
})

t.test('each table is whole, and says a thing once', t => {
  for (const page of LINKING_PAGES) {
    let columns = 0
    let firsts: string[] = []
    for (const [index, line] of read(page).replace(/^```[\s\S]*?^```/gm, block => block.replace(/[^\n]/g, '')).split('\n').entries()) {
      if (!line.startsWith('|')) columns = 0
      else if (columns === 0) [columns, firsts] = [cellsIn(line), []]
      else {
        if (firsts.length === 0) t.match(line, /^\|(?: *:?-+:? *\|)+$/, `${page}:${index + 1} begins a table with its head`)
        t.equal(cellsIn(line), columns, `${page}:${index + 1} has a cell for each column`)
        const [, promise] = /^\| \*\*([A-Z].+?)\*\*/.exec(line) ?? []
        if (promise !== undefined) t.notOk(firsts.includes(promise), `${page}:${index + 1} is the only row of ${promise}`)
        firsts.push(promise ?? line)
      }
    }
  }
  t.end()
})

function cellsIn (row: string): number {
  return row.replace(/\\\|/g, '').split('|').length - 2
}
