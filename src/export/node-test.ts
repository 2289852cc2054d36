import { group, type Piece } from './layout.js'
import { libraryTest } from './library-test.js'
import type { Script } from './script.js'

/** Writes a script as a test for `node --test`. */
export function nodeTest (script: Script): string {
  return libraryTest(script, {
    head: options => [
      'import assert from \'node:assert/strict\'',
      'import { after, it } from \'node:test\'',
      'import { startEmulator } from \'picky-assist-emulator\'',
      '',
      ['const emulator = await ', startOf(options)],
      'after(() => emulator.stop())'
    ],
    test: 'it',
    equal: (found, expected) => group('assert.deepEqual(', [found, expected], ')'),
    same: (found, expected) => group('assert.equal(', [found, expected], ')'),
    rejects: promise => group('assert.rejects(', [promise], ')'),
    isHasty: false,
    isTyped: false
  })
}

/** Starts an emulator with options, if there are any. */
export function startOf (options: Piece | null): Piece {
  return group('startEmulator(', options === null ? [] : [options], ')')
}
