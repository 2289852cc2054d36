// Runs the tests: all of them (npm test), which must cover every line, or some (npm run test:one -- test/json.test.ts). Options are tap's.
// A process for each file, which compiles what it loads, costs more time than most tests take: so all is compiled once, and the files of a folder share a process.
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'

const OUT = '.test'

/** The most files that share a process: with fewer, more time goes into starting processes; with more, one of them is the last for long. */
const MAX_SHARED = 6

/** Folders whose files have a process each, and start first: they are the longest, and look at what their process holds. */
const ALONE = ['test/reliability', 'test/e2e']

/** After how many seconds a file is given up. */
const { tap: { timeout } } = JSON.parse(readFileSync('package.json', 'utf8'))

const options = process.argv.slice(2).filter(argument => argument.startsWith('-'))
const asked = process.argv.slice(2).filter(argument => !argument.startsWith('-')).map(file => relative('.', file))
const missing = asked.filter(file => !existsSync(file))
if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')}`)

const sources = filesBelow('src').filter(file => file.endsWith('.ts'))
const tests = filesBelow('test').filter(file => file.endsWith('.ts'))
const chosen = asked.length > 0 ? asked : tests.filter(file => file.endsWith('.test.ts'))

rmSync(OUT, { recursive: true, force: true })
// A test's `t` is the test that is named like its file, whichever file runs at the time.
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
  // tap's own compiler is not needed, and would not be loaded in less than half a second.
  '--test-env=TAP_TYPE_STRIP_ONLY=1',
  // tap's own default leaves a processor free, of two as well.
  `--jobs=${availableParallelism()}`,
  `--timeout=${timeout * MAX_SHARED}`,
  `--include=${OUT}/run/**`,
  ...tests.map(file => `--coverage-exclude=${compiled(file)}`), `--coverage-exclude=${OUT}/run/**`,
  ...asked.length > 0 ? ['--disable-coverage', '--allow-empty-coverage'] : [],
  ...options, ...runs
], { stdio: 'inherit' })
process.exitCode = status ?? 1

function filesBelow (folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath ?? entry.path, entry.name)).sort()
}

function compiled (file) {
  return join(OUT, file.replace(/\.ts$/, '.js'))
}

/** The names of the processes, and the files that each of them runs: the same ones every time. */
function groups () {
  const isAlone = file => ALONE.includes(dirname(file))
  const alone = ALONE.flatMap(folder => chosen.filter(file => dirname(file) === folder)).map(file => [file.replace(/\.test\.ts$/, ''), [file]])
  const shared = []
  for (const folder of new Set(chosen.filter(file => !isAlone(file)).map(dirname))) {
    const files = chosen.filter(file => dirname(file) === folder)
    const processes = Math.ceil(files.length / MAX_SHARED)
    // One in so many, rather than so many in a row: neighbours by name tend to be alike in length, too.
    for (let nth = 0; nth < processes; nth++) shared.push([`${folder}-${nth + 1}`, files.filter((_, index) => index % processes === nth)])
  }
  return [...alone, ...shared]
}

/** Runs one file after the other, each as a test of its name. */
function entryOf (files) {
  return `import { run } from '${pathToFileURL(join(OUT, 'run/current.js'))}'
${files.map(file => `await run('${file}', () => import('${pathToFileURL(compiled(file))}'))`).join('\n')}
`
}

/** A test knows its place as the source that it is, and its tests belong to the one that is named like the file. */
function compiledTest ({ path }) {
  const file = relative('.', path)
  if (!tests.includes(file)) return undefined
  const contents = readFileSync(path, 'utf8')
    .replace(/ from 'tap'$/m, ` from '${pathToFileURL(join(OUT, 'run/current.js'))}'`)
    .replaceAll('import.meta.url', `'${pathToFileURL(path)}'`)
  return { contents, loader: 'ts' }
}
