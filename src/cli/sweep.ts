import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { caseText } from '../case/write.js'
import type { Case } from '../contract/case.js'
import type { SweepReport } from '../contract/sweep-report.js'
import { writeClientFiles } from '../environment/files.js'
import { checkOutputFile, writeOutputFile } from '../output-file.js'
import { Problem } from '../problem.js'
import type { OptionName, StartOptions } from '../server/options.js'
import { commandRunner } from '../sweep/command-runner.js'
import { dialectOf } from '../sweep/dialect.js'
import { mergeReports, type ReportFile } from '../sweep/merge.js'
import type { Variation } from '../sweep/observation.js'
import { NoReference } from '../sweep/reference.js'
import { pairsText } from '../sweep/sentence.js'
import { sweepAll, type Sweep } from '../sweep/sweep.js'
import { startWatchdog } from '../sweep/watchdog.js'
import { checkReportFiles, readReport, writeReports } from '../sweep/write-report.js'
import { shellWord } from '../text/shell-word.js'
import { createIdentity } from '../tls/certificate.js'
import type { Arguments } from './arguments.js'
import { GIVEN_VARIABLES, readConfig, SETTINGS, environmentName } from './flags.js'
import { complain } from './output.js'
import { notStarted, RUN_DEFAULTS } from './run.js'
import type { Shutdown } from './shutdown.js'
import { matrixText, sentences } from './sweep-matrix.js'
import { progressLine } from './sweep-progress.js'
import { readSweepFlags, type SweepFlags } from './sweep-options.js'

type Texts = Readonly<Record<string, string | undefined>>

/** Exit codes besides 0: a failure was found; there is no reference; a signal came. */
const FAILURE = 1
const NO_REFERENCE = 3
const INTERRUPTED = 130

/** Settings that each run has for itself: no two could share them. */
const OF_EACH_RUN: readonly OptionName[] = ['db', 'port', 'tlsPort', 'tlsDir', 'proxyPort', 'readyFile', 'caseDir', 'faults']

/** Runs a command under every failure, judges each run by the books, and returns the exit code. */
export async function sweep (
  { operands, behind, flags }: Pick<Arguments, 'operands' | 'behind' | 'flags'>, env: Texts, shutdown: Shutdown
): Promise<number> {
  const given = readSweepFlags(flags)
  if (operands.length > 0) throw new Problem(`sweep takes its command behind --; found ${JSON.stringify(operands[0])}`)
  if (flags.merge !== undefined) return finish(mergeReports(filesToMerge(flags.merge)), given)
  const [program, ...args] = behind ?? []
  if (program === undefined) throw new Problem('sweep needs -- and a command behind its options, such as picky-emulator sweep -- npm test')
  checkReportFiles(given.reports)
  if (given.saveDir !== null) checkOutputFile(join(given.saveDir, 'case.json'), '--save-dir')
  return await sweepCommand([program, ...args], given, flags, env, shutdown)
}

async function sweepCommand (command: [string, ...string[]], given: SweepFlags, flags: Texts, env: Texts, { leave }: Shutdown): Promise<number> {
  const own = withoutOwn(flags, env)
  const { options, nameOf, unknown } = readConfig(flags, own, RUN_DEFAULTS)
  for (const name of unknown) complain(`picky-emulator: ignored unknown environment variable ${name}`)
  const interrupt = new AbortController()
  const stop = (): void => { interrupt.abort() }
  if (!leave(stop)) return 0
  for (const signal of ENDING) process.on(signal, stop)
  const folder = mkdtempSync(join(tmpdir(), 'picky-emulator-sweep-'))
  const watchdog = startWatchdog(folder)
  const progress = progressLine(options.logLevel === 'silent')
  const sweepToTheEnd = async (): Promise<number> => {
    const identity = createIdentity()
    const files = writeClientFiles(folder, { ca: identity.ca, proxyPort: 0, tlsPort: null }, env)
    const run = commandRunner({
      command,
      env,
      options: { ...options, logLevel: 'silent' },
      nameOf,
      timeoutMs: given.timeoutMs,
      variables: GIVEN_VARIABLES,
      identity,
      files,
      folder,
      watchdog,
      keepCase: given.saveDir !== null
    })
    const report = await sweepAll(sweepOf(command, given, flags, options, run), {
      onPlanned: progress.planned,
      async onResult (result, saved) {
        progress.result(result)
        if (saved !== null && result.mark === 'failure') await saveCase(given.saveDir!, result.id, saved)
      }
    }, interrupt.signal).finally(progress.end)
    const code = finish(report, given)
    return interrupt.signal.aborted ? INTERRUPTED : code
  }
  try {
    return await sweepToTheEnd().catch(error => failureCode(error as NodeJS.ErrnoException, command[0], interrupt.signal))
  } finally {
    for (const signal of ENDING) process.off(signal, stop)
    rmSync(folder, { recursive: true, force: true })
    watchdog.stop()
  }
}

/** Says why there is no report, and returns the exit code for that. Throws any other error again. */
function failureCode (error: NodeJS.ErrnoException, program: string, interrupted: AbortSignal): number {
  if (interrupted.aborted) return INTERRUPTED
  if (error instanceof NoReference) {
    complain(`picky-emulator: ${error.message}`)
    return NO_REFERENCE
  }
  const { syscall = '' } = error
  if (syscall.startsWith('spawn')) return notStarted(program, error)
  throw error
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function sweepOf (command: [string, ...string[]], given: SweepFlags, flags: Texts, options: StartOptions, run: Sweep['run']): Sweep {
  const { faults, questions, instants, repeat, jobs, shard, only, accepted } = given
  const settings = Object.keys(SETTINGS).filter(flag => flags[flag] !== undefined && flag !== 'log-level').map(flag => [flag, flags[flag]!] as const)
  return {
    run,
    command,
    options: settings.flatMap(([flag, value]) => flagText(flag, value)),
    vary: { faults, questions, settled: Object.keys(options.assume ?? {}), wire: dialectOf(options.wire, 'wire') },
    instants,
    repeat,
    jobs,
    shard,
    only,
    accepted,
    reproduce: (variation, id, resets) => reproduceText({ command, settings, options, id, resets }, variation)
  }
}

interface Reproducible {
  readonly command: readonly string[]
  readonly settings: ReadonlyArray<readonly [string, string]>
  readonly options: StartOptions
  readonly id: string
  readonly resets: boolean
}

/**
 * Writes the command line that shows a run again. A suite that resets the world would disarm a fault of `run`, so it is swept again, for
 * this run alone.
 */
function reproduceText ({ command, settings, options, id, resets }: Reproducible, { fault, assume, wire, instant }: Variation): string {
  const again = ['sweep', '--only', id, '--faults', 'all', '--instants']
  const varied = [
    ...fault === null ? [] : ['--fault', pairsText(fault)],
    ...Object.keys(assume).length === 0 ? [] : ['--assume', pairsText({ ...options.assume, ...assume })],
    ...wire === null ? [] : ['--wire', pairsText({ ...options.wire, ...wire })],
    ...instant === null ? [] : ['--clock', `frozen:${instant}`]
  ]
  const kept = settings.filter(([flag]) => resets || !varied.includes(`--${flag}`)).flatMap(([flag, value]) => flagText(flag, value))
  return ['picky-emulator', ...resets ? again : ['run', ...varied], ...kept, '--', ...command].map(shellWord).join(' ')
}

function flagText (flag: string, value: string): string[] {
  return SETTINGS[flag]!.value === undefined ? [`--${flag}`] : [`--${flag}`, value]
}

/** Refuses flags of what each run has for itself, and leaves out such variables: they may be for another emulator. */
function withoutOwn (flags: Texts, env: Texts): Texts {
  const own = Object.entries(SETTINGS).filter(([, { option }]) => OF_EACH_RUN.includes(option)).map(([flag]) => flag)
  const set = own.find(flag => flags[flag] !== undefined)
  if (set !== undefined) throw new Problem(`--${set} can't be set for a sweep: each run has a world, ports and a fault of its own`)
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.some(flag => environmentName(flag) === name)))
}

async function saveCase (folder: string, id: string, saved: Case): Promise<void> {
  writeOutputFile(join(folder, `${id.replace(/[^a-zA-Z0-9._=+-]+/g, '_')}.json`), '--save-dir', await caseText(saved))
}

function filesToMerge (text: string): [ReportFile, ...ReportFile[]] {
  return text.split(',').map(file => ({ file, report: readReport(file) })) as [ReportFile, ...ReportFile[]]
}

/** Writes the reports, and prints the matrix and a sentence for each failure. */
function finish (report: SweepReport, { reports }: Pick<SweepFlags, 'reports'>): number {
  writeReports(reports, report)
  process.stdout.write(`${matrixText(report, process.stdout)}\n${sentences(report)}`)
  return report.ok ? 0 : FAILURE
}
