import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ClockEvent, ClockMoved } from '../contract/control.js'
import type { Scenario, ScenarioClock } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import { instantText, parseInstant, setClock, timeOn, type Clock, type Instant } from '../domain/clock.js'
import { disabledFrom } from '../domain/cutoff.js'
import { later, parseIsoDuration } from '../domain/iso-duration.js'
import type { BillingEvent } from '../domain/settlement.js'
import { namedInstant, switchBetween } from '../domain/time-travel.js'
import { Problem } from '../problem.js'
import { billingEventRow, MAX_LISTED_EVENTS, publishBillingEvents } from '../runtime/billing-events.js'
import type { Context } from '../runtime/context.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { readClock } from '../scenario/clock.js'
import { collectIssues, issue } from '../scenario/issues.js'
import { DEFAULT_CLOCK } from '../scenario/read.js'
import { ClockSchema } from '../scenario/schema.js'
import { clockState } from '../world/clock-state.js'
import { settleAll, settleByItsClock } from '../world/settle.js'
import { settingsOf } from '../world/view.js'
import { accountIn } from './find.js'
import { AccountParams, ClockAnswer, EventsAnswer } from './schemas.js'

const AdvanceSchema = Type.Object({
  by: Type.Optional(Type.String({ description: 'an ISO 8601 duration such as "P1M", "PT1H" or, for backwards, "-P1D"' })),
  to: Type.Optional(Type.String({ description: 'an instant such as "2023-01-31T23:59:59Z", or "disabled", "disabled-1s", "next-billing", "next-billing+1s"' }))
}, { additionalProperties: false, minProperties: 1, maxProperties: 1, description: 'either {"by":"P1M"} or {"to":"disabled"}' })

/** The world's clock, and that of each account: both are set in the same way. */
export async function clockRoutes (app: FastifyInstance, context: Context): Promise<void> {
  const { store, machineTime, eventBus } = context

  for (const [path, whose, subject] of [['', (): null => null, 'the world\'s clock'], ['/accounts/:account', (request: FastifyRequest) => accountIn(request, context), 'an account\'s clock']] as const) {
    const params = path === '' ? {} : { params: AccountParams }

    app.get(`${path}/clock`, { schema: { summary: `Show ${subject}`, ...params, response: { 200: ClockAnswer } } }, async request => {
      const account = whose(request)
      return clockState(clockOf(account), settingsOf(store, account), machineTime())
    })

    app.put(`${path}/clock`, { schema: { summary: `Set ${subject}`, ...params, body: ClockSchema, response: { 200: EventsAnswer } } }, async request => {
      const issues = collectIssues('the clock')
      const setting = readClock(request.body as ScenarioClock, issues)
      issues.throwIfAny()
      return move(whose(request), setClock(setting!, machineTime()))
    })

    app.delete(`${path}/clock`, { schema: { summary: path === '' ? 'Put the world\'s clock back to where it started' : 'Give an account back to the world\'s clock', ...params, response: { 200: EventsAnswer } } }, async request =>
      move(whose(request), null))

    app.post(`${path}/clock/advance`, { schema: { summary: `Move ${subject}, forwards or backwards`, ...params, body: AdvanceSchema, response: { 200: EventsAnswer } } }, async request => {
      const account = whose(request)
      const clock = clockOf(account)
      const at = destination(request.body as { by?: string, to?: string }, account, timeOn(clock, machineTime()))
      return move(account, clock.mode === 'frozen' ? { mode: 'frozen', at } : { mode: 'running', at, since: machineTime() })
    })
  }

  function clockOf (account: Account | null): Clock {
    return account?.clock ?? store.world.find()!.clock
  }

  /** Sets a clock (`null`: as it was before anybody set it), settles what is due by then, and says what happened on the way. */
  function move (account: Account | null, clock: Clock | null): ClockMoved {
    // What was due before happened before; of an account it is settled already, as of any that a path names.
    if (account === null) bringAllUpToDate(context)
    const at = machineTime()
    const from = timeOn(clockOf(account), at)
    const happened = store.transaction(() => {
      const world = store.world.find()!
      if (account === null) store.world.update({ ...world, clock: clock ?? startClock(at) })
      else store.accounts.updateClock(account.accountId, clock)
      const settled = account === null ? settleAll(store, at) : settleByItsClock(store, store.accounts.find(account.accountId)!, at)
      return settled.isComplete ? settled.billingEvents : tooMuch()
    })
    publishBillingEvents(eventBus, happened)
    const moved = account && store.accounts.find(account.accountId)!
    const settings = settingsOf(store, moved)
    const state = clockState(clockOf(moved), settings, at)
    const passed = switchBetween(from, parseInstant(state.now)!, disabledFrom(settings.cutoff, settings.assumptions['disabled-time-zone']))
    const events = (passed === undefined ? [...happened] : [...happened, passed]).sort((a, b) => a.at - b.at)
    const answer = { ...state, events: events.slice(0, MAX_LISTED_EVENTS).map(eventRow), total: events.length }
    eventBus.publish('clock', account?.name ?? null, () => answer)
    return answer
  }

  function startClock (machineTime: number): Clock {
    const { clock } = store.world.findScenario() as Scenario
    return setClock(readClock(clock, collectIssues('the scenario').at('clock')) ?? DEFAULT_CLOCK, machineTime)
  }

  /** When the next cycle ends by a clock: an account's own, or that of every account that has none of its own. */
  function nextCycleEnd (account: Account | null, now: Instant): Instant | undefined {
    const accounts = account === null ? store.accounts.list().filter(({ clock }) => clock === null) : [account]
    const first = accounts.reduce((first, { accountId }) => Math.min(first, store.projects.nextCycleEnd(accountId, now) ?? Infinity), Infinity)
    return first === Infinity ? undefined : first
  }

  function destination ({ by, to }: { by?: string, to?: string }, account: Account | null, now: Instant): Instant {
    if (by !== undefined) {
      const duration = parseIsoDuration(by) ?? collectIssues('the clock').at('by').refuse(by, AdvanceSchema.properties.by.description!)
      return later(now, duration) ?? beyond('/by', by)
    }
    const settings = settingsOf(store, account)
    const named = namedInstant(to!, {
      disabled: disabledFrom(settings.cutoff, settings.assumptions['disabled-time-zone']),
      // Only looked for where it is asked for: it means a look at every account.
      get 'next-billing' () { return nextCycleEnd(account, now) }
    })
    if (named === 'beyond') beyond('/to', to!)
    if (named === 'nowhere') {
      throw new Problem(`${to} leads nowhere now`, {
        status: 409,
        issues: [issue('/to', to, 'a name that leads to an instant')],
        advice: to!.startsWith('next-billing') ? 'put a project on a paid plan first; next-billing is when the next cycle ends' : 'the cutoff is "never"; set another with PATCH /__admin/settings'
      })
    }
    const at = named === 'unknown' ? parseInstant(to!) : named
    return at ?? collectIssues('the clock').at('to').refuse(to, AdvanceSchema.properties.to.description!)
  }
}

function beyond (pointer: string, found: string): never {
  throw new Problem('no clock can stand there', { issues: [issue(pointer, found, 'a span that ends between 1970 and 9998')], advice: 'move it by less' })
}

function eventRow (event: BillingEvent | NonNullable<ReturnType<typeof switchBetween>>): ClockEvent {
  return 'account' in event ? billingEventRow(event) : { at: instantText(event.at), event: event.event }
}

function tooMuch (): never {
  throw new Problem('more happens on the way than can be settled at once', { status: 409, advice: 'move the clock in smaller steps, or choose "off" for auto-renew' })
}
