// Measures what recording for cases costs: part of bench/run.js, or node bench/recording.js [--quick]
import { build } from 'esbuild'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMMAND } from '../tools/bundle-options.js'
import { installProofs } from '../tools/proofs.js'
import { CACHE } from './bundle.js'
import { contenders } from './contenders.js'
import { steps } from './measurements.js'
import { pinning } from './pinning.js'
import { startGenerator } from './processes.js'
import { quantile } from './quantile.js'
import { temporaryFolder } from './temporary-folder.js'

const AIM = 0.03

/** Load, as the number of concurrent connections. */
const CONNECTIONS = 10

/** What an emulator without a timeline has in the place of some of its code, by file; there is no such setting. */
const WITHOUT = {
  'runtime/timeline.ts': [
    'export function createTimeline',
    `export function createTimeline (_limits: JournalLimits, start: TimelineStart): Timeline {
      return { start, position: () => 0, place () {}, lastCall: () => null, complete () {}, begin () {}, steps: () => ({ first: 0, steps: [] }), isLost: () => true }
    }
    function recordingTimeline`
  ],
  'server/exchange.ts': ['return { kind: \'request\', at, arrived,', 'return { at } as TimelineRequest\n  return { kind: \'request\', at, arrived,']
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installProofs()
  const generator = startGenerator()
  console.log(await recording(process.argv.includes('--quick'), { generator, pins: pinning() }))
  generator.stop()
}

/** Measures, and writes the figures as Markdown. */
export async function recording (isQuick, { generator, pins }) {
  const { rounds, turns, ...plan } = isQuick
    ? { rounds: 1, turns: 1, starts: 0, warmUpSeconds: 0.3, turnSeconds: 0.3 }
    : { rounds: 6, turns: 12, starts: 0, warmUpSeconds: 3, turnSeconds: 1 }
  const folder = temporaryFolder()
  const [recorded, unrecorded] = [await bundled('recorded', {}), await bundled('unrecorded', WITHOUT)]
  const emulator = contenders(folder).find(({ name }) => name === 'emulator')
  const sessions = [recorded, unrecorded].map((cli, index) => ({
    contender: { ...emulator, args: port => [cli, ...emulator.args(port).slice(1)], log: join(folder, `${index}.log`) }, pins, generator, plan
  }))
  const stepsOf = Object.fromEntries(steps({ starts: 0, turns }).map(({ name, step }) => [name, step]))
  const ratios = { cpu: [], rps: [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of ['start', 'warm-up']) for (const session of sessions) await stepsOf[name](session)
    for (let turn = 0; turn < turns; turn++) {
      // Now one is first, now the other.
      const order = turn % 2 === 0 ? sessions : [...sessions].reverse()
      const samples = new Map()
      for (const session of order) samples.set(session, await stepsOf[`${CONNECTIONS} connections`](session))
      const [one, other] = sessions.map(session => samples.get(session))
      ratios.cpu.push(one[`cpu ${CONNECTIONS}`] / other[`cpu ${CONNECTIONS}`])
      ratios.rps.push(other[`rps ${CONNECTIONS}`] / one[`rps ${CONNECTIONS}`])
    }
    for (const session of sessions) await stepsOf.stop(session)
  }
  const percent = ratio => `${((ratio - 1) * 100).toFixed(1)} %`
  const rowOf = (what, values) => `| ${what} | ${percent(quantile(values, 0.5))} | ${percent(quantile(values, 0.25))} to ${percent(quantile(values, 0.75))} |`
  return [
    `| what recording for cases costs a request at ${CONNECTIONS} connections (aim: ≤ ${100 * AIM} %) | median | quartiles |`,
    '|---|---:|---:|',
    rowOf('of its CPU time', ratios.cpu),
    rowOf('of its share of the throughput', ratios.rps)
  ].join('\n')
}

/** Bundles the command with some of its code replaced, and returns the file to run. */
async function bundled (name, replacements) {
  const outdir = join(CACHE, name)
  const files = Object.entries(replacements)
  await build({
    ...COMMAND,
    entryPoints: ['src/cli/cli.ts'],
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    outdir,
    plugins: [{
      name,
      setup (bundler) {
        for (const [file, [before, after]] of files) {
          bundler.onLoad({ filter: new RegExp(`/src/${file.replace('.', '\\.')}$`) }, ({ path }) => {
            const code = readFileSync(path, 'utf8')
            if (!code.includes(before)) throw new Error(`${file} has no ${before}`)
            return { contents: code.replace(before, after), loader: 'ts' }
          })
        }
      }
    }]
  })
  return join(outdir, 'cli.js')
}
