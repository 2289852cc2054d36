import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import t, { type Test } from 'tap'
import type { SweepReport } from '../../src/contract/sweep-report.js'
import { CLI, ROOT, run } from '../support/built.js'
import { effort } from '../support/effort.js'

const read = (file: string): string => readFileSync(join(ROOT, 'examples', file), 'utf8')

/** What the examples' `npm test` stands for: a client that charges twice, in 10 runs. */
const CLIENT = `node ${join(ROOT, 'examples/clients/retries-on-any-error.mjs')} create`
const FAULTS = 'http_error,connection_reset,truncated_body'

/** How reports are merged is tested in test/sweep/merge.test.ts, without a process for each run. */
const inFull = effort({ skip: 'npm run prove runs it' }, {})

const folder = mkdtempSync(join(tmpdir(), 'picky-shards-'))
t.teardown(() => { rmSync(folder, { recursive: true }) })
mkdirSync(join(folder, 'bin'))
symlinkSync(CLI, join(folder, 'bin', 'picky-emulator'))
mkdirSync(join(folder, 'reports'))

/** Runs a line of an example, with fewer faults. */
async function shell (line: string, variables: Readonly<Record<string, string>> = {}) {
  const here = line.replaceAll('npx ', '').replaceAll('/reports', `${folder}/reports`).replace('-- npm test', `-- ${CLIENT}`)
    .replace('--faults all', `--faults ${FAULTS} --log-level silent`)
  const path = `PATH=${join(folder, 'bin')}${delimiter}${process.env.PATH!}`
  return await run('env', [path, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), 'sh', '-eu', '-c', here], { cwd: folder })
}

/** A report without what differs between two sweeps that are alike. */
function comparable (file: string): object {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'), (key, value: unknown) => /^(duration_ms|started_at)$/.test(key) ? 0 : value) as SweepReport
  return report
}

const whole = t.test('a sweep of all runs, to compare with', inFull, async t => {
  const { code } = await shell('picky-emulator sweep --faults all --report whole.json -- npm test')
  t.equal(code, 1)
})

/** The number of a job, as GitHub Actions writes it into a line. */
const SHARD = /\$\{\{ matrix\.shard \}\}/g

/** The lines of a file that start a sweep, without the key of YAML before them. */
const linesOf = (file: string): string[] => [...read(file).matchAll(/^ *- (?:run: )?(npx picky-emulator sweep .*)$/gm)].map(([, line]) => line!)

async function sameAsWhole (t: Test, shards: ReadonlyArray<() => ReturnType<typeof shell>>, merge: string, merged: string): Promise<void> {
  await whole
  for (const shard of shards) {
    const { code, stderr } = await shard()
    t.equal(code, 0, `a shard that has found a failure goes on to the report ${stderr}`)
  }
  const { code, stdout } = await shell(merge)
  t.equal(code, 1, stdout)
  t.strictSame(comparable(merged), comparable('whole.json'))
}

t.test('the shards of the CI example, merged, are the report of one sweep', inFull, async t => {
  const [shard = '', merge = '', ...others] = linesOf('ci/github-actions.yml')
  t.strictSame(others, [])
  const [, indexes = ''] = /^ +shard: \[(.*)\]$/m.exec(read('ci/github-actions.yml'))!
  t.equal(indexes, '1, 2, 3')
  await sameAsWhole(t, indexes.split(', ').map(index => () => shell(shard.replaceAll(SHARD, index))), merge, 'sweep.json')
  t.match(readFileSync(join(folder, 'sweep.md'), 'utf8'), 'double-charge')
  t.match(readFileSync(join(folder, 'sweep.xml'), 'utf8'), '<testsuites')
})

t.test('the shards of the Kubernetes Job, merged, are the report of one sweep', inFull, async t => {
  const [shard = '', ...others] = linesOf('kubernetes/sweep.yaml')
  const [merge = '', ...more] = linesOf('kubernetes/report.yaml')
  t.strictSame([...others, ...more], [])
  const [, completions] = /^ {2}completions: (\d+)$/m.exec(read('kubernetes/sweep.yaml'))!
  t.equal(completions, '3')
  await sameAsWhole(t, ['0', '1', '2'].map(index => () => shell(shard, { JOB_COMPLETION_INDEX: index })), merge, 'reports/sweep.json')
})

t.test('a shard that can\'t be swept fails', async t => {
  for (const file of effort(['ci/github-actions.yml'], ['ci/github-actions.yml', 'kubernetes/sweep.yaml'])) {
    const [line = ''] = linesOf(file)
    const { code } = await shell(line.replaceAll(SHARD, '1').replace('npm test', 'false'), { JOB_COMPLETION_INDEX: '0' })
    t.equal(code, 1, file)
  }
})

/** Validators by the kinds of what they are for: compiled schemas, below what their package exports. */
const SCHEMAS: Readonly<Record<string, string>> = {
  Job: './node_modules/kubernetes-models/_schemas/IoK8sApiBatchV1Job.js',
  PersistentVolumeClaim: './node_modules/kubernetes-models/_schemas/IoK8sApiCoreV1PersistentVolumeClaim.js'
}

interface Validate {
  (data: Manifest): boolean
  readonly errors: unknown
}

t.test('the Kubernetes examples fit the schemas of Kubernetes, and have no key that is in none', inFull, async t => {
  const proofs = createRequire(join(ROOT, 'proofs', 'package.json'))
  const { parseAllDocuments } = proofs('yaml') as { parseAllDocuments: (text: string) => Array<{ toJS: () => Manifest }> }
  const unread = (manifest: Manifest): string[] => {
    const read = new Set<string>()
    const { validate } = proofs(SCHEMAS[manifest.kind]!) as { validate: Validate }
    t.ok(validate(watched(manifest, '', read)), JSON.stringify(validate.errors))
    return keysOf(manifest, '').filter(key => !read.has(key))
  }
  const manifests = ['sweep.yaml', 'report.yaml'].flatMap(file => parseAllDocuments(read(`kubernetes/${file}`)).map(document => document.toJS()))
  t.strictSame(manifests.map(({ kind }) => kind), ['PersistentVolumeClaim', 'Job', 'Job'])
  for (const manifest of manifests) t.strictSame(unread(manifest), [])
  const job = manifests[1]!
  t.strictSame(unread({ ...job, spec: { ...job.spec, complete: 3 } }), ['/spec/complete'], 'an example of one that has')
  const { validate } = proofs(SCHEMAS.Job!) as { validate: Validate }
  t.notOk(validate({ ...job, spec: { ...job.spec, completions: 'three' } }))
})

interface Manifest { readonly kind: string, readonly spec: object }

/** A value that notes which of its keys are read: the schemas' validators read each key that they know. */
function watched<Value extends object> (value: Value, path: string, read: Set<string>): Value {
  return new Proxy(value, {
    get (target, key) {
      const found: unknown = Reflect.get(target, key)
      if (typeof key === 'symbol') return found
      const place = `${path}/${key}`
      read.add(place)
      return typeof found === 'object' && found !== null ? watched(found, place, read) : found
    }
  })
}

function keysOf (value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [`${path}/${key}`, ...keysOf(inner, `${path}/${key}`)])
}
