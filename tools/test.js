// Runs all tests (npm test), which must cover every line, or some files (npm run test:one -- test/json.test.ts). Options are tap's.
// A process per file, each compiling what it loads, would take longer than most tests. So everything is compiled once, and the
// files of a folder share processes.
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'

const OUT = '.test'

/** Maximum number of files that share a process: fewer cost more process starts; more leave one process running alone at the end. */
const MAX_SHARED = 6

/** Folders whose files each get a process, and start first: they take longest, and inspect their own process. */
const ALONE = ['test/reliability', 'test/e2e']

/** Time limit of a file, in seconds. */
const { tap: { timeout } } = JSON.parse(readFileSync('package.json', 'utf8'))

const options = process.argv.slice(2).filter(argument => argument.startsWith('-'))
const requested = process.argv.slice(2).filter(argument => !argument.startsWith('-')).map(file => relative('.', file))
const missing = requested.filter(file => !existsSync(file))
if (missing.length > 0) throw new Error(`no such file: ${missing.join(', ')}`)

const sources = filesBelow('src').filter(file => file.endsWith('.ts'))
const tests = filesBelow('test').filter(file => file.endsWith('.ts'))
const chosen = requested.length > 0 ? requested : tests.filter(file => file.endsWith('.test.ts'))

rmSync(OUT, { recursive: true, force: true })
// The `t` that a file imports is the subtest named after the file that is running.
mkdirSync(join(OUT, 'run'), { recursive: true })
writeFileSync(join(OUT, 'run/current.js'), `import tap from 'tap'
export { current as default }
let current = tap
export async function run (file, load) {
  await tap.test(file, { timeout: ${timeout * 1000} }, async t => {
    current = t
    await load()
  })
  current = tap
}
`)

await build({
  entryPoints: [...sources, ...tests],
  outdir: OUT,
  outbase: '.',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  plugins: [{ name: 'tests', setup: bundle => bundle.onLoad({ filter: /\.ts$/ }, compiledTest) }]
})
const runs = groups().map(([name, files]) => {
  const entry = join(OUT, 'run', `${name}.js`)
  mkdirSync(dirname(entry), { recursive: true })
  writeFileSync(entry, entryOf(files))
  return entry
})
const tap = join(dirname(createRequire(import.meta.url).resolve('tap/package.json')), 'dist/esm/run.mjs')
const { status } = spawnSync(process.execPath, [
  tap, 'run',
  // Skips tap's compiler, which is not needed and takes more than half a second to load.
  '--test-env=TAP_TYPE_STRIP_ONLY=1',
  // tap's default leaves one processor idle, even if there are only two.
  `--jobs=${availableParallelism()}`,
  `--timeout=${timeout * MAX_SHARED}`,
  `--include=${OUT}/run/**`,
  ...tests.map(file => `--coverage-exclude=${compiled(file)}`), `--coverage-exclude=${OUT}/run/**`,
  ...requested.length > 0 ? ['--disable-coverage', '--allow-empty-coverage'] : [],
  ...options, ...runs
], { stdio: 'inherit' })
process.exitCode = status ?? 1

function filesBelow (folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return entries.map(entry => join(entry.parentPath ?? entry.path, entry.name)).sort()
}

function compiled (file) {
  return join(OUT, file.replace(/\.ts$/, '.js'))
}

/** Assigns files to named processes, always in the same way. */
function groups () {
  const isAlone = file => ALONE.includes(dirname(file))
  const alone = ALONE.flatMap(folder => chosen.filter(file => dirname(file) === folder))
    .map(file => [file.replace(/\.test\.ts$/, ''), [file]])
  const shared = []
  for (const folder of new Set(chosen.filter(file => !isAlone(file)).map(dirname))) {
    const files = chosen.filter(file => dirname(file) === folder)
    const processes = Math.ceil(files.length / MAX_SHARED)
    // Dealt out in turn, because files with adjacent names tend to take similarly long.
    for (let nth = 0; nth < processes; nth++) shared.push([`${folder}-${nth + 1}`, files.filter((_, index) => index % processes === nth)])
  }
  return [...alone, ...shared]
}

/** Writes a module that runs files one after another, each as a subtest of its name. */
function entryOf (files) {
  return `import { run } from '${pathToFileURL(join(OUT, 'run/current.js'))}'
${files.map(file => `await run('${file}', () => import('${pathToFileURL(compiled(file))}'))`).join('\n')}
`
}

/** Compiles a test so that `import.meta.url` is that of its source, and its tests belong to the subtest named after it. */
function compiledTest ({ path }) {
  const file = relative('.', path)
  if (!tests.includes(file)) return undefined
  const contents = readFileSync(path, 'utf8')
    .replace(/ from 'tap'$/m, ` from '${pathToFileURL(join(OUT, 'run/current.js'))}'`)
    .replaceAll('import.meta.url', `'${pathToFileURL(path)}'`)
  return { contents, loader: 'ts' }
}
