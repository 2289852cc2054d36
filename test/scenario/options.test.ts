import t from 'tap'
import { startEmulator, replay, sweep } from '../../src/index.js'

t.test('what is no object of options is refused, such as a promise that was not awaited', async t => {
  for (const [start, message] of [
    [() => startEmulator(Promise.resolve({ port: 1 }) as never), 'the argument for the options is wrong: found a Promise, expected an object'],
    [() => startEmulator(new Map() as never), 'the argument for the options is wrong: found a Map, expected an object'],
    [() => startEmulator({ scenario: Promise.resolve({}) as never }), 'the option scenario is wrong: found a Promise, expected a file, or the name of a bundled scenario'],
    [() => startEmulator({ assume: new Map() as never }), /^the option assume is wrong: found a Map, expected /],
    [() => startEmulator({ clock: new Date(0) as never }), /^the option clock is wrong: found a Date, expected system, /],
    [() => startEmulator({ scenario: new URL('file:///world.json') as never }), 'the option scenario is wrong: found a URL, expected a file, or the name of a bundled scenario'],
    [() => startEmulator({ db: new URL('file:///world.db') as never }), 'the option db is wrong: found a URL, expected a file, or :memory:'],
    [() => startEmulator({ scenario: new Error('none') as never }), /^the option scenario is wrong: found an Error, /],
    [() => startEmulator([] as never), 'the argument for the options is wrong: found [], expected an object'],
    [() => startEmulator({ scenario: null as never }), 'the option scenario is wrong: found null, expected a file, or the name of a bundled scenario'],
    [() => sweep(() => {}, new Date(0) as never), 'the argument for the options is wrong: found a Date, expected an object'],
    [() => replay({} as never, Promise.resolve() as never), 'the argument for the options is wrong: found a Promise, expected an object']
  ] as ReadonlyArray<[() => Promise<unknown>, string | RegExp]>) await t.rejects(start(), { name: 'Problem', message })
})

t.test('an object without a prototype, of a class, or without any key is one of options', async t => {
  for (const options of [Object.create(null), new (class { port = 0 })(), {}] as object[]) {
    const emulator = await startEmulator(options)
    await emulator.stop()
    t.match(emulator.url, /^http:/)
  }
})
