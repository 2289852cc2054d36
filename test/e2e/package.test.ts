import { build } from 'esbuild'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { CaseSchema } from '../../src/case/schema.js'
import { openDatabase } from '../../src/store/database.js'
import { packagesFor } from '../../src/store/sqlite.js'
import { SweepReportSchema } from '../../src/sweep/report-schema.js'
import { CHANGE_BILLING, ROOT, run, SAMPLE, SAMPLE_ANSWER } from '../support/built.js'
import { effort } from '../support/effort.js'

const NAME = 'picky-assist-emulator'

// A project of somebody who has installed the package: far from this one, so that nothing is found by accident.
const project = realpathSync(mkdtempSync(join(tmpdir(), 'picky-project-')))
const installed = join(project, 'node_modules', NAME)
t.teardown(() => rmSync(project, { recursive: true }))

await t.test('packs what is needed and nothing else', async t => {
  const { code, stdout, stderr } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], { cwd: ROOT })
  t.equal(code, 0, stderr)
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string, files: Array<{ path: string, mode: number }> }]
  const folders = ['dist', 'migrations', 'fixtures', 'docs', 'examples'].flatMap(folder => filesIn(join(ROOT, folder)))
  const expected = folders.map(file => relative(ROOT, file)).filter(file => !file.includes('__pycache__'))
  const pages = ['LICENSE', 'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'Dockerfile', 'docker-compose.yml', 'docker-compose.unchanged.yml', 'package.json']
  t.strictSame(files.map(({ path }) => path).sort(), [...expected, ...pages].sort())
  t.match(files.find(({ path }) => path === 'dist/cli.js'), { mode: 0o755 })

  mkdirSync(installed, { recursive: true })
  t.match(await run('tar', ['-xzf', join(project, filename), '-C', installed, '--strip-components', '1']), { code: 0 })
})

t.test('holds no path of this machine', async t => {
  const root = ROOT.replace(/\/$/, '')
  const leaks = filesIn(installed).filter(file => readFileSync(file, 'latin1').includes(root))
  t.strictSame(leaks.map(file => relative(installed, file)), [])
})

t.test('has beside the README what the README links to', async t => {
  const targets = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!)
  const relatives = targets.filter(target => !/^[a-z]+:/.test(target))
  t.ok(relatives.length > 20, `${relatives.length} relative links`)
  t.strictSame(relatives.filter(target => !existsSync(join(installed, target))), [])
})

t.test('hands on the licences of what is bundled', async t => {
  const licences = readFileSync(join(installed, 'dist/third-party-licenses.txt'), 'utf8')
  for (const name of ['fastify', 'pino', 'close-with-grace', '@sinclair/typebox', 'jsonc-parser', 'fastest-levenshtein']) {
    t.match(licences, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'))
  }
  const texts = licences.split('\n\n----\n\n')
  t.strictSame(texts.filter(text => !/copyright|public domain/i.test(text) || text.length < 400).map(text => text.slice(0, 60)), [], 'each with its text')
})

t.test('publishes the schemas of a report of sweep and of a case', async t => {
  for (const [name, schema] of Object.entries({ 'sweep-report': SweepReportSchema, case: CaseSchema })) {
    const file = createRequire(join(project, 'index.js')).resolve(`${NAME}/${name}.schema.json`)
    t.same(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(schema)))
  }
})

t.test('says what it consists of, in a bill of materials that misses nothing', async t => {
  const { components, ...bill } = JSON.parse(readFileSync(join(installed, 'dist/sbom.cdx.json'), 'utf8'))
  t.match(bill, { bomFormat: 'CycloneDX', specVersion: '1.5', metadata: { component: { name: NAME } } })
  const [sqlite, ...others] = (components as Array<{ name: string, version: string }>).toSorted((a, b) => Number(b.name === 'sqlite') - Number(a.name === 'sqlite'))
  const version = openDatabase(':memory:').prepare('SELECT sqlite_version()').pluck().get() as string
  t.match(sqlite, { name: 'sqlite', version, purl: `pkg:generic/sqlite@${version}`, licenses: [{ license: { id: 'blessing' } }] }, 'the SQLite inside better-sqlite3')
  const listed = (others as Array<{ name: string, version: string, purl: string, licenses: object[] }>).map(({ name, version, purl, licenses }) => {
    t.equal(purl, `pkg:npm/${name.replace('@', '%40')}@${version}`)
    t.match(JSON.stringify(licenses), /"(?:id|expression)":"[\w. -]+"/, `${name} has a licence`)
    return `${name}@${version}`
  })
  const bundled = [...readFileSync(join(installed, 'dist/third-party-licenses.txt'), 'utf8').matchAll(/(?:^|----\n\n)(\S+) (\S+) \([^)]*\)/g)].map(([, name, version]) => `${name}@${version}`)
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { name?: string, version: string, dev?: true }> }
  const withIt = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true).map(([path, { name = path.split('node_modules/').at(-1), version }]) => `${name}@${version}`)
  t.ok(bundled.length > 40 && withIt.length > 10, `${bundled.length} bundled, ${withIt.length} installed`)
  t.strictSame(listed.sort(), [...new Set([...bundled, ...withIt])].sort())
})

t.test('names no source map and no source that is not there', async t => {
  const naming = filesIn(installed).filter(file => /\.[cm]?js(?:\.map)?$/.test(file) && (file.endsWith('.map') || /^\/\/# sourceMappingURL=/m.test(readFileSync(file, 'utf8'))))
  t.strictSame(naming.map(file => relative(installed, file)), [])
})

t.test('has a comment for every type, option, method and field, which an editor shows', async t => {
  const bare: string[] = []
  let seen = 0
  for (const file of filesIn(join(installed, 'dist/types')).filter(file => file.endsWith('.d.ts'))) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
    const look = (node: ts.Node, path: string): void => {
      const shown = isShown(node)
      const inside = shown ? `${path}/${node.name?.getText() ?? 'constructor'}` : path
      if (shown) seen++
      if (shown && !ts.getJSDocCommentsAndTags(node).some(({ comment }) => comment !== undefined && comment.length > 0)) bare.push(inside)
      // A parameter is part of its function's comment.
      ts.forEachChild(node, child => { if (!ts.isParameter(child)) look(child, inside) })
    }
    look(source, relative(installed, file))
  }
  t.ok(seen > 150, `${seen} declarations`)
  t.strictSame(bare, [])
})

t.test('holds no empty folder', async t => {
  const folders = readdirSync(join(ROOT, 'dist'), { recursive: true, withFileTypes: true }).filter(entry => entry.isDirectory())
  t.strictSame(folders.map(entry => join(entry.parentPath, entry.name)).filter(folder => readdirSync(folder).length === 0), [])
})

t.test('is right for every resolver, by publint and Are the types wrong', effort({ skip: 'npm run prove runs it' }, {}), async t => {
  const packed = readdirSync(project).find(file => file.endsWith('.tgz'))!
  // The schemas have no types.
  const attw = ['attw', join(project, packed), '--format', 'json', '--exclude-entrypoints', './sweep-report.schema.json', './case.schema.json'] as const
  const checks: Array<readonly [program: string, ...args: string[]]> = [['publint', '--strict', '.'], attw]
  for (const [program, ...args] of checks) {
    const { code, stdout, stderr } = await run(join(ROOT, 'proofs/node_modules/.bin', program), args, { cwd: installed })
    t.equal(code, 0, `${program}: ${stdout.slice(-2000)}${stderr}`)
  }
})

t.test('imports no createRequire by its name, which webpack would replace with nothing', t => {
  const importing = filesIn(join(installed, 'dist')).filter(file => file.endsWith('.js') && /^import\s*\{[^}]*\bcreateRequire\b/m.test(readFileSync(file, 'utf8')))
  t.strictSame(importing.map(file => relative(installed, file)), [])
  t.end()
})

t.test('runs nothing when it is installed', async t => {
  const { scripts } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  t.strictSame(Object.keys(scripts).filter(name => /^(?:pre|post)?install$|^(?:pre|post)prepare$|^prepublish$/.test(name)), [])
  // npm runs it for a linked folder, which may be an unpacked package as well.
  t.strictSame(await run('sh', ['-c', scripts.prepare!], { cwd: installed }), { code: 0, stdout: '', stderr: '' })
})

t.test('a checkout that is installed by its path builds itself, if it has to', effort({ skip: 'npm run prove runs it' }, {}), async t => {
  const { stdout } = await run('git', ['ls-files'], { cwd: ROOT })
  const checkout = join(project, 'checkout')
  for (const file of stdout.trim().split('\n')) cpSync(join(ROOT, file), join(checkout, file))
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
  const user = join(project, 'user')
  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), '{"private":true}')
  const builtAt = (): number => statSync(join(checkout, 'dist/index.js')).mtimeMs
  const install = async (): Promise<number> => {
    t.match(await run('npm', ['install', '--offline', '../checkout'], { cwd: user }), { code: 0 })
    return builtAt()
  }
  const first = await install()
  t.match(await run('npx', ['--no-install', 'picky-emulator', '--version'], { cwd: user }), { code: 0 })
  t.equal(await install(), first, 'it is built')
  utimesSync(join(checkout, 'src/index.ts'), new Date(), new Date())
  t.not(await install(), first, 'it is older than a source')

  rmSync(join(checkout, 'dist'), { recursive: true })
  t.match(await run('env', ['npm_command=ci', `INIT_CWD=${checkout}`, 'node', 'tools/prepare.js'], { cwd: checkout }), { code: 0 })
  t.notOk(existsSync(join(checkout, 'dist')), 'npm ci in the checkout itself does not wait for a build')
})

t.test('in a project', async t => {
  const { bin, optionalDependencies, version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  // What npm would install: linked, because that neither needs a network nor compiles.
  for (const name of Object.keys(optionalDependencies).filter(name => existsSync(join(ROOT, 'node_modules', name)))) link(join(ROOT, 'node_modules', name), join(project, 'node_modules', name))
  for (const [name, file] of Object.entries<string>(bin)) link(join(installed, file), join(project, 'node_modules/.bin', name))
  write('package.json', JSON.stringify({ type: 'module' }))

  t.test('the command runs', async t => {
    t.strictSame(await run('node_modules/.bin/picky-emulator', ['--version'], { cwd: project }), { code: 0, stdout: `${version}\n`, stderr: '' })
    t.match(await run('npx', ['--no-install', 'picky-emulator', 'check', 'default'], { cwd: project }), { code: 0, stdout: /valid scenario/ })
  })

  t.test('a script that imports it gets the documented answer, and ends', async t => {
    write('script.js', `
      import { startEmulator } from '${NAME}'
      const emulator = await startEmulator()
      const response = await fetch(emulator.url + '${CHANGE_BILLING}', { method: 'POST', body: '${JSON.stringify(SAMPLE)}' })
      console.log(await response.text())
      await emulator.stop()
    `)
    t.strictSame(await run(process.execPath, ['script.js'], { cwd: project }), { code: 0, stdout: `${SAMPLE_ANSWER}\n`, stderr: '' })
  })

  t.test('a script that requires it gets the same, and ends', async t => {
    write('script.cjs', `
      const { Problem, startEmulator } = require('${NAME}')
      const { connect } = require('${NAME}/connect')
      startEmulator({ port: 'x' }).catch(error => console.log(error instanceof Problem)).then(() => startEmulator()).then(async emulator => {
        const response = await fetch(emulator.url + '${CHANGE_BILLING}', { method: 'POST', body: '${JSON.stringify(SAMPLE)}' })
        console.log(await response.text())
        console.log(await connect(emulator.url).requests.count())
        await emulator.stop()
      })
    `)
    t.strictSame(await run(process.execPath, ['script.cjs'], { cwd: project }), { code: 0, stdout: `true\n${SAMPLE_ANSWER}\n1\n`, stderr: '' })
  })

  for (const [file, load] of modules('forgetful', 'startEmulator')) {
    t.test(`a script that forgets to stop an emulator with unref ends: ${file}`, async t => {
      write(file, `${load}
        async function test () {
          const emulator = await startEmulator({ unref: true, db: 'forgotten.db', readyFile: 'ready.json', logLevel: 'info' })
          const account = await emulator.createAccount({ ttl: '1h' })
          await account.wallet.credit('1')
          fetch(emulator.url + '/__admin/events').then(({ body }) => body.cancel())
          const response = await fetch(emulator.url + '${CHANGE_BILLING}', { method: 'POST', body: '${JSON.stringify(SAMPLE)}' })
          console.log(await response.text())
        }
        test()
      `)
      const { code, stdout, stderr } = await run(process.execPath, [file], { cwd: project })
      t.strictSame({ code, stdout }, { code: 0, stdout: `${SAMPLE_ANSWER}\n` })
      t.match(stderr, /"path":"\/app\/api\/v2\/pm\/change-billing"/, 'with its log')
      t.strictSame(readdirSync(project).filter(name => /^ready|^forgotten/.test(name)), ['forgotten.db'], 'and leaves no ready file and no open database')
      rmSync(join(project, 'forgotten.db'))
    })
  }

  for (const [file, load] of modules('replays', 'replay, startEmulator')) {
    t.test(`a script saves a case, and replays it: ${file}`, async t => {
      write(file, `${load}
        async function test () {
          const emulator = await startEmulator()
          await fetch(emulator.url + '${CHANGE_BILLING}', { method: 'POST', body: '${JSON.stringify(SAMPLE)}' })
          const saved = await emulator.case()
          await emulator.stop()
          console.log(JSON.stringify(await replay(saved)))
        }
        test()
      `)
      t.strictSame(await run(process.execPath, [file], { cwd: project }), { code: 0, stdout: '{"equal":true,"requests":1,"skipped":0,"differences":[]}\n', stderr: '' })
    })
  }

  t.test('connect alone needs no other file, imported or required', t => {
    for (const file of ['connect.js', 'connect.cjs']) {
      t.notMatch(readFileSync(join(installed, 'dist', file), 'utf8'), /\brequire\(|\bimport\b/, file)
    }
    t.end()
  })

  t.test('a bundle that takes it in says what to do', async t => {
    write('suite.js', `import { startEmulator } from '${NAME}'\nstartEmulator().then(emulator => emulator.stop())`)
    await Promise.all((['esm', 'cjs'] as const).map(async format => {
      const outfile = join(project, `bundled/suite.${format === 'esm' ? 'mjs' : 'cjs'}`)
      await build({ entryPoints: [join(project, 'suite.js')], bundle: true, platform: 'node', format, outfile, logLevel: 'silent' })
      t.match(await run(process.execPath, [outfile], { cwd: project }), { code: 1, stderr: `Problem: ${NAME} was bundled` }, format)
    }))
  })

  t.test('a script that gets an option wrong is told by a Problem', async t => {
    write('wrong.js', `
      import { Problem, startEmulator } from '${NAME}'
      await startEmulator({ port: 'x' }).catch(error => console.log(error instanceof Problem, error.message))
    `)
    const stdout = 'true the option port is wrong: found "x", expected a whole number from 0 to 65535; 0 picks a free port\n'
    t.strictSame(await run(process.execPath, ['wrong.js'], { cwd: project }), { code: 0, stdout, stderr: '' })
  })

  t.test('a TypeScript program compiles, with every declaration checked', effort({ skip: 'npm run prove runs it' }, {}), async t => {
    write('program.ts', `
      import { Problem, replay, startEmulator, type Case, type CaseStep, type Emulator, type Issue, type Replay, type Scenario, type ScenarioApiToken, type StartOptions, type ClockEvent } from '${NAME}'

      const token: ScenarioApiToken = { token: 'y', ip: '127.0.0.1', status: 'disabled' }
      const scenario: Scenario = {
        clock: { mode: 'frozen', at: '2023-01-31T23:59:59Z' },
        settings: { wire: { http_status: 'mapped' }, assumptions: { 'same-plan': 'accept-free' }, strict: true, cutoff: 'never' },
        plans: [{ plan_id: 2, price: '4.99' }],
        accounts: [{ token: 'x', balance: '100', projects: [{ project_id: 1, country: 'IN', notes: '', subscriptions: [{ service: 1, plan_id: 2 }], api_tokens: [token] }] }]
      }
      const options: StartOptions = { scenario, port: 0, host: ['127.0.0.1'], logLevel: 'silent' }
      const emulator: Emulator = await startEmulator(options)
      const url: string = emulator.url
      const { events, total } = await emulator.clock.advance('P1Y')
      const saved: Case = await emulator.case()
      const steps: readonly CaseStep[] = (await (await emulator.account('demo')).case()).timeline
      const { equal, differences: [first] }: Replay = await replay(saved, { realTime: true })
      const renewed: readonly ClockEvent[] = events.filter(({ event }) => event === 'renewed')
      await emulator.stop()

      // @ts-expect-error -- a port is a number
      await startEmulator({ port: '4290' })
      // @ts-expect-error -- there is no such option
      await startEmulator({ prot: 4290 })
      // @ts-expect-error -- a service is 1 or 2
      await startEmulator({ scenario: { accounts: [{ projects: [{ project_id: 1, subscriptions: [{ service: 3, plan_id: 2 }] }] }] } })
      // @ts-expect-error -- a token is enabled, disabled or deleted
      await startEmulator({ scenario: { accounts: [{ projects: [{ api_tokens: [{ status: 'active' }] }] }] } })
      // @ts-expect-error -- an answer has a url that is a text, and not anything
      const port: number = emulator.url

      export const issues = (error: unknown): readonly Issue[] => error instanceof Problem ? error.issues : []
      export { equal, first, port, renewed, steps, total, url }
    `)
    // Without await at the top, which a CommonJS module can't have.
    write('required.ts', `
      import { Problem, startEmulator, type Emulator, type StartOptions } from '${NAME}'
      import { connect, type RemoteEmulator } from '${NAME}/connect'
      import * as caseSchema from '${NAME}/case.schema.json'
      import * as reportSchema from '${NAME}/sweep-report.schema.json'
      export const formats: readonly string[] = [caseSchema.description, reportSchema.description]
      const options: StartOptions = { port: 0 }
      export const started: Promise<Emulator> = startEmulator(options)
      export const remote: RemoteEmulator = connect('http://localhost:4290')
      // @ts-expect-error -- a port is a number
      startEmulator({ port: '4290' }).catch((error: unknown) => error instanceof Problem)
    `)
    write('required.cts', readFileSync(join(project, 'required.ts'), 'utf8'))
    write('using.ts', `
      import { startEmulator } from '${NAME}'
      await using emulator = await startEmulator()
      export const { url } = emulator
    `)
    const settings: Array<[string, object, string[]]> = [
      ['the least', { lib: ['ES2022', 'ESNext.Disposable'], types: [] }, ['program.ts', 'using.ts']],
      ['one of an older library', { lib: ['ES2022'], types: [] }, ['program.ts']],
      ['a CommonJS module', { lib: ['ES2022'], types: [] }, ['required.cts']],
      ['a bundler', { lib: ['ES2022'], types: [], module: 'ESNext', moduleResolution: 'Bundler' }, ['program.ts', 'required.ts']],
      [
        'module: commonjs, which resolves as Node.js 10 did',
        { lib: ['ES2022'], types: [], module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
        ['required.ts']
      ]
    ]
    for (const [name, compilerOptions, files] of settings) {
      const config = { strict: true, module: 'NodeNext', target: 'ES2022', resolveJsonModule: true, skipLibCheck: false, noEmit: true, ...compilerOptions }
      write('tsconfig.json', JSON.stringify({ compilerOptions: config, files }))
      const { code, stdout } = await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: project })
      t.strictSame({ code, stdout }, { code: 0, stdout: '' }, name)
    }
  })
})

t.test('installed without the binary of its driver, it says in one line what to do', async t => {
  const bare = join(project, 'bare')
  cpSync(installed, join(bare, 'node_modules', NAME), { recursive: true })
  // Found in place of those that are installed above.
  for (const name of packagesFor(10).filter(name => existsSync(join(ROOT, 'node_modules', name)))) {
    for (const part of ['package.json', 'lib']) cpSync(join(ROOT, 'node_modules', name, part), join(bare, 'node_modules', name, part), { recursive: true })
  }
  const script = `require('${NAME}').startEmulator().catch(error => console.log(error.message))`
  const cli = join('node_modules', NAME, 'dist/cli.js')
  const [name = ''] = packagesFor(Number(process.versions.napi))
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: bare })
  t.match(stdout, new RegExp(`^the binary of ${name} (?:is missing, because its install script did not run|can't be loaded by Node\\.js v[\\d.]+); .+\n$`))
  for (const db of [':memory:', 'file.db']) {
    const result = await run(process.execPath, [cli, '--port', '0', '--db', db], { cwd: bare })
    t.strictSame(result, { code: 2, stdout: '', stderr: `picky-emulator: ${stdout}` })
  }

  const binary = join(bare, 'node_modules', name, 'build/Release/better_sqlite3.node')
  mkdirSync(dirname(binary), { recursive: true })
  writeFileSync(binary, 'of another machine')
  t.match(await run(process.execPath, ['-e', script], { cwd: bare }), { stdout: new RegExp(`^the binary of ${name} can't be loaded by Node\\.js v[\\d.]+; .+\n$`) })
})

/** A script that loads some names from the package, as a module of either kind; npm run prove tries both. */
function modules (name: string, names: string): Array<readonly [file: string, load: string]> {
  const module = [`${name}.js`, `import { ${names} } from '${NAME}'`] as const
  return effort([module], [module, [`${name}.cjs`, `const { ${names} } = require('${NAME}')`]])
}

function isShown (node: ts.Node): node is ts.NamedDeclaration {
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) ||
    ts.isVariableDeclaration(node) || ts.isPropertySignature(node) || ts.isMethodSignature(node) || ts.isPropertyDeclaration(node) || ts.isMethodDeclaration(node)
}

function filesIn (folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

function link (target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

function write (file: string, text: string): void {
  writeFileSync(join(project, file), text)
}
