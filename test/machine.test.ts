import { getEventListeners } from 'node:events'
import { type performance } from 'node:perf_hooks'
import t from 'tap'
import { machineTime, madeBy, nowOf, sleep, steadyTime } from '../src/machine.js'

t.test('the machine\'s time goes on, and never back', async t => {
  const hour = 3_600_000
  /** The clock and the monotonic time at each reading after the first, at 1000 and 0, and what is given. */
  const cases: ReadonlyArray<readonly [name: string, readings: ReadonlyArray<readonly [clock: number, monotonic: number]>, given: readonly number[]]> = [
    ['follows the clock', [[1000, 0], [1001, 1], [1500, 500]], [1000, 1001, 1500]],
    ['follows a clock that was set forward, or that went on while the machine slept', [[1000 + hour, 1], [1001 + hour, 2]], [1000 + hour, 1001 + hour]],
    ['goes on by the monotonic time after the clock was set back', [[1000 - hour, 1], [1005 - hour, 6], [1005 - hour, 6]], [1001, 1006, 1006]],
    ['keeps fractions until they make a millisecond', [[0, 0.4], [0, 0.8], [0, 1.2]], [1000, 1000, 1001]],
    ['follows the clock again once it is no longer behind', [[500, 100], [1099, 101], [1101, 102], [1103, 103]], [1100, 1101, 1101, 1103]],
    ['goes on after a second step back', [[900, 10], [800, 20], [2000, 30], [100, 40]], [1010, 1020, 2000, 2010]]
  ]
  for (const [name, readings, given] of cases) {
    let [clock, monotonic] = [1000, 0]
    const time = steadyTime(() => clock, () => monotonic)
    const found = readings.map(reading => {
      [clock, monotonic] = reading
      return time()
    })
    t.strictSame(found, given, name)
  }
  const [before, now, after] = [machineTime(), Date.now(), machineTime()]
  t.ok(Math.abs(now - before) < hour && after >= before, 'and is a time of today')
  t.ok(Number.isInteger(after))
})

t.test('Node\'s own classes are found where an environment has replaced those among the globals', async t => {
  const names = ['AbortController', 'AbortSignal', 'URL', 'URLSearchParams'] as const
  const own = names.map(name => globalThis[name])
  // They work as before, because Node.js loads modules with the help of hooks that take them from among the globals.
  for (const name of names) t.intercept(globalThis, name, { value: class extends (globalThis[name] as new (url: string) => object) {}, writable: true, configurable: true })
  const machine = await import(`../src/machine.js?${Math.random()}`) as Record<string, unknown>
  names.forEach((name, index) => t.equal(machine[name], own[index], name))
})

t.test('what another runtime lacks of Node.js does not keep the package from being loaded, and from saying so', async t => {
  t.type(madeBy(undefined), globalThis.AbortController)
  const [own, clock] = [() => 1, () => 2]
  t.equal(nowOf(Object.assign(Object.create({ now: own }), { now: clock })), own, 'a fake replaces the function of the object')
  t.equal(nowOf({ now: clock } as unknown as typeof performance), clock)
})

t.test('what a fake has replaced is found where the fake keeps it', async t => {
  const own = globalThis.Date
  for (const [clock, found] of [[{ _Date: own }, own], [{}, 'the fake'], [undefined, 'the fake']] as const) {
    const fake = Object.assign(class extends own {}, { clock })
    t.intercept(globalThis, 'Date', { value: fake, writable: true, configurable: true })
    const { Date: bound } = await import(`../src/machine.js?${Math.random()}`) as typeof globalThis
    t.equal(bound, found === own ? own : fake)
  }
})

t.test('a pause ends with its signal, which it forgets', async t => {
  const { signal } = new AbortController()
  const kept = setInterval(() => {}, 1000)
  await sleep(1, { signal, ref: false })
  clearInterval(kept)
  t.strictSame(getEventListeners(signal, 'abort'), [])
  const end = new AbortController()
  const long = sleep(600_000, { signal: end.signal })
  end.abort()
  await t.rejects(long, { name: 'AbortError' })
  await t.rejects(sleep(600_000, { signal: end.signal }), { name: 'AbortError' })
})
