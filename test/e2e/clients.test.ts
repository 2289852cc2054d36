import { spawnSync } from 'node:child_process'
import t from 'tap'
import { startEmulator } from '../../src/index.js'
import { effort } from '../support/effort.js'
import { ROOT, run, SAMPLE_ANSWER } from '../support/built.js'

const folder = `${ROOT}test/clients/`

/** A client, how to find out if it is here, the program, its options, and the name that it calls the emulator by. */
type Client = [name: string, probe: string[], program: string[], options: string[], host: string]

const clients: Client[] = [
  ['curl, JSON', ['curl', '--version'], ['sh', 'curl.sh'], ['-H', 'content-type: application/json'], 'localhost'],
  ['curl as it comes, which says that it sends a form', ['curl', '--version'], ['sh', 'curl.sh'], [], '127.0.0.1'],
  ['curl, plain text', ['curl', '--version'], ['sh', 'curl.sh'], ['-H', 'content-type: text/plain; charset=utf-8'], '127.0.0.1'],
  ['curl without a content type', ['curl', '--version'], ['sh', 'curl.sh'], ['-H', 'content-type:'], '127.0.0.1'],
  ['curl in chunks', ['curl', '--version'], ['sh', 'curl.sh'], ['-H', 'transfer-encoding: chunked'], '127.0.0.1'],
  ['curl, HTTP/1.0', ['curl', '--version'], ['sh', 'curl.sh'], ['--http1.0'], '127.0.0.1'],
  ['curl that asks first', ['curl', '--version'], ['sh', 'curl.sh'], ['-H', 'expect: 100-continue'], '127.0.0.1'],
  ['Node.js fetch', [process.execPath, '--version'], [process.execPath, 'fetch.js'], [], 'localhost'],
  ['Python urllib', ['python3', '--version'], ['python3', 'urllib_client.py'], [], 'localhost'],
  ['Perl HTTP::Tiny', ['perl', '-MHTTP::Tiny', '-e', '1'], ['perl', 'http-tiny.pl'], [], 'localhost'],
  // It compiles the client first, which takes as long as all the others.
  ...effort<Client[]>([], [['Java HttpClient', ['java', '--describe-module', 'jdk.compiler'], ['java', 'Client.java'], [], 'localhost']])
]

t.test('gives real clients the documented answer', { jobs: 4 }, async t => {
  for (const [name, [probe, ...probeArgs], [program, file], options, host] of clients) {
    const isHere = spawnSync(probe!, probeArgs).status === 0
    t.test(name, isHere ? {} : { skip: `there is no ${probe} here that could run it` }, async t => {
      await using emulator = await startEmulator()
      const url = `http://${host}:${new URL(emulator.url).port}`
      t.strictSame(await run(program!, [folder + file, url, ...options]), { code: 0, stdout: SAMPLE_ANSWER, stderr: '' })
    })
  }
})
