import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../support/built.js'
import { told } from '../support/told.js'

t.test('no output takes the place of a file that the command reads or has in use', async t => {
  const folder = t.testdir({ 'world.json': '{}', 'plans.json': '[]', 'token.json': 'l3t-me-in-4ever\n', 'case.json': '{}', 'shard.json': '{}' })
  const [world, plans, token, shard] = ['world.json', 'plans.json', 'token.json', 'shard.json'].map(name => join(folder, name)) as [string, string, string, string]
  const [touched, db, tls] = [join(folder, 'touched'), join(folder, 'world.db'), join(folder, 'tls')]
  const file = join(folder, 'case.json')
  copyFileSync(join(ROOT, 'fixtures/cases/0.1.0-a-clock-that-runs.json'), file)
  const contents = (): string[] => [world, plans, token, shard, file].map(path => readFileSync(path, 'utf8'))
  const before = contents()
  for (const [args, message, env = {}] of [
    [['run', '--scenario', world, '--save', world], `--save is wrong: ${world} is the scenario, which would be lost`],
    [['run', '--save', world], `--save is wrong: ${world} is the scenario, which would be lost`, { PICKY_EMULATOR_SCENARIO: world }],
    [['run', '--plans', plans, '--save', plans], `--save is wrong: ${plans} is the plan table, which would be lost`],
    [['run', '--admin-token-file', token, '--save', token], `--save is wrong: ${token} is the file with the admin token, which would be lost`],
    [['run', '--db', db, '--save', `${db}-wal`], `--save is wrong: ${db}-wal is the database, which would be lost`],
    [['run', '--tls-dir', tls, '--save', join(tls, 'server.pem')], `--save is wrong: ${join(tls, 'server.pem')} is a file of the certificates, which would be lost`],
    [['sweep', '--scenario', world, '--report', world], `--report is wrong: ${world} is the scenario, which would be lost`],
    [['sweep', '--plans', plans, '--report', `${shard},${plans}`], `--report is wrong: ${plans} is the plan table, which would be lost`],
    [['sweep', '--merge', shard, '--report', shard], `--report is wrong: ${shard} is a report to merge, which would be lost`],
    [['replay', file, '--report', file], `--report is wrong: ${file} is the case, which would be lost`],
    [['replay', file, '--against', 'http://127.0.0.1:1', '--admin-token-file', token, '--report', token], `--report is wrong: ${token} is the file with the admin token, which would be lost`],
    [['export', file, '--as', 'har', '--output', file], `--output is wrong: ${file} is the case, which would be lost`]
  ] as ReadonlyArray<[string[], string, Record<string, string>?]>) {
    const [command] = args
    const behind = (command === 'run' || command === 'sweep') && !args.includes('--merge') ? ['--', 'touch', touched] : []
    t.strictSame(await told(t, [...args, ...behind], env), { code: 2, stdout: '', stderr: `picky-emulator: ${message}\n` }, args.join(' '))
  }
  t.strictSame(contents(), before)
})
