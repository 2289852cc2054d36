import t from 'tap'
import { isInForeground } from '../../src/cli/foreground.js'

t.test('a process is in the foreground if its terminal runs its group, whatever its standard input is', async t => {
  const cases: ReadonlyArray<[name: string, stat: string, foreground: boolean]> = [
    ['what the terminal runs', '71 (node) R 1 70 60 34816 70 4194304', true],
    ['a job in the background', '71 (node) R 1 70 60 34816 80 4194304', false],
    ['no terminal', '71 (node) R 1 70 60 0 -1 4194304', false],
    ['an odd name', '71 (a) b (node) R 1 70 60 34816 70 4194304', true]
  ]
  for (const [name, stat, foreground] of cases) t.equal(isInForeground(() => stat, () => !foreground), foreground, name)
  const silent = (): string => { throw new Error('ENOENT') }
  for (const hasTerminal of [true, false]) t.equal(isInForeground(silent, () => hasTerminal), hasTerminal, 'where the system does not say')
})

t.test('a process knows whether it has a terminal', async t => {
  t.type(isInForeground(), 'boolean')
  t.type(isInForeground(() => ''), 'boolean')
})
