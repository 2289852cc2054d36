import { Value } from '@sinclair/typebox/value'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Case } from '../../src/contract/case.js'
import { exportCase, FORMATS, type Format } from '../../src/export/export.js'
import { startEmulator } from '../../src/index.js'
import { ROOT, run } from '../support/built.js'
import { recordedCases } from '../support/cases.js'
import { effort } from '../support/effort.js'
import { HarSchema, PostmanSchema } from '../support/file-schemas.js'

const RECORDED = await recordedCases()

/** Test runners that are not part of Node.js are installed by `npm run prove` alone. */
const inFull = effort({ skip: 'npm run prove runs it' }, {})

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'picky-exported-')))
t.teardown(() => rmSync(folder, { recursive: true }))

/** Writes all cases in a format into a folder where the package is installed, and gives the folder and the files. */
function written (format: Format, cases: Iterable<[string, Case]> = RECORDED): { readonly cwd: string, readonly files: string[] } {
  const cwd = mkdtempSync(join(folder, `${format}-`))
  mkdirSync(join(cwd, 'node_modules'))
  symlinkSync(ROOT, join(cwd, 'node_modules', 'picky-assist-emulator'))
  const files = [...cases].map(([name, recorded]) => {
    const file = `${name.replaceAll(/\W+/g, '_')}${FORMATS[format].ending}`
    writeFileSync(join(cwd, file), exportCase(recorded, format).text)
    return file
  })
  return { cwd, files }
}

/** What can be changed in a copy of a case. */
type Open<T> = T extends object ? { -readonly [Key in keyof T]: Open<T[Key]> } : T

/** A case that is not what happened: an exported test has to notice. */
function falsified (recorded: Case, change: (copy: Open<Case>) => void): Case {
  const copy = structuredClone(recorded) as Open<Case>
  change(copy)
  return copy as Case
}

/** What one of the cases needs, and no other minds. */
const PATHS = { 'set-webhook': '/pm/webhook' }

const UPGRADE = RECORDED.get('lost answer, then a retry that is charged twice')!
const RENEWAL = RECORDED.get('renewal by a jump of the clock, then expiry')!

const accountAtEnd = ({ end }: Open<Case>) => end.scenario.accounts![0]!
const requestsIn = ({ timeline }: Open<Case>) => timeline.flatMap(step => step.step === 'request' ? [step.request] : [])

/** What is wrong in a case, and how. */
const FALSIFIED: ReadonlyArray<[string, Case]> = [
  ['the balance', falsified(UPGRADE, copy => { accountAtEnd(copy).balance = '95' })],
  ['the ledger', falsified(UPGRADE, copy => { accountAtEnd(copy).ledger![2]!.amount = '-6' })],
  ['an answer', falsified(UPGRADE, copy => { Object(requestsIn(copy)[1]!.response!.body).old_billing_plan = '1' })],
  ['an answer that is none', falsified(UPGRADE, copy => { requestsIn(copy)[1]!.fault = { ...requestsIn(copy)[0]!.fault!, kind: 'truncated_body', when: 'never' as never } })],
  ['what time brought', falsified(RENEWAL, copy => { accountAtEnd(copy).history!.find(({ event }) => event === 'renewed')!.at = '2020-07-16T23:59:58Z' })]
]

t.test('the exported tests for node:test pass against a fresh emulator', async t => {
  const { cwd, files } = written('node-test')
  // In one process, as each of them has an emulator of its own.
  writeFileSync(join(cwd, 'all.mjs'), files.map(file => `import './${file}'\n`).join(''))
  const { code, stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', 'all.mjs'], { cwd })
  t.equal(code, 0, code === 0 ? '' : stdout)
  t.match(stdout, `# pass ${files.length}\n`)
})

t.test('and fail where the case is not what happens', async t => {
  const { cwd, files } = written('node-test', FALSIFIED)
  writeFileSync(join(cwd, 'all.mjs'), files.map(file => `import './${file}'\n`).join(''))
  const { code, stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', 'all.mjs'], { cwd })
  t.equal(code, 1)
  t.match(stdout, `# pass 0\n# fail ${files.length}\n`)
})

t.test('the exported tests for vitest pass, and are right by their types', inFull, async t => {
  const { cwd, files } = written('vitest')
  for (const name of ['vitest', '@types']) symlinkSync(join(ROOT, name === 'vitest' ? 'proofs/node_modules' : 'node_modules', name), join(cwd, 'node_modules', name))
  const { code, stdout, stderr } = await run(join(ROOT, 'proofs/node_modules/.bin/vitest'), ['run', '--no-color'], { cwd })
  t.equal(code, 0, code === 0 ? '' : stdout + stderr)
  t.match(stdout, new RegExp(`Tests +${files.length} passed`))
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      target: 'ES2022', module: 'ESNext', moduleResolution: 'Bundler', lib: ['ES2022', 'DOM', 'ESNext.Disposable'], types: ['node'], strict: true, skipLibCheck: true, noEmit: true
    }
  }))
  t.strictSame(await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd }), { code: 0, stdout: '', stderr: '' })
})

t.test('the exported tests for Jest pass', inFull, async t => {
  const { cwd, files } = written('jest')
  writeFileSync(join(cwd, 'package.json'), '{"type":"commonjs"}')
  const { code, stderr } = await run(join(ROOT, 'proofs/node_modules/.bin/jest'), ['--rootDir', cwd], { cwd })
  t.equal(code, 0, code === 0 ? '' : stderr)
  t.match(stderr, `Tests:       ${files.length} passed, ${files.length} total`)
})

t.test('the exported tests for pytest pass, and fail where the case is not what happens', inFull, async t => {
  const emulator = await startEmulator({ paths: PATHS })
  t.teardown(emulator.stop)
  const right = written('pytest')
  const wrong = written('pytest', FALSIFIED)
  const hasPytest = (await run('python3', ['-m', 'pytest', '--version'])).code === 0
  for (const [{ cwd, files }, expected] of [[right, 0], [wrong, 1]] as const) {
    for (const file of files) {
      const call = `import runpy; [test() for name, test in runpy.run_path('${file}').items() if name.startswith('test_')]`
      const args = hasPytest ? ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', file] : ['-c', call]
      const { code, stdout, stderr } = await run('env', [`PICKY_EMULATOR_URL=${emulator.url}`, 'python3', ...args], { cwd })
      t.equal(code, expected, `${file} ${stdout} ${stderr}`)
      if (expected === 1) await emulator.reset()
    }
  }
})

t.test('the exported shell scripts pass, and end with 1 where the case is not what happens', async t => {
  const emulator = await startEmulator({ paths: PATHS })
  t.teardown(emulator.stop)
  const right = written('sh', effort([...RECORDED].slice(0, 3), [...RECORDED]))
  const wrong = written('sh', effort(FALSIFIED.slice(0, 1), FALSIFIED))
  for (const [{ cwd, files }, expected] of [[right, 0], [wrong, 1]] as const) {
    for (const file of files) {
      const { code, stdout, stderr } = await run('env', [`PICKY_EMULATOR_URL=${emulator.url}`, 'sh', file], { cwd })
      t.equal(code, expected, `${file} ${stderr}`)
      t.equal(stdout, '')
    }
  }
})

t.test('the exported collections pass in newman, and fail where the case is not what happens', inFull, async t => {
  const emulator = await startEmulator({ paths: PATHS })
  t.teardown(emulator.stop)
  const right = written('postman')
  // An answer that is lost is another fault there.
  const wrong = written('postman', FALSIFIED.filter(([name]) => name !== 'the answer that is lost'))
  for (const [{ cwd, files }, expected] of [[right, 0], [wrong, 1]] as const) {
    for (const file of files) {
      const { code, stdout } = await run(join(ROOT, 'proofs/node_modules/.bin/newman'), ['run', file, '--color', 'off', '--env-var', `url=${emulator.url}`], { cwd })
      t.equal(code, expected, `${file} ${stdout}`)
      if (expected === 1) await emulator.reset()
    }
  }
})

t.test('exported archives and collections are valid by their schemas', async t => {
  for (const [name, recorded] of RECORDED) {
    for (const [format, schema] of [['har', HarSchema], ['postman', PostmanSchema]] as const) {
      const value: unknown = JSON.parse(exportCase(recorded, format).text)
      t.strictSame([...Value.Errors(schema, value)].map(({ path, message }) => `${path} ${message}`), [], `${name} as ${format}`)
    }
  }
})

t.test('exported archives are valid by the published schema', inFull, async t => {
  const { har } = createRequire(join(ROOT, 'proofs', 'package.json'))('har-validator') as { har: (value: unknown) => Promise<unknown> }
  for (const [name, recorded] of RECORDED) await t.resolves(har(JSON.parse(exportCase(recorded, 'har').text)), name)
  await t.rejects(har({ log: { version: '1.2' } }))
})

t.test('the network panel of Chromium reads exported archives', inFull, async t => {
  const { stdout: found } = await run('sh', ['-c', 'command -v chromium chromium-browser google-chrome'])
  const executablePath = process.env.CHROMIUM ?? found.split('\n')[0]!
  if (executablePath === '') return t.pass('there is no Chromium here')
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage()
    await page.goto('devtools://devtools/bundled/devtools_app.html')
    for (const [name, recorded] of RECORDED) {
      const text = exportCase(recorded, 'har').text
      // What the panel does with a file that is dropped on it.
      const statuses = await page.evaluate(`(async () => {
        const { HARFormat, Importer } = await import('devtools://devtools/bundled/models/har/har.js')
        const { log } = new HARFormat.HARRoot(${text})
        return Importer.Importer.requestsFromHARLog(log).map(({ requestMethod, statusCode }) => [requestMethod, statusCode])
      })()`)
      const sent = recorded.timeline.flatMap(step => step.step === 'request' ? [step.request] : [])
      t.strictSame(statuses, sent.map(({ method, response }) => [method, response?.http_status ?? 0]), name)
    }
  } finally {
    await browser.close()
  }
})

t.test('exported tests are formatted as this project is', inFull, async t => {
  const { ESLint } = await import('eslint')
  const eslint = new ESLint({ cwd: ROOT })
  for (const [name, recorded] of RECORDED) {
    const [{ messages } = { messages: [] }] = await eslint.lintText(exportCase(recorded, 'node-test').text, { filePath: join(ROOT, 'exported.mjs') })
    t.strictSame(messages, [], name)
  }
})

t.test('a case is exported as the same text every time', async t => {
  for (const [name, recorded] of RECORDED) {
    for (const format of Object.keys(FORMATS) as Format[]) {
      const { text } = exportCase(recorded, format)
      t.equal(exportCase(structuredClone(recorded), format).text, text, `${name} as ${format}`)
      t.ok(text.endsWith('\n') && !text.endsWith('\n\n') && !/[ \t]$/m.test(text), `${name} as ${format} is tidy`)
    }
  }
})

t.test('docs/cases.md shows what is exported, and has every format', async t => {
  const [section] = readFileSync(join(ROOT, 'docs', 'cases.md'), 'utf8').split('## Export a case as a test\n')[1]!.split(/^## /m)
  const page = section!
  t.equal(/^```js\n(.*?)^```$/ms.exec(page)?.[1], exportCase(UPGRADE, 'node-test').text)
  t.strictSame([...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, format]) => format), Object.keys(FORMATS))
})

t.test('a file says what happened in its name', async t => {
  t.strictSame((Object.keys(FORMATS) as Format[]).map(format => exportCase(RECORDED.get('refused for the balance')!, format).file), [
    ...['.test.mjs', '.test.ts', '.test.js'].map(ending => `change-of-project-5786-to-plan-2-is-refused-wallet-must${ending}`),
    // A module of Python.
    'change_of_project_5786_to_plan_2_is_refused_wallet_must_test.py',
    ...['.sh', '.http', '.har', '.postman_collection.json'].map(ending => `change-of-project-5786-to-plan-2-is-refused-wallet-must${ending}`)
  ])
})
