import closeWithGrace from 'close-with-grace'
import { version } from '../package.js'
import { start, type Started } from '../server/start.js'
import type { Config } from './flags.js'
import { say } from './output.js'

/** How long a stop may take, in milliseconds, before the process ends all the same. */
const GRACE = 2000

export async function serve ({ options, nameOf, isGiven, unknown }: Config): Promise<number> {
  for (const name of unknown) process.stderr.write(`picky-emulator: passed over an environment variable that is no setting: ${name}\n`)
  const emulator = await start(options, nameOf)
  if (emulator.resumed && isGiven('scenario')) process.stderr.write(`picky-emulator: ${nameOf('scenario')} was passed over: ${String(options.db)} holds a world already; use another file, or PUT /__admin/state\n`)
  if (emulator.isExposed) process.stderr.write(EXPOSED)
  closeWithGrace({ delay: GRACE }, emulator.stop)
  return say(banner(emulator, String(options.db), String(options.scenario)))
}

const EXPOSED = `picky-emulator: WARNING: it listens beyond this machine without --admin-token: whoever can reach it can read its tokens and change its world
`

function banner ({ urls, clock, resumed, sample, url }: Started, db: string, scenario: string): string {
  const runs = { system: "the machine's time", running: `running from ${clock.at}`, frozen: 'frozen' }[clock.mode]
  const world = resumed ? `resumed from ${db}` : `scenario ${scenario}, in ${db}`
  return [
    `picky-assist-emulator ${version}, an unofficial stand-in for Picky Assist's Project Management API`,
    `  listening  ${urls.join('  ')}`,
    `  clock      ${clock.now} (${runs}): the API is ${clock.api}`,
    `  world      ${world}`,
    `  try        curl -s ${url}${sample.path} -d '${JSON.stringify(sample.body).replaceAll("'", "'\\''")}'`,
    `  answers    ${JSON.stringify(sample.answer)}`
  ].join('\n')
}
