import type { Clock } from '../domain/clock.js'
import type { SettingsChange } from '../domain/settings.js'
import { lastOf } from '../last-of.js'
import type { Db } from './database.js'
import type { Memo } from './memo.js'

/** What the world's accounts share where they have nothing of their own. */
export interface World {
  /** How often an emulator has started on this database or reset it, this time included. */
  readonly starts: number
  readonly clock: Clock
  readonly settings: SettingsChange
}

interface Row { starts: number, clock: string, settings: string }

export function worldTable (db: Db, memo: Memo) {
  // The same few texts are read with every request.
  const parseClock = lastOf((text: string) => JSON.parse(text) as Clock)
  const parseSettings = lastOf((text: string) => JSON.parse(text) as SettingsChange)
  const find = db.prepare<[], Row>('SELECT starts, clock, settings FROM world')
  const findScenario = db.prepare<[], string>('SELECT scenario FROM world_origin').pluck()
  const upsert = db.prepare<Row>(
    `INSERT INTO world (world_id, starts, clock, settings) VALUES (1, @starts, @clock, @settings)
     ON CONFLICT DO UPDATE SET starts = @starts, clock = @clock, settings = @settings`)
  const updateScenario = db.prepare<{ scenario: string }>(
    'INSERT INTO world_origin (world_id, scenario) VALUES (1, @scenario) ON CONFLICT DO UPDATE SET scenario = @scenario')

  return {
    /** `undefined` until the first scenario has been loaded. */
    find: () => memo.read('world', (): World | undefined => {
      const row = find.get()
      return row && { starts: row.starts, clock: parseClock(row.clock), settings: parseSettings(row.settings) }
    }),
    update (world: World): void {
      memo.invalidate()
      upsert.run({ starts: world.starts, clock: JSON.stringify(world.clock), settings: JSON.stringify(world.settings) })
    },
    /** The scenario that the world started with, and that a reset goes back to. */
    findScenario (): unknown {
      return JSON.parse(findScenario.get()!)
    },
    updateScenario (scenario: unknown): void {
      updateScenario.run({ scenario: JSON.stringify(scenario) })
    }
  }
}
