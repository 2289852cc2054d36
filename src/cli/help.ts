import { COMMAND_OPTIONS } from './command-options.js'
import { environmentName, SETTINGS } from './flags.js'

/** Builds the text of `--help`: the commands, and every setting with its environment variable. */
export function helpText (): string {
  const settings = Object.entries(SETTINGS).map(([flag, { value, default: fallback, help }]) => [
    `  --${flag}${value === undefined ? '' : ` ${value}`}`,
    `      ${help}${fallback === undefined ? '' : ` (${fallback})`}`,
    `      ${environmentName(flag)}`
  ].join('\n'))
  return `A local stand-in for Picky Assist's Project Management API, for testing its clients. Unofficial.

Usage
  picky-emulator [serve] [options]          start the emulator
  picky-emulator run [--save FILE] [options] -- COMMAND…
                                            start COMMAND, with an emulator where it expects the vendor
  picky-emulator sweep [options] -- COMMAND…
                                            run COMMAND under every failure, and judge each run by the books
  picky-emulator env [--shell sh] [options] print what leads a client to an emulator with these options
  picky-emulator health [--wait 10s]        exit with 0 if an emulator is ready at --host and --port, else with 1
  picky-emulator check FILE                 check a scenario or a case
  picky-emulator replay CASE [--against URL] [options]
                                            play a case again, and compare every answer and the end
  picky-emulator export CASE --as FORMAT [--from REQUEST] [--output FILE]
                                            write a case as a test: node-test, vitest, jest, pytest, sh, http, har or postman
  picky-emulator --help | --version

Options, each with its environment variable (a flag takes precedence; INSTANT is ISO 8601, such as 2023-01-31T23:59:59Z)
${settings.join('\n')}

Options of sweep
${optionsOf('sweep')}

Options of replay
${optionsOf('replay')}`
}

function optionsOf (command: string): string {
  return Object.entries(COMMAND_OPTIONS).filter(([, { commands }]) => commands.includes(command))
    .map(([flag, { value, default: usual, help }]) =>
      `  --${flag}${value === undefined ? '' : ` ${value}`}\n      ${help}${usual === undefined ? '' : ` (${usual})`}`)
    .join('\n')
}
