import type { Logger } from 'pino'
import { isControlPath } from '../admin/path.js'
import { disabledFrom } from '../domain/cutoff.js'
import { headerLines } from '../journal/headers.js'
import type { Entry } from '../journal/record.js'
import { clearTimeout, setTimeout } from '../machine.js'
import type { Context } from '../runtime/context.js'
import { originForm, pathOf, routedPath } from '../text/url.js'
import { viewOf } from '../world/view.js'
import { requestNumbers } from './request-numbers.js'
import type { ReportUnreadable, UnreadableRequest } from './unreadable-request.js'
import { readText, textOf, type ReadText } from './unreadable-text.js'

/** How many lines of the log unreadable requests may take in a period, in milliseconds. Further ones are counted in one more. */
const LOG_BOUND = { lines: 20, period: 10_000 }

/** Reporters of unreadable requests. */
export interface UnreadableReports {
  /** Notes a request to the emulated API in the journal and in the log. */
  readonly record: ReportUnreadable
  /** Notes a request to anyone else in the log. */
  readonly note: ReportUnreadable
  /** Writes what is not in the log yet. */
  readonly close: () => void
}

/** Creates the reporters of an emulator. */
export function unreadableReports (context: Context, bound = LOG_BOUND): UnreadableReports {
  const { journal, eventBus } = context
  const nextId = requestNumbers(context, 'u')
  const { write, close } = boundedLog(context.log, bound)

  return { record: request => { report(request, recorded) }, note: request => { report(request, () => undefined) }, close }

  function report (request: UnreadableRequest, keep: (request: UnreadableRequest, read: ReadText) => Entry | undefined): void {
    const { lint, says, port, answer } = request
    const common = { port, http: answer?.httpStatus ?? null, lint, says }
    try {
      const read = readOf(request)
      const entry = keep(request, read)
      const { method, url } = read
      write({ request: entry?.id, method: method || undefined, path: url === '' ? undefined : journal.redact(pathOf({ url })), ...common })
    } catch {
      // The database can't be read, nor what is to be hidden. Nothing would catch this, and the process would end.
      write(common)
    }
  }

  /** Journals a request, unless it was for the control API, whose calls are not in the journal. */
  function recorded (request: UnreadableRequest, read: ReadText): Entry | undefined {
    if (isControlPath(routedPath(read.url))) return undefined
    const entry = journal.add(recordOf(request, read))
    eventBus.publishText('request', null, () => journal.textOf(entry))
    return entry
  }

  function recordOf ({ lint, says, answer }: UnreadableRequest, { method, url, headers, rest }: ReadText): Parameters<typeof journal.add>[0] {
    const { store, machineTime } = context
    const at = machineTime()
    const { facts, settings } = viewOf(store, undefined, at)
    return {
      id: nextId(),
      account: null,
      endpoint: null,
      state: answer === null ? 'cut' : 'answered',
      method,
      url: originForm(url),
      at,
      emulatedAt: facts.now,
      disabledAt: disabledFrom(settings.cutoff, settings.assumptions['disabled-time-zone']),
      durationMs: 0,
      headers: headerLines(headers),
      body: rest,
      answer,
      apiStatus: answer === null ? null : 410,
      rule: null,
      assumptions: [],
      charged: false,
      booked: null,
      lint: [{ name: lint, says }],
      fault: null
    }
  }

  /** Reads what came. Known secrets are taken out first: of one at the end of what is shown, a part would not be found later. */
  function readOf ({ head, bytes, isBeginning }: UnreadableRequest): ReadText {
    const text = journal.redact(textOf(bytes))
    if (head === undefined) return readText(text, isBeginning)
    const { rest } = readText(`\r\n\r\n${text}`, true)
    return { method: head.method!, url: head.url!, headers: head.rawHeaders, rest }
  }
}

/** Writes warnings, but no more lines in a period than the bound, and then how many it left out. */
function boundedLog (log: Logger, { lines, period }: typeof LOG_BOUND): { write: (fields: object) => void, close: () => void } {
  let written = 0
  let leftOut = 0
  let timer: NodeJS.Timeout | undefined

  return {
    write (fields) {
      timer ??= setTimeout(endPeriod, period).unref()
      if (written === lines) leftOut++
      else {
        written++
        log.warn(fields, 'unreadable request')
      }
    },
    close: endPeriod
  }

  function endPeriod (): void {
    clearTimeout(timer)
    timer = undefined
    if (leftOut > 0) log.warn({ requests: leftOut }, 'further unreadable requests')
    written = leftOut = 0
  }
}
