import { Value } from '@sinclair/typebox/value'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readCase } from '../../src/case/read.js'
import type { Case } from '../../src/contract/case.js'
import { exportCase, FORMATS, type Format } from '../../src/export/export.js'
import { startEmulator } from '../../src/index.js'
import { ROOT, run } from '../support/built.js'
import { recordedCases } from '../support/cases.js'
import { casesOfChangingTokens } from '../support/changing-tokens.js'
import { effort, isProved } from '../support/effort.js'
import { HarSchema, PostmanSchema } from '../support/file-schemas.js'
import { sendHttpFile } from '../support/http-file.js'
import { recordedCase } from '../support/recorded-case.js'

const RECORDED = await recordedCases()

/** Cases that former versions have saved. */
const FORMER = new Map(readdirSync('fixtures/cases').map((file): [string, Case] => [file, readCase(JSON.parse(readFileSync(join('fixtures/cases', file), 'utf8')))]))

/** Cases in which accounts have several tokens in turn. */
const TOKENS = new Map([...FORMER].filter(([file]) => /made-again|also-from-a-case/.test(file)))
for (let seed = 1; seed <= effort(1, 6); seed++) {
  for (const [index, one] of (await casesOfChangingTokens(seed)).entries()) TOKENS.set(`changing tokens ${seed} ${index}`, one)
}

const EVERY = new Map([...RECORDED, ...FORMER, ...TOKENS])

/** Cases for the runners that start anew for each file, and run what is also written for `node:test`. */
const SOME = new Map([...RECORDED, ...FORMER].filter((_, nth) => isProved(nth)))

/** Test runners that are not part of Node.js are installed by `npm run prove` alone. */
const inFull = effort({ skip: 'npm run prove runs it' }, {})

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'picky-exported-')))
t.teardown(() => rmSync(folder, { recursive: true }))

/** Writes all cases in a format into a folder where the package is installed, and gives the folder and the files. */
function written (format: Format, cases: Iterable<[string, Case]> = EVERY): { readonly cwd: string, readonly files: string[] } {
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

/** Runs tests in one process, and says how many have passed, as pytest does. */
const WITHOUT_PYTEST = `import runpy, sys, traceback
passed = 0
for file in sys.argv[1:]:
    try:
        for name, test in runpy.run_path(file).items():
            if name.startswith('test_'):
                test()
        passed += 1
    except Exception:
        traceback.print_exc()
failed = len(sys.argv) - 1 - passed
print(f'{failed} failed in 1 s' if passed == 0 else f'{passed} passed in 1 s' if failed == 0 else f'{failed} failed, {passed} passed')
`

/** Runs collections in one process, and says of each in a line what has failed. */
const NEWMAN = `const [, , path, url, ...files] = process.argv
const newman = require(path)
const next = () => {
  const file = files.shift()
  if (file === undefined) return
  newman.run({ collection: './' + file, envVar: [{ key: 'url', value: url }] }, (error, summary) => {
    const failures = error ? [String(error)] : summary.run.failures.map(({ source, error }) => source.name + ': ' + error.message)
    console.log(JSON.stringify({ file, failures }))
    next()
  })
}
next()
`

t.test('the exported tests for node:test pass against a fresh emulator', async t => {
  const { cwd, files } = written('node-test', effort(new Map([...RECORDED, ...TOKENS]), EVERY))
  // In one process, as each of them has an emulator of its own.
  writeFileSync(join(cwd, 'all.mjs'), files.map(file => `import './${file}'\n`).join(''))
  const { code, stdout } = await run(process.execPath, ['--test-reporter=tap', 'all.mjs'], { cwd })
  t.equal(code, 0, code === 0 ? '' : stdout)
  t.match(stdout, `# pass ${files.length}\n`)
})

t.test('and fail where the case is not what happens', async t => {
  const { cwd, files } = written('node-test', FALSIFIED)
  writeFileSync(join(cwd, 'all.mjs'), files.map(file => `import './${file}'\n`).join(''))
  const { code, stdout } = await run(process.execPath, ['--test-reporter=tap', 'all.mjs'], { cwd })
  t.equal(code, 1)
  t.match(stdout, `# pass 0\n# fail ${files.length}\n`)
})

t.test('the exported tests for vitest pass, and are right by their types', inFull, async t => {
  const { cwd, files } = written('vitest', SOME)
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
  const { cwd, files } = written('jest', SOME)
  writeFileSync(join(cwd, 'package.json'), '{"type":"commonjs"}')
  const { code, stderr } = await run(join(ROOT, 'proofs/node_modules/.bin/jest'), ['--rootDir', cwd], { cwd })
  t.equal(code, 0, code === 0 ? '' : stderr)
  t.match(stderr, `Tests:       ${files.length} passed, ${files.length} total`)
})

t.test('the exported tests for pytest pass, and fail where the case is not what happens', inFull, async t => {
  const emulator = await startEmulator({ paths: PATHS })
  t.teardown(emulator.stop)
  const hasPytest = (await run('python3', ['-m', 'pytest', '--version'])).code === 0
  for (const [{ cwd, files }, passes] of [[written('pytest'), true], [written('pytest', FALSIFIED), false]] as const) {
    writeFileSync(join(cwd, 'all.py'), WITHOUT_PYTEST)
    const args = hasPytest ? ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'] : ['all.py']
    const { stdout, stderr } = await run('env', [`PICKY_EMULATOR_URL=${emulator.url}`, 'python3', ...args, ...files], { cwd })
    t.match(stdout, new RegExp(`^${files.length} ${passes ? 'passed' : 'failed'} in `, 'm'), stdout + stderr)
  }
})

t.test('the exported shell scripts pass, and end with 1 where the case is not what happens', async t => {
  const emulator = await startEmulator({ paths: PATHS })
  t.teardown(emulator.stop)
  const right = written('sh', effort([...RECORDED].slice(0, 3), [...EVERY]))
  const wrong = written('sh', effort(FALSIFIED.slice(0, 1), FALSIFIED))
  // The shell that macOS has for people.
  const hasZsh = (await run('sh', ['-c', 'command -v zsh'])).code === 0
  for (const shell of ['sh', ...hasZsh ? ['zsh'] : []]) {
    for (const [{ cwd, files }, expected] of [[right, 0], [wrong, 1]] as const) {
      const each = `for file; do ${shell} "$file" && code=0 || code=$?; echo "$code $file"; done`
      const { stdout, stderr } = await run('env', [`PICKY_EMULATOR_URL=${emulator.url}`, 'sh', '-c', each, 'sh', ...files], { cwd })
      t.equal(stdout, files.map(file => `${expected} ${file}\n`).join(''), expected === 0 ? stderr : shell)
    }
  }
  for (const file of right.files) {
    const script = readFileSync(join(right.cwd, file), 'utf8')
    t.notMatch(script, /(?:^|\s)path=|\$\{\d\+[^}]*\s/m, 'zsh has a variable path of its own, and does not split words')
  }
})

t.test('an exported shell script sends what is longer than a word of a command line may be', async t => {
  const long = 'ü'.repeat(100_000)
  const order = { token: 'token-of-demo', project_id: 1, service: 1, plan_id: 2, long }
  const account = { name: 'demo', token: 'token-of-demo', balance: '100', projects: [{ project_id: 1 }] }
  const recorded = await recordedCase({ scenario: { accounts: [account] } }, null, async ({ request, control }) => {
    await request('/app/api/v2/pm/change-billing', order)
    await control('POST', '/accounts/demo/faults', { kind: 'connection_reset', when: 'after', times: 1 })
    await request('/app/api/v2/pm/change-billing', { ...order, plan_id: 3 })
    await control('POST', '/accounts/demo/faults', { kind: 'http_error', body: 'ü'.repeat(65_536), times: 1 })
    await request('/app/api/v2/pm/create-api-token', order)
    await request('/app/api/v2/pm/create-api-token', order)
    const projects = Array.from({ length: 2000 }, (_, index) => ({ project_id: index + 1, project_name: `the project with the number ${index + 1}` }))
    await control('POST', '/accounts', { name: 'large', token: 'large', balance: '0', projects })
  })
  const emulator = await startEmulator()
  t.teardown(emulator.stop)
  const { cwd, files: [file] } = written('sh', [['long', recorded]])
  const { code, stderr } = await run('env', [`PICKY_EMULATOR_URL=${emulator.url}`, 'sh', file!], { cwd })
  t.strictSame([code, stderr], [0, ''])
})

t.test('the exported collections pass in newman, and fail where the case is not what happens', inFull, async t => {
  const emulator = await startEmulator({ paths: PATHS })
  t.teardown(emulator.stop)
  for (const [{ cwd, files }, passes] of [[written('postman'), true], [written('postman', FALSIFIED), false]] as const) {
    writeFileSync(join(cwd, 'all.cjs'), NEWMAN)
    const { stdout, stderr } = await run(process.execPath, ['all.cjs', join(ROOT, 'proofs/node_modules/newman'), emulator.url, ...files], { cwd })
    const found = stdout.split('\n').slice(0, -1).map(line => JSON.parse(line) as { file: string, failures: string[] })
    t.strictSame(found.map(({ file }) => file), files, stderr)
    if (passes) t.strictSame(found.filter(({ failures }) => failures.length > 0), [])
    else t.strictSame(found.filter(({ failures }) => failures.length === 0), [])
  }
})

t.test('the exported files of requests are answered as they say, and notice where the case is not what happens', async t => {
  const emulator = await startEmulator({ paths: PATHS })
  t.teardown(emulator.stop)
  for (const [name, one] of effort(TOKENS, EVERY)) t.strictSame(await sendHttpFile(exportCase(one, 'http').text, emulator.url), [], name)
  for (const [name, one] of effort(FALSIFIED.slice(0, 1), FALSIFIED)) t.not((await sendHttpFile(exportCase(one, 'http').text, emulator.url)).length, 0, name)
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
    const texts = (of: Case) => (Object.keys(FORMATS) as Format[]).map(format => exportCase(of, format).text)
    const all = texts(recorded)
    t.strictSame(texts(structuredClone(recorded)), all, name)
    t.ok(all.every(text => text.endsWith('\n') && !text.endsWith('\n\n') && !/[ \t]$/m.test(text)), `${name} is tidy`)
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
