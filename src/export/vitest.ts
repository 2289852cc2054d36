import { EXPECT, libraryTest } from './library-test.js'
import { startOf } from './node-test.js'
import type { Script } from './script.js'

/** Writes a script as a test for vitest, in TypeScript. */
export function vitestTest (script: Script): string {
  return libraryTest(script, {
    head: options => [
      'import { startEmulator } from \'picky-assist-emulator\'',
      'import { afterAll, expect, test } from \'vitest\'',
      '',
      ['const emulator = await ', startOf(options)],
      'afterAll(() => emulator.stop())'
    ],
    ...EXPECT,
    isTyped: true
  })
}
