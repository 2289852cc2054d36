import { parseArgs } from 'node:util'
import { Problem } from '../problem.js'
import { nearest } from '../text/nearest.js'
import { SETTINGS } from './flags.js'

export interface Arguments {
  readonly command: string
  readonly operands: readonly string[]
  readonly flags: Readonly<Record<string, string | undefined>>
}

export function readArguments (args: readonly string[]): Arguments {
  const settings = Object.entries(SETTINGS).map(([flag, { value }]) => [flag, { type: value === undefined ? 'boolean' : 'string', multiple: true }] as const)
  const options = {
    ...Object.fromEntries(settings),
    wait: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h', multiple: true },
    version: { type: 'boolean', short: 'v', multiple: true }
  } as const
  try {
    const { values, positionals: [command = 'serve', ...operands] } = parseArgs({ args: [...args], options, allowPositionals: true })
    return { command, operands, flags: Object.fromEntries(Object.entries(values).map(([flag, given]) => [flag, joined(flag, given!)])) }
  } catch (error) {
    throw new Problem(argumentFlaw(error as NodeJS.ErrnoException, Object.keys(options)))
  }
}

/** A list that comes in several flags is one list; of any other flag the last one counts. */
function joined (flag: string, given: ReadonlyArray<string | boolean>): string {
  return SETTINGS[flag]?.list === true ? given.join(',') : String(given.at(-1))
}

function argumentFlaw ({ code, message }: NodeJS.ErrnoException, flags: readonly string[]): string {
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return message.split('\n')[0]!
  const flag = /--?([^'=\s]+)/.exec(message)![1]!
  return `there is no option --${flag}${suggestion(flag, flags, '--')}; --help lists them`
}

export function refuseOperands (command: string, operands: readonly string[]): void {
  if (operands.length > 0) throw new Problem(`${command} takes no ${JSON.stringify(operands[0])}`)
}

export function suggestion (name: string, known: readonly string[], prefix = ''): string {
  const meant = nearest(name, known)
  return meant === undefined ? '' : `; did you mean ${prefix}${meant}?`
}
