import { Type, type TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { Socket } from 'node:net'
import { ENDPOINT_NAMES } from '../api/index.js'
import { ASSUMPTION_NAMES } from '../domain/assumptions.js'
import { RULE_NAMES } from '../domain/refusal.js'
import { entryOf } from '../journal/entry.js'
import { FILTERS, matching, nearestMisses, type Filter } from '../journal/filter.js'
import { LINTS, type Entry } from '../journal/record.js'
import { waitFor, type WaitOptions } from '../journal/wait.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { issue, throwIfInvalid } from '../scenario/issues.js'
import { OneOf } from '../scenario/schema.js'
import { parseDuration } from '../text/duration.js'

/** Filters whose values are known: a misspelt one would match nothing, and pass where nothing is expected. */
const KNOWN: Readonly<Record<string, TSchema>> = {
  endpoint: OneOf([...ENDPOINT_NAMES, 'null']),
  method: Type.String({ pattern: '^[A-Z]+$', description: 'an HTTP method in capitals' }),
  api_status: Type.String({ pattern: '^(\\d{3}|null)$', description: 'a status such as 100, or null' }),
  http_status: Type.String({ pattern: '^(\\d{3}|null)$', description: 'an HTTP status such as 200, or null' }),
  rule: OneOf([...RULE_NAMES, 'null']),
  assumption: OneOf([...ASSUMPTION_NAMES, 'null']),
  lint: OneOf([...Object.keys(LINTS), 'null']),
  charged: OneOf(['true', 'false'])
}

const filters = Object.fromEntries(FILTERS.map(name => [name, Type.Optional(KNOWN[name] ?? Type.String({ description: `only requests with this ${name}` }))]))
const FilterQuery = Type.Object(filters, { additionalProperties: false })
const ListQuery = Type.Object({
  ...filters,
  limit: Type.Optional(Type.String({ pattern: '^([1-9]\\d{0,2}|1000)$', description: 'a whole number from 1 to 1000' })),
  after: Type.Optional(Type.String({ description: 'the id of a request; only those after it, oldest first' })),
  before: Type.Optional(Type.String({ description: 'the id of a request; only those before it' }))
}, { additionalProperties: false })
const WaitQuery = Type.Object({
  ...filters,
  count: Type.Optional(Type.String({ pattern: '^\\d{1,5}$', description: 'a whole number from 0; 0 waits that none comes' })),
  timeout: Type.Optional(Type.String({ pattern: '^\\d{1,9}(ms|s|m|h)$', description: 'a span of time such as "500ms" or "2s", at most 5m' })),
  since: Type.Optional(Type.String({ description: 'the id of a request; only those after it count' }))
}, { additionalProperties: false })

const RequestsAnswer = Type.Object({ requests: Type.Array(Type.Object({ id: Type.String() })), total: Type.Integer() })

const MAX_WAIT = 300_000

/** The journal: what was asked and answered. */
export async function requestRoutes (app: FastifyInstance, { store, journal, pending }: Context): Promise<void> {
  app.get('/requests', { schema: { summary: 'List requests, newest last', querystring: ListQuery, response: { 200: RequestsAnswer } } }, async request => {
    const { limit = '100', after, before, ...filter } = request.query as Filter & { limit?: string, after?: string, before?: string }
    const found = matching(journal, filter)
    return { requests: page(found, Number(limit), after, before).map(entryOf), total: found.length }
  })

  app.get('/requests/count', { schema: { summary: 'Count requests', querystring: FilterQuery, response: { 200: Type.Object({ count: Type.Integer() }) } } }, async request => {
    return { count: matching(journal, request.query as Filter).length }
  })

  app.get('/requests/wait', { schema: { summary: 'Wait until requests have come, or that none comes', querystring: WaitQuery, response: { 200: RequestsAnswer } } }, async request => {
    const { count = '1', timeout = '2s', since, ...filter } = request.query as Filter & { count?: string, timeout?: string, since?: string }
    const wish = { filter, count: Number(count), timeout: parseDuration(timeout)!, after: serialOf(since) }
    if (wish.timeout > MAX_WAIT) throwIfInvalid('the query', [issue('/timeout', timeout, 'at most 5m')])
    const { signal, done } = abortable(filter.account, request.raw.socket)
    const { end, found } = await waitFor(journal, wish, signal).finally(done)
    if (end === 'aborted') throw new Problem('a reset aborted the wait', { status: 409, advice: 'wait again; what came before the reset is no longer in the journal' })
    if (end === 'unfulfilled') throw unfulfilled(found, wish, timeout)
    return { requests: found.map(entryOf), total: found.length }
  })

  app.get('/requests/:id', { schema: { summary: 'Show a request', params: Type.Object({ id: Type.String() }), response: { 200: Type.Object({ id: Type.String() }) } } }, async request => {
    const { id } = request.params as { id: string }
    const entry = journal.find(id)
    if (entry === undefined) throw new Problem(`there is no request ${JSON.stringify(id)} in the journal`, { status: 404, advice: 'GET /__admin/requests lists those that are; the oldest go when there are too many (--journal-entries, --journal-bytes)' })
    return entryOf(entry)
  })

  app.delete('/requests', { schema: { summary: 'Remove requests from the journal', querystring: FilterQuery, response: { 200: Type.Object({ removed: Type.Integer() }) } } }, async request => {
    return { removed: journal.removeAll(matching(journal, request.query as Filter)) }
  })

  /** Aborted by a reset, of the account or of all, and when the client goes. */
  function abortable (account: string | undefined, socket: Socket): { signal: AbortSignal, done: () => void } {
    const gone = new AbortController()
    const abort = (): void => gone.abort()
    socket.once('close', abort)
    // An account that is not there can't be reset.
    const isKnown = account !== undefined && store.accounts.findByName(account) !== undefined
    return {
      signal: AbortSignal.any([gone.signal, pending.signalFor(isKnown ? account : null)]),
      done () { socket.off('close', abort) }
    }
  }

  /** A request's place in the journal; 0, which is before all of them, for one that is no longer there. */
  function serialOf (id: string | undefined): number {
    return id === undefined ? 0 : journal.find(id)?.serial ?? 0
  }

  /** The newest; or those right after, or right before, a request. */
  function page (found: readonly Entry[], limit: number, after: string | undefined, before: string | undefined): readonly Entry[] {
    const first = serialOf(after)
    const last = before === undefined ? Infinity : serialOf(before)
    const between = found.filter(({ serial }) => serial > first && serial < last)
    return after === undefined ? between.slice(-limit) : between.slice(0, limit)
  }

  function unfulfilled (found: readonly Entry[], { filter, count, after }: WaitOptions, timeout: string): Problem {
    if (count === 0) {
      return new Problem(`${found.length} matching requests came, and none should have`, {
        status: 409,
        more: { requests: found.map(entryOf) },
        advice: 'the requests that came are listed; since=ID leaves out those up to a request'
      })
    }
    const misses = nearestMisses(journal.list(), filter, after)
    return new Problem(`${found.length} of ${count} matching requests came within ${timeout}`, {
      status: 409,
      more: { matched: found.map(({ id }) => id), nearest_misses: misses },
      advice: misses.length > 0
        ? 'nearest_misses says by what each of the nearest requests missed; widen the filter, or mend the client'
        : found.length > 0 ? 'no other request came; wait longer, or for fewer' : 'no other request came either: does the client call this emulator?'
    })
  }
}
