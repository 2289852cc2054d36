import { URL } from 'node:url'
import type { Case } from '../contract/case.js'
import { readCase } from '../case/read.js'
import { Date, machineTime, monotonicTime } from '../machine.js'
import { checkOtherFile, checkOutputFile, type UsedFile } from '../output-file.js'
import { Problem } from '../problem.js'
import { replayAgainst } from '../replay/against.js'
import { REPLAY_REPORT_ENDINGS, writeReplayReports } from '../replay/report.js'
import { differenceLines, summaryText } from '../replay/words.js'
import { inFile, readJsonFile } from '../scenario/file.js'
import { readOptions, type OptionName } from '../server/options.js'
import { replay } from '../server/replay.js'
import { shownWord } from '../text/shown-command.js'
import { withoutTrailing } from '../text/trailing.js'
import type { Arguments } from './arguments.js'
import { readConfig, SETTINGS } from './flags.js'
import { reportFiles, timeLimit, wrong } from './option-values.js'
import { say } from './output.js'
import { usedFiles } from './used-files.js'

type Texts = Readonly<Record<string, string | undefined>>

/** Exit code for a case that differs from its replay. */
const DIFFERENT = 1

/** Settings that lead to another server. Everything else is the case's. */
const OF_SERVER: readonly OptionName[] = ['adminToken', 'adminTokenFile']

/** Plays a case again, says whether it came out the same, and returns the exit code. */
export async function replayCase ({ operands, behind, flags }: Pick<Arguments, 'operands' | 'behind' | 'flags'>, env: Texts): Promise<number> {
  const [path, ...more] = [...operands, ...behind ?? []]
  if (path === undefined || more.length > 0) throw new Problem('replay takes one case: picky-emulator replay CASE')
  refuseSettings(flags)
  const reports = reportFiles(flags.report, REPLAY_REPORT_ENDINGS)
  const { play, used } = playerFor(flags, env)
  const file = readJsonFile(path)
  const saved = inFile(file, readCase)
  for (const report of reports) {
    checkOtherFile(report, '--report', [{ file: path, what: 'the case' }, ...used])
    checkOutputFile(report, '--report')
  }
  const [startedAt, began] = [new Date(machineTime()).toISOString(), monotonicTime()]
  const { replay: outcome, notes } = await play(saved)
  const lines = outcome.equal ? [] : differenceLines(saved, outcome)
  say([`${path}: ${summaryText(saved, outcome)}`, ...[...lines, ...notes].map(line => `  ${line}`)].join('\n'))
  writeReplayReports(reports, { file: path, saved, replay: outcome, startedAt, durationMs: monotonicTime() - began })
  return outcome.equal ? 0 : DIFFERENT
}

/** How a case is played, and the files besides it that this needs. */
interface Player {
  readonly play: (saved: Case) => ReturnType<typeof replayAgainst>
  readonly used: readonly UsedFile[]
}

function playerFor (flags: Texts, env: Texts): Player {
  const isRealTime = flags['real-time'] !== undefined
  if (flags.against === undefined) {
    const idle = [...Object.keys(SETTINGS), 'token', 'timeout'].find(flag => flags[flag] !== undefined)
    if (idle !== undefined) throw new Problem(`--${idle} is wrong: it needs --against, the server that it is for`)
    return { play: async saved => ({ replay: await replay(saved, { isRealTime }), notes: [] }), used: [] }
  }
  if (isRealTime) throw new Problem('--real-time is wrong: delays of a server that a case is replayed against take their time')
  const url = serverAt(flags.against)
  const tokens = tokensIn(flags.token)
  const timeoutMs = timeLimit(flags.timeout)
  const { options, nameOf } = readConfig(flags, env)
  const given = Object.fromEntries(OF_SERVER.filter(name => options[name] !== undefined).map(name => [name, options[name]]))
  const { access: { token: adminToken } } = readOptions(given, nameOf)
  return { play: saved => replayAgainst(saved, { url, tokens, tokenSetting: '--token', adminToken, timeoutMs }), used: usedFiles(given) }
}

function refuseSettings (flags: Texts): void {
  const set = Object.entries(SETTINGS).find(([flag, { option }]) => flags[flag] !== undefined && !OF_SERVER.includes(option))
  if (set !== undefined) throw new Problem(`--${set[0]} can't be set for a replay: it has the world of its case`)
}

function serverAt (text: string): string {
  const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
  if (!isUrl) throw wrong('against', shownWord(text), 'a URL such as http://127.0.0.1:4290')
  return withoutTrailing(text, '/')
}

/** Reads tokens by the names that follow `token-of-`. What is found is not quoted: it may be a token. */
function tokensIn (text: string | undefined): Map<string, string> {
  const tokens = new Map<string, string>()
  for (const pair of text?.split('\n') ?? []) {
    const [, name, token] = /^([^=]+)=(.+)$/s.exec(pair) ?? []
    if (name === undefined || token === undefined) throw new Problem('--token is wrong: expected NAME=VALUE, such as demo=132321343dsfsdf')
    tokens.set(name, token)
  }
  return tokens
}
