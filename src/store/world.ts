import type { Clock } from '../domain/clock.js'
import type { SettingsChange } from '../domain/settings.js'
import { lastOf } from '../last-of.js'
import type { Statements } from './statements.js'
import type { Memo } from './memo.js'

/** Clock and settings that accounts share unless they have their own. */
export interface World {
  /** Number of starts and resets of emulators on this database, including the last one. */
  readonly starts: number
  readonly clock: Clock
  readonly settings: SettingsChange
}

interface Row { starts: number, clock: string, settings: string }

/** Creates the queries on the world. */
export function worldTable (db: Statements, memo: Memo) {
  // Every request reads the same few texts.
  const parseClock = lastOf((text: string) => JSON.parse(text) as Clock)
  const parseSettings = lastOf((text: string) => JSON.parse(text) as SettingsChange)
  const find = db.prepare<[], Row>('SELECT starts, clock, settings FROM world')
  const findScenario = db.prepare<[], string>('SELECT scenario FROM world_origin').pluck()
  const findClock = db.prepare<[], string | null>("SELECT scenario -> '$.clock' FROM world_origin").pluck()
  const scenarioLength = db.prepare<[], number>('SELECT length(scenario) FROM world_origin').pluck()
  const upsert = db.prepare<Row>(
    `INSERT INTO world (world_id, starts, clock, settings) VALUES (1, @starts, @clock, @settings)
     ON CONFLICT DO UPDATE SET starts = @starts, clock = @clock, settings = @settings`)
  const countStart = db.prepare<[], number>('UPDATE world SET starts = starts + 1 RETURNING starts').pluck()
  let lastStart: number | undefined
  const updateScenario = db.prepare<{ scenario: string }>(
    'INSERT INTO world_origin (world_id, scenario) VALUES (1, @scenario) ON CONFLICT DO UPDATE SET scenario = @scenario')

  return {
    /** Returns the world; `undefined` until the first scenario has been loaded. */
    find: () => memo.read('world', (): World | undefined => {
      const row = find.get()
      return row && { starts: row.starts, clock: parseClock(row.clock), settings: parseSettings(row.settings) }
    }),
    /** Counts a start or a reset. Its number is this emulator's alone, however many start on the same file at the same moment. */
    countStart (): void {
      memo.invalidate()
      lastStart = countStart.get()!
    },
    /** Returns the number of the last start or reset that was counted here, not by another process. */
    lastStart: () => lastStart!,
    update (world: World): void {
      memo.invalidate()
      upsert.run({ starts: world.starts, clock: JSON.stringify(world.clock), settings: JSON.stringify(world.settings) })
    },
    /** Returns the scenario that the world started with, and to which a reset returns. */
    findScenario (): unknown {
      return JSON.parse(findScenario.get()!)
    },
    /** Returns its text, for a reader that gives way. */
    scenarioText: () => findScenario.get()!,
    /** Returns its clock, without reading the rest; `undefined` if it has none. */
    findScenarioClock (): unknown {
      const clock = findClock.get()!
      return clock === null ? undefined : JSON.parse(clock)
    },
    /** Returns the length of its text, in characters. */
    scenarioLength: () => scenarioLength.get()!,
    updateScenario (scenario: unknown): void {
      updateScenario.run({ scenario: JSON.stringify(scenario) })
    }
  }
}
