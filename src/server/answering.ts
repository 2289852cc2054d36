import type { RequestListener } from 'node:http'
import type { Replayer } from '../admin/replay.js'
import { servedAt } from '../api/index.js'
import { createContext, type Context } from '../runtime/context.js'
import type { TimelineStart } from '../runtime/timeline.js'
import { scheduleExpiry, stopExpiry } from '../runtime/expiry.js'
import { openLog } from '../runtime/log.js'
import type { Seed } from '../scenario/read.js'
import type { Store } from '../store/index.js'
import { buildApp } from './app.js'
import { saveOnSignal } from './case-dir.js'
import type { CheckedOptions } from './options.js'
import { unreadableReports, type UnreadableReports } from './unreadable-reports.js'

/** What answers the requests of an emulator that listens. */
export interface Answering {
  readonly listener: RequestListener
  readonly reports: Pick<UnreadableReports, 'record' | 'note'>
  /** Aborts what is pending, so that the listeners can be closed. */
  readonly abort: () => void
  readonly close: () => Promise<void>
  /** Writes everything still buffered. */
  readonly closeLog: () => Promise<void>
}

/** Loads what plays cases when it is first needed. */
const replayer: Replayer = {
  replay: async (saved, isWanted) => await (await import('./replay.js')).replay(saved, { isWanted }),
  cut: async (saved, from, isWanted) => await (await import('./replay.js')).cut(saved, from, isWanted)
}

/** Starts the parts of a running emulator, with its log, and the app that answers by them. `observe` gets the parts, with a probe. */
export async function startAnswering (
  store: Store,
  { access, paths, hasConsole, origins, journal, seed, logLevel, caseDir }: CheckedOptions,
  { faults, requests, start }: Pick<Seed, 'faults' | 'requests'> & { readonly start: TimelineStart },
  observe?: (context: Context) => void
): Promise<Answering> {
  const log = await openLog(logLevel)
  const context = createContext({ store, log: log.logger, seed, journal, adminToken: access.token, isObserved: observe !== undefined, start })
  for (const fault of faults) context.activeFaults.add(fault)
  requests.forEach(request => context.journal.add(request))
  // Of the world as it is before anybody changes it.
  observe?.(context)
  const app = await buildApp(context, { access, endpoints: servedAt(paths), hasConsole, origins, replayer })
  const reports = unreadableReports(context)
  scheduleExpiry(context)
  const stopSaving = caseDir === null ? () => {} : saveOnSignal(context, caseDir, line => { process.stderr.write(`picky-emulator: ${line}\n`) })
  return {
    listener: app.routing,
    reports,
    abort () {
      stopSaving()
      stopExpiry(context)
      context.pending.stop()
    },
    async close () {
      // What arrived since.
      context.pending.stop()
      await app.close()
      reports.close()
    },
    closeLog: log.close
  }
}
