import closeWithGrace from 'close-with-grace'
import { version } from '../package.js'
import { start, type Started } from '../server/start.js'
import type { Config } from './flags.js'
import { complain, say } from './output.js'

/** Maximum time for a stop, in milliseconds, before the process ends regardless. */
const GRACE = 2000

/** Starts an emulator and prints its banner. The process ends it on a signal. */
export async function serve ({ options, nameOf, isGiven, unknown }: Config): Promise<number> {
  for (const name of unknown) complain(`picky-emulator: ignored unknown environment variable ${name}`)
  const emulator = await start(options, nameOf)
  if (emulator.resumed && isGiven('scenario')) {
    complain(`picky-emulator: ignored ${nameOf('scenario')}: ${String(options.db)} already holds a world; \
use another file, or PUT /__admin/state`)
  }
  if (emulator.isExposed) complain(EXPOSED)
  closeWithGrace({ delay: GRACE }, emulator.stop)
  return say(banner(emulator, String(options.db), String(options.scenario)))
}

const EXPOSED = 'picky-emulator: WARNING: reachable from other machines without --admin-token: ' +
  'anyone who can reach it can read its tokens and change its world'

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
