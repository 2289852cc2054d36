// Runs the tests: see --help.
// tap's own way, a process for each file that compiles what it loads, takes longer than most of the tests do.
// So everything is compiled once, and files share processes.
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const HELP = `npm test [-- OPTION…]               all tests, which must cover every line of src/
npm run test:one -- FILE… [OPTION…]  some test files, without coverage unless --show-full-coverage is given

Options are tap's, such as --reporter=tap; npx tap --help lists them.
TEST_TIMEOUT=SECONDS  how long one file may take (300)
PROVE=SHARE           that share, up to 1, of what is otherwise tried with small numbers, as npm run prove does`

/** Each run has a folder, so that two of them in one tree do not meet: compiled files, coverage, and what tests write. */
const RUNS = '.test'
const FOLDER = resolve(RUNS, String(process.pid))

/** The most files that share a process: with fewer, loading tap and the product takes longer; with more, the last process runs alone for longer. */
const MAX_SHARED = 36

/** Folders whose files share processes of their own, which start first, and how many files share one: they take longest, and most of them wait for others. */
const FIRST = { 'test/console': 1, 'test/reliability': 5, 'test/e2e': 5 }

const TEST_FILE = pathToFileURL('tools/test-file.js')

/** In seconds. */
const TIMEOUT = Number(process.env.TEST_TIMEOUT ?? 300)

const options = process.argv.slice(2).filter(argument => argument.startsWith('-'))
const files = process.argv.slice(2).filter(argument => !argument.startsWith('-')).map(file => relative('.', file))
const missing = files.filter(file => !existsSync(file))

if (options.includes('--help')) console.log(HELP)
else if (missing.length > 0) fail(`there is no ${missing.join(', ')}`)
else await run()

async function run () {
  removeAbandoned()
  mkdirSync(FOLDER, { recursive: true })
  // tap is interrupted as well, and ends: what is left is to tidy up.
  process.on('SIGINT', () => {})
  try {
    const tests = below('test')
    await compile([...below('src'), ...tests])
    const chosen = files.length > 0 ? files : tests.filter(file => file.endsWith('.test.ts'))
    process.exitCode = tap(processesOf(chosen).map(written))
  } finally {
    rmSync(FOLDER, { recursive: true, force: true })
  }
}

/** Removes what runs that were killed have left. */
function removeAbandoned () {
  for (const pid of existsSync(RUNS) ? readdirSync(RUNS) : []) {
    try {
      process.kill(Number(pid), 0)
    } catch {
      rmSync(join(RUNS, pid), { recursive: true, force: true })
    }
  }
}

/** The TypeScript files below a folder, always in the same order. */
function below (folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).map(file => join(folder, file)).sort()
}

async function compile (sources) {
  await build({
    entryPoints: sources,
    outdir: FOLDER,
    outbase: '.',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [{ name: 'tests', setup: bundle => bundle.onLoad({ filter: /\/test\/.*\.ts$/ }, compiledTest) }]
  })
}

/** A test file believes that it is where its source is, and its tests belong to the test that bears its name. */
function compiledTest ({ path }) {
  const contents = readFileSync(path, 'utf8')
    .replace(/ from 'tap'$/m, ` from '${TEST_FILE}'`)
    .replaceAll('import.meta.url', `'${pathToFileURL(path)}'`)
  return { contents, loader: 'ts' }
}

/** The processes by their names, and the files that each of them runs: the same ones every time. */
function processesOf (chosen) {
  // tap runs them in the order of their names.
  const first = Object.entries(FIRST).flatMap(([folder, most]) =>
    spread(`1/${folder}`, chosen.filter(file => dirname(file) === folder), most))
  return [...first, ...spread('2/shared', chosen.filter(file => !(dirname(file) in FIRST)), MAX_SHARED)]
}

/** Spreads files over processes. Neighbours by name, which tend to be alike in length, are in different ones. */
function spread (name, files, most) {
  const count = Math.ceil(files.length / most)
  return Array.from({ length: count }, (_, nth) => [`${name}-${nth + 1}`, files.filter((_, index) => index % count === nth)])
}

/** The program of a process: one file after the other. */
function written ([name, files]) {
  const program = join(FOLDER, 'run', `${name}.js`)
  const loads = files.map(file => {
    const compiled = pathToFileURL(join(FOLDER, file.replace(/\.ts$/, '.js')))
    return `await run('${file}', ${TIMEOUT * 1000}, () => import('${compiled}'))\n`
  })
  mkdirSync(dirname(program), { recursive: true })
  writeFileSync(program, `import { run } from '${TEST_FILE}'\nprocess.chdir(${JSON.stringify(resolve('.'))})\n${loads.join('')}`)
  return program
}

/** Runs the programs, and gives tap's exit code. */
function tap (programs) {
  // tap takes the folder of this file for the project, and keeps there whatever it keeps.
  writeFileSync(join(FOLDER, '.taprc'), `timeout: ${TIMEOUT * MAX_SHARED}\n`)
  const program = join(dirname(createRequire(import.meta.url).resolve('tap/package.json')), 'dist/esm/run.mjs')
  const isCovered = files.length === 0 || options.includes('--show-full-coverage')
  const { status } = spawnSync(process.execPath, [
    program, 'run',
    // tap's own compiler is not needed, and takes more than half a second to load.
    '--test-env=TAP_TYPE_STRIP_ONLY=1',
    '--test-env=_TAPJS_PROCESSINFO_EXCLUDE_=/(^(node|tapmock):|\\/(\\.tap|node_modules)\\/)/',
    // What a test leaves behind is mostly dead by the next one: a larger nursery, collected by the thread that runs the tests, takes less.
    '--node-arg=--max-semi-space-size=64', '--node-arg=--single-threaded-gc',
    // More than processors, as most processes wait at times: for a child, a browser, a delay. It also gives the tests a larger part of
    // a machine that has something else to do.
    `--jobs=${4 * availableParallelism()}`,
    '--include=run/**', '--coverage-exclude=test/**', '--coverage-exclude=run/**',
    ...isCovered ? [] : ['--disable-coverage', '--allow-empty-coverage'],
    ...options, ...programs
  ], { cwd: FOLDER, stdio: 'inherit' })
  return status ?? 1
}

function fail (why) {
  console.error(`test: ${why}`)
  process.exitCode = 2
}
