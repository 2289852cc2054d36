import type { BillingEvent } from '../domain/billing-events.js'
import type { HistoryEvent } from '../domain/history.js'
import { ACCOUNTS_ON_CLOCK, type Span } from './accounts.js'
import type { Statements } from './statements.js'

interface Row { at: number, event: string, details: string }

/** Maximum number of events in the history of an account, and in that of the world; the oldest are dropped. */
export const MAX_HISTORY = 1000

/** Creates the queries on the histories of accounts and of the world, whose account is `null`. */
export function historyTable (db: Statements) {
  const insert = db.prepare<Row & { accountId: number | null }>(
    'INSERT INTO history_event (account_id, at, event, details) VALUES (@accountId, @at, @event, @details)')
  const trim = db.prepare<{ accountId: number | null, max: number }>(
    `DELETE FROM history_event WHERE account_id IS @accountId AND event_id <= (
       SELECT event_id FROM history_event WHERE account_id IS @accountId ORDER BY event_id DESC LIMIT 1 OFFSET @max)`)
  const insertForFollowers = db.prepare<Row>(
    'INSERT INTO history_event (account_id, at, event, details) SELECT account_id, @at, @event, @details FROM account WHERE clock IS NULL ORDER BY account_id')
  const trimFollowers = db.prepare<{ max: number }>(
    `DELETE FROM history_event WHERE event_id IN (SELECT (
       SELECT event_id FROM history_event WHERE account_id = account.account_id ORDER BY event_id DESC LIMIT 1 OFFSET @max
     ) FROM account WHERE clock IS NULL)`)
  const list = db.prepare<{ accountId: number | null }, Row>(
    'SELECT at, event, details FROM history_event WHERE account_id IS @accountId ORDER BY event_id')
  const listNewest = db.prepare<[], Row & { account: string | null }>(
    `SELECT name AS account, at, event, details FROM history_event LEFT JOIN account USING (account_id)
     WHERE event <> 'world-clock-moved' ORDER BY event_id DESC LIMIT ${MAX_HISTORY}`)
  const countLapsed = db.prepare<Span, number>(
    `SELECT count(*) FROM history_event WHERE event = 'lapsed' AND at > @after AND at <= @until AND account_id IN ${ACCOUNTS_ON_CLOCK}`).pluck()
  const removeAll = db.prepare('DELETE FROM history_event')

  return {
    /** Adds events in the order in which they happened, and drops the oldest beyond the maximum. */
    insert (accountId: number | null, events: ReadonlyArray<HistoryEvent | BillingEvent>): void {
      for (const event of events.slice(-MAX_HISTORY)) insert.run({ accountId, ...rowOf(event) })
      if (events.length > 0) trim.run({ accountId, max: MAX_HISTORY })
    },
    /** Adds an event to the history of each account that follows the world's clock, in the same way: many are written at once. */
    insertForFollowers (event: HistoryEvent): void {
      insertForFollowers.run(rowOf(event))
      trimFollowers.run({ max: MAX_HISTORY })
    },
    /** Lists the history of an account, or the moves of the world's clock, oldest first. */
    list: (accountId: number | null) => list.all({ accountId }).map(eventOf),
    /** Lists the newest events of all accounts and of the world, oldest first. A move of the world's clock is listed once. */
    listNewest: () => listNewest.all().reverse().map(({ account, ...row }) => ({ account, event: eventOf(row) })),
    /** Counts the plans that lapsed in a span of time. */
    countLapsed: (span: Span) => countLapsed.get(span)!,
    removeAll (): void {
      removeAll.run()
    }
  }
}

function rowOf ({ at, event, ...details }: HistoryEvent | BillingEvent): Row {
  return { at, event, details: JSON.stringify({ ...details, account: undefined }) }
}

function eventOf ({ at, event, details }: Row): HistoryEvent {
  return { at, event, ...JSON.parse(details) as object } as HistoryEvent
}
