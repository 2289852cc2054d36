import t from 'tap'
import { isOrphan } from '../../src/cli/orphan.js'

/** Reader of what the system says of this process, in process group 70, and of its parent. */
function told (parent: string | undefined) {
  return (pid: number | 'self'): string => {
    const stat = pid === 'self' ? '71 (node) R 1 70 70 0 -1 4194304' : parent
    if (stat === undefined) throw new Error('ENOENT')
    return stat
  }
}

t.test('a process that has lost its parent knows it by the one that it has got', async t => {
  const cases: ReadonlyArray<[name: string, pid: number, parent: string | undefined, orphan: boolean]> = [
    ['the first process', 1, '1 (systemd) S 0 1 1 0 -1 4194560', true],
    ['the first process of a container', 1, '1 (tini) S 0 1 1 0 -1 4194560', true],
    ["the user's service manager", 900, '900 (systemd) S 1 900 900 0 -1 4194560', true],
    ['a first process that is hidden', 1, undefined, true],
    ['npm as the first process of a container', 1, '1 (npm start) S 0 70 70 0 -1 4194560', false],
    ['a shell', 70, '70 (sh) S 69 70 70 0 -1 4194560', false],
    ['a shell with a group of its own', 80, '80 (a) b (sh) S 69 80 80 0 -1 4194560', false],
    ['a parent that has just ended', 70, undefined, false]
  ]
  for (const [name, pid, parent, orphan] of cases) t.equal(isOrphan(pid, told(parent)), orphan, name)
  t.equal(isOrphan(1, () => { throw new Error('ENOENT') }), true, 'where the system does not say')
})

t.test('a process whose parent runs is no orphan', async t => {
  t.equal(isOrphan(process.ppid), false)
})
