import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { environmentName, readConfig, SETTINGS } from '../src/cli/flags.js'
import { startEmulator } from '../src/index.js'
import type { StartOptions } from '../src/server/options.js'
import { start, type Started } from '../src/server/start.js'
import { packagesFor } from '../src/store/sqlite.js'
import { CA_FILE } from '../src/tls/ca-file.js'
import { SAMPLE_ANSWER } from './support/emulator.js'

const dockerfile = readFileSync('Dockerfile', 'utf8').replace(/\\\n/g, ' ').replace(/^#.*\n/gm, '')
const compose = readFileSync('docker-compose.yml', 'utf8')
const runtime = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))

t.test('every PICKY_EMULATOR_ variable in the Dockerfile and the compose file is a setting', async t => {
  const known = Object.keys(SETTINGS).map(environmentName)
  for (const [file, least] of [['Dockerfile', 3], ['docker-compose.yml', 2], ['docker-compose.unchanged.yml', 3]] as const) {
    const named = new Set(readFileSync(file, 'utf8').match(/PICKY_EMULATOR_\w+/g))
    t.ok(named.size >= least, `${file} names ${[...named].join(', ')}`)
    t.strictSame([...named].filter(name => !known.includes(name)), [], `${file} names no other`)
  }
})

t.test('the image starts the command as process 1, as a user that is not root and that a number names', async t => {
  t.strictSame(JSON.parse(instruction('ENTRYPOINT')), ['node', '/app/dist/cli.js'])
  t.match(instruction('USER'), /^[1-9]\d*:[1-9]\d*$/)
})

t.test('the image asks for its health by our own command, and often while it starts', async t => {
  const [options = '', command = ''] = instruction('HEALTHCHECK').split(/ +CMD +/)
  t.strictSame(JSON.parse(command), ['node', '/app/dist/cli.js', 'health'])
  t.match(options, /--interval=[1-5]s\b/)
  // Docker before 25 and buildah before 1.32 know these alone, and build nothing with another.
  const known = ['interval', 'timeout', 'retries', 'start-period']
  t.strictSame([...options.matchAll(/--([a-z-]+)/g)].map(([, name]) => name).filter(name => !known.includes(name!)), [])
  t.notMatch(compose, 'start_interval')
})

t.test('the certificates of the second compose file are where the image has a folder for them, and the client trusts their CA', async t => {
  const unchanged = readFileSync('docker-compose.unchanged.yml', 'utf8')
  const folder = /PICKY_EMULATOR_TLS_DIR: (\S+)/.exec(unchanged)![1]!
  t.match(runtime, new RegExp(`install --directory .* ${folder}\n`))
  t.match(unchanged, `- tls:${folder}\n`)
  t.match(unchanged, `- tls:${folder}:ro\n`)
  t.match(unchanged, `NODE_EXTRA_CA_CERTS: ${folder}/${CA_FILE}\n`)
  t.match(unchanged, /aliases:\n +- pickyassist\.com\n/)
})

t.test('the client of the second compose file gets the documented answer at the vendor\'s address', async t => {
  await using emulator = await startEmulator({ intercept: true, clock: 'frozen:2020-06-16T12:00:00Z' })
  const printed = t.capture(console, 'log')
  await import(new URL('../docker/unchanged-client.mjs', import.meta.url).href)
  t.strictSame(printed().map(({ args }) => args), [[JSON.parse(SAMPLE_ANSWER)]])
  t.equal(await emulator.requests.count(), 1)
})

t.test('the default port is the one that is set, exposed and published', async t => {
  const port = SETTINGS.port!.default!
  t.equal(instruction('EXPOSE'), port)
  t.match(runtime, `\nENV PICKY_EMULATOR_PORT=${port}\n`)
  t.match(compose, `- 127.0.0.1:${port}:${port}\n`)
  t.match(compose, `http://emulator:${port}/`)
})

/** What the package holds for readers; a program that runs needs none of it. */
const FOR_READERS = /^docs$|^examples$|\.md$|^Dockerfile$|^docker-compose\b.*\.yml$|^!/

t.test('what the package needs to run is in the image', async t => {
  const { files: packed } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] }
  const files = packed.filter(file => !FOR_READERS.test(file))
  t.strictSame(files, ['dist', 'migrations', 'fixtures'])
  const allowed = readFileSync('.dockerignore', 'utf8')
  for (const file of [...files, 'package.json']) t.match(runtime, new RegExp(`^COPY --from=build .*/app/${file}\\b`, 'm'), file)
  for (const file of files.filter(file => file !== 'dist')) t.match(allowed, `\n!${file}\n`, `${file} reaches the build`)
})

t.test('the image holds the driver of its Node.js, and no other package', async t => {
  t.match(runtime, /^\nFROM node:22-/, 'of which every version now has Node-API 10')
  const copied = [...runtime.matchAll(/^COPY --from=build \/app\/node_modules\/(\S+) node_modules\/\1$/gm)].map(([, name]) => name!)
  t.equal(runtime.match(/node_modules/g)!.length, 2 * copied.length, 'nothing else is copied from node_modules')
  t.strictSame(copied, packagesFor(10).slice(0, 1))
})

t.test('labels say what the image is, as the package does', async t => {
  const labels = Object.fromEntries([...instruction('LABEL').matchAll(/org\.opencontainers\.image\.([a-z]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
  const { name: title, description, version, license: licenses } = manifest('.')
  t.strictSame(labels, { title, description, version, licenses })
})

t.test('what the compose file mounts is there', async t => {
  const mounted = [...compose.matchAll(/- \.\/(\S+?):/g)].map(([, path]) => path!)
  t.equal(mounted.length, 2)
  for (const path of mounted) t.ok(existsSync(path), path)
})

t.test("the compose file's client", async t => {
  const asComposed = { ...composedOptions(), db: `${t.testdir()}/emulator.db` }
  const documented = `${JSON.stringify(JSON.parse(SAMPLE_ANSWER))}\n`

  for (const run of ['on a fresh volume', 'on the volume of an earlier run']) {
    await t.test(`gets the documented answer ${run}`, async t => {
      const emulator = await started(t, asComposed)
      t.equal(emulator.resumed, run !== 'on a fresh volume')
      t.strictSame(await client(emulator.url), { code: 0, out: documented })
      t.strictSame(await client(emulator.url), { code: 0, out: documented }, 'and once more')
    })
  }

  await t.test('fails on any other answer', async t => {
    const { url } = await started(t, { ...asComposed, db: ':memory:', wire: { types: 'table' } })
    const { code, out } = await client(url)
    t.equal(code, 1)
    t.match(out, '"status":100')
  })

  await t.test('fails without an answer', async t => {
    const { url, stop } = await started(t, asComposed)
    await stop()
    t.strictSame(await client(url), { code: 1, out: '' })
  })
})

/** What the last stage says after an instruction's name. */
function instruction (name: string): string {
  const line = new RegExp(`^${name} +(.*)`, 'm').exec(runtime)
  if (line === null) throw new Error(`the runtime stage has no ${name}`)
  return line[1]!
}

/** The emulator's settings as the compose file has them, with the scenario where it lies here. */
function composedOptions (): StartOptions {
  const lines = compose.replace(' /scenarios/', ' docker/scenarios/').matchAll(/^ +(PICKY_EMULATOR_\w+): (.+)$/gm)
  const env = Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]))
  return { ...readConfig({}, env).options, port: 0, logLevel: 'silent' }
}

async function started (t: Test, options: StartOptions): Promise<Started> {
  const emulator = await start(options)
  t.teardown(emulator.stop)
  return emulator
}

function client (url: string): Promise<{ code: number, out: string }> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, ['docker/client.mjs'], { env: { PICKY_ASSIST_API: `${url}/app/api/v2` } }, (_error, out) => {
      resolve({ code: child.exitCode!, out })
    })
  })
}

interface Manifest { name: string, description: string, version: string, license: string, dependencies: Record<string, string> }

function manifest (folder: string): Manifest {
  return JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest
}
