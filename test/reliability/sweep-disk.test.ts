import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CLI } from '../support/built.js'
import { share } from '../support/effort.js'
import { onDisks, smallDisk } from '../support/small-disk.js'

const BUY = 'curl -s https://pickyassist.com/app/api/v2/pm/change-billing -d \'{"token":"\'"$PICKY_EMULATOR_TOKEN"\'","project_id":5786,"service":1,"plan_id":2}\' > /dev/null'

t.test('a full disk is told in one line, with exit code 2, and nothing half written is left on it', onDisks, async t => {
  const disk = await smallDisk(t)
  const at = (name: string): string => join(disk.folder, name)
  /** A client that succeeds whatever happens, after something that it does to the disk. */
  const client = (first: string): string[] => ['--', 'sh', '-c', `${first}; ${BUY}; true`]
  const fills = `cat /dev/zero 2> /dev/null > ${at('ballast')}`
  const sweep = ['sweep', '--faults', 'connection_reset', '--no-questions', '--repeat', '1', '--jobs', '1', '--log-level', 'silent']
  const elsewhere = ['env', `TMPDIR=${at('temporary')}`, 'NODE_DISABLE_COMPILE_CACHE=1']
  const rows: ReadonlyArray<readonly [what: string, before: 'full' | 'free', command: readonly string[], says: RegExp, printed: RegExp]> = [
    ['of a report, filled by the client', 'free', [CLI, ...sweep, '--report', `${at('r.html')},${at('r.json')}`, ...client(fills)],
      /^picky-emulator: --report is wrong: \S*r\.html can't be written \(ENOSPC\)\n$/, /2 runs; 1 call/],
    ['of the worlds that are kept, filled by the client', 'free', [CLI, ...sweep, '--save-dir', at('saved'), ...client(fills)],
      /^picky-emulator: --save-dir is wrong: \S*connection_reset\.before\.json can't be written \(ENOSPC\)\n$/, /^$/],
    ['of temporary files, filled by the client', 'free', [...elsewhere, process.execPath, CLI, ...sweep, ...client(fills)],
      /^picky-emulator: the temporary folder \S* can't be written \(ENOSPC\); set TMPDIR to a folder with room\n$/, /^$/],
    ['of temporary files, before it starts', 'full', [...elsewhere, process.execPath, CLI, ...sweep, ...client('')],
      /^picky-emulator: the temporary folder \S* can't be written \(ENOSPC\); set TMPDIR/, /^$/],
    ['of temporary files of a single run', 'full', [...elsewhere, process.execPath, CLI, 'run', '--', 'true'],
      /^picky-emulator: the temporary folder \S* can't be written \(ENOSPC\); set TMPDIR/, /^$/]
  ]
  for (const [what, before, [first, ...args], says, printed] of share(rows, 0, 3)) {
    mkdirSync(join(disk.seen, 'temporary'))
    if (before === 'full') disk.fill(0)
    const { code, stdout, stderr } = await (first === CLI ? disk.run(process.execPath, CLI, ...args) : disk.run(first!, ...args))
    t.equal(code, 2, what)
    t.match(stderr, says, what)
    t.match(stdout, printed, what)
    t.strictSame(readdirSync(disk.seen, { recursive: true }).filter(name => !['ballast', 'temporary', 'saved'].includes(String(name))), [], what)
    for (const name of readdirSync(disk.seen)) rmSync(join(disk.seen, name), { recursive: true })
  }
})
