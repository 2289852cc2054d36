import type { Clock } from '../domain/clock.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Db } from './database.js'
import { json } from './json.js'

/** What the world's accounts share where they have nothing of their own. */
export interface WorldRow {
  /** How often an emulator has started on this database, this time included. */
  readonly starts: number
  readonly clock: Clock
  readonly settings: SettingsChange
}

export function worldTable (db: Db) {
  const clocks = json<Clock>()
  const settings = json<SettingsChange>()
  const find = db.prepare<[], { starts: number, clock: string, settings: string }>('SELECT starts, clock, settings FROM world')
  const upsert = db.prepare<{ starts: number, clock: string, settings: string }>(
    `INSERT INTO world (world_id, starts, clock, settings) VALUES (1, @starts, @clock, @settings)
     ON CONFLICT DO UPDATE SET starts = @starts, clock = @clock, settings = @settings`)

  return {
    /** `undefined` until the first scenario has been loaded. */
    find (): WorldRow | undefined {
      const row = find.get()
      return row && { starts: row.starts, clock: clocks.parse(row.clock), settings: settings.parse(row.settings) }
    },
    update (world: WorldRow): void {
      upsert.run({ starts: world.starts, clock: JSON.stringify(world.clock), settings: JSON.stringify(world.settings) })
    }
  }
}
