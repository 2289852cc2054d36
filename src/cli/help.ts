import { COMMAND_OPTIONS } from './command-options.js'
import { environmentName, SETTINGS } from './flags.js'

/** How each command is used, and what it does. */
const USAGES: Readonly<Record<string, readonly [usage: string, says: string]>> = {
  serve: ['[serve] [options]', 'start the emulator'],
  run: ['run [--save FILE] [options] -- COMMAND…', 'start COMMAND, with an emulator where it expects the vendor'],
  sweep: ['sweep [options] -- COMMAND…', 'run COMMAND under every failure, and judge each run by the books'],
  env: ['env [--shell sh] [options]', 'print what leads a client to an emulator with these options'],
  health: ['health [--wait 10s]', 'exit with 0 if an emulator is ready at --host and --port, else with 1'],
  check: ['check FILE', 'check a scenario or a case'],
  replay: ['replay CASE [--against URL] [options]', 'play a case again, and compare every answer and the end'],
  export: [
    'export CASE --as FORMAT [--from REQUEST] [--output FILE]',
    'write a case as a test: node-test, vitest, jest, pytest, sh, http, har or postman'
  ]
}

/** Which of the emulator's options a command takes, besides its own. */
const ALSO: Readonly<Record<string, string>> = {
  run: 'those of the emulator',
  sweep: 'those of the emulator',
  env: 'those of the emulator',
  health: '--host, --port and --ready-file, of the emulator\'s',
  replay: '--admin-token and --admin-token-file, of a server that is an emulator'
}

/** Column of the general help at which what a command does begins. */
const COLUMN = 44

/** Builds the text of `--help`: the commands, and every setting with its environment variable; of a command, its own usage and options. */
export function helpText (command = 'serve'): string {
  const usage = Object.hasOwn(USAGES, command) && command !== 'serve' ? USAGES[command]! : undefined
  return usage === undefined ? generalHelp() : commandHelp(command, usage)
}

function generalHelp (): string {
  const usages = Object.values(USAGES).map(([usage, says]) => {
    const line = `  picky-emulator ${usage}`
    return line.length < COLUMN - 1 ? line.padEnd(COLUMN) + says : `${line}\n${' '.repeat(COLUMN)}${says}`
  })
  const settings = Object.entries(SETTINGS).map(([flag, { value, default: fallback, help }]) => [
    `  --${flag}${value === undefined ? '' : ` ${value}`}`,
    `      ${help}${fallback === undefined ? '' : ` (${fallback})`}`,
    `      ${environmentName(flag)}`
  ].join('\n'))
  return `A local stand-in for Picky Assist's Project Management API, for testing its clients. Unofficial.

Usage
${usages.join('\n')}
  picky-emulator --help | --version
  picky-emulator COMMAND --help             print the options of a command

Options, each with its environment variable (a flag takes precedence; INSTANT is ISO 8601, such as 2023-01-31T23:59:59Z)
${settings.join('\n')}

Options of sweep
${optionsOf('sweep')}

Options of replay
${optionsOf('replay')}`
}

function commandHelp (command: string, [usage, says]: readonly [usage: string, says: string]): string {
  const options = optionsOf(command)
  const also = ALSO[command]
  return [
    `picky-emulator ${usage}`,
    `  ${says}`,
    ...options === '' ? [] : ['', 'Options', options],
    ...also === undefined ? [] : ['', `and ${also}; picky-emulator --help lists them`]
  ].join('\n')
}

function optionsOf (command: string): string {
  return Object.entries(COMMAND_OPTIONS).filter(([, { commands }]) => commands.includes(command))
    .map(([flag, { value, default: usual, help }]) =>
      `  --${flag}${value === undefined ? '' : ` ${value}`}\n      ${help}${usual === undefined ? '' : ` (${usual})`}`)
    .join('\n')
}
