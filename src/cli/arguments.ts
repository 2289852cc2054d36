import { parseArgs } from 'node:util'
import { Problem } from '../problem.js'
import { nearest } from '../text/nearest.js'
import { COMMAND_OPTIONS } from './command-options.js'
import { SETTINGS } from './flags.js'

/** Command line, parsed. */
export interface Arguments {
  readonly command: string
  readonly operands: readonly string[]
  /** What is behind `--`, as it is; `null` without it. */
  readonly behind: readonly string[] | null
  readonly flags: Readonly<Record<string, string | undefined>>
}

/** Parses the command line. Throws a `Problem` for an option that does not exist or lacks its value. */
export function readArguments (args: readonly string[]): Arguments {
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  const valued = Object.entries({ ...SETTINGS, ...COMMAND_OPTIONS }).map(([flag, { value }]) =>
    [flag, { type: value === undefined ? 'boolean' : 'string', multiple: true }] as const)
  const options = {
    ...Object.fromEntries(valued),
    help: { type: 'boolean', short: 'h', multiple: true },
    version: { type: 'boolean', short: 'v', multiple: true }
  } as const
  try {
    const { values, positionals: [command = 'serve', ...operands] } = parseArgs({ args: [...own], options, allowPositionals: true })
    const flags = Object.fromEntries(Object.entries(values).map(([flag, given]) => [flag, joined(flag, given!)]))
    return { command, operands, behind: end === -1 ? null : args.slice(end + 1), flags }
  } catch (error) {
    const issue = argumentIssue(error as NodeJS.ErrnoException, Object.keys(options))
    // It may be an option of the command that they run.
    const isUnmarked = end === -1 && (own[0] === 'run' || own[0] === 'sweep')
    throw new Problem(isUnmarked ? `${issue}; the command for ${own[0]} goes behind --` : issue)
  }
}

/** Combines the values of a repeated flag: a list is joined, of any other flag the last value counts. */
function joined (flag: string, given: ReadonlyArray<string | boolean>): string {
  const { list = false } = SETTINGS[flag] ?? COMMAND_OPTIONS[flag] ?? {}
  return list === false ? String(given.at(-1)) : given.join(list === true ? ',' : list)
}

function argumentIssue ({ code, message }: NodeJS.ErrnoException, flags: readonly string[]): string {
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return message.replaceAll('\n', ' ')
  const [, dashes, flag] = /(--?)([^'=\s]+)/.exec(message) as unknown as [string, string, string]
  return `unknown option ${dashes}${flag}${suggestion(flag, flags, '--')}; --help lists all options`
}

/** Refuses operands of a command that takes none. */
export function refuseOperands (command: string, operands: readonly string[]): void {
  if (operands.length > 0) throw new Problem(`${command} takes no arguments; found ${JSON.stringify(operands[0])}`)
}

/** Suggests the known name nearest to a misspelt one, in parentheses; empty if none is near. */
export function suggestion (name: string, known: readonly string[], prefix = ''): string {
  const meant = nearest(name, known)
  return meant === undefined ? '' : ` (did you mean ${prefix}${meant}?)`
}
