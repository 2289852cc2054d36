import { environmentName, SETTINGS } from './flags.js'

/** What `--help` prints: the commands, and every setting with its environment variable. */
export function helpText (): string {
  const settings = Object.entries(SETTINGS).map(([flag, { value, default: fallback, help }]) =>
    `  --${flag}${value === undefined ? '' : ` ${value}`}\n      ${help}${fallback === undefined ? '' : ` (${fallback})`}\n      ${environmentName(flag)}`)
  return `A local stand-in for Picky Assist's Project Management API, for testing its clients. Unofficial.

Usage
  picky-emulator [serve] [options]          start the emulator
  picky-emulator health [--wait 10s]        exit 0 if one is ready at --host and --port, else 1
  picky-emulator check FILE                 say what is wrong in a scenario file
  picky-emulator --help | --version

Options, each with its environment variable (a flag wins; INSTANT is ISO 8601, such as 2023-01-31T23:59:59Z)
${settings.join('\n')}`
}
