import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { CLI, run, SAMPLE, SAMPLE_ANSWER } from '../support/built.js'

/** A network namespace of its own, in which there is nothing but the loopback. */
const ALONE = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'alone']

const isPossible = spawnSync(ALONE[0]!, [...ALONE.slice(1), 'true']).status === 0

/** What a suite does in a day, and what no network at all would let it do. */
const MAIN_PATH = `
import { connect as dial } from 'node:net'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const [cli, sample] = process.argv.slice(2)
const outside = await new Promise(resolve => dial(443, '192.0.2.1').on('connect', () => resolve('reached')).on('error', error => resolve(error.code)))
const emulator = spawn(process.execPath, [cli, '--port', '4290', '--log-level', 'silent'], { stdio: ['ignore', 'pipe', 'inherit'] })
await once(emulator.stdout, 'data')
const call = (path, init) => fetch('http://127.0.0.1:4290' + path, init).then(response => response.text())
const control = (path, body) => call('/__admin' + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const seen = {
  outside,
  sample: await call('/app/api/v2/pm/change-billing', { method: 'POST', body: sample }),
  account: JSON.parse(await control('/accounts', { name: 'mine', projects: [{ project_id: 1 }] })).name,
  moved: JSON.parse(await control('/clock/advance', { to: 'next-billing' })).events.map(({ event }) => event),
  requests: JSON.parse(await call('/__admin/requests')).total,
  page: (await call('/')).includes('src="__console/console.js"'),
  script: (await call('/__console/console.js')).length > 10_000,
  books: JSON.parse(await call('/__admin/audit')).ok
}
emulator.kill('SIGTERM')
const [code] = await once(emulator, 'close')
console.log(JSON.stringify({ ...seen, code }))
`

t.test('all of it works without any network but the loopback: nothing is fetched at run time', {
  skip: isPossible ? false : 'this machine lets no one make a network namespace (unshare -rn)'
}, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'picky-offline-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const script = join(folder, 'main-path.mjs')
  writeFileSync(script, MAIN_PATH)
  const { code, stdout, stderr } = await run(ALONE[0]!, [...ALONE.slice(1), process.execPath, script, CLI, JSON.stringify(SAMPLE)])
  t.equal(code, 0, stderr)
  t.match(JSON.parse(stdout), {
    outside: /^(ENETUNREACH|EHOSTUNREACH)$/,
    sample: SAMPLE_ANSWER,
    account: 'mine',
    moved: ['renewed'],
    requests: 1,
    page: true,
    script: true,
    books: true,
    code: 0
  })
})
