import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ClockEvent, ClockMoved, Consequences } from '../contract/control.js'
import type { Scenario } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import type { BillingEvent } from '../domain/billing-events.js'
import { instantText, parseInstant, setClock, timeOn, type Clock, type Instant } from '../domain/clock.js'
import { disabledFrom } from '../domain/cutoff.js'
import { later, parseIsoDuration } from '../domain/iso-duration.js'
import { namedInstant, switchBetween } from '../domain/time-travel.js'
import { Problem } from '../problem.js'
import { billingEventRow, MAX_LISTED_EVENTS, publishDue } from '../runtime/billing-events.js'
import type { Context } from '../runtime/context.js'
import { memoryBounds } from '../runtime/memory.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { readClock } from '../scenario/clock.js'
import { collectIssues, issue } from '../scenario/issues.js'
import { DEFAULT_CLOCK } from '../scenario/read.js'
import { ClockSchema } from '../scenario/schema.js'
import { recordMove } from '../world/clock-move.js'
import { clockState } from '../world/clock-state.js'
import { settleAll, settleByItsClock } from '../world/settle.js'
import { settingsOf } from '../world/view.js'
import { ConsequencesAnswer, consequencesOf, DryRunQuery } from './consequences.js'
import { ClockAnswer, ClockMovedAnswer } from './schemas.js'
import { accountNamed } from './find.js'
import { forEachScope, ScopeParams } from './scope.js'
import { undoable } from './undoable.js'

const MovedAnswer = Type.Union([ClockMovedAnswer, ConsequencesAnswer])

/** Call that moves a clock. */
type Moving = FastifyRequest & { readonly query: Static<typeof DryRunQuery> }

const AdvanceSchema = Type.Object({
  by: Type.Optional(Type.String({ description: 'an ISO 8601 duration such as "P1M" or "PT1H", or "-P1D" to move backwards' })),
  to: Type.Optional(Type.String({
    description: 'an instant from 1970 to 9998 such as "2023-01-31T23:59:59Z", or a named one: "disabled", "disabled-1s", "next-billing", "next-billing+1s"'
  }))
}, { additionalProperties: false, minProperties: 1, maxProperties: 1, description: 'either {"by":"P1M"} or {"to":"disabled"}' })

/** Gives the clock that an account, or the world, is to have. */
type Next = (account: Account | null) => Clock

/** The clocks of the world and of its accounts. */
export const clockRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, machineTime, usage, eventBus } = context

  forEachScope(context, ({ path, whose, accountOf }) => {
    app.get(`${path}/clock`, {
      schema: { summary: `Show ${whose} clock`, params: ScopeParams, response: { 200: ClockAnswer } }
    }, async request => {
      const account = accountOf(request.params)
      return clockState(clockOf(account), settingsOf(store, account), machineTime())
    })

    app.put(`${path}/clock`, {
      schema: { summary: `Set ${whose} clock`, params: ScopeParams, querystring: DryRunQuery, body: ClockSchema, response: { 200: MovedAnswer } }
    }, async (request, reply) => {
      const issues = collectIssues('the clock')
      const setting = readClock(request.body, issues)
      issues.throwIfAny()
      const at = machineTime()
      return move(accountOf(request.params), () => setClock(setting!, at), at, request, reply)
    })

    app.delete(`${path}/clock`, {
      schema: {
        summary: path === '' ? 'Return the world\'s clock to where it started' : 'Remove an account\'s own clock: it follows the world\'s again',
        params: ScopeParams,
        querystring: DryRunQuery,
        response: { 200: MovedAnswer }
      }
    }, async (request, reply) => move(accountOf(request.params), null, machineTime(), request, reply))

    app.post(`${path}/clock/advance`, {
      config: {
        // Which instant the next billing is depends on all accounts, and a case may be about one.
        noteAnswer (step, { at }: ClockMoved) {
          const { to } = step.body as Static<typeof AdvanceSchema>
          if (to?.startsWith('next-billing') === true) step.body = { to: at }
        }
      },
      schema: {
        summary: `Move ${whose} clock forwards or backwards`,
        params: ScopeParams,
        querystring: DryRunQuery,
        body: AdvanceSchema,
        response: { 200: MovedAnswer }
      }
    }, async (request, reply) => {
      const now = machineTime()
      const advanced = (account: Account | null): Clock => {
        const clock = clockOf(account)
        const at = destination(request.body, account, timeOn(clock, now))
        return clock.mode === 'frozen' ? { mode: 'frozen', at } : { mode: 'running', at, since: now }
      }
      return move(accountOf(request.params), advanced, now, request, reply)
    })
  })

  function clockOf (account: Account | null): Clock {
    return account?.clock ?? store.world.find()!.clock
  }

  /**
   * Sets a clock (`null`: back to its default) at a machine time, settles what is due by then, and reports what happened on the way.
   * The machine's time is read once, or else a running clock would have moved on by the time that the move is recorded. Where the clock is to be
   * is decided within the transaction: another process on the same file may move it meanwhile.
   */
  function move (account: Account | null, next: Next | null, at: Instant, request: Moving, reply: FastifyReply): ClockMoved | Consequences {
    // Billing events that were already due come first. An account that the path names has been settled by now.
    if (account === null) bringAllUpToDate(context)
    if (request.query.dry_run === 'true') return forecast(account, next, at)
    const { happened, from } = undoable(context, account?.name ?? null, request, reply, () => store.transaction(() => settledBy(account, next, at)))
    // Before what the move brought, which meets it.
    if (account === null) usage.beginWorldClock(next !== null)
    else usage.begin(account.name, ['clock'])
    publishDue(context, at, account?.name ?? null, happened)
    const moved = account && store.accounts.find(account.accountId)!
    const settings = settingsOf(store, moved)
    const state = clockState(clockOf(moved), settings, at)
    const passed = switchBetween(from, parseInstant(state.now)!, disabledFrom(settings.cutoff, settings.assumptions['disabled-time-zone']))
    const events = (passed === undefined ? [...happened] : [...happened, passed]).sort((a, b) => a.at - b.at)
    const answer = { ...state, events: events.slice(0, MAX_LISTED_EVENTS).map(eventRow), total: events.length }
    eventBus.publish('clock', account?.name ?? null, () => answer)
    return answer
  }

  /** Sets a clock and settles what is due by then, within the caller's transaction. */
  function settledBy (given: Account | null, next: Next | null, at: Instant): { readonly happened: readonly BillingEvent[], readonly from: Instant } {
    const world = store.world.find()!
    const account = given && accountNamed(given.name, store)
    const before = account?.clock ?? world.clock
    const clock = next === null ? null : next(account)
    const after = clock ?? (account === null ? startClock(at) : world.clock)
    if (account === null) store.world.update({ ...world, clock: after })
    else store.accounts.updateClock(account.accountId, clock)
    recordMove(store, account, before, after, at)
    const { billingEvents: limit } = memoryBounds()
    const settled = account === null ? settleAll(store, at, limit) : settleByItsClock(store, store.accounts.find(account.accountId)!, at, limit)
    return { happened: settled.isComplete ? settled.billingEvents : tooMuch(), from: timeOn(before, at) }
  }

  function forecast (account: Account | null, next: Next | null, at: Instant): Consequences {
    const [due, from, to] = store.dryRun(() => {
      const { happened, from } = settledBy(account, next, at)
      return [happened, from, timeOn(clockOf(account && store.accounts.find(account.accountId)!), at)] as const
    })
    return consequencesOf(context, { due, wentBack: { accountId: account?.accountId ?? null, after: to, until: from } })
  }

  function startClock (machineTime: number): Clock {
    const clock = store.world.findScenarioClock() as Scenario['clock']
    return setClock(readClock(clock, collectIssues('the scenario').at('clock')) ?? DEFAULT_CLOCK, machineTime)
  }

  function destination ({ by, to }: Static<typeof AdvanceSchema>, account: Account | null, now: Instant): Instant {
    if (by !== undefined) {
      const duration = parseIsoDuration(by) ?? collectIssues('the clock').at('by').refuse(by, AdvanceSchema.properties.by.description!)
      return later(now, duration) ?? beyond('/by', by)
    }
    const settings = settingsOf(store, account)
    const named = namedInstant(to!, {
      disabled: disabledFrom(settings.cutoff, settings.assumptions['disabled-time-zone']),
      // Looked up only on demand, because it looks at every account.
      get 'next-billing' () { return store.projects.nextCycleEnd(account?.accountId ?? null, now) ?? undefined }
    })
    if (named === 'beyond') beyond('/to', to!)
    if (named === 'nowhere') {
      const [missing, advice] = to!.startsWith('next-billing')
        ? ['no project is on a paid plan', 'put a project on a paid plan first: next-billing is the end of the next billing cycle']
        : ['the cutoff is "never"', `change the cutoff with PATCH ${settingsPath(account)}`]
      throw new Problem(`${JSON.stringify(to)} stands for no instant at present: ${missing}`, {
        status: 409,
        issues: [issue('/to', to, `the name of an instant that exists, which it does not while ${missing}`)],
        advice
      })
    }
    const at = named === 'unknown' ? parseInstant(to!) : named
    return at ?? collectIssues('the clock').at('to').refuse(to, AdvanceSchema.properties.to.description!)
  }
}

/** Path of the settings that an account's cutoff is from: its own, or the world's. */
function settingsPath (account: Account | null): string {
  return account?.settings.cutoff === undefined ? '/__admin/settings' : `/__admin/accounts/${encodeURIComponent(account.name)}/settings`
}

function beyond (pointer: string, found: string): never {
  throw new Problem('a clock can\'t go that far: it shows the years 1970 to 9998', {
    issues: [issue(pointer, found, 'a destination between the years 1970 and 9998')],
    advice: 'move the clock by less'
  })
}

function eventRow (event: BillingEvent | NonNullable<ReturnType<typeof switchBetween>>): ClockEvent {
  return 'account' in event ? billingEventRow(event) : { at: instantText(event.at), event: event.event }
}

function tooMuch (): never {
  throw new Problem('too many billing events on the way to settle at once', {
    status: 409,
    advice: 'move the clock in smaller steps, or set the assumption auto-renew to "off"'
  })
}
