import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type TSchema } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'
import type { Socket } from 'node:net'
import { ENDPOINT_NAMES } from '../api/index.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { ASSUMPTION_NAMES } from '../domain/assumptions.js'
import { FAULT_KINDS } from '../domain/fault.js'
import { RULE_NAMES } from '../domain/refusal.js'
import { matching, nearestMisses, type FilterName } from '../journal/filter.js'
import { LINTS, REQUEST_STATES, type Entry } from '../journal/record.js'
import { waitFor, type WaitOptions } from '../journal/wait.js'
import { AbortController } from '../machine.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { createTurns } from '../runtime/turns.js'
import { collectIssues } from '../scenario/issues.js'
import { OneOf } from '../scenario/schema.js'
import { parseDuration } from '../text/duration.js'
import { mapInSlices, type IsWanted } from '../time-slices.js'
import { arrayOf, chunksInSlices, sendChunks, sendJson, wantedBy } from './json-text.js'
import { problemText, PROBLEM_TYPE } from './problem-document.js'

/** Maximum length of a text to look for: in a body that nearly repeats it throughout, the search takes length times length. */
const MAX_TEXT = 1000

/** Where the possible values are known, only they are taken: a misspelt one would match nothing, and so pass where nothing is expected. */
const filters = {
  account: Type.Optional(Type.String({ description: 'the name of an account, or null' })),
  endpoint: Type.Optional(OneOf([...ENDPOINT_NAMES, 'null'])),
  method: Type.Optional(Type.String({ pattern: '^[A-Z]+$', description: 'an HTTP method in capitals' })),
  path: Type.Optional(Type.String({ description: 'a path without its query' })),
  api_status: Type.Optional(Type.String({ pattern: '^(\\d{3}|null)$', description: 'a status such as 100, or null' })),
  http_status: Type.Optional(Type.String({ pattern: '^(\\d{3}|null)$', description: 'an HTTP status such as 200, or null' })),
  rule: Type.Optional(OneOf([...RULE_NAMES, 'null'])),
  assumption: Type.Optional(OneOf([...ASSUMPTION_NAMES, 'null'])),
  lint: Type.Optional(OneOf([...Object.keys(LINTS), 'null'])),
  fault: Type.Optional(Type.String({
    pattern: `^(fault-\\d{1,15}|${[...FAULT_KINDS, 'null'].join('|')})$`,
    description: `the id of a fault such as fault-1, its kind (${FAULT_KINDS.join(', ')}), or null`
  })),
  state: Type.Optional(Type.String({
    pattern: `^(${REQUEST_STATES.join('|')})(,(${REQUEST_STATES.join('|')}))*$`,
    description: `one or several of ${REQUEST_STATES.join(', ')}, separated by commas`
  })),
  charged: Type.Optional(OneOf(['true', 'false', 'unanswered'])),
  project_id: Type.Optional(Type.String({ description: 'the project_id of the body, or null' })),
  plan_id: Type.Optional(Type.String({ description: 'the plan_id or billing_plan of the body, or null' })),
  text: Type.Optional(Type.String({
    maxLength: MAX_TEXT,
    description: `a text of at most ${MAX_TEXT} characters, to be found anywhere in the entry, in any case`
  }))
} satisfies Record<FilterName, TSchema>

const FilterQuery = Type.Object(filters, { additionalProperties: false })
const ListQuery = Type.Object({
  ...filters,
  limit: Type.Optional(Type.String({ pattern: '^([1-9]\\d{0,2}|1000)$', description: 'a whole number from 1 to 1000' })),
  after: Type.Optional(Type.String({ description: 'the id of a request; lists only those after it, oldest first' })),
  before: Type.Optional(Type.String({ description: 'the id of a request; lists only those before it' }))
}, { additionalProperties: false })
const WaitQuery = Type.Object({
  ...filters,
  count: Type.Optional(Type.String({ pattern: '^\\d{1,5}$', description: 'a whole number from 0 to 99999; 0 verifies that none arrives' })),
  timeout: Type.Optional(Type.String({ pattern: '^\\d{1,9}(ms|s|m|h)$', description: 'a duration such as "500ms" or "2s", at most 5m' })),
  since: Type.Optional(Type.String({ description: 'the id of a request; counts only those after it' }))
}, { additionalProperties: false })

const RequestParams = Type.Object({ id: Type.String({ description: 'the id of a request' }) })
const RequestAnswer = Type.Unsafe<JournalEntry>(Type.Object({ id: Type.String() }))
const RequestsAnswer = Type.Object({ requests: Type.Array(RequestAnswer), total: Type.Integer() })

const MAX_WAIT = 300_000

/** Ids that the emulator gives. A loaded world may have brought others, which count as long as the journal has them. */
const REQUEST_ID = /^\d{1,15}-u?\d{1,15}$/

/** Size from which the entries of an answer are a large one, in bytes. */
const LARGE = 262_144

/** Maximum number of unexpected requests to list in a problem. */
const MAX_LISTED = 100

/** The journal of requests and their answers. */
export const requestRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context: { store, journal, pending } }) => {
  const inTurn = createTurns()
  app.get('/requests', {
    schema: { summary: 'List requests, newest last', querystring: ListQuery, response: { 200: RequestsAnswer } }
  }, async (request, reply) => {
    const { limit = '100', after, before, ...filter } = request.query
    // Looked up first: while entries are searched, these may be dropped.
    const [first, last] = [serialOf('after', after), before === undefined ? Infinity : serialOf('before', before)]
    // It would list nothing, and so pass where nothing is expected.
    if (last > 0 && first > last) collectIssues('the query').at('after').refuse(after, `a request that is no later than the one of before, ${before!}`)
    const found = await matching(journal, filter, 0, wantedBy(request))
    const between = found.filter(({ serial }) => serial > first && serial < last)
    const shown = after === undefined ? between.slice(-Number(limit)) : between.slice(0, Number(limit))
    return await sendRequests(reply, shown, found.length)
  })

  app.get('/requests/count', {
    schema: { summary: 'Count requests', querystring: FilterQuery, response: { 200: Type.Object({ count: Type.Integer() }) } }
  }, async request => ({ count: (await matching(journal, request.query, 0, wantedBy(request))).length }))

  app.get('/requests/wait', {
    schema: { summary: 'Wait for requests, or verify that none arrives', querystring: WaitQuery, response: { 200: RequestsAnswer } }
  }, async (request, reply) => {
    const { count = '1', timeout = '2s', since, ...filter } = request.query
    const options = { filter, count: Number(count), timeout: parseDuration(timeout)!, after: serialOf('since', since) }
    if (options.timeout > MAX_WAIT) collectIssues('the query').at('timeout').refuse(timeout, 'at most 5m')
    const { signal, done } = abortable(filter.account, request.raw.socket)
    const { end, found } = await waitFor(journal, options, signal, wantedBy(request)).finally(done)
    if (end === 'aborted') throw aborted()
    if (end === 'unfulfilled') return await (options.count === 0 ? sendUnexpected(reply, found) : refuse(found, options, timeout, wantedBy(request)))
    return await sendRequests(reply, found, found.length)
  })

  app.get('/requests/:id', {
    schema: { summary: 'Show a request', params: RequestParams, response: { 200: RequestAnswer } }
  }, async (request, reply) => {
    const { id } = request.params
    const entry = journal.find(id)
    if (entry !== undefined) return await sendJson(reply, [journal.textOf(entry)])
    throw new Problem(`there is no request ${JSON.stringify(id)} in the journal`, {
      status: 404,
      advice: 'GET /__admin/requests lists what the journal has; when it is full, the oldest requests are dropped (--journal-entries, --journal-bytes)'
    })
  })

  app.delete('/requests', {
    schema: { summary: 'Remove requests from the journal', querystring: FilterQuery, response: { 200: Type.Object({ removed: Type.Integer() }) } }
  }, async request => ({ removed: journal.removeAll(await matching(journal, request.query)) }))

  async function sendRequests (reply: FastifyReply, shown: readonly Entry[], total: number): Promise<FastifyReply> {
    return await sendList(reply, '{"requests":', shown, `,"total":${total}}`)
  }

  /** Answers with a list of entries within JSON text. The texts of large ones are made anew for each answer, so that one answer is made at a time. */
  async function sendList (reply: FastifyReply, before: string, shown: readonly Entry[], after: string, type?: string): Promise<FastifyReply> {
    const isWanted = wantedBy(reply.request)
    if (shown.reduce((sum, { bytes }) => sum + bytes, 0) < LARGE) {
      return await sendJson(reply, [before, ...arrayOf(await mapInSlices(shown, journal.textOf, isWanted)), after], type)
    }
    function * pieces (): Iterable<string> {
      yield `${before}[`
      for (const [index, entry] of shown.entries()) yield (index === 0 ? '' : ',') + journal.textOf(entry)
      yield `]${after}`
    }
    return await sendChunks(reply, await inTurn(async () => await chunksInSlices(pieces(), isWanted), isWanted), type)
  }

  /** Aborted by a reset, of the account or of all, and when the client goes. */
  function abortable (account: string | undefined, socket: Socket): { signal: AbortSignal, done: () => void } {
    const gone = new AbortController()
    const abort = (): void => gone.abort()
    socket.once('close', abort)
    // An account that is not there can't be reset.
    const isKnown = account !== undefined && store.accounts.findByName(account) !== undefined
    const reset = pending.signalFor(isKnown ? account : null)
    reset.addEventListener('abort', abort)
    return {
      signal: gone.signal,
      done () {
        socket.off('close', abort)
        reset.removeEventListener('abort', abort)
      }
    }
  }

  /**
   * The position of a request in the journal; 0, before all others, if the journal no longer has it. What was never an id is refused: every
   * earlier request would count.
   */
  function serialOf (name: 'after' | 'before' | 'since', id: string | undefined): number {
    if (id === undefined) return 0
    const entry = journal.find(id)
    if (entry === undefined && !REQUEST_ID.test(id)) collectIssues('the query').at(name).refuse(id, 'the id of a request, such as 1-17')
    return entry?.serial ?? 0
  }

  function aborted (): Problem {
    return new Problem('the wait was aborted by a reset, an undo, or the end of the emulator', {
      status: 409,
      advice: 'wait again; the journal no longer has the requests from before a reset'
    })
  }

  async function sendUnexpected (reply: FastifyReply, found: readonly Entry[]): Promise<FastifyReply> {
    const problem = new Problem(`expected no matching request, but ${found.length} arrived`, {
      status: 409,
      advice: `the problem lists ${found.length > MAX_LISTED ? `the first ${MAX_LISTED}` : 'them'}; since=ID ignores a request and all before it`
    })
    const document = problemText(problem, journal)
    return await sendList(reply.code(problem.status), `${document.slice(0, -1)},"requests":`, found.slice(0, MAX_LISTED), '}', PROBLEM_TYPE)
  }

  async function refuse (found: readonly Entry[], { filter, count, after }: WaitOptions, timeout: string, isWanted: IsWanted): Promise<never> {
    const misses = await nearestMisses(journal, filter, after, isWanted)
    throw new Problem(`${found.length} of ${count} matching requests arrived within ${timeout}`, {
      status: 409,
      more: { matched: found.map(({ id }) => id), nearest_misses: misses },
      advice: misses.length > 0
        ? 'nearest_misses shows why the closest requests do not match; widen the filter, or fix the client'
        : found.length > 0
          ? 'no other request arrived; wait longer, or for fewer requests'
          : 'no other request arrived either: does the client call this emulator?'
    })
  }
}
