import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { AIMS, CONNECTIONS, LIMITS } from './contenders.js'
import { quantile } from './quantile.js'

/** Load of the generator above which it may have been the bottleneck. */
const BUSY = 0.95

/** Writes the measurements as Markdown. A ratio is the median of the ratios of samples that belong together. */
export function report (sessions, plan, pins, folder) {
  const samples = Object.fromEntries(sessions.map(session => [session.contender.name, session.samples]))
  const limits = sessions.map(({ contender }) => contender).filter(({ isLimit }) => isLimit).map(({ name }) => name)
  const isCapped = (name, connections) => quantile(samples[name][`busy ${connections}`], 0.5) > BUSY
  const isAnyCapped = sessions.some(({ contender: { name } }) => CONNECTIONS.some(connections => isCapped(name, connections)))

  return [
    circumstances(plan, pins, folder),
    '',
    ...CONNECTIONS.flatMap(loadTable),
    ...isAnyCapped ? ['\\* The load generator was busy all the time: the server may be faster than this.', ''] : [],
    ...startTable(),
    ...aimTable()
  ].join('\n')

  function loadTable (connections) {
    return [
      `**${counted(connections, 'connection')}**`,
      '',
      ...table(['', 'requests/s', ...limits.map(limit => `of (${limit})`), 'p50 ms', 'p99 ms', 'CPU µs/request'], ({ name }) => [
        value(name, `rps ${connections}`) + (isCapped(name, connections) ? ' \\*' : ''),
        ...limits.map(limit => ratio(name, `rps ${connections}`, limit)),
        value(name, `p50 ${connections}`, 3),
        value(name, `p99 ${connections}`, 3),
        value(name, `cpu ${connections}`, 1)
      ]),
      ''
    ]
  }

  function startTable () {
    const metrics = ['cold start', 'idle memory', 'loaded memory']
    return [
      '**Start and memory**',
      '',
      ...table(['', 'cold start ms', 'of (a)', 'idle MB', 'of (a)', 'after load MB', 'of (a)', 'after requests'], ({ name }) =>
        [...metrics.flatMap(metric => [value(name, metric), ratio(name, metric, 'a')]), value(name, 'loaded served')]),
      ''
    ]
  }

  function aimTable () {
    const rows = AIMS.map(({ what, of, metric, limit, least, most }) => {
      const found = ratios(of, metric, limit)
      const median = quantile(found, 0.5)
      const isMet = least === undefined ? median <= most : median >= least
      const target = least === undefined ? `≤ ${most}` : `≥ ${least}`
      const middle = `${quantile(found, 0.25).toFixed(2)} to ${quantile(found, 0.75).toFixed(2)}`
      return [what, `${target}${limit.length === 1 ? ` of (${limit})` : ''}`, median.toFixed(2), middle, isMet ? 'met' : 'missed']
    })
    const figures = LIMITS.map(({ what, metric, most }) => {
      const median = quantile(samples.emulator[metric], 0.5)
      return [what, `≤ ${most}`, median.toFixed(median < 10 ? 2 : 0), '', median <= most ? 'met' : 'missed']
    })
    return ['**Aims**', '', ...markdown(['', 'aim', 'measured', 'middle half of the ratios', ''], [...rows, ...figures])]
  }

  function table (head, cellsOf) {
    return markdown(head, sessions.map(({ contender }) => [contender.title, ...cellsOf(contender)]))
  }

  function value (name, metric, decimals = 0) {
    const median = quantile(samples[name][metric], 0.5)
    return Number.isNaN(median) ? 'unknown' : median.toFixed(decimals)
  }

  function ratio (name, metric, limit) {
    return name === limit ? '1' : quantile(ratios(name, metric, limit), 0.5).toFixed(2)
  }

  function ratios (name, metric, limit) {
    return samples[name][metric].map((sample, index) => sample / samples[limit][metric][index])
  }
}

function circumstances ({ rounds, starts, turns, turnSeconds, loadBefore }, { prefix, server, generator }, folder) {
  const machine = `${cpus()[0].model}, ${counted(cpus().length, 'core')}, Node ${process.version.slice(1)}`
  const perRound = `${counted(turns, 'turn')} of ${turnSeconds} s under each load and ${counted(starts, 'cold start')}`
  return [
    `${new Date().toISOString().slice(0, 16)}Z, ${machine}, load average before ${loadBefore.toFixed(1)}.`,
    `Medians of ${counted(rounds, 'round')}, each with ${perRound}, the files in the system's cache.`,
    prefix.length > 0
      ? `Servers pinned to core ${server}, the load generator to core ${generator}.`
      : 'NOT pinned to cores (no `taskset`, or only one core): servers and load generator compete for time.',
    `A write of 4 KB with its fdatasync takes ${syncMilliseconds(folder).toFixed(2)} ms on this disk.`,
    'Every answer was checked. A granted request adds a ledger entry, which a database in memory keeps there.',
    'CPU is what the server itself needs for a request, whatever else the machine does meanwhile.'
  ].join('\n')
}

function markdown (head, rows) {
  const line = cells => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => index === 0 ? '---' : '---:')), ...rows.map(line)]
}

function counted (count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function syncMilliseconds (folder) {
  const file = openSync(join(folder, 'sync'), 'w')
  const page = Buffer.alloc(4096)
  const times = Array.from({ length: 50 }, () => {
    const began = performance.now()
    writeSync(file, page)
    fdatasyncSync(file)
    return performance.now() - began
  })
  closeSync(file)
  return quantile(times, 0.5)
}
