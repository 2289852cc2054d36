import { EXPECT, libraryTest } from './library-test.js'
import { startOf } from './node-test.js'
import type { Script } from './script.js'

/** Writes a script as a test for Jest in its default mode. */
export function jestTest (script: Script): string {
  return libraryTest(script, {
    head: options => [
      'const { startEmulator } = require(\'picky-assist-emulator\')',
      '',
      'let emulator',
      ['beforeAll(async () => { emulator = await ', startOf(options), ' })'],
      'afterAll(() => emulator.stop())'
    ],
    ...EXPECT,
    isTyped: false
  })
}
