import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { SweepReport } from '../../src/contract/sweep-report.js'
import { readReport } from '../../src/sweep/write-report.js'
import { CLI } from '../support/built.js'
import { effort } from '../support/effort.js'
import { until } from '../support/until.js'

/** Processes are found by their environment, which only some systems show. */
const skip = process.platform === 'linux' ? false : 'this system does not show the environment of processes'

const BUY = 'curl -s https://pickyassist.com/app/api/v2/pm/change-billing -d \'{"token":"\'"$PICKY_EMULATOR_TOKEN"\'","project_id":5786,"service":1,"plan_id":2}\' > /dev/null'

/** A client that leaves processes behind: one in its group that ignores SIGTERM, and one in a session of its own. */
const CLIENT = `(trap '' TERM; exec sleep 300) & setsid sleep 300 & ${BUY}; true`

/** A sweep of 10 runs, in folders of its own, with whatever it starts. */
async function startSweep (root: string, ...options: string[]) {
  const folder = mkdtempSync(join(root, 'sweep-'))
  for (const name of ['temporary', 'reports']) mkdirSync(join(folder, name))
  const reports = ['r.json', 'r.html', 'r.xml', 'r.md'].map(name => join(folder, 'reports', name))
  // Compiled code is kept on purpose, from Node.js 22.1 on.
  const kept = [`PATH=${process.env.PATH!}`, `TMPDIR=${join(folder, 'temporary')}`, 'NODE_DISABLE_COMPILE_CACHE=1']
  const child = spawn('env', ['-i', ...kept, process.execPath, CLI, 'sweep', '--faults', 'connection_reset,http_error', '--repeat', '1', '--no-questions', '--log-level', 'silent',
    '--report', reports.join(','), '--save-dir', join(folder, 'saved'), ...options, '--', 'sh', '-c', CLIENT], { stdio: 'ignore' })
  await once(child, 'spawn')
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  return { child, ended, folder, temporary: join(folder, 'temporary'), reports, saved: join(folder, 'saved') }
}

/** Numbers of the processes whose environment names a folder. */
function processesOf (folder: string): string[] {
  return readdirSync('/proc').filter(pid => /^\d+$/.test(pid)).filter(pid => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(folder)
    } catch {
      return false // It has ended meanwhile, or is another user's.
    }
  })
}

function filesIn (folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const root = mkdtempSync(join(tmpdir(), 'picky-killed-'))
t.teardown(() => { rmSync(root, { recursive: true }) })

t.test('a sweep that is killed at whatever moment leaves no process, and no file but complete reports', { skip }, async t => {
  const began = performance.now()
  const whole = await startSweep(root)
  await whole.ended
  const took = performance.now() - began
  await until(() => processesOf(whole.folder).length === 0)
  t.strictSame([filesIn(whole.temporary), filesIn(whole.folder).sort()], [[], ['reports', 'saved', 'temporary']], 'nor does one that is not')
  t.equal(readReport(whole.reports[0]!).complete, true)

  const kills = effort(4, 30)
  let inTime = 0
  for (let number = 0; number < kills; number++) {
    const { child, ended, folder, temporary, reports, saved } = await startSweep(root)
    await Promise.race([sleep(took * (number + 0.5) / kills), ended])
    child.kill('SIGKILL')
    const [, signal] = await ended
    if (signal === 'SIGKILL') inTime++
    const what = `kill ${number + 1} of ${kills}`
    await until(() => processesOf(folder).length === 0 && filesIn(temporary).length === 0)
    const written = filesIn(join(folder, 'reports'))
    t.strictSame(written.filter(name => !reports.includes(join(folder, 'reports', name))), [], what)
    if (written.includes('r.json')) t.ok(readReport(reports[0]!).complete, what)
    if (written.includes('r.html')) t.match(readFileSync(reports[1]!, 'utf8'), /<\/html>\n$/, what)
    for (const name of filesIn(saved)) t.ok(JSON.parse(readFileSync(join(saved, name), 'utf8')), `${what}: ${name}`)
  }
  t.ok(inTime > 0, `${inTime} of ${kills} kills came before the end`)
})

t.test('Ctrl-C gives the report of what is done, exit code 130, and leaves nothing else', { skip }, async t => {
  // The second kind of failure keeps the client waiting until the end of its time, which does not come.
  const { child, ended, folder, temporary, reports } = await startSweep(root, '--faults', 'connection_reset.before,hang.after', '--jobs', '1')
  await until(() => filesIn(temporary).some(name => filesIn(join(temporary, name)).includes('run-3')))
  child.kill('SIGINT')
  t.strictSame(await ended, [130, null])
  await until(() => processesOf(folder).length === 0 && filesIn(temporary).length === 0)
  const report: SweepReport = readReport(reports[0]!)
  t.equal(report.complete, false)
  t.ok(report.results.length < report.planned, `${report.results.length} of ${report.planned} runs`)
  t.strictSame(filesIn(join(folder, 'reports')).sort(), ['r.html', 'r.json', 'r.md', 'r.xml'])
})
