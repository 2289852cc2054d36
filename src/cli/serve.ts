import { join } from 'node:path'
import { version } from '../package.js'
import { Problem } from '../problem.js'
import type { Interception } from '../server/interception.js'
import type { StartOptions } from '../server/options.js'
import { start, type Started } from '../server/start.js'
import { CA_FILE } from '../tls/ca-file.js'
import type { Config } from './flags.js'
import { complain, doNotWaitForTerminals, say } from './output.js'
import type { Shutdown } from './shutdown.js'

/** Starts an emulator and prints its banner. The process ends it on a signal. */
export async function serve ({ options, nameOf, isGiven, unknown }: Config, { stopBy, ready, spareUserSignal }: Shutdown): Promise<number> {
  doNotWaitForTerminals()
  for (const name of unknown) complain(`picky-emulator: ignored unknown environment variable ${name}`)
  if (options.tlsDir === undefined) {
    // Nothing could trust certificates that are made anew, in memory.
    const needing = (['tlsPort', 'proxyPort'] as const).find(isGiven)
    if (needing !== undefined) throw new Problem(`${nameOf(needing)} is wrong: it needs ${nameOf('tlsDir')}, the folder of the certificates`)
  }
  const starting = start(options, nameOf)
  stopBy(async () => { await starting.then(({ stop }) => stop(), () => {}) })
  const emulator = await starting
  if (options.caseDir !== undefined) spareUserSignal()
  if (!ready()) return 0
  if (emulator.resumed && isGiven('scenario')) {
    complain(`picky-emulator: ignored ${nameOf('scenario')}: ${String(options.db)} already holds a world; \
use another file, or PUT /__admin/state`)
  }
  if (emulator.isExposed) complain(EXPOSED)
  return say(banner(emulator, options))
}

const EXPOSED = 'picky-emulator: WARNING: reachable from other machines without --admin-token: ' +
  'anyone who can reach it can read its tokens and change its world'

function banner ({ urls, clock, resumed, sample, url, interception }: Started, { db, scenario, tlsDir }: StartOptions): string {
  const { path, body, answer } = sample()
  const runs = { system: "the machine's time", running: `running from ${clock.at}`, frozen: 'frozen' }[clock.mode]
  const world = resumed ? `resumed from ${db}` : `scenario ${String(scenario)}, in ${db}`
  return [
    `picky-assist-emulator ${version}, an unofficial stand-in for Picky Assist's Project Management API`,
    `  listening  ${urls.join('  ')}`,
    ...interception === null ? [] : [`  vendor     ${vendorLine(interception)}, CA ${join(tlsDir!, CA_FILE)}`],
    `  clock      ${clock.now} (${runs}): the API is ${clock.api}`,
    `  world      ${world}`,
    `  try        curl -s ${url}${path} -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
    `  answers    ${JSON.stringify(answer)}`
  ].join('\n')
}

/** Where requests to the vendor's own address are answered. */
function vendorLine ({ tlsPort, proxyPort }: Interception): string {
  return `TLS on port ${tlsPort}${proxyPort === null ? '' : `, proxy http://127.0.0.1:${proxyPort}`}`
}
