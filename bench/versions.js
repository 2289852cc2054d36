// Compares what a request costs with another build: node bench/versions.js DIST [--turns N] [--of NAME,NAME] [--quick]
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { installProofs } from '../tools/proofs.js'
import { bundleBaselines } from './bundle.js'
import { contenders } from './contenders.js'
import { steps } from './measurements.js'
import { pinning } from './pinning.js'
import { startGenerator } from './processes.js'
import { quantile } from './quantile.js'
import { temporaryFolder } from './temporary-folder.js'

/** Load, as the number of concurrent connections. */
const CONNECTIONS = 10

const { values: { turns, quick, of }, positionals: [dist] } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '20' },
    of: { type: 'string', default: 'refused,emulator,get-projects,create-project' },
    quick: { type: 'boolean', default: false }
  }
})
if (dist === undefined) throw new Error('bench: name the other build, such as /tmp/before/dist')

installProofs()
bundleBaselines()
const generator = startGenerator()
console.log(await versions(resolve(dist), of.split(','), quick ? 1 : Number(turns)))
generator.stop()

/** Measures processor time per request, and writes the figures as Markdown. */
async function versions (dist, names, turns) {
  const folder = temporaryFolder()
  const plan = { starts: 0, turns, settleSeconds: 0, warmUpSeconds: quick ? 0.3 : 3, turnSeconds: quick ? 0.3 : 0.8 }
  const stepsOf = Object.fromEntries(steps(plan).map(({ name, step }) => [name, step]))
  const pins = pinning()
  const all = contenders(folder)
  const sessionOf = contender => ({ contender, pins, generator, plan })
  const bare = sessionOf(all.find(({ name }) => name === 'a'))
  const pairs = all.filter(({ name }) => names.includes(name)).map(contender => {
    const before = { ...contender, log: join(folder, `${contender.name}-before.log`), args: port => [join(dist, 'cli.js'), ...contender.args(port).slice(1)] }
    return { title: contender.title, before: sessionOf(before), after: sessionOf(contender), ratios: [], share: [], cpu: [] }
  })
  const sessions = [bare, ...pairs.flatMap(({ before, after }) => [before, after])]
  for (const name of ['start', 'warm-up']) for (const session of sessions) await stepsOf[name](session)
  const cpu = async session => (await stepsOf[`${CONNECTIONS} connections`](session))[`cpu ${CONNECTIONS}`]
  for (let turn = 0; turn < turns; turn++) {
    const least = await cpu(bare)
    for (const { before, after, ratios, share, cpu: samples } of pairs) {
      // Now one is first, now the other.
      const times = new Map()
      for (const session of turn % 2 === 0 ? [before, after] : [after, before]) times.set(session, await cpu(session))
      ratios.push(times.get(after) / times.get(before))
      share.push(least / times.get(after))
      samples.push(times.get(after))
    }
  }
  for (const session of sessions) await stepsOf.stop(session)
  const row = ({ title, ratios, share, cpu: samples }) => {
    const [q1, median, q3] = [0.25, 0.5, 0.75].map(part => quantile(ratios, part).toFixed(3))
    return `| ${title} | ${median} | ${q1} to ${q3} | ${quantile(samples, 0.5).toFixed(1)} | ${quantile(share, 0.5).toFixed(2)} |`
  }
  return [
    `| CPU of a request at ${CONNECTIONS} connections, ${turns} turns | of before | quartiles | µs | bare Fastify's share |`,
    '|---|---:|---:|---:|---:|',
    ...pairs.map(row)
  ].join('\n')
}
