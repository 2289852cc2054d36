import type { Scenario, ScenarioAccount, ScenarioClock } from '../contract/scenario.js'
import type { Script } from './script.js'
import { trimmedAccount } from './start-world.js'
import { isFilled } from './terms.js'

/** The start of an account in any world: with what it had of its world. */
export function soleAccount ({ clock, settings, accounts = [] }: Scenario, name: string): ScenarioAccount | null {
  const account = accounts.find(account => account.name === name)
  if (account === undefined) return null
  const own = account.clock ?? (clock?.mode === 'frozen' ? clock : undefined)
  const wire = { ...settings?.wire, ...account.settings?.wire }
  const assumptions = { ...settings?.assumptions, ...account.settings?.assumptions }
  const { name: _name, token: _token, ...rest } = trimmedAccount({
    ...account,
    ...own !== undefined && { clock: own },
    settings: { ...settings, ...account.settings, ...isFilled(wire) && { wire }, ...isFilled(assumptions) && { assumptions } }
  })
  return rest
}

/** Begins with the clocks where the first steps would set them. */
export function withFirstClocks (script: Script): Script {
  const [first, ...steps] = script.steps
  if (first?.step !== 'control' || first.call !== 'freeze' || first.snapshot !== undefined) return script
  const clock = first.body as unknown as ScenarioClock
  const { name, start } = first.actor ?? { name: '', start: script.world }
  const set = start ?? script.world?.accounts?.find(account => account.name === name)
  // A clock that stands already is moved by a step, which shows; and a reset must not give an account a clock that it did not have.
  if (set === undefined || set.clock?.mode === 'frozen' || (set.clock === undefined && start === null)) return script
  if (first.actor === null) return withFirstClocks({ ...script, world: { ...script.world, clock }, steps })
  const withClock = (account: ScenarioAccount): ScenarioAccount => trimmedAccount({ ...account, clock })
  return withFirstClocks({
    ...script,
    actors: script.actors.map(actor => actor.name === name && actor.start !== null ? { ...actor, start: withClock(actor.start) } : actor),
    world: script.world && {
      ...script.world,
      accounts: script.world.accounts!.map(account => account.name === name ? withClock(account) : account)
    },
    steps
  })
}
