import { mkdirSync } from 'node:fs'
import { caseText } from '../case/write.js'
import type { SweepReport } from '../contract/sweep-report.js'
import { inTemporaryFolder, removeTemporaryFolder, temporaryFolder, writeClientFiles } from '../environment/files.js'
import { startWatchdog } from '../environment/watchdog.js'
import { AbortController } from '../machine.js'
import { Problem } from '../problem.js'
import type { OptionName, StartOptions } from '../server/options.js'
import { commandRunner } from '../sweep/command-runner.js'
import { dialectOf } from '../sweep/dialect.js'
import { mergeReports, type ReportFile } from '../sweep/merge.js'
import type { Variation } from '../sweep/observation.js'
import { NoReference } from '../sweep/reference.js'
import { pairsText } from '../sweep/sentence.js'
import { settledBy } from '../sweep/settled.js'
import { sweepAll, type Sweep } from '../sweep/sweep.js'
import { checkCaseFiles, checkReportFiles, checkSaveFolder, readReport, saveCase, writeReports } from '../sweep/write-report.js'
import { shellWord } from '../text/shell-word.js'
import { shownCommand } from '../text/shown-command.js'
import { createIdentity } from '../tls/certificate.js'
import type { Arguments } from './arguments.js'
import { COMMAND_OPTIONS } from './command-options.js'
import { GIVEN_VARIABLES, givenSettings, readConfig, SETTINGS, environmentName } from './flags.js'
import { complain } from './output.js'
import { notStarted, RUN_DEFAULTS } from './run.js'
import { ENDING_SIGNALS, type Shutdown } from './shutdown.js'
import { matrixText, sentences } from './sweep-matrix.js'
import { progressLine } from './sweep-progress.js'
import { readSweepFlags, type SweepFlags } from './sweep-options.js'
import { usedFiles } from './used-files.js'

type Texts = Readonly<Record<string, string | undefined>>

/** Exit codes besides 0: a failure was found; there is no reference, or runs of it are missing; a signal came. */
const FAILURE = 1
const NO_VERDICT = 3
const INTERRUPTED = 130

/** Settings that each run has for itself: no two could share them. */
const OF_EACH_RUN: readonly OptionName[] = ['db', 'port', 'tlsPort', 'tlsDir', 'proxyPort', 'readyFile', 'caseDir', 'faults']

/** Runs a command under every failure, judges each run by the books, and returns the exit code. */
export async function sweep (
  { operands, behind, flags }: Pick<Arguments, 'operands' | 'behind' | 'flags'>, env: Texts, shutdown: Shutdown
): Promise<number> {
  const given = readSweepFlags(flags)
  if (operands.length > 0) throw new Problem(`sweep takes its command behind --; found ${JSON.stringify(operands[0])}`)
  if (flags.merge !== undefined) {
    refuseBesideMerge(flags, behind)
    return finishMerge(mergeReports(filesToMerge(flags.merge, given.reports)), given)
  }
  const [program, ...args] = behind ?? []
  if (program === undefined || program === '') throw new Problem('sweep needs -- and a command behind its options, such as picky-emulator sweep -- npm test')
  return await sweepCommand([program, ...args], given, flags, env, shutdown)
}

async function sweepCommand (command: [string, ...string[]], given: SweepFlags, flags: Texts, env: Texts, { leave }: Shutdown): Promise<number> {
  const own = withoutOwn(flags, env)
  const { options, nameOf, unknown } = readConfig(flags, own, RUN_DEFAULTS)
  const inform = (line: string): void => { complain(`picky-emulator: ${line}`) }
  for (const name of unknown) inform(`ignored unknown environment variable ${name}`)
  const folder = temporaryFolder('sweep')
  const interrupt = new AbortController()
  const stop = (): void => { interrupt.abort() }
  if (!leave(stop)) return 0
  for (const signal of ENDING_SIGNALS) process.on(signal, stop)
  const watchdog = startWatchdog(folder)
  const drafts = { onDraft: watchdog.noteDraft }
  const progress = progressLine(options.logLevel === 'silent')
  const sweepToTheEnd = async (): Promise<number> => {
    const used = usedFiles(options)
    checkReportFiles(given.reports, used, drafts)
    if (given.saveDir !== null) checkSaveFolder(given.saveDir, drafts)
    const identity = createIdentity()
    const files = inTemporaryFolder(folder, () => {
      mkdirSync(folder, { mode: 0o700 })
      return writeClientFiles(folder, { ca: identity.ca, proxyPort: 0, tlsPort: null }, env)
    })
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
    const report = await sweepAll(sweepOf(command, given, flags, own, options, run), {
      onPlanned (runs) {
        if (given.saveDir !== null) checkCaseFiles(given.saveDir, runs, used)
        progress.planned(runs.length)
      },
      async onResult (result, saved) {
        progress.result(result)
        if (result.case !== undefined) saveCase(given.saveDir!, result.case, await caseText(saved!), drafts)
      }
    }, interrupt.signal).finally(progress.end)
    const code = finish(report, given, drafts)
    return interrupt.signal.aborted ? INTERRUPTED : code
  }
  try {
    return await sweepToTheEnd().catch(error => failureCode(error as NodeJS.ErrnoException, command[0], interrupt.signal))
  } finally {
    removeTemporaryFolder(folder, inform)
    watchdog.stop()
    for (const signal of ENDING_SIGNALS) process.off(signal, stop)
  }
}

/** Says why there is no report, and returns the exit code for that. Throws any other error again. */
function failureCode (error: NodeJS.ErrnoException, program: string, interrupted: AbortSignal): number {
  if (interrupted.aborted) return INTERRUPTED
  if (error instanceof NoReference) {
    complain(`picky-emulator: ${error.message}`)
    return NO_VERDICT
  }
  const { syscall = '' } = error
  if (syscall.startsWith('spawn')) return notStarted(program, error)
  throw error
}

function sweepOf (command: [string, ...string[]], given: SweepFlags, flags: Texts, env: Texts, options: StartOptions, run: Sweep['run']): Sweep {
  const { faults, questions, instants, repeat, jobs, shard, only, accepted } = given
  const settled = settledBy(options)
  const settings = givenSettings(flags, env).filter(([flag]) => flag !== 'log-level')
    .map(([flag, text]) => [flag, SETTINGS[flag]!.isSecret === true ? HIDDEN : text] as const)
  const shown = shownCommand(command)
  const again = OF_EACH_PLAN.filter(flag => flags[flag] !== undefined).flatMap(flag => flagText(flag, flags[flag]!))
  return {
    run,
    command: shown,
    options: settings.flatMap(([flag, value]) => flagText(flag, value)),
    vary: { faults, questions, settled: settled.questions, wire: dialectOf(settled.wire, 'wire'), fixed: settled.fixed },
    instants,
    repeat,
    jobs,
    shard,
    only,
    accepted,
    reproduce: (variation, id, resets) => reproduceText({ command: shown, settings, again, options, id, resets }, variation)
  }
}

/** Options of a sweep on which it depends which runs there are, by which names, and what comes of them. */
const OF_EACH_PLAN: readonly string[] = ['faults', 'instants', 'no-questions', 'repeat', 'timeout']

/** What a report, which others may read, has in place of a secret. */
const HIDDEN = '[redacted]'

interface Reproducible {
  readonly command: readonly string[]
  readonly settings: ReadonlyArray<readonly [string, string]>
  /** Options of the sweep without which another one might have no such run, no reference, or other verdicts. */
  readonly again: readonly string[]
  readonly options: StartOptions
  readonly id: string
  readonly resets: boolean
}

/**
 * Writes the command line that shows a run again. A suite that resets the world would disarm a fault of `run`, and one that asks for what
 * is set would find it, so it is swept again, for this run alone.
 */
function reproduceText ({ command, settings, again: given, options, id, resets }: Reproducible, { fault, assume, wire, instant }: Variation): string {
  const again = ['sweep', '--only', id, ...given]
  // The sweep's own delays have one length.
  const varied = [
    ...fault === null ? [] : ['--fault', pairsText({ ...fault, ...fault.delay !== undefined && { delay: (fault.delay as { readonly fixed: number }).fixed } })],
    ...Object.keys(assume).length === 0 ? [] : ['--assume', pairsText({ ...options.assume, ...assume })],
    ...wire === null ? [] : ['--wire', pairsText({ ...options.wire, ...wire })],
    ...instant === null ? [] : ['--clock', `frozen:${instant}`]
  ]
  const kept = settings.filter(([flag]) => resets || !varied.includes(`--${flag}`)).flatMap(([flag, value]) => flagText(flag, value))
  return ['picky-emulator', ...resets ? again : ['run', ...varied], ...kept, '--', ...command].map(shellWord).join(' ')
}

function flagText (flag: string, value: string): string[] {
  return (SETTINGS[flag] ?? COMMAND_OPTIONS[flag])!.value === undefined ? [`--${flag}`] : [`--${flag}`, value]
}

/** Refuses flags of what each run has for itself, and leaves out such variables: they may be for another emulator. */
function withoutOwn (flags: Texts, env: Texts): Texts {
  const own = Object.entries(SETTINGS).filter(([, { option }]) => OF_EACH_RUN.includes(option)).map(([flag]) => flag)
  const set = own.find(flag => flags[flag] !== undefined)
  if (set !== undefined) throw new Problem(`--${set} can't be set for a sweep: each run has a world, ports and a fault of its own`)
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.some(flag => environmentName(flag) === name)))
}

/** Options that a merge has a use for. A level of the log is harmless: a script gives it to everything. */
const OF_MERGES: readonly string[] = ['merge', 'report', 'log-level']

/** Refuses what a merge would ignore: it makes no runs, and has its reports judged as their sweeps were told to. */
function refuseBesideMerge (flags: Texts, behind: Arguments['behind']): void {
  const idle = Object.keys(flags).find(flag => !OF_MERGES.includes(flag))
  if (idle !== undefined) throw new Problem(`--${idle} is wrong: with --merge, it belongs to the sweeps whose reports are merged`)
  if (behind !== null) throw new Problem('--merge takes no command: it makes no runs')
}

/** Reads the reports of shards. Reports to be written must be others: after a mistake, the shards are merged again. */
function filesToMerge (text: string, reports: readonly string[]): [ReportFile, ...ReportFile[]] {
  const files = text.split(',')
  checkReportFiles(reports, files.map(file => ({ file, what: 'a report to merge' })))
  return files.map(file => ({ file, report: readReport(file) })) as [ReportFile, ...ReportFile[]]
}

/** Finishes a merge. While a shard is missing, it can't say that the whole sweep found nothing. */
function finishMerge (report: SweepReport, given: SweepFlags): number {
  const code = finish(report, given)
  if (code !== 0 || report.complete) return code
  const { planned, results } = report
  // Without shards, it is one sweep, which is there.
  const { of, done } = report.shards ?? { of: 1, done: [1] }
  const missing = Array.from({ length: of }, (_, index) => index + 1).filter(index => !done.includes(index))
  const reason = missing.length === 0 ? 'a sweep was interrupted' : `there is no report of ${missing.length === 1 ? 'shard' : 'shards'} ${missing.join(', ')} of ${of}`
  complain(`picky-emulator: ${planned - results.length} of ${planned} runs are missing: ${reason}`)
  return NO_VERDICT
}

/** Prints the matrix and a sentence for each failure, and writes the reports: what was found is told even if they can't be written. */
function finish (report: SweepReport, { reports }: Pick<SweepFlags, 'reports'>, drafts?: Parameters<typeof writeReports>[2]): number {
  try {
    writeReports(reports, report, drafts)
  } finally {
    process.stdout.write(`${matrixText(report, process.stdout)}\n${sentences(report)}`)
  }
  return report.counts.failure > 0 ? FAILURE : 0
}
