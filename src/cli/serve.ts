import { version } from '../package.js'
import { start, type Started } from '../server/start.js'
import type { Config } from './flags.js'
import { complain, doNotWaitForTerminals, say } from './output.js'
import type { Shutdown } from './shutdown.js'

/** Starts an emulator and prints its banner. The process ends it on a signal. */
export async function serve ({ options, nameOf, isGiven, unknown }: Config, { stopBy, ready }: Shutdown): Promise<number> {
  doNotWaitForTerminals()
  for (const name of unknown) complain(`picky-emulator: ignored unknown environment variable ${name}`)
  const starting = start(options, nameOf)
  stopBy(async () => { await starting.then(({ stop }) => stop(), () => {}) })
  const emulator = await starting
  if (!ready()) return 0
  if (emulator.resumed && isGiven('scenario')) {
    complain(`picky-emulator: ignored ${nameOf('scenario')}: ${String(options.db)} already holds a world; \
use another file, or PUT /__admin/state`)
  }
  if (emulator.isExposed) complain(EXPOSED)
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
