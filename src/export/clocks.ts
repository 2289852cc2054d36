import type { CaseStart } from '../contract/case.js'
import type { Scenario, ScenarioAccount, ScenarioClock } from '../contract/scenario.js'
import { instantText, parseInstant, type Instant } from '../domain/clock.js'
import { later, parseIsoDuration } from '../domain/iso-duration.js'
import { clockOf } from './start-world.js'

/** Clock of the case, and where the script's own stands in its place. */
interface Standing {
  readonly mode: ScenarioClock['mode']
  /** `right` where it stands as the case's does, at an instant that only the emulator knows; `null` where it has to be set first. */
  readonly at: Instant | 'right' | null
  /** Whether something has fallen due since, by the case's clock. */
  readonly isBehind?: boolean
}

/** Clocks at a moment: the world's, and those of accounts that have one. */
interface Standings {
  readonly world: Standing
  readonly own: ReadonlyMap<string, Standing>
}

/** Call that the script has to make; `account` is `null` for the world's clock. */
export interface ClockCall {
  readonly call: 'freeze' | 'advance' | 'jump' | 'release'
  readonly account: string | null
  readonly body?: Readonly<Record<string, string>>
}

/**
 * Follows the clocks of a case, and tells how to make them stand still wherever something depends on the time. A clock that runs is only
 * set where it has come to another day, or something has fallen due. With `sole`, the only account has a clock even where it follows the
 * world's in the case, so that the world's is left alone.
 */
export function standingClocks ({ scenario }: CaseStart, sole: string | null) {
  const first = standingsOf(scenario)
  const initial = first.world
  let now = first

  function effective (account: string | null): Standing {
    return (account === null ? undefined : now.own.get(account)) ?? now.world
  }

  function change (account: string | null, standing: Standing | null): void {
    if (account === null) {
      now = { ...now, world: standing! }
      return
    }
    const own = new Map(now.own)
    if (standing === null) own.delete(account)
    else own.set(account, standing)
    now = { ...now, own }
  }

  /** The clock that counts for an account in the case. */
  function ownerOf (account: string | null): string | null {
    return account !== null && now.own.has(account) ? account : null
  }

  /** The clock to call for it; none for one that no account of the script goes by. */
  function targetOf (owner: string | null): string | null | undefined {
    if (sole === null || owner !== null) return owner
    return now.own.has(sole) ? undefined : sole
  }

  function called (owner: string | null, call: ClockCall['call'], body?: ClockCall['body']): ClockCall[] {
    const account = targetOf(owner)
    return account === undefined ? [] : [{ call, account, ...body && { body } }]
  }

  /** Stops an account's clock, or the world's, at an instant of the case; `exactly` where the very instant counts. */
  function hold (account: string | null, text: string, exactly = false): ClockCall[] {
    const { mode, at, isBehind } = effective(account)
    const instant = parseInstant(text) ?? null
    const isNear = typeof at === 'number' && isSameDay(at, instant) && isBehind !== true && !exactly
    if (at !== null && (mode === 'frozen' || at === instant || isNear)) return []
    const owner = ownerOf(account)
    const stopped = instant === null || exactly ? instant : wholeSecond(instant, at)
    change(owner, { mode, at: stopped })
    return called(owner, 'freeze', { at: stopped === null ? text : instantText(stopped) })
  }

  return {
    hold,

    /** Takes note of what time brought. */
    bring (account: string | null, text: string): void {
      const standing = effective(account)
      const instant = parseInstant(text)
      if (typeof standing.at === 'number' && instant !== undefined && instant > standing.at) {
        change(ownerOf(account), { ...standing, isBehind: true })
      }
    },

    /** Tells whether something has fallen due by an account's clock since the script's was set. */
    isBehind: (account: string): boolean => effective(account).isBehind === true,

    /** Sets a clock. */
    set (account: string | null, clock: ScenarioClock): ClockCall[] {
      change(account, { mode: clock.mode, at: parseInstant(clock.at ?? '') ?? null })
      return clock.at === undefined ? [] : called(account, 'freeze', { at: clock.at })
    },

    /** Moves a clock, which showed an instant before. */
    move (account: string | null, { by, to }: Readonly<Record<string, unknown>>, text: string): ClockCall[] {
      const stopped = hold(account, text)
      const { mode, at } = effective(account)
      const duration = typeof by === 'string' ? parseIsoDuration(by) : undefined
      const instant = duration !== undefined && typeof at === 'number' ? later(at, duration) : parseInstant(String(to))
      // The clock of an account that has followed the world's is its own from now on.
      change(account, { mode, at: instant ?? (mode === 'frozen' ? 'right' : null) })
      return [...stopped, ...typeof by === 'string' ? called(account, 'advance', { by }) : called(account, 'jump', { to: String(to) })]
    },

    /** Lets an account follow the world's clock, or puts the world's back to where it started. */
    release (account: string | null): ClockCall[] {
      change(account, account === null ? initial : null)
      if (account === null) return typeof initial.at === 'number' ? called(null, 'freeze', { at: instantText(initial.at) }) : []
      if (sole === null) return called(account, 'release')
      change(null, { ...now.world, at: null })
      return []
    },

    /** Takes note of a new account, whose clock the script sets to an instant if it has one, or if there is no other. */
    create (account: string, { clock }: Pick<ScenarioAccount, 'clock'>, text: string): void {
      const at = parseInstant(text) ?? null
      change(account, clock === undefined ? null : { ...standingOf(clock), at })
      if (sole !== null && clock === undefined) change(null, { ...now.world, at })
    },

    /** Takes note of an account that is as it was created. */
    reset (account: string): void {
      change(account, first.own.get(account) ?? null)
      if (sole !== null) change(null, { ...now.world, at: null })
    },

    /** Takes note of another world. */
    load (other: Scenario): void { now = standingsOf(other) },

    /** Gives what puts the clocks back to how they stand. */
    save (): () => void {
      const saved = now
      return () => { now = saved }
    }
  }
}

function standingsOf ({ clock, accounts = [] }: Scenario): Standings {
  return {
    world: standingOf(clock ?? { mode: 'running' }),
    own: new Map(accounts.flatMap(({ name, clock }) => clock === undefined ? [] : [[name!, standingOf(clock)]]))
  }
}

function standingOf (clock: ScenarioClock): Standing {
  const { mode, at = '' } = clockOf(clock)
  return { mode, at: mode === 'frozen' ? parseInstant(at) ?? null : null }
}

/** Everything falls due at a whole second, so that the one before an instant is as good, and easier to read. */
function wholeSecond (instant: Instant, last: Standing['at']): Instant {
  const second = Math.floor(instant / 1000) * 1000
  return typeof last === 'number' && second < last ? instant : second
}

function isSameDay (at: Instant, instant: Instant | null): boolean {
  return instant !== null && instant >= at && new Date(at).toISOString().slice(0, 10) === new Date(instant).toISOString().slice(0, 10)
}
