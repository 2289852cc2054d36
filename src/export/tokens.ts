import type { Scenario } from '../contract/scenario.js'
import type { Step } from './script.js'

/** Account of a case at a moment. */
interface Standing {
  readonly token: string | undefined
  /** Whether it is the one that the case begins with; another of its name has been made or loaded since otherwise. */
  readonly isFirst: boolean
}

type Standings = ReadonlyMap<string, Standing>

/** Follows which accounts there are, and which token each has, through the calls that make, remove and replace them. */
export function standingAccounts (start: Scenario) {
  let now = standingsOf(start, true)

  function change (name: string, standing: Standing | undefined): void {
    const changed = new Map(now)
    if (standing === undefined) changed.delete(name)
    else changed.set(name, standing)
    now = changed
  }

  return {
    find: (name: string): Standing | undefined => now.get(name),
    create (name: string, token: string): void { change(name, { token, isFirst: false }) },
    remove (name: string): void { change(name, undefined) },
    /** Takes note of another world. */
    load (other: Scenario): void { now = standingsOf(other, false) },

    /** Gives what puts back an account to how it stands, or all of them. */
    save (): (name: string | null) => void {
      const saved = now
      return name => {
        if (name === null) now = saved
        else change(name, saved.get(name))
      }
    }
  }
}

function standingsOf ({ accounts = [] }: Scenario, isFirst: boolean): Standings {
  return new Map(accounts.map(({ name, token }) => [name!, { token, isFirst }]))
}

/** Gives the only token that each account ever has, by its name; `null` for one that has several. */
export function onlyTokens (accounts: ReadonlyArray<{ readonly name?: string, readonly token?: string }>): ReadonlyMap<string, string | null> {
  const tokens = new Map<string, string | null>()
  for (const { name, token } of accounts) {
    if (name === undefined || token === undefined) continue
    tokens.set(name, tokens.has(name) && tokens.get(name) !== token ? null : token)
  }
  return tokens
}

/** Tells whether a request has a token in its text, where no variable can stand. */
export function sendsLiteralToken (step: Step): boolean {
  if (step.step !== 'request' || step.body === null || !('json' in step.body)) return false
  const { token, api_token: apiToken } = Object(step.body.json) as Readonly<Record<string, unknown>>
  return typeof token === 'string' || typeof apiToken === 'string'
}
